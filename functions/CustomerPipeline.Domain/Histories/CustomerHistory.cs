using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Domain.Histories;

/// <summary>An order as it stood at an instant. Amounts in minor units.</summary>
/// <param name="Touch">The interaction.</param>
/// <param name="At">When it was placed.</param>
/// <param name="Day">The business day of that.</param>
/// <param name="Net">Gross minus discounts.</param>
/// <param name="Kept">Net without what had come back until then.</param>
/// <param name="FirstReturnAt">When the first of it came back.</param>
/// <param name="IsPurchase">Whether anything of it was kept until then; an order that was free and not cancelled was.</param>
public sealed record HistoryOrder(Touch Touch, DateTimeOffset At, DateOnly Day, long Net, long Kept, DateTimeOffset? FirstReturnAt, bool IsPurchase)
{
    /// <summary>When it was cancelled; null where it was not, or not yet.</summary>
    public DateTimeOffset? CancelledAt { get; init; }

    public string Currency => Touch.Order!.Currency!;

    public string Channel => Touch.Channel?.Name() ?? "";
}

/// <summary>A ticket as it stood at an instant. What carries no time of its own (reopens, handoffs, replies) is as it is known now.</summary>
public sealed record HistoryTicket(Touch Touch, DateTimeOffset At, DateOnly Day, DateTimeOffset? SolvedAt)
{
    public string? Subject => Touch.Ticket!.Subject;
}

/// <summary>
/// One customer's interactions until an instant, in order of time and then of name, so that every figure made of them is the same however they came.
/// </summary>
public sealed class CustomerHistory
{
    private CustomerHistory(string customer, bool isIdentified) => (Customer, IsIdentified) = (customer, isIdentified);

    public string Customer { get; }

    /// <summary>Whether anything tells who the customer is.</summary>
    public bool IsIdentified { get; }

    /// <summary>Whether the customer may be written to, as it is known now: a profile says yes, and none says no. It does not depend on the instant.</summary>
    public bool MayBeWrittenTo { get; private init; }

    /// <summary>Everything that is known of the customer.</summary>
    public required IReadOnlyList<Touch> Touches { get; init; }

    /// <summary>Whether all of it is marketing spend: then there is no customer.</summary>
    public bool IsSpendAlone => Touches.Count > 0 && Touches.All(t => t.Kind == EntityKind.Spend);

    /// <summary>Orders, tickets and visits: what a customer did, and not what was told of them.</summary>
    public required IReadOnlyList<Touch> Contacts { get; init; }

    public required IReadOnlyList<HistoryOrder> Orders { get; init; }

    public required IReadOnlyList<HistoryTicket> Tickets { get; init; }

    /// <summary>Visits of the web shop.</summary>
    public required IReadOnlyList<Touch> Visits { get; init; }

    /// <summary>When something came back, in order.</summary>
    public required IReadOnlyList<DateTimeOffset> Returns { get; init; }

    /// <summary>What was kept of all orders, less what was given back of orders that nothing else is known of: by currency, in minor units.</summary>
    public required IReadOnlyDictionary<string, long> NetSales { get; init; }

    /// <summary>Orders of which something was kept.</summary>
    public IEnumerable<HistoryOrder> Purchases => Orders.Where(o => o.IsPurchase);

    /// <param name="customer">The customer's id.</param>
    /// <param name="touches">The customer's interactions, in any order; those that moved to another customer count as nothing.</param>
    /// <param name="asOf">Nothing later than this is looked at.</param>
    /// <param name="calendar">Says which day an instant belongs to.</param>
    public static CustomerHistory Of(string customer, IEnumerable<Touch> touches, DateTimeOffset asOf, BusinessCalendar calendar)
    {
        var live = touches.Where(t => t.MovedTo is null).ToList();
        var known = live.Where(t => t.At <= asOf).OrderBy(t => t.At).ThenBy(t => t.Entity.Text, StringComparer.Ordinal).ToList();
        var orders = known.Where(t => t.Order?.PlacedAt is not null).Select(t => OrderOf(t, asOf, calendar)).ToList();
        var tickets = known.Where(t => t.Ticket?.CreatedAt is not null).Select(t => TicketOf(t, asOf, calendar)).ToList();
        return new CustomerHistory(customer, known.Any(t => t.Identified))
        {
            MayBeWrittenTo = live.Any(t => t.MarketingConsent == true) && live.All(t => t.MarketingConsent != false),
            Touches = known,
            Contacts = [.. known.Where(t => t.Order?.PlacedAt is not null || t.Ticket?.CreatedAt is not null || t.Kind == EntityKind.Browse)],
            Orders = orders,
            Tickets = tickets,
            Visits = [.. known.Where(t => t.Kind == EntityKind.Browse)],
            NetSales = orders.Select(o => (o.Currency, Amount: o.Kept)).Concat(known.SelectMany(t => ReturnsOfUnknown(t, asOf)))
                .GroupBy(a => a.Currency, StringComparer.Ordinal).ToDictionary(c => c.Key, c => c.Sum(a => a.Amount), StringComparer.Ordinal),
            Returns = [.. orders.SelectMany(o => o.Touch.Order!.Returns).Select(r => r.At).Where(at => at <= asOf).Order()],
        };
    }

    /// <summary>What lies between two instants, both included, of what is in order of time: without a look at the rest, as a history can be long.</summary>
    public static IEnumerable<T> Between<T>(IReadOnlyList<T> ordered, Func<T, DateTimeOffset> at, DateTimeOffset from, DateTimeOffset to)
    {
        var (low, high) = (0, ordered.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = at(ordered[middle]) < from ? (middle + 1, high) : (low, middle);
        }

        for (var i = low; i < ordered.Count && at(ordered[i]) <= to; i++)
        {
            yield return ordered[i];
        }
    }

    // The sale may lie before the first message there ever was; the money that was given back is real all the same.
    private static IEnumerable<(string Currency, long Amount)> ReturnsOfUnknown(Touch touch, DateTimeOffset asOf) =>
        touch.Order is { PlacedAt: null, Currency: { } currency } order ? order.Returns.Where(r => r.At <= asOf).Select(r => (currency, -r.Amount)) : [];

    private static HistoryOrder OrderOf(Touch touch, DateTimeOffset asOf, BusinessCalendar calendar)
    {
        var order = touch.Order!;
        var net = order.Gross - order.Discounts;
        var returned = 0L;
        DateTimeOffset? first = null;
        foreach (var part in order.Returns.Where(r => r.At <= asOf))
        {
            returned += part.Amount;
            first ??= part.At;
        }

        return new HistoryOrder(
            touch, order.PlacedAt!.Value, order.BusinessDay ?? calendar.DayOf(order.PlacedAt.Value), net, net - returned, first, net > 0 ? net > returned : order.IsPurchase)
        {
            CancelledAt = order.CancelledAt <= asOf ? order.CancelledAt : null,
        };
    }

    private static HistoryTicket TicketOf(Touch touch, DateTimeOffset asOf, BusinessCalendar calendar)
    {
        var ticket = touch.Ticket!;
        return new HistoryTicket(touch, ticket.CreatedAt!.Value, calendar.DayOf(ticket.CreatedAt.Value), ticket.SolvedAt <= asOf ? ticket.SolvedAt : null);
    }
}
