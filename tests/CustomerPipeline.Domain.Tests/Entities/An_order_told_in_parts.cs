using CsCheck;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Entities;

/// <summary>An order whose source tells what was paid, payment by payment.</summary>
public sealed class An_order_told_in_parts
{
    [Fact]
    public void Comes_to_what_its_payments_come_to_in_any_order()
    {
        var records = new[]
        {
            Of(Some.SquarePayment("a", 6_000, "APPROVED", order: "O")),
            Of(Some.SquarePayment("a", 6_000, tip: 500, updatedAt: Some.Moment.AddMinutes(1), order: "O")),
            Of(Some.SquarePayment("b", 4_800, at: Some.Moment.AddMinutes(2), order: "O")),
            Of(Some.SquarePayment("c", 9_999, "CANCELED", at: Some.Moment.AddMinutes(-1), order: "O")),
            Of(Some.SquareOrder("O", 10_000, tax: 800)),
        };
        Gen.Shuffle(records).Sample(shuffled =>
        {
            var order = EntityFold.Of(shuffled)!.Order!.Snapshot!;
            Assert.Equal((SaleStatus.Placed, 10_000, 800, 500, Some.Moment), (order.Status, order.Gross, order.Tax, order.Tips, order.PlacedAt));
        });
    }

    [Theory]
    [InlineData("COMPLETED", SaleStatus.Placed, 6_000)]
    [InlineData("APPROVED", SaleStatus.Pending, 6_000)]
    [InlineData("FAILED", SaleStatus.Void, 6_000)]
    public void Is_worth_what_was_paid_of_it_until_all_is_paid(string status, SaleStatus expected, long gross)
    {
        var order = EntityFold.Of([Of(Some.SquareOrder("O", 10_000, tax: 800)), Of(Some.SquarePayment("a", 6_000, status, order: "O"))])!.Order!.Snapshot!;

        Assert.Equal((expected, gross, 0L), (order.Status, order.Gross, order.Tax));
    }

    [Fact]
    public void Is_no_sale_before_anything_is_paid_and_what_it_was_for_is_unknown_once_it_is_cancelled()
    {
        Assert.Equal(SaleStatus.Pending, EntityFold.Of([Of(Some.SquareOrder("O", 10_000))])!.Order!.Snapshot!.Status);
        Assert.Equal(10_800, EntityFold.Of([Of(Some.SquareOrder("O", 10_000, tax: 800, state: "CANCELED")), Of(Some.SquarePayment("a", 10_800, order: "O"))])!.Order!.Snapshot!.Gross);
    }

    /// <summary>objects/OrderLineItem, item_type GIFT_CARD: it is a sale once it is used.</summary>
    [Fact]
    public void Leaves_out_the_gift_cards_that_it_sells() =>
        Assert.Equal(1_000, EntityFold.Of([Of(Some.SquareOrder("O", 1_000, giftCard: 5_000)), Of(Some.SquarePayment("a", 6_000, order: "O"))])!.Order!.Snapshot!.Gross);

    [Fact]
    public void Gives_back_goods_and_tax_together_and_all_goods_with_all_of_the_money() => Gen.Long[1, 3_599].Array[0, 3].Sample(some =>
    {
        var all = some.Append(10_800 - some.Sum());
        var refunds = all.Select((amount, i) => OrderParts.InWhole(Read.One(Some.SquareRefund("a", $"r{i}", amount, at: Some.Moment.AddDays(i + 1))), Whole));
        var state = EntityFold.Of([Of(Some.SquareOrder("O", 10_000, tax: 800)), Of(Some.SquarePayment("a", 10_800, order: "O")), .. refunds])!;

        var settled = OrderSettlement.Of(state.Order!);
        Assert.Equal(10_000, settled.Returns.Sum(r => r.Amount));
        Assert.False(settled.IsPurchase);
        Assert.All(settled.Returns.Zip(all), pair => Assert.InRange(pair.First.Amount - (pair.Second * 10_000m / 10_800), -1, 1));
    });

    /// <summary>objects/Payment: total_money holds the tip, and a full refund gives it back. It takes nothing from what somebody else paid.</summary>
    [Fact]
    public void Gives_back_no_more_of_a_payment_than_it_paid_of_the_order()
    {
        var refund = OrderParts.InWhole(Read.One(Some.SquareRefund("a", "r1", 1_200, at: Some.Moment.AddDays(1))), Whole);
        var state = EntityFold.Of([Of(Some.SquarePayment("a", 1_000, tip: 200, order: "O")), Of(Some.SquarePayment("b", 1_000, order: "O")), refund])!;

        Assert.Equal(1_000, OrderSettlement.Of(state.Order!).Returns.Sum(r => r.Amount));
    }

    /// <summary>The payment knows whether it was online; the order does not say.</summary>
    [Fact]
    public void Has_the_channel_of_its_payments() => Assert.Null(Of(Some.SquareOrder("O", 1_000)).Channel);

    /// <summary>Two who share a bill stay two: it is the order of the one who paid first, or whom the order names.</summary>
    [Fact]
    public void Belongs_to_one_of_those_who_paid()
    {
        InteractionRecord[] shared =
        [
            Of(Some.SquarePayment("b", 4_000, customer: "C2", at: Some.Moment.AddMinutes(1), order: "O")),
            Of(Some.SquarePayment("a", 6_000, customer: "C1", updatedAt: Some.Moment.AddHours(1), order: "O")),
        ];

        Assert.Equal(["account:square:C1"], EntityFold.Of(shared)!.Identifiers.Select(i => i.Key));
        Assert.Equal(["account:square:C1", "account:square:C2"], EntityFold.Of(shared)!.EverSaid.Select(i => i.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["account:square:C3"], EntityFold.Of([.. shared, Of(Some.SquareOrder("O", 10_000, customer: "C3"))])!.Identifiers.Select(i => i.Key));
    }

    [Fact]
    public void Takes_over_what_counted_at_the_payment()
    {
        var refund = Read.One(Some.SquareRefund("a"));
        var link = Read.All(Some.SquarePayment("a", 6_000, order: "O"))[1];

        Assert.Equal(400, CustomerPipeline.Domain.Customers.Touch.Of(EntityFold.Of([refund])!, 0).Order!.Returns.Sum(r => r.Amount));
        Assert.Equal(new OrderSettlement(), CustomerPipeline.Domain.Customers.Touch.Of(EntityFold.Of([refund, link])!, 0).Order! with { Returns = [] });
        Assert.False(EntityFold.Of([link])!.HasHappened);
    }

    private static EntityKey Whole => EntityKey.Of("square", EntityKind.Order, "O");

    private static InteractionRecord Of(ReadOnlyMemory<byte> message) => Read.All(message)[0];
}
