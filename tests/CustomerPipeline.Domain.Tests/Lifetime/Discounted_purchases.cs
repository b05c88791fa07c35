using CustomerPipeline.Domain.Lifetime;

namespace CustomerPipeline.Domain.Tests.Lifetime;

public sealed class Discounted_purchases
{
    private static readonly PurchaseModel Model = new BetaGeometric(PurchaseModelKind.BgNbd, .2425945, 4.413602, .792922, 2.425907);
    private static readonly RepeatPurchases Customer = new(2, 30.43, 38.86);

    [Fact]
    public void Are_the_expected_ones_where_money_keeps_its_worth() =>
        Assert.Equal(Model.ExpectedPurchases(Customer, 52), new DiscountedPurchases(Model, 52, 0).Of(Customer), 0.0000001);

    /// <summary>Against the sum over single days, each discounted by itself.</summary>
    [Fact]
    public void Are_worth_less_the_later_they_come()
    {
        var delta = Math.Log(1.10) / 52;
        var daily = Enumerable.Range(0, 364).Sum(d => (Model.ExpectedPurchases(Customer, (d + 1) / 7.0) - Model.ExpectedPurchases(Customer, d / 7.0)) * Math.Exp(-delta * (d + .5) / 7));

        Assert.Equal(daily, new DiscountedPurchases(Model, 52, .10).Of(Customer), 0.0001);
    }
}
