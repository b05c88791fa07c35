using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Customers;

/// <summary>One entity's contribution to its customer: an entry of the timeline, and all that the metrics need of it.</summary>
public sealed record Touch
{
    /// <summary>Where the touches of a person who was erased went, in place of a customer.</summary>
    public const string Erased = "erased";

    public required EntityKey Entity { get; init; }

    public required EntityKind Kind { get; init; }

    /// <summary>The revision of the entity's state that this touch was made from.</summary>
    public required long EntityRevision { get; init; }

    /// <summary>Revision of this document, one more at each write: what Value uses to count each state once.</summary>
    public long Revision { get; init; }

    /// <summary>How often the entity went from one customer to another: tells a copy that somebody was slow to move from one that comes back.</summary>
    public int Moves { get; init; }

    public Channel? Channel { get; init; }

    /// <summary>Where it stands in the timeline: when the order was placed or the ticket opened, else when it was first seen.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The earliest of all that is known of the entity.</summary>
    public required DateTimeOffset FirstAt { get; init; }

    /// <summary>The latest of all that is known of the entity.</summary>
    public required DateTimeOffset LastAt { get; init; }

    public IReadOnlyList<Identifier> Identifiers { get; init; } = [];

    /// <summary>Identifiers of it that a person cut off: they do not link it.</summary>
    public IReadOnlyList<Identifier> Cut { get; init => field = value ?? []; } = [];

    /// <summary>Sides of never-links it stands on.</summary>
    public IReadOnlyList<string> Sides { get; init => field = value ?? []; } = [];

    /// <summary>Whether anything that its customer is known by tells who the customer is.</summary>
    public bool Identified { get; init; }

    /// <summary>The identifiers that may tie it to its customer, shared ones included.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IEnumerable<Identifier> Ties => Identifiers.Except(Cut);

    /// <summary>Whether the person agreed to be written to, by this profile.</summary>
    public bool? MarketingConsent { get; init; }

    public string? Place { get; init; }

    public string? Campaign { get; init; }

    public OrderSettlement? Order { get; init; }

    public TicketState? Ticket { get; init; }

    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public SpendStatement? Spend { get; init; }

    public IReadOnlyDictionary<string, int>? Browsed { get; init; }

    /// <summary>What was looked at or bought, as <see cref="Good"/> names it.</summary>
    public IReadOnlyList<string> Goods { get; init => field = value ?? []; } = [];

    /// <summary>
    /// The customer this touch went to in a merge, or <see cref="Erased"/>: it counts as nothing here. The change feed carries no deletes, so a removal is a document.
    /// </summary>
    public string? MovedTo { get; init; }

    public static Touch Of(EntityState state, long entityRevision) => new()
    {
        Entity = state.Entity,
        Kind = state.Kind,
        EntityRevision = entityRevision,
        Channel = state.Channel,
        At = state.Order?.Snapshot?.PlacedAt ?? state.Ticket?.CreatedAt ?? state.Spend?.At ?? state.FirstAt,
        FirstAt = state.FirstAt,
        LastAt = state.LastAt,
        Identifiers = state.Identifiers,
        Cut = state.Cut,
        Sides = state.Sides,
        MarketingConsent = state.Person?.MarketingConsent,
        Place = state.Place,
        Campaign = state.Campaign,
        Order = state.Order is not { } order ? null : state.Deleted || state.PartOf is not null ? new OrderSettlement() : OrderSettlement.Of(order),
        Ticket = state.Deleted ? null : state.Ticket,
        Spend = state.Deleted ? null : state.Spend,
        Browsed = state.Browsed,
        Goods = state.Deleted ? [] : state.Goods,
    };
}
