using System.Text.Json.Serialization;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.Flow.Value;

namespace CustomerPipeline.Flow;

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

/// <summary>A change of the customers container as Value sees it: summaries are passed over.</summary>
public sealed record CustomerChange
{
    public required string Customer { get; init; }

    public Touch? Touch { get; init; }

    public string? Trace { get; init; }

    /// <summary>When Cosmos DB stored it, in Unix seconds; null elsewhere.</summary>
    [JsonPropertyName("_ts")]
    public long? StoredAt { get; init; }
}

/// <summary>What an identifier or an entity is claimed for.</summary>
public sealed record Claim
{
    /// <summary>The customer it belongs to, maybe an alias; null where it was known to be shared before anybody claimed it.</summary>
    public string? Customer { get; init; }

    /// <summary>What the identifier comes with, kept while that is limited.</summary>
    public Companions? With { get; init; }

    /// <summary>The customer that it is being split off from, until that is done.</summary>
    public string? From { get; init; }

    /// <summary>People who are gone shared it: it stays shared, also when everything is worked out anew.</summary>
    public bool StaysShared { get; init; }

    /// <summary>It turned out to be shared, and its customer may still hold together by it.</summary>
    public bool Unsettled { get; init; }

    [JsonIgnore]
    public bool IsShared => With is { TooMany: true };
}

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

/// <summary>Outcomes of one slice of a queue's deliveries.</summary>
public sealed record LedgerTotal
{
    [JsonRequired]
    public long Received { get; init; }

    public long Stored { get; init; }

    public long Duplicate { get; init; }

    public long Ignored { get; init; }

    public long Quarantined { get; init; }

    /// <summary>Quarantined, and given up by a person.</summary>
    public long Discarded { get; init; }

    /// <summary>Stored once, or quarantined, and erased with the person it was about.</summary>
    public long Erased { get; init; }

    public static LedgerTotal operator +(LedgerTotal left, LedgerTotal right) => left.Plus(right, 1);

    public static LedgerTotal Add(LedgerTotal left, LedgerTotal right) => left + right;

    public LedgerTotal Count(Outcome outcome, int sign) => Plus(
        new LedgerTotal
        {
            Stored = outcome == Outcome.Stored ? 1 : 0,
            Duplicate = outcome == Outcome.Duplicate ? 1 : 0,
            Ignored = outcome == Outcome.Ignored ? 1 : 0,
            Quarantined = outcome == Outcome.Quarantined ? 1 : 0,
            Discarded = outcome == Outcome.Discarded ? 1 : 0,
            Erased = outcome == Outcome.Erased ? 1 : 0,
        },
        sign);

    private LedgerTotal Plus(LedgerTotal other, int sign) => new()
    {
        Received = Received + (sign * other.Received),
        Stored = Stored + (sign * other.Stored),
        Duplicate = Duplicate + (sign * other.Duplicate),
        Ignored = Ignored + (sign * other.Ignored),
        Quarantined = Quarantined + (sign * other.Quarantined),
        Discarded = Discarded + (sign * other.Discarded),
        Erased = Erased + (sign * other.Erased),
    };
}

/// <summary>A letter for each delivery of a block of sequence numbers: its <see cref="Outcome"/>, or a blank.</summary>
public sealed record LedgerBlock([property: JsonRequired] string Outcomes);

/// <summary>What became of a delivered message; exactly one each.</summary>
public enum Outcome
{
    Stored = 'S',
    Duplicate = 'D',
    Ignored = 'I',
    Quarantined = 'Q',
    Discarded = 'X',
    Erased = 'E',
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(ExactInt64Converter), typeof(ExactDecimalConverter)])]
[JsonSerializable(typeof(InteractionDocument))]
[JsonSerializable(typeof(EntityChange))]
[JsonSerializable(typeof(Changed<EntityChange>))]
[JsonSerializable(typeof(CustomerDocument))]
[JsonSerializable(typeof(CustomerChange))]
[JsonSerializable(typeof(Changed<CustomerChange>))]
[JsonSerializable(typeof(Claim))]
[JsonSerializable(typeof(Suggest.Suggestion))]
[JsonSerializable(typeof(Privacy.Tombstone))]
[JsonSerializable(typeof(Privacy.IgnoredDeliveries))]
[JsonSerializable(typeof(Privacy.StoredKey))]
[JsonSerializable(typeof(Privacy.PrivacyRequest))]
[JsonSerializable(typeof(Resolve.RulesStamp))]
[JsonSerializable(typeof(Ingest.FirstInstances))]
[JsonSerializable(typeof(Audit.AuditEntry))]
[JsonSerializable(typeof(ShardHead))]
[JsonSerializable(typeof(Fact))]
[JsonSerializable(typeof(FlowDay))]
[JsonSerializable(typeof(QuarantinedMessage))]
[JsonSerializable(typeof(LedgerTotal))]
[JsonSerializable(typeof(LedgerBlock))]
[JsonSerializable(typeof(Domain.Snapshots.CustomerSnapshot))]
[JsonSerializable(typeof(Domain.Snapshots.SnapshotRows))]
[JsonSerializable(typeof(Snapshot.PublishedDay))]
[JsonSerializable(typeof(Snapshot.Restatement))]
[JsonSerializable(typeof(Publish.PublishedChange))]
[JsonSerializable(typeof(Changed<Publish.PublishedChange>))]
[JsonSerializable(typeof(Publish.FiguresChange))]
[JsonSerializable(typeof(Changed<Publish.FiguresChange>))]
[JsonSerializable(typeof(Publish.UndeliveredEvent))]
[JsonSerializable(typeof(Publish.CustomerNewsItem))]
[JsonSerializable(typeof(Publish.ToldStages))]
[JsonSerializable(typeof(Publish.ToldFigures))]
[JsonSerializable(typeof(Publish.MetricChanged))]
[JsonSerializable(typeof(Publish.CustomerMerged))]
[JsonSerializable(typeof(Publish.CustomerSplit))]
[JsonSerializable(typeof(Publish.CustomerStageChanged))]
[JsonSerializable(typeof(Publish.CustomerAtRisk))]
[JsonSerializable(typeof(InteractionRecord))]
[JsonSerializable(typeof(EntityState))]
[JsonSerializable(typeof(Touch))]
[JsonSerializable(typeof(CustomerSummary))]
[JsonSerializable(typeof(IReadOnlyList<FlowPosting>))]
public sealed partial class FlowJson : JsonSerializerContext;
