using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Entities;

/// <summary>Where a record stands in its entity's history: by the source's version, then by record id, so that arrival order cannot matter.</summary>
public readonly record struct RecordPosition(long Version, string RecordId) : IComparable<RecordPosition>
{
    public int CompareTo(RecordPosition other) =>
        Version != other.Version ? Version.CompareTo(other.Version) : string.CompareOrdinal(RecordId, other.RecordId);

    public static bool operator <(RecordPosition left, RecordPosition right) => left.CompareTo(right) < 0;

    public static bool operator >(RecordPosition left, RecordPosition right) => left.CompareTo(right) > 0;

    public static bool operator <=(RecordPosition left, RecordPosition right) => left.CompareTo(right) <= 0;

    public static bool operator >=(RecordPosition left, RecordPosition right) => left.CompareTo(right) >= 0;
}

/// <summary>An identifier that a decision cut off an entity.</summary>
public readonly record struct DecidedCut(Identifier Identifier, string Decision);

/// <summary>The fold of all records of one entity in order of <see cref="RecordPosition"/>.</summary>
public sealed record EntityState
{
    public required EntityKey Entity { get; init; }

    public required EntityKind Kind { get; init; }

    /// <summary>The position of the last record folded in.</summary>
    public required RecordPosition Last { get; init; }

    public Channel? Channel { get; init; }

    public required DateTimeOffset FirstAt { get; init; }

    public required DateTimeOffset LastAt { get; init; }

    /// <summary>Whose it is by its latest version, role by role (<see cref="IdentifierRoles"/>), in order.</summary>
    public IReadOnlyList<Identifier> Identifiers { get; init; } = [];

    /// <summary>What its records said of whose it is, where that is not simply <see cref="Identifiers"/>: each set of identifiers once.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<IReadOnlyList<Identifier>>? Parties { get; init; }

    /// <summary>Every identifier that any record carried.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IEnumerable<Identifier> EverSaid => Parties is null ? Identifiers : Parties.SelectMany(p => p).Union(Identifiers);

    /// <summary>Which identifiers were seen together: what limits are counted from. Each of <see cref="EverSaid"/> is in one of them.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IEnumerable<IReadOnlyList<Identifier>> SeenTogether =>
        Parties is null ? [Identifiers] : [.. IdentifierRoles.SeenTogether(Kind, Parties), .. Identifiers.Where(i => i.Type == IdentifierType.Edge).Select(i => (IReadOnlyList<Identifier>)[i])];

    /// <summary>Identifiers of it that decisions cut off.</summary>
    public IReadOnlyList<DecidedCut> Cuts { get; init => field = value ?? []; } = [];

    /// <summary>Decisions about it that were taken back.</summary>
    public IReadOnlyList<string> Ended { get; init => field = value ?? []; } = [];

    /// <summary>Sides of never-links it stands on.</summary>
    public IReadOnlyList<string> Sides { get; init => field = value ?? []; } = [];

    /// <summary>Identifiers of it that are known, and do not link it: cut off, or the tie of a merge that was taken back.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IReadOnlyList<Identifier> Cut => Cuts.Count == 0 && Ended.Count == 0 ? []
        : [.. Cuts.Select(c => c.Identifier).Concat(Ended.Select(d => new Identifier(IdentifierType.Edge, d)).Where(Identifiers.Contains)).Distinct().Order()];

    /// <summary>Whether anything but decisions is known of it.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool HasHappened => FirstAt <= LastAt;

    public string? Place { get; init; }

    public string? Campaign { get; init; }

    /// <summary>The source deleted it: it counts as nothing until a later record restores it, and keeps what is known of it.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault)]
    public bool Deleted { get; init; }

    /// <summary>The order that this payment is a part of: it counts there, and as nothing here.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public EntityKey? PartOf { get; init; }

    public OrderState? Order { get; init; }

    public TicketState? Ticket { get; init; }

    public PersonProfile? Person { get; init; }

    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public SpendStatement? Spend { get; init; }

    /// <summary>Browsing events by name.</summary>
    public IReadOnlyDictionary<string, int>? Browsed { get; init; }

    /// <summary>What was looked at or bought, as <see cref="Good"/> names it.</summary>
    public IReadOnlyList<string> Goods { get; init => field = value ?? []; } = [];

    /// <summary>The same without all that says nothing of whose it is: for those who keep very many in memory.</summary>
    public EntityState OnlyTies() =>
        this with { Channel = null, Sides = [], Place = null, Campaign = null, Order = null, Ticket = null, Person = null, Spend = null, Browsed = null, Goods = [] };
}

/// <summary>An order and what happened to it; a refund or a cancellation may be known before the order itself.</summary>
public sealed record OrderState
{
    public OrderSnapshot? Snapshot { get; init; }

    /// <summary>The latest word on each refund, by refund id, in order of id.</summary>
    public IReadOnlyList<RefundRecord> Refunds { get; init; } = [];

    public DateTimeOffset? CancelledAt { get; init; }

    /// <summary>Of an order that its source tells in parts: each part by its key. Then the snapshot is their sum, and the refunds are those of all.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, OrderPart>? Parts { get; init; }
}

/// <summary>What is known of one part of an order: of a payment, or, under the key of the order, of what it was for.</summary>
public sealed record OrderPart
{
    /// <summary>Null while only refunds of the part are known.</summary>
    public OrderSnapshot? Snapshot { get; init; }

    /// <summary>The latest word on each refund, in order of id.</summary>
    public IReadOnlyList<RefundRecord> Refunds { get; init; } = [];

    /// <summary>Who paid, in order.</summary>
    public IReadOnlyList<Identifier> Identifiers { get; init; } = [];
}

/// <summary>A ticket's facts: what the service metrics need.</summary>
public sealed record TicketState
{
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The first public reply of an agent.</summary>
    public DateTimeOffset? FirstReplyAt { get; init; }

    /// <summary>The last time it was solved; null while it is open.</summary>
    public DateTimeOffset? SolvedAt { get; init; }

    public string? Status { get; init; }

    public int Reopens { get; init; }

    public int Handoffs { get; init; }

    public string? Satisfaction { get; init; }

    public DateTimeOffset? SatisfactionAt { get; init; }

    /// <summary>Public replies of agents.</summary>
    public int Replies { get; init; }

    /// <summary>When the source last told totals of reopenings, hand-offs and replies; null where it tells single events alone.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? TotalsAt { get; init; }

    public string? Subject { get; init; }

    /// <summary>0 to 10.</summary>
    public int? Recommendation { get; init; }

    public DateTimeOffset? RecommendationAt { get; init; }

    /// <summary>1 (very difficult) to 7 (very easy).</summary>
    public int? Ease { get; init; }

    public DateTimeOffset? EaseAt { get; init; }
}
