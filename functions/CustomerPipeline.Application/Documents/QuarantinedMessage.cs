using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Documents;

/// <summary>A message that could not be used, whole.</summary>
public sealed record QuarantinedMessage
{
    public required string DeliveryId { get; init; }

    public required string Queue { get; init; }

    public required long SequenceNumber { get; init; }

    /// <summary>Where it failed: queue or ingest.</summary>
    public required string Stage { get; init; }

    /// <summary>The source that sent it; null where the message does not say.</summary>
    public string? Source { get; init; }

    public required Reason Reason { get; init; }

    /// <summary>When it failed first.</summary>
    public required DateTimeOffset QuarantinedAt { get; init; }

    /// <summary>When it failed last.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Tries { get; init; } = 1;

    /// <summary>The original bytes, headers included: they are in the CloudEvent.</summary>
    public required byte[] Message { get; init; }
}
