namespace CustomerPipeline.Domain.Normalize;

/// <summary>
/// What claims to happen long after it was received comes from a wrong clock: it is kept with the time it was received, and flagged. Late data is
/// fine, by years: only the future is impossible.
/// </summary>
internal static class ClockSkew
{
    public const string Flag = "time-in-future";

    /// <summary>The record with every time within the bound.</summary>
    /// <param name="record">As its mapping made it.</param>
    /// <param name="received">When the message came.</param>
    /// <param name="latest">What is later than this cannot be.</param>
    public static InteractionRecord Bound(InteractionRecord record, DateTimeOffset received, DateTimeOffset latest)
    {
        if (!IsAnyLater(record, latest))
        {
            return record;
        }

        DateTimeOffset Bounded(DateTimeOffset at) => at > latest ? received : at;
        DateTimeOffset? BoundedOrNull(DateTimeOffset? at) => at is { } time ? Bounded(time) : null;
        return record with
        {
            OccurredAt = Bounded(record.OccurredAt),
            CancelledAt = BoundedOrNull(record.CancelledAt),
            Order = record.Order is { } order ? order with { PlacedAt = Bounded(order.PlacedAt), BusinessDay = order.PlacedAt > latest ? null : order.BusinessDay } : null,
            Refunds = record.Refunds is { } refunds ? [.. refunds.Select(r => r with { At = Bounded(r.At), BusinessDay = r.At > latest ? null : r.BusinessDay })] : null,
            Ticket = record.Ticket is { } ticket
                ? ticket with { CreatedAt = BoundedOrNull(ticket.CreatedAt), FirstReplyAt = BoundedOrNull(ticket.FirstReplyAt), SolvedAt = BoundedOrNull(ticket.SolvedAt) }
                : null,
            Flags = [.. (record.Flags ?? []).Append(Flag).Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>Whether the record tells of anything later.</summary>
    public static bool IsAnyLater(InteractionRecord record, DateTimeOffset latest) =>
        record.OccurredAt > latest
        || record.CancelledAt > latest
        || record.Order?.PlacedAt > latest
        || (record.Refunds is { } refunds && refunds.Any(r => r.At > latest))
        || (record.Ticket is { } ticket && (ticket.CreatedAt > latest || ticket.FirstReplyAt > latest || ticket.SolvedAt > latest));
}
