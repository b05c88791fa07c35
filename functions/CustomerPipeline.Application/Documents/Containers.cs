using System.Text.Json.Serialization.Metadata;

namespace CustomerPipeline.Application.Documents;

/// <summary>The containers, each described once: <see cref="Described"/>. Stores, verification, erasure, rebuild, copy and the deployment's tests follow from that.</summary>
public static class Containers
{
    public const string Interactions = "interactions";
    public const string Identifiers = "identifiers";
    public const string Customers = "customers";
    public const string Values = "values";
    public const string Snapshots = "snapshots";
    public const string Quarantine = "quarantine";
    public const string Ledger = "ledger";
    public const string Audit = "audit";
    public const string Privacy = "privacy";
    public const string Suggestions = "suggestions";
    public const string Events = "events";

    public const string StateId = "state";
    public const string RecordPrefix = "rec:";
    public const string ClaimId = "claim";
    public const string TombstoneId = "tombstone";
    public const string SuggestionId = "suggestion";
    public const string StampId = "stamp";
    public const string SummaryId = "summary";
    public const string TouchPrefix = "touch:";
    public const string MetricPrefix = "metric:";
    public const string OldPrefix = "old:";
    public const string RestatedPrefix = "restated:";
    public const string NewsPrefix = "news:";
    public const string HeadId = "head";
    public const string FlowPrefix = "flow:";
    public const string OrderFactPrefix = "order:";
    public const string TicketFactPrefix = "ticket:";
    public const string SpendFactPrefix = "spend:";
    public const string MessageId = "message";
    public const string TotalId = "total";
    public const string BlockPrefix = "block:";

    /// <summary>Partition of <see cref="Snapshots"/> that lists the snapshots.</summary>
    public const string SnapshotIndex = "index";

    /// <summary>Partition of <see cref="Privacy"/>: sums of people who were erased.</summary>
    public const string KeptTotalsPartition = "totals";

    /// <summary>Partition of <see cref="Values"/> whose head changes with each touch that no shard counts (people, visits): figures of the customer base depend on these, too.</summary>
    public const string UncountedPartition = "uncounted";

    /// <summary>All containers.</summary>
    public static IReadOnlyList<ContainerDescriptor> Described { get; } =
    [
        new(Interactions, 0, "order, ticket, profile or spend", ContentOrigin.Original, IsVerifiedAlone: false,
            Kind("record", HasPrefix(RecordPrefix), StoredInteractions.AsInteraction, new Erasure.WithPartition()),
            Kind("state", HasId(StateId), StoredInteractions.AsInteraction, new Erasure.WithPartition()) with { IsFed = true }),
        new(Identifiers, 1, "hash of an identifier", ContentOrigin.Derived, IsVerifiedAlone: false,
            Kind("claim", HasId(ClaimId), DocumentJson.Default.Claim, new Erasure.ByStep(ErasureStep.Claims)),
            Kind("rules in force", IsIn(RulesStamp.Partition), DocumentJson.Default.RulesStamp, new Erasure.Stays("Versions and hashes of rules.")),
            Kind("first instances", IsIn(FirstInstances.Partition), DocumentJson.Default.FirstInstances, new Erasure.Stays("Names of shops and help desks."))),
        new(Customers, 2, "customer", ContentOrigin.Derived, IsVerifiedAlone: false,
            Kind("summary", HasId(SummaryId), DocumentJson.Default.CustomerDocument, new Erasure.WithSubjects(d => [new Subject(d.Partition, null)])),
            Kind("touch", HasPrefix(TouchPrefix), DocumentJson.Default.CustomerDocument,
                new Erasure.WithSubjects(d => [new Subject(d.Partition, TouchId.Read(d.Id)?.Entity)])) with { IsFed = true }),
        new(Values, 3, "shard of customers", ContentOrigin.Derived, IsVerifiedAlone: false,
            Kind("head", HasId(HeadId), DocumentJson.Default.ShardHead, new Erasure.Stays("Revisions of a shard.")),
            Kind("daily aggregate", HasPrefix(FlowPrefix), DocumentJson.Default.FlowDay,
                new Erasure.Stays("Sums. What a person had added is kept as sums that name none.")),
            Kind("fact", (_, id) => FactId.IsOne(id), DocumentJson.Default.Fact,
                new Erasure.WithSubjects(d => FactId.Read(d.Id) is { } fact ? [new Subject(fact.Customer, fact.Entity)] : []))),
        new(Snapshots, 4, "snapshot", ContentOrigin.Original, IsVerifiedAlone: true,
            Kind("snapshot", IsIn(SnapshotIndex), DocumentJson.Default.CustomerSnapshot, new Erasure.Stays("Counts of customers.")) with { IsFed = true },
            Kind("news of a customer", IsIn(CustomerNewsItem.Partition), DocumentJson.Default.CustomerNewsItem,
                new Erasure.Stays("An opaque id that leads to no person after an erasure.")) with { IsFed = true },
            Kind("restatement", (partition, id) => partition == PublishedDay.Partition && id.StartsWith(RestatedPrefix, StringComparison.Ordinal), DocumentJson.Default.Restatement,
                new Erasure.Stays("Sums.")) with { IsFed = true },
            Kind("former published day", (partition, id) => partition == PublishedDay.Partition && id.StartsWith(OldPrefix, StringComparison.Ordinal), DocumentJson.Default.PublishedDay,
                new Erasure.Stays("Sums.")),
            Kind("published day", IsIn(PublishedDay.Partition), DocumentJson.Default.PublishedDay, new Erasure.Stays("Sums.")) with { IsFed = true },
            Kind("audience", IsIn(Audience.Partition), Audience.Of, new Erasure.Stays("A name, a title, and conditions on figures.")),
            Kind("metric of a snapshot", HasPrefix(MetricPrefix), DocumentJson.Default.SnapshotRows, new Erasure.Stays("Counts and sums."))),
        new(Quarantine, 5, "delivery", ContentOrigin.Original, IsVerifiedAlone: false,
            Kind("message", HasId(MessageId), DocumentJson.Default.QuarantinedMessage, new Erasure.ByStep(ErasureStep.Messages))),
        new(Ledger, 6, "slice of a queue", ContentOrigin.Original, IsVerifiedAlone: true,
            Kind("total", HasId(TotalId), DocumentJson.Default.LedgerTotal, new Erasure.Stays("Counts of messages.")),
            Kind("outcomes", HasPrefix(BlockPrefix), DocumentJson.Default.LedgerBlock, new Erasure.Stays("A letter for each message."))),
        new(Audit, 7, "day", ContentOrigin.Original, IsVerifiedAlone: true,
            Kind("entry", Any, DocumentJson.Default.AuditEntry, new Erasure.ByStep(ErasureStep.Decisions))),
        new(Privacy, 8, "keyed hash of what was erased", ContentOrigin.Original, IsVerifiedAlone: true,
            Kind("key", IsIn(StoredKey.Partition), DocumentJson.Default.StoredKey, new Erasure.Stays("Random bytes.")),
            Kind("request", IsIn(PrivacyRequest.Partition), DocumentJson.Default.PrivacyRequest, new Erasure.ByStep(ErasureStep.Requests)),
            Kind("mark that all ignored messages are listed", (partition, id) => partition == IgnoredDeliveries.Partition && id == IgnoredDeliveries.CompleteId, document => document,
                new Erasure.Stays("It says what it says by being there.")),
            Kind("ignored messages of an hour", IsIn(IgnoredDeliveries.Partition), DocumentJson.Default.IgnoredDeliveries,
                new Erasure.Stays("Ids of deliveries.")),
            Kind("head of kept totals", (partition, id) => partition == KeptTotalsPartition && id == HeadId, DocumentJson.Default.ShardHead,
                new Erasure.Stays("Revisions.")),
            Kind("kept totals of a day", (partition, id) => partition == KeptTotalsPartition && id.StartsWith(FlowPrefix, StringComparison.Ordinal), DocumentJson.Default.FlowDay,
                new Erasure.Stays("Sums that name no person.")),

            // A mark says what it says by being there.
            Kind("mark of kept totals", IsIn(KeptTotalsPartition), document => document, new Erasure.Stays("A keyed hash.")),
            Kind("tombstone", HasId(TombstoneId), DocumentJson.Default.Tombstone, new Erasure.Stays("A keyed hash, and a day."))),
        new(Suggestions, 9, "pair of customers", ContentOrigin.Original, IsVerifiedAlone: true,
            Kind("suggestion", Any, DocumentJson.Default.Suggestion, new Erasure.WithSubjects(
                d => d.AsOrNull(DocumentJson.Default.Suggestion) is { } pair ? [new Subject(pair.Left, null), new Subject(pair.Right, null)] : []))),
        new(Events, 10, "hash of a subscriber's address", ContentOrigin.Local, IsVerifiedAlone: true,
            Kind("published stages", IsIn(ToldStages.Partition), DocumentJson.Default.ToldStages,
                new Erasure.Stays("Opaque ids that lead to no person after an erasure.")),
            Kind("members of an audience", (partition, _) => AudienceMembers.IsPartition(partition), DocumentJson.Default.AudienceMembers,
                new Erasure.Stays("Opaque ids that lead to no person after an erasure. The next snapshot takes them out.")),
            Kind("published figures", IsIn(ToldFigures.Partition), DocumentJson.Default.ToldFigures, new Erasure.Stays("Hashes of sums.")),
            Kind("undelivered event", Any, DocumentJson.Default.UndeliveredEvent,
                new Erasure.Stays("Figures, or opaque ids that lead to no person after an erasure."))),
    ];

    private static readonly Dictionary<string, ContainerDescriptor> ByName = Described.ToDictionary(d => d.Name, StringComparer.Ordinal);

    /// <summary>The names of all containers.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Described.Select(d => d.Name)];

    /// <summary>The description of a container.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static ContainerDescriptor Of(string name) => ByName.TryGetValue(name, out var container) ? container : throw new ArgumentException($"There is no container '{name}'.", nameof(name));

    private static DocumentKind Kind<T>(string name, Func<string, string, bool> @is, JsonTypeInfo<T> shape, Erasure erasure)
        where T : class => new(name, @is, document => document.As(shape), erasure);

    private static DocumentKind Kind(string name, Func<string, string, bool> @is, Func<Document, object> read, Erasure erasure) => new(name, @is, read, erasure);

    private static Func<string, string, bool> HasId(string id) => (_, other) => other == id;

    private static Func<string, string, bool> HasPrefix(string prefix) => (_, id) => id.StartsWith(prefix, StringComparison.Ordinal);

    private static Func<string, string, bool> IsIn(string partition) => (other, _) => other == partition;

    private static bool Any(string partition, string id) => true;
}
