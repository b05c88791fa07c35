using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Domain.Snapshots;

/// <summary>Which customers are behind the rows of a stock metric: those that it counts, or sums up.</summary>
public static class StockMembers
{
    /// <summary>The days within which the metric of active customers counts a purchase.</summary>
    internal static readonly int[] ActiveWithin = [30, 90, 365];

    /// <summary>Whether the customers behind a metric are known by what is known of each customer. Of cohorts, journeys, transitions and the like they are not.</summary>
    public static bool AreKnownOf(MetricDefinition metric) => RowsOf(metric.Name) is not null;

    /// <summary>Whether a customer is behind one of the rows that are asked for.</summary>
    /// <param name="metric">A metric whose customers are known.</param>
    /// <param name="only">Which rows, by dimension: any of the values. Empty for all rows.</param>
    /// <param name="customer">The customer.</param>
    public static bool Have(MetricDefinition metric, IReadOnlyDictionary<string, IReadOnlyList<string>> only, CustomerStanding customer) =>
        customer.IsIdentified && RowsOf(metric.Name) is { } rowsOf
        && rowsOf(customer).Any(row => row.All(of => !only.TryGetValue(of.Dimension, out var asked) || asked.Contains(of.Value, StringComparer.Ordinal)));

    // The rows under which a customer is, each as its dimensions.
    private static Func<CustomerStanding, IEnumerable<(string Dimension, string Value)[]>>? RowsOf(string metric) => metric switch
    {
        "customers-by-stage" => c => [[("stage", c.Stage!.Value.Name())]],
        "active-customers" => c => c.Purchases is { } p ? ActiveWithin.Where(days => p.RecencyDays <= days).Select(days => new[] { ("days", StockRow.Text(days)) }) : [],
        "customers-by-segment" => c => c.Segment is { } segment ? [[("segment", segment)]] : [],
        "net-sales-by-segment" => c => c.Segment is { } segment ? [[("segment", segment), (Dimension.Currency, c.Purchases!.Currency)]] : [],
        "historic-value" or "revenue-concentration" => c => c.Purchases is { } p ? [[(Dimension.Currency, p.Currency)]] : [],
        "predictive-value" or "customer-equity" => c => c.Purchases is { PredictedValue: not null } p ? [[(Dimension.Currency, p.Currency)]] : [],
        "customer-value-at-risk" => c => c is { BrokenPromises.Count: > 0, Purchases: { PredictedValue: not null } p } ? [[(Dimension.Currency, p.Currency)]] : [],
        "promises-broken" => c => c.BrokenPromises.SelectMany(PromiseCell.Of)
            .Select(cell => new[] { ("cause", cell.Cause), ("category", cell.Category), (Dimension.Place, cell.Place) }),
        _ => null,
    };
}
