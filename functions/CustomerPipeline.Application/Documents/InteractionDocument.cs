using System.Text.Json.Serialization;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Documents;

/// <summary>A document of the interactions container: a record, or the entity's state.</summary>
public sealed record InteractionDocument
{
    public InteractionRecord? Record { get; init; }

    /// <summary>The delivery that brought the record first: also its place in the raw archive.</summary>
    public string? By { get; init; }

    public EntityState? State { get; init; }

    /// <summary>One more at every change of the state.</summary>
    public long Revision { get; init; }

    /// <summary>Of a state: the span that wrote it, while spans are recorded.</summary>
    public string? Trace { get; init; }
}

/// <summary>A change of the interactions container as Resolve sees it: records are passed over, and cost no parsing.</summary>
public sealed record EntityChange
{
    public EntityState? State { get; init; }

    public long Revision { get; init; }

    public string? Trace { get; init; }

    /// <summary>When Cosmos DB stored it, in Unix seconds; null elsewhere.</summary>
    [JsonPropertyName("_ts")]
    public long? StoredAt { get; init; }
}
