using System.Collections.ObjectModel;

namespace CustomerPipeline.Domain.Value;

/// <summary>The value of a metric in one cell. Counts are integers, ratios have six decimals, money is a decimal string in major units.</summary>
/// <param name="Dimensions">The asked dimensions and, for money, the currency.</param>
/// <param name="Value">Long, decimal or string; null where nothing can be said (a share of nothing: the whole among the details is 0).</param>
/// <param name="Details">What the value is made of, so that cells can be combined outside.</param>
public sealed record MetricRow(IReadOnlyList<KeyValuePair<string, string>> Dimensions, object? Value, IReadOnlyList<KeyValuePair<string, object?>> Details)
{
    /// <summary>The detail that says why there is no value.</summary>
    public const string Reason = "reason";

    /// <summary>Whether the value is missing because of what is not known.</summary>
    public bool IsRefused => Value is null && Details.Any(d => d.Key == Reason);
}

/// <summary>A question: which days, of what, split by what.</summary>
/// <param name="From">First day, included.</param>
/// <param name="To">Last day, included.</param>
/// <param name="By">Dimensions, each at most once.</param>
public sealed record MetricQuestion(DateOnly From, DateOnly To, IReadOnlyList<string> By)
{
    /// <summary>What counts, by dimension that is none of time: any of the values. Empty for everything.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Only { get; init; } = ReadOnlyDictionary<string, IReadOnlyList<string>>.Empty;

    /// <summary>The facet that it is asked by, or of; null for none.</summary>
    public string? Facet => By.Concat(Only.Keys).FirstOrDefault(Dimension.OfFacets.Contains);

    /// <summary>Whether what counts in a cell is asked for.</summary>
    public bool Includes(FlowCell cell) => Only.Count == 0 || Only.All(d => d.Value.Contains(Dimension.ValueOf(d.Key, default, cell)));

    /// <summary>All days there are.</summary>
    public static MetricQuestion Ever(params IReadOnlyList<string> by) => new(DateOnly.MinValue, DateOnly.MaxValue, by);
}
