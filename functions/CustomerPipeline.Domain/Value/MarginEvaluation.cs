namespace CustomerPipeline.Domain.Value;

/// <summary>
/// Sales against what the goods had cost, of those sales whose cost is known, with the share of all sales that these are.
/// Without a known cost there is a reason in place of the figure.
/// </summary>
internal static class MarginEvaluation
{
    public const string NoCost = "No line of these orders has a cost. Send the cost of each line (docs/import.md, lines.cost).";

    /// <param name="figure">Which figure.</param>
    /// <param name="dimensions">Of the row.</param>
    /// <param name="currency">Of its amounts.</param>
    /// <param name="sums">What was summed up by measure.</param>
    /// <returns>Null where nothing was sold and nothing came back.</returns>
    public static MetricRow? Row(
        MarginFigure figure, IReadOnlyList<KeyValuePair<string, string>> dimensions, string currency, IReadOnlyDictionary<string, long> sums)
    {
        string Major(long minor) => Money.ToMajor(minor, currency);
        long Of(string measure) => sums.GetValueOrDefault(measure);
        var isKnown = new[] { Measure.Cost, Measure.CostReturned, Measure.CostedSales, Measure.CostedReturns }.Any(sums.ContainsKey);
        if (!isKnown && !sums.ContainsKey(Measure.Gross) && !sums.ContainsKey(Measure.Discounts))
        {
            return null;
        }

        var (costed, sold) = (Of(Measure.CostedSales), Of(Measure.Gross) - Of(Measure.Discounts));
        IReadOnlyList<KeyValuePair<string, object?>> coverage =
        [
            new("salesWithCost", Major(costed)), new("allSales", Major(sold)), new("shareWithCost", MetricEvaluation.Ratio(costed, sold)),
        ];
        if (!isKnown)
        {
            return new MetricRow(dimensions, null, [.. coverage, new(MetricRow.Reason, NoCost)]);
        }

        var (net, cost) = (costed - Of(Measure.CostedReturns), Of(Measure.Cost) - Of(Measure.CostReturned));
        return figure switch
        {
            MarginFigure.Cost => new MetricRow(dimensions, Major(cost), coverage),
            MarginFigure.Amount => new MetricRow(dimensions, Major(net - cost), [new("netSales", Major(net)), new("cost", Major(cost)), .. coverage]),
            _ => new MetricRow(dimensions, MetricEvaluation.Ratio(net - cost, net), [new("part", Major(net - cost)), new("whole", Major(net)), .. coverage]),
        };
    }
}
