using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Entities;

/// <summary>Records to state: a pure left fold over records sorted by position.</summary>
public static class EntityFold
{
    public static RecordPosition PositionOf(InteractionRecord record) => new(record.Version, record.Id);

    /// <summary>The state of all records of one entity, in any order; null for none.</summary>
    public static EntityState? Of(IEnumerable<InteractionRecord> records) =>
        records.OrderBy(PositionOf).Aggregate((EntityState?)null, Apply);

    /// <summary>Folds in one record that comes after all that the state has seen.</summary>
    public static EntityState Apply(EntityState? state, InteractionRecord record)
    {
        if (record.Identity is { } word)
        {
            return Decide(state ?? Unheard(record), word, record);
        }

        if (record.PartOf is { } whole)
        {
            return (state ?? Unheard(record)) with { Last = PositionOf(record), PartOf = whole };
        }

        // An order's own message knows whose it is, its channel and its place; a refund that only names its order must not overrule it.
        var speaksForItself = record.Order is not null || state?.Order?.Snapshot is null;
        var order = record.Kind == EntityKind.Order ? OrderFold.Apply(state?.Order, record) : null;
        var identifiers = order?.Parts is { } parts ? WithPayer(state, record.Entity, parts) : PartyAfter(state, record, speaksForItself);
        return new EntityState
        {
            Entity = record.Entity,
            Kind = record.Kind,
            Last = PositionOf(record),
            Channel = record.Spend is not null ? record.Channel : speaksForItself ? record.Channel ?? state?.Channel : state?.Channel,
            FirstAt = state is not null && state.FirstAt <= record.OccurredAt ? state.FirstAt : record.OccurredAt,
            LastAt = state is not null && state.LastAt > record.OccurredAt ? state.LastAt : record.OccurredAt,
            Identifiers = identifiers,
            Parties = PartiesAfter(state, record, identifiers),
            Cuts = state?.Cuts ?? [],
            Ended = state?.Ended ?? [],
            Sides = state?.Sides ?? [],
            Place = speaksForItself ? record.Place ?? state?.Place : state?.Place,

            // The first one led to the order; but where a source states all of an order each time, it corrects that, too.
            Campaign = record.Order is { IsComplete: true } || record.Spend is not null ? record.Campaign : state?.Campaign ?? record.Campaign,
            Deleted = record.Deleted ?? state?.Deleted ?? false,
            PartOf = state?.PartOf,
            Order = order,
            Ticket = record.Ticket is { } change ? TicketFold.Apply(state?.Ticket, change, record.OccurredAt) : state?.Ticket,
            Person = record.Person is { } profile ? Merge(state?.Person, profile) : state?.Person,
            Spend = record.Spend ?? state?.Spend,
            Browsed = record.Browsed is { } name ? Count(state?.Browsed, name) : state?.Browsed,
            Goods = record.Order is { } said && (record.Part is null || record.Part == record.Entity) ? Good.Names(said.Lines.Select(l => (l.Product, l.Category))) : Good.Union(state?.Goods ?? [], record.Viewed ?? []),
        };
    }

    // The customer who returns goods, or the cashier whose card is scanned for a void, may be another person than the buyer. What they say counts only where the
    // order itself names no customer.
    private static IReadOnlyList<Identifier> PartyAfter(EntityState? state, InteractionRecord record, bool speaksForItself)
    {
        var known = state?.Identifiers ?? [];
        var said = SaidBy(record);
        if (said.Any(IsParty) && known.Any(IsParty))
        {
            said = speaksForItself ? said : [.. said.Where(i => !IsParty(i))];
            known = record.Order is not null && state?.Order?.Snapshot is null ? [.. known.Where(i => !IsParty(i))] : known;
        }

        return IdentifierRoles.After(record.Kind, known, said);

        static bool IsParty(Identifier identifier) => identifier.Type != IdentifierType.Edge;
    }

    // Merges that were stated or decided are no part's.
    private static IReadOnlyList<Identifier> WithPayer(EntityState? state, EntityKey order, IReadOnlyDictionary<string, OrderPart> parts) =>
        [.. (state?.Identifiers ?? []).Where(i => i.Type == IdentifierType.Edge).Concat(OrderParts.PayerOf(order, parts)).Order()];

    private static IReadOnlyList<Identifier> SaidBy(InteractionRecord record) => record.Identifiers.Count < 2 ? record.Identifiers : [.. record.Identifiers.Distinct().Order()];

    // A decision is no interaction: it has no place in time, and says nothing but whose the entity is.
    private static EntityState Decide(EntityState state, IdentityWord word, InteractionRecord record)
    {
        IReadOnlyList<string> ended = word.Ends is { } ends ? [.. state.Ended.Append(ends).Distinct().Order(StringComparer.Ordinal)] : state.Ended;
        return state with
        {
            Last = PositionOf(record),
            Identifiers = [.. state.Identifiers.Union(record.Identifiers).Order()],
            Cuts = [.. state.Cuts.Union(word.Cut.Select(c => new DecidedCut(c, word.Decision))).Where(c => !ended.Contains(c.Decision)).OrderBy(c => c.Identifier).ThenBy(c => c.Decision, StringComparer.Ordinal)],
            Sides = [.. state.Sides.Union(word.Side is { } side ? [side] : []).Where(s => !ended.Contains(IdentityGraph.NeverLinkOf(s))).Order(StringComparer.Ordinal)],
            Ended = ended,
        };
    }

    // First after last: whatever is folded in next sets both.
    private static EntityState Unheard(InteractionRecord record) => new()
    {
        Entity = record.Entity,
        Kind = record.Kind,
        Last = PositionOf(record),
        FirstAt = DateTimeOffset.MaxValue,
        LastAt = DateTimeOffset.MinValue,
    };

    // Nearly always all records say the same: then nothing is kept beside what holds.
    private static IReadOnlyList<IReadOnlyList<Identifier>>? PartiesAfter(EntityState? state, InteractionRecord record, IReadOnlyList<Identifier> identifiers)
    {
        if (state is null || (state.Parties is null && ReferenceEquals(identifiers, state.Identifiers)))
        {
            return null;
        }

        var parties = IdentifierRoles.WithParty(state.Parties ?? IdentifierRoles.WithParty([], state.Identifiers), SaidBy(record));
        return parties.Count == 0 || (parties.Count == 1 && parties[0].SequenceEqual(identifiers.Where(i => i.Type != IdentifierType.Edge))) ? null : parties;
    }

    private static PersonProfile Merge(PersonProfile? known, PersonProfile said) => new()
    {
        Name = said.Name ?? known?.Name,
        BirthDate = said.BirthDate ?? known?.BirthDate,
        Street = said.Street ?? known?.Street,
        PostalCode = said.PostalCode ?? known?.PostalCode,
        City = said.City ?? known?.City,
        Country = said.Country ?? known?.Country,
        MarketingConsent = said.MarketingConsent ?? known?.MarketingConsent,
        Deleted = said.Deleted,
    };

    private static SortedDictionary<string, int> Count(IReadOnlyDictionary<string, int>? counts, string name)
    {
        var counted = counts is null ? new SortedDictionary<string, int>(StringComparer.Ordinal) : new SortedDictionary<string, int>(counts.ToDictionary(), StringComparer.Ordinal);
        counted[name] = counted.GetValueOrDefault(name) + 1;
        return counted;
    }
}

/// <summary>The life of an order: placed, changed, refunded in parts, cancelled. Its lines stay with its records: the stages after this one only look at what goods they name, and what they come to by category.</summary>
public static class OrderFold
{
    public static OrderState Apply(OrderState? state, InteractionRecord record)
    {
        state ??= new OrderState();
        if (record.Part is { } part)
        {
            return OfParts(record.Entity, OrderParts.With(state.Parts, part, record));
        }

        return new OrderState
        {
            Snapshot = record.Order is { } said ? WithEarliestPlacing(said.WithoutLines(), state.Snapshot) : state.Snapshot,
            Refunds = record.Refunds is { Count: > 0 } refunds ? LatestById(state.Refunds, refunds) : state.Refunds,
            CancelledAt = record.CancelledAt ?? (record.Order?.IsComplete == true ? null : state.CancelledAt),
        };
    }

    private static OrderState OfParts(EntityKey order, IReadOnlyDictionary<string, OrderPart> parts) => new()
    {
        Snapshot = OrderParts.SumOf(order, parts),
        Refunds = [.. parts.Values.SelectMany(OrderParts.RefundsOf).OrderBy(r => r.Id, StringComparer.Ordinal)],
        Parts = parts,
    };

    // An update carries the time of the update where a source has no separate placed-at (Segment), and an order is placed once.
    private static OrderSnapshot WithEarliestPlacing(OrderSnapshot said, OrderSnapshot? known) =>
        !said.IsComplete && known is not null && known.PlacedAt < said.PlacedAt ? said with { PlacedAt = known.PlacedAt } : said;

    internal static List<RefundRecord> LatestById(IReadOnlyList<RefundRecord> known, IReadOnlyList<RefundRecord> said)
    {
        var latest = known.ToDictionary(r => r.Id, StringComparer.Ordinal);
        foreach (var refund in said)
        {
            latest[refund.Id] = refund;
        }

        return [.. latest.Values.OrderBy(r => r.Id, StringComparer.Ordinal)];
    }
}

/// <summary>The life of a ticket.</summary>
public static class TicketFold
{
    public static TicketState Apply(TicketState? state, TicketChange change, DateTimeOffset at)
    {
        state ??= new TicketState();
        var wasSolved = IsSolved(state.Status);
        var isSolved = change.Status is null ? wasSolved : IsSolved(change.Status);

        // Totals are told in whole seconds, and events more finely (Zendesk): an event of the second of the totals is one of those that were added up.
        var isCounted = state.TotalsAt is { } totals && at < totals.AddSeconds(1);
        var hasTotals = change.Reopens is not null || change.Handoffs is not null || change.Replies is not null;
        return state with
        {
            CreatedAt = change.IsComplete ? change.CreatedAt : Earliest(state.CreatedAt, change.CreatedAt),
            FirstReplyAt = change.IsComplete ? change.FirstReplyAt
                : Earliest(Earliest(state.FirstReplyAt, change.PublicAgentReply ? at : null), change.FirstReplyAt),
            Status = change.Status ?? state.Status,
            SolvedAt = isSolved ? change.SolvedAt ?? (wasSolved ? state.SolvedAt : at) : null,
            Reopens = change.Reopens ?? state.Reopens + (wasSolved && !isSolved && !isCounted ? 1 : 0),
            Handoffs = change.Handoffs ?? state.Handoffs + (change.Handoff && !isCounted ? 1 : 0),
            Satisfaction = Satisfaction(change) ?? state.Satisfaction,
            SatisfactionAt = Satisfaction(change) is not { } said || said == state.Satisfaction ? state.SatisfactionAt : at,
            Replies = change.Replies ?? state.Replies + (change.PublicAgentReply && !isCounted ? 1 : 0),
            TotalsAt = hasTotals && at.UtcTicks % TimeSpan.TicksPerSecond == 0 ? at : state.TotalsAt,
            Subject = state.Subject ?? change.Subject,
            Recommendation = change.Recommendation ?? state.Recommendation,
            RecommendationAt = change.Recommendation is null || change.Recommendation == state.Recommendation ? state.RecommendationAt : at,
            Ease = change.Ease ?? state.Ease,
            EaseAt = change.Ease is null || change.Ease == state.Ease ? state.EaseAt : at,
        };
    }

    private static string? Satisfaction(TicketChange change) => change.Rating is { } rating ? (rating.IsSatisfied ? "good" : "bad") : null;

    private static bool IsSolved(string? status) => status is "solved" or "closed";

    private static DateTimeOffset? Earliest(DateTimeOffset? left, DateTimeOffset? right) =>
        left is null ? right : right is null || left <= right ? left : right;
}
