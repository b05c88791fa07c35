using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Entities;

/// <summary>
/// What an order comes to, after everything known about it: the form in which metrics count it. Amounts in minor units of <see cref="Currency"/>.
/// </summary>
public sealed record OrderSettlement
{
    /// <summary>Null while only refunds of it are known: then there are returns and no sale.</summary>
    public DateTimeOffset? PlacedAt { get; init; }

    /// <summary>The store's own business day of the sale, where it keeps one.</summary>
    public DateOnly? BusinessDay { get; init; }

    public string? Currency { get; init; }

    public long Gross { get; init; }

    public long Discounts { get; init; }

    /// <summary>Charged on top of, or inside, the prices.</summary>
    public long Tax { get; init; }

    public long Shipping { get; init; }

    public long Units { get; init; }

    /// <summary>What was sold, by the category that the source files it under, in order: the largest eight. Null where it names none.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CategorySales>? Categories { get; init; }

    /// <summary>What the goods had cost the seller; null where that is known of none of them.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public GoodsCost? Cost { get; init; }

    /// <summary>What was given back, when. Never more in sum than gross minus discounts, once the order is known.</summary>
    public IReadOnlyList<OrderReturn> Returns { get; init; } = [];

    /// <summary>When the order was cancelled; null where it was not. Orders that were stored before this was kept have none until they are read again: their money is among <see cref="Returns"/>.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? CancelledAt { get; init; }

    /// <summary>An order of which something was kept. A fully refunded or cancelled order is not a purchase (rule purchase-1).</summary>
    public bool IsPurchase { get; init; }

    /// <summary>Whether the source's own total is what was read of the order; null where it states none.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public bool? TotalAgrees { get; init; }

    public static OrderSettlement Of(OrderState order)
    {
        if (order.Snapshot is { Status: not SaleStatus.Placed })
        {
            return new OrderSettlement();
        }

        return order.Snapshot is { } snapshot ? Settle(order, snapshot) : OfUnknownOrder(order.Refunds);
    }

    // The sale may lie before the first message the pipeline ever got: the money given back is real all the same.
    private static OrderSettlement OfUnknownOrder(IReadOnlyList<RefundRecord> refunds)
    {
        var completed = refunds.Where(r => r is { Status: RefundStatus.Completed, Amount: > 0, Currency: not null }).ToList();
        return completed.Count == 0
            ? new OrderSettlement()
            : new OrderSettlement
            {
                Currency = completed[0].Currency,
                Returns = [.. completed.Where(r => r.Currency == completed[0].Currency).Select(r => new OrderReturn(r.At, r.Amount!.Value, r.BusinessDay)).Order()],
            };
    }

    // An amount beyond anything that is money gives back all there is.
    private static long InMinorUnits(decimal major, string currency) =>
        Money.TryToMinor(major, Domain.Currency.Of(currency), out var minor, out _) ? minor : long.MaxValue;

    // Of goods for the part of the money that was paid back so far, so that all of the money is all of the goods.
    private static long ShareOf(long goods, long paidBack, long due) => (long)Math.Round((decimal)goods * paidBack / due, MidpointRounding.AwayFromZero);

    private static OrderSettlement Settle(OrderState order, OrderSnapshot snapshot)
    {
        var net = snapshot.Gross - snapshot.Discounts;
        var (left, paidBack) = (net, 0L);
        var returns = new List<(OrderReturn Return, long? Cost)>();
        var completed = order.Refunds.Where(r => r.Status == RefundStatus.Completed && (r.Currency is null || r.Currency == snapshot.Currency));
        foreach (var refund in completed.OrderBy(r => r.At).ThenBy(r => r.Id, StringComparer.Ordinal))
        {
            var goods = refund.InOrderCurrency is { } major ? InMinorUnits(major, snapshot.Currency)
                : refund.Amount is not { } amount ? left
                : snapshot.Due is > 0 and { } due ? ShareOf(net, paidBack = Math.Min(due, paidBack + amount), due) - (net - left)
                : amount - (snapshot.TaxIncluded ? refund.Tax : 0);
            var bounded = Math.Clamp(goods, 0, Math.Max(0, left));
            if (bounded > 0)
            {
                returns.Add((new OrderReturn(refund.At, bounded, refund.BusinessDay), refund.Cost));
                left -= bounded;
            }
        }

        // A cancellation takes back whatever no refund has.
        if (order.CancelledAt is { } cancelledAt && left > 0)
        {
            returns.Add((new OrderReturn(cancelledAt, left), null));
            left = 0;
        }

        return new OrderSettlement
        {
            PlacedAt = snapshot.PlacedAt,
            BusinessDay = snapshot.BusinessDay,
            Currency = snapshot.Currency,
            Gross = snapshot.Gross,
            Discounts = snapshot.Discounts,
            Tax = snapshot.Tax,
            Shipping = snapshot.Shipping,
            Units = snapshot.Units,
            Categories = snapshot.Categories,
            Cost = GoodsCost.Of(snapshot, returns, order.CancelledAt),
            Returns = [.. returns.Select(r => r.Return).Order()],
            CancelledAt = order.CancelledAt,
            TotalAgrees = snapshot.Total is { } total ? !total.Differs : null,
            IsPurchase = order.CancelledAt is null && (net <= 0 || left > 0),
        };
    }
}

/// <summary>Goods given back, in minor units; on the store's own business day, where it keeps one.</summary>
public readonly record struct OrderReturn(DateTimeOffset At, long Amount, DateOnly? BusinessDay = null) : IComparable<OrderReturn>
{
    public int CompareTo(OrderReturn other) => At != other.At ? At.CompareTo(other.At)
        : Amount != other.Amount ? Amount.CompareTo(other.Amount)
        : Nullable.Compare(BusinessDay, other.BusinessDay);

    public static bool operator <(OrderReturn left, OrderReturn right) => left.CompareTo(right) < 0;

    public static bool operator >(OrderReturn left, OrderReturn right) => left.CompareTo(right) > 0;

    public static bool operator <=(OrderReturn left, OrderReturn right) => left.CompareTo(right) <= 0;

    public static bool operator >=(OrderReturn left, OrderReturn right) => left.CompareTo(right) >= 0;
}
