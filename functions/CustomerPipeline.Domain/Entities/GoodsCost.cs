using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Entities;

/// <summary>
/// What the goods of an order had cost the seller, as far as the lines say so, in minor units of the order's currency.
/// Only sales with a known cost can be held against it.
/// </summary>
/// <param name="Sales">Gross sales less discounts of the goods whose cost is known. A discount of the order is divided among its goods by their prices.</param>
/// <param name="Cost">What these goods had cost.</param>
public sealed record GoodsCost(long Sales, long Cost)
{
    /// <summary>What came back of these sales and of their cost, in the order of settlement.</summary>
    public IReadOnlyList<ReturnedCost> Returns { get; init => field = value ?? []; } = [];

    /// <summary>The cost of a settled order; null where no line has one.</summary>
    /// <param name="snapshot">The order.</param>
    /// <param name="returns">What was given back, in the order of settlement; and the cost of it, where the refund states one.</param>
    /// <param name="cancelledAt">When it was cancelled; null where it was not.</param>
    public static GoodsCost? Of(OrderSnapshot snapshot, IEnumerable<(OrderReturn Return, long? Cost)> returns, DateTimeOffset? cancelledAt)
    {
        if (snapshot.Costs is not { } costs)
        {
            return null;
        }

        // Goods that are given back carry their cost with them (IFRS 15, B21 to B25: the right to recover products corrects the cost of sales):
        // by their share of what is left of the order, unless the refund states it.
        var net = snapshot.Gross - snapshot.Discounts;
        var all = new GoodsCost(costs.Gross == snapshot.Gross ? net : Share(net, costs.Gross, snapshot.Gross), costs.Cost);
        var (left, sales, cost) = (net, all.Sales, all.Cost);
        var back = new List<ReturnedCost>();
        foreach (var (returned, stated) in returns)
        {
            var costBack = Math.Min(stated ?? Share(cost, returned.Amount, left), cost);
            var part = new ReturnedCost(returned.At, Share(sales, returned.Amount, left), costBack, returned.BusinessDay);
            (left, sales, cost) = (left - returned.Amount, sales - part.Sales, cost - part.Cost);
            back.Add(part);
        }

        // What was free has no amount that could come back, and its goods do.
        if (cancelledAt is { } at && net <= 0 && cost > 0)
        {
            back.Add(new ReturnedCost(at, sales, cost));
        }

        return all with { Returns = back };
    }

    // All of the whole is all of it, however it was rounded before.
    private static long Share(long of, long part, long whole) => part == whole ? of : (long)Math.Round((decimal)of * part / whole, MidpointRounding.ToEven);
}

/// <summary>
/// Sales with a known cost that were given back, and the cost that came back with the goods, in minor units; on the store's own business day, where it keeps one.
/// </summary>
public readonly record struct ReturnedCost(DateTimeOffset At, long Sales, long Cost, DateOnly? BusinessDay = null);
