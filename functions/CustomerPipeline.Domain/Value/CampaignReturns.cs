namespace CustomerPipeline.Domain.Value;

/// <summary>
/// Sales by campaign against what was spent on the campaign. Only campaigns whose spend is known can be judged; what was sold by the others stands apart.
/// </summary>
public static class CampaignReturns
{
    public const string NoSpend = "No marketing spend is known of these campaigns and days. Send it with the import (docs/import.md, kind spend).";
    public const string OtherCurrency =
        "A campaign has sales in a currency that nothing was spent in: they cannot be compared. Ask in the reporting currency (in=...).";

    // Not kept anywhere: what is worked out when a question is asked.
    private const string SalesWithoutSpend = "sales-without-spend";
    private const string InOtherCurrency = "spend-in-other-currency";

    /// <summary>Days as the metric counts them: without sales of no campaign, and with those of campaigns without spend apart.</summary>
    /// <param name="days">By campaign, of all days that are asked for, in the currency that is asked for.</param>
    public static IReadOnlyList<(DateOnly Day, FlowDay Flow)> Of(IReadOnlyList<(DateOnly Day, FlowDay Flow)> days)
    {
        var cells = days.SelectMany(d => d.Flow.Cells.Select(c => (Cell: FlowCell.Parse(c.Key), Measures: c.Value))).ToList();
        var spent = cells.Where(c => c.Measures.ContainsKey(Measure.Spend)).ToLookup(c => c.Cell.Value!, c => c.Cell.Currency, StringComparer.Ordinal);
        var mixed = cells.Where(c => spent.Contains(c.Cell.Value!) && !spent[c.Cell.Value!].Contains(c.Cell.Currency))
            .Select(c => c.Cell.Value!).ToHashSet(StringComparer.Ordinal);
        Dictionary<string, long> Counted(string campaign, Dictionary<string, long> measures) =>
            !spent.Contains(campaign) ? new() { [SalesWithoutSpend] = SalesOf(measures) }
            : mixed.Contains(campaign) ? new(measures) { [InOtherCurrency] = 1 }
            : measures;
        return [.. days.Select(day => (day.Day, new FlowDay
        {
            Cells = day.Flow.Cells.Select(c => (c.Key, Campaign: FlowCell.Parse(c.Key).Value!, c.Value)).Where(c => c.Campaign.Length > 0)
                .ToDictionary(c => c.Key, c => Counted(c.Campaign, c.Value), StringComparer.Ordinal),
        }))];
    }

    /// <summary>The row of some cells; null where they have nothing of the metric.</summary>
    /// <param name="dimensions">Of the row.</param>
    /// <param name="currency">Of its amounts.</param>
    /// <param name="sums">What was summed up by measure.</param>
    internal static MetricRow? Row(IReadOnlyList<KeyValuePair<string, string>> dimensions, string currency, IReadOnlyDictionary<string, long> sums)
    {
        var (sales, spend, others) = (SalesOf(sums), sums.GetValueOrDefault(Measure.Spend), sums.GetValueOrDefault(SalesWithoutSpend));
        if (sales == 0 && spend == 0 && others == 0)
        {
            return null;
        }

        var reason = sums.ContainsKey(InOtherCurrency) ? OtherCurrency : spend == 0 ? NoSpend : null;
        List<KeyValuePair<string, object?>> details =
        [
            new("part", Money.ToMajor(sales, currency)), new("whole", Money.ToMajor(spend, currency)), new("salesWithoutSpend", Money.ToMajor(others, currency)),
        ];
        return reason is null
            ? new MetricRow(dimensions, MetricEvaluation.Ratio(sales, spend), details)
            : new MetricRow(dimensions, null, [.. details, new(MetricRow.Reason, reason)]);
    }

    private static long SalesOf(IReadOnlyDictionary<string, long> measures) =>
        measures.GetValueOrDefault(Measure.Gross) - measures.GetValueOrDefault(Measure.Discounts) - measures.GetValueOrDefault(Measure.Refunds);
}
