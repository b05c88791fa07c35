namespace CustomerPipeline.Contracts;

/// <summary>What the goods of a sale had cost, as far as is known, and what came back of it.</summary>
public sealed record OracleCost(long Sales, long Cost)
{
    public IReadOnlyList<(DateTimeOffset At, long Sales, long Cost)> Returns { get; init; } = [];

    /// <summary>Of an imported order with two lines; null where none has a cost.</summary>
    public static OracleCost? Of(StoryMessage order)
    {
        var net = order.Amount - order.Discount;
        return order.CostedLines switch
        {
            0 => null,
            1 => new OracleCost(Rounded((decimal)net * order.FirstPrice / order.Amount), order.Costs.First),
            _ => new OracleCost(net, order.Costs.First + order.Costs.Second),
        };
    }

    /// <summary>The same after goods came back: so much of what was left of the order.</summary>
    public OracleCost After(DateTimeOffset at, long amount, long left, long? stated)
    {
        long ShareOf(long all) => Rounded((decimal)all * amount / left);
        var (sales, cost) = (Sales - Returns.Sum(r => r.Sales), Cost - Returns.Sum(r => r.Cost));
        return this with { Returns = [.. Returns, (at, ShareOf(sales), Math.Min(cost, stated ?? ShareOf(cost)))] };
    }

    private static long Rounded(decimal amount) => (long)Math.Round(amount, MidpointRounding.ToEven);
}
