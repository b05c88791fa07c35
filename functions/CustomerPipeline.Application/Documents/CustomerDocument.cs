using System.Text.Json.Serialization;
using CustomerPipeline.Domain.Customers;

namespace CustomerPipeline.Application.Documents;

/// <summary>A document of the customers container: a touch or the summary.</summary>
public sealed record CustomerDocument
{
    public required string Customer { get; init; }

    public Touch? Touch { get; init; }

    public CustomerSummary? Summary { get; init; }

    /// <summary>Of a summary: one more at each change of the customer.</summary>
    public long Revision { get; init; }

    /// <summary>Of a touch: the span that wrote it, while spans are recorded.</summary>
    public string? Trace { get; init; }
}

/// <summary>A change of the customers container as its readers see it: a touch, or of a summary whether something was begun with the customer.</summary>
public sealed record CustomerChange
{
    public required string Customer { get; init; }

    public Touch? Touch { get; init; }

    public SummaryMarks? Summary { get; init; }

    public string? Trace { get; init; }

    /// <summary>When Cosmos DB stored it, in Unix seconds; null elsewhere.</summary>
    [JsonPropertyName("_ts")]
    public long? StoredAt { get; init; }
}

/// <summary>What a summary says was begun with a customer and is not done.</summary>
/// <param name="MustReshape">It may have to be split.</param>
/// <param name="Moving">Its touches are moving into another.</param>
public sealed record SummaryMarks(bool MustReshape, bool Moving)
{
    [JsonIgnore]
    public bool IsUnfinished => MustReshape || Moving;
}
