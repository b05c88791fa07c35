using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Domain.Snapshots;

/// <summary>Which customers are behind the rows of a stock metric: those that it counts, or sums up.</summary>
public static class StockMembers
{
    /// <summary>The days within which the metric of active customers counts a purchase.</summary>
    internal static readonly int[] ActiveWithin = [30, 90, 365];

    /// <summary>Whether the customers behind a metric are known by what is known of each customer. Of cohorts, journeys, transitions and the like they are not.</summary>
    public static bool AreKnownOf(MetricDefinition metric) => ValuesOf(metric.Name) is not null;

    /// <summary>Whether a customer is behind one of the rows that are asked for.</summary>
    /// <param name="metric">A metric whose customers are known.</param>
    /// <param name="only">Which rows, by dimension: any of the values. Empty for all rows.</param>
    /// <param name="customer">The customer.</param>
    public static bool Have(MetricDefinition metric, IReadOnlyDictionary<string, IReadOnlyList<string>> only, CustomerStanding customer) =>
        customer.IsIdentified && ValuesOf(metric.Name) is { } valuesOf
        && metric.Dimensions.All(d => valuesOf(d, customer).Any(value => !only.TryGetValue(d, out var asked) || asked.Contains(value, StringComparer.Ordinal)));

    // The values of a dimension under whose rows a customer is.
    private static Func<string, CustomerStanding, IEnumerable<string>>? ValuesOf(string metric) => metric switch
    {
        "customers-by-stage" => (_, c) => [c.Stage!.Value.Name()],
        "active-customers" => (_, c) => c.Purchases is { } p ? ActiveWithin.Where(days => p.RecencyDays <= days).Select(StockRow.Text) : [],
        "customers-by-segment" or "net-sales-by-segment" => (dimension, c) => c.Segment is { } segment ? [dimension == Dimension.Currency ? c.Purchases!.Currency : segment] : [],
        "historic-value" or "revenue-concentration" => (_, c) => c.Purchases is { } p ? [p.Currency] : [],
        "predictive-value" or "customer-equity" => (_, c) => c.Purchases is { PredictedValue: not null } p ? [p.Currency] : [],
        _ => null,
    };
}
