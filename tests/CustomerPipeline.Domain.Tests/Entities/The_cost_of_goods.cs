using CsCheck;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Entities;

/// <summary>What the goods of an order had cost, and what of it comes back with returns.</summary>
public sealed class The_cost_of_goods
{
    private static readonly DateTimeOffset At = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Is_that_of_all_lines_against_net_sales() => Assert.Equal("90.00 costs 40.00", Told(Order(10_00, (60_00, 30_00), (40_00, 10_00))));

    [Fact]
    public void Is_unknown_where_no_line_has_one() => Assert.Null(Settled(Order(0, (60_00, null), (40_00, null))).Cost);

    [Fact]
    public void May_be_nothing_and_is_known_all_the_same() => Assert.Equal("100.00 costs 0.00", Told(Order(0, (100_00, 0))));

    /// <summary>A discount of the order took as much of one line as of another, by their prices.</summary>
    [Fact]
    public void Of_some_lines_is_held_against_their_share_of_the_net_sales() => Assert.Equal("54.00 costs 30.00", Told(Order(10_00, (60_00, 30_00), (40_00, null))));

    [Fact]
    public void Comes_back_with_goods_by_their_share_of_what_is_left() => Assert.Equal(
        "100.00 costs 40.00, back 25.00 costs 10.00, back 75.00 costs 30.00", Told(Order(0, (60_00, 30_00), (40_00, 10_00)), Refund("a", 1, 25_00), Refund("b", 2, null)));

    [Fact]
    public void Comes_back_as_a_refund_states_it_and_never_more_than_is_left() => Assert.Equal(
        "100.00 costs 40.00, back 50.00 costs 0.00, back 10.00 costs 40.00", Told(Order(0, (100_00, 40_00)), Refund("a", 1, 50_00, cost: 0), Refund("b", 2, 10_00, cost: 99_00)));

    [Fact]
    public void Comes_back_with_a_cancellation() => Assert.Equal(
        "100.00 costs 40.00, back 100.00 costs 40.00", Told(Order(0, (100_00, 40_00)) with { CancelledAt = At.AddDays(1) }));

    [Fact]
    public void Comes_back_with_the_cancellation_of_an_order_that_was_free() => Assert.Equal(
        "0.00 costs 40.00, back 0.00 costs 40.00", Told(Order(100_00, (100_00, 40_00)) with { CancelledAt = At.AddDays(1) }));

    [Fact]
    public void Does_not_come_back_with_a_refund_that_is_pending() => Assert.Equal(
        "100.00 costs 40.00", Told(Order(0, (100_00, 40_00)), Refund("a", 1, 25_00) with { Status = RefundStatus.Pending }));

    [Fact]
    public void Is_as_the_latest_version_of_the_order_says()
    {
        var first = OrderFold.Apply(null, Record(Order(0, (100_00, 40_00)).Snapshot!));

        Assert.Equal("100.00 costs 55.00", Told(OrderFold.Apply(first, Record(Snapshot(0, (100_00, 55_00))))));
        Assert.Null(OrderSettlement.Of(OrderFold.Apply(first, Record(Snapshot(0, (100_00, null))))).Cost);
    }

    /// <summary>With all costs known, what comes back of the costed sales is what comes back; and when all has come back, no cost is left.</summary>
    [Fact]
    public void And_margin_are_the_net_sales_whatever_comes_back() => Gen.Select(
        Gen.Select(Gen.Long[0, 100_00], Gen.Long[0, 100_00]).Array[1, 4], Gen.Int[0, 100], Gen.Select(Gen.Int[0, 9], Gen.Long[0, 120_00], Gen.Bool).Array[0, 4], Gen.Bool).Sample((lines, percent, refunds, isCancelled) =>
    {
        var gross = lines.Sum(l => l.Item1);
        var order = Order(gross * percent / 100, [.. lines.Select(l => (l.Item1, (long?)l.Item2))]) with { CancelledAt = isCancelled ? At.AddDays(20) : null };
        var settled = Settled(order, [.. refunds.Select((r, i) => Refund($"r{i}", r.Item1, r.Item3 ? null : r.Item2))]);
        var cost = settled.Cost!;

        Assert.Equal(settled.Gross - settled.Discounts, cost.Sales);
        Assert.Equal(lines.Sum(l => l.Item2), cost.Cost);
        Assert.Equal(settled.Returns.Sum(r => r.Amount), cost.Returns.Sum(r => r.Sales));
        Assert.All(cost.Returns, r => Assert.True(r is { Cost: >= 0, Sales: >= 0 }));
        Assert.True(cost.Returns.Sum(r => r.Cost) <= cost.Cost);
        if (isCancelled || (settled.Returns.Count > 0 && cost.Returns.Sum(r => r.Sales) == cost.Sales))
        {
            Assert.Equal(cost.Cost, cost.Returns.Sum(r => r.Cost));
        }
    });

    private static OrderState Order(long discounts, params (long Amount, long? Cost)[] lines) => new() { Snapshot = Snapshot(discounts, lines).WithoutLines() };

    private static OrderSnapshot Snapshot(long discounts, params (long Amount, long? Cost)[] lines) => new()
    {
        Status = SaleStatus.Placed,
        PlacedAt = At,
        Currency = "EUR",
        Gross = lines.Sum(l => l.Amount),
        Discounts = discounts,
        Lines = [.. lines.Select(l => new OrderLine("p", 1, l.Amount) { Cost = l.Cost })],
        IsComplete = true,
    };

    private static RefundRecord Refund(string id, int day, long? amount, long? cost = null) =>
        new() { Id = id, Status = RefundStatus.Completed, At = At.AddDays(day), Currency = "EUR", Amount = amount, Cost = cost };

    private static InteractionRecord Record(OrderSnapshot order) => new()
    {
        Entity = EntityKey.Of("erp", EntityKind.Order, "1"),
        Id = "1",
        Version = 1,
        Kind = EntityKind.Order,
        OccurredAt = At,
        Order = order,
    };

    private static OrderSettlement Settled(OrderState order, params RefundRecord[] refunds) => OrderSettlement.Of(order with { Refunds = refunds });

    private static string Told(OrderState order, params RefundRecord[] refunds) => Settled(order, refunds).Cost is { } cost
        ? string.Join(", back ", cost.Returns.Select(r => (r.Sales, r.Cost)).Prepend((cost.Sales, cost.Cost)).Select(c => $"{Money.ToMajor(c.Item1, "EUR")} costs {Money.ToMajor(c.Item2, "EUR")}"))
        : "unknown";
}
