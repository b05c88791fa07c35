using CsCheck;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Entities;

public sealed class The_settlement_of_an_order
{
    [Fact]
    public void Counts_a_refund_of_the_smallest_amount_and_none_of_nothing()
    {
        IEnumerable<long> Returned(long amount) => OrderSettlement.Of(new OrderState
        {
            Snapshot = new OrderSnapshot { Status = SaleStatus.Placed, Currency = "USD", Gross = 100, PlacedAt = Some.Moment },
            Refunds = [new RefundRecord { Id = "r", Status = RefundStatus.Completed, Currency = "USD", Amount = amount, At = Some.Moment }],
        }).Returns.Select(r => r.Amount);

        Assert.Equal([1L], Returned(1));
        Assert.Empty(Returned(0));
    }

    [Fact]
    public void Never_gives_back_more_than_the_order_was_worth() => Gen.Select(Gen.Long[0, 5_000], Gen.Long[0, 6_000].Array[0, 6], Gen.Bool).Sample((gross, refunds, isCancelled) =>
    {
        var settlement = OrderSettlement.Of(Order(gross, refunds) with { CancelledAt = isCancelled ? Some.Moment.AddDays(3) : null });

        var returned = settlement.Returns.Sum(r => r.Amount);
        Assert.Equal(isCancelled ? gross : Math.Min(gross, refunds.Sum()), returned);
        Assert.All(settlement.Returns, r => Assert.True(r.Amount > 0));
    });

    [Fact]
    public void Of_an_unknown_order_gives_back_what_was_refunded()
    {
        var settlement = OrderSettlement.Of(new OrderState { Refunds = [Refund(0, 500)] });

        Assert.Equal((null, 500, "USD"), (settlement.PlacedAt, settlement.Returns.Single().Amount, settlement.Currency));
    }

    [Fact]
    public void Of_an_unknown_order_gives_back_in_one_currency_and_in_the_order_of_time()
    {
        var settlement = OrderSettlement.Of(new OrderState { Refunds = [Refund(2, 500), Refund(1, 400) with { Currency = "EUR" }, Refund(0, 300)] });

        Assert.Equal(("USD", "300 500"), (settlement.Currency, string.Join(' ', settlement.Returns.Select(r => r.Amount))));
    }

    [Fact]
    public void Of_a_full_refund_without_an_amount_gives_back_what_is_left()
    {
        var settlement = OrderSettlement.Of(Order(1_000, [300]) with { Refunds = [Refund(0, 300), Refund(1, null)] });

        Assert.Equal([300, 700], settlement.Returns.Select(r => r.Amount));
        Assert.False(settlement.IsPurchase);
    }

    [Theory]
    [InlineData(RefundStatus.Pending)]
    [InlineData(RefundStatus.Failed)]
    public void Waits_for_a_refund_to_be_completed(RefundStatus status) =>
        Assert.Empty(OrderSettlement.Of(Order(1_000, []) with { Refunds = [Refund(0, 300) with { Status = status }] }).Returns);

    [Fact]
    public void Takes_tax_out_of_a_refund_when_the_order_has_it_in_its_prices()
    {
        var order = Order(10_000, []);
        var settlement = OrderSettlement.Of(order with { Snapshot = order.Snapshot! with { TaxIncluded = true }, Refunds = [Refund(0, 1_190) with { Tax = 190 }] });

        Assert.Equal(1_000, settlement.Returns.Single().Amount);
    }

    [Fact]
    public void Of_a_payment_that_never_completed_is_nothing() =>
        Assert.Equal(new OrderSettlement().Gross, OrderSettlement.Of(new OrderState { Snapshot = Order(1_000, []).Snapshot! with { Status = SaleStatus.Pending } }).Gross);

    [Theory]
    [InlineData(1_000, 999, true)]
    [InlineData(1_000, 1_000, false)]
    [InlineData(0, 0, true)]
    public void Is_a_purchase_while_something_is_kept(long gross, long refunded, bool isPurchase) =>
        Assert.Equal(isPurchase, OrderSettlement.Of(Order(gross, refunded == 0 ? [] : [refunded])).IsPurchase);

    private static OrderState Order(long gross, IReadOnlyList<long> refunds) => new()
    {
        Snapshot = new OrderSnapshot { Status = SaleStatus.Placed, PlacedAt = Some.Moment, Currency = "USD", Gross = gross },
        Refunds = [.. refunds.Select((amount, i) => Refund(i, amount))],
    };

    private static RefundRecord Refund(int number, long? amount) =>
        new() { Id = $"r{number}", Status = RefundStatus.Completed, At = Some.Moment.AddDays(number), Currency = "USD", Amount = amount };
}
