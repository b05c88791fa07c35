using CustomerPipeline.Domain.Lifetime;
using MathNet.Numerics;
using MathNet.Numerics.Integration;

namespace CustomerPipeline.Domain.Tests.Lifetime;

/// <summary>
/// Against figures others published for the CDNOW sample of Fader, Hardie and Lee: 2,357 customers who bought in the first quarter of 1997, watched until 1997-09-30.
/// </summary>
public sealed class The_models_of_repeat_purchases
{
    private static readonly PurchaseModel BgNbd = new BetaGeometric(PurchaseModelKind.BgNbd, .2425945, 4.413602, .792922, 2.425907);

    // The R package BTYD states its examples with rounded parameters.
    private static readonly PurchaseModel Rounded = new BetaGeometric(PurchaseModelKind.BgNbd, .243, 4.414, .793, 2.426);
    private static readonly PurchaseModel Pareto = new ParetoNbd(.5532771, 10.57768, .60624, 11.66874);
    private static readonly RepeatPurchases Bought = new(2, 30.43, 38.86);
    private static readonly RepeatPurchases BoughtOften = new(26, 30.85714, 31);

    [Theory]
    [InlineData(-1, 1, 2)]
    [InlineData(1, -1, 2)]
    [InlineData(1, double.NaN, 2)]
    [InlineData(1, 3, 2)]
    [InlineData(1, 1, double.NaN)]
    [InlineData(1, 1, double.PositiveInfinity)]
    public void Are_not_made_of_what_cannot_have_happened(int count, double last, double observed) =>
        Assert.Throws<ArgumentException>(() => PurchaseSample.Of([new RepeatPurchases(count, last, observed)]));

    [Fact]
    public void Say_what_a_known_customer_will_do()
    {
        Assert.Equal(1.226, BgNbd.ExpectedPurchases(Bought, 39), 0.0005);
        Assert.Equal(.726579, Rounded.ProbabilityAlive(Bought), 0.0000005);
        Assert.Equal(25.75659, Rounded.ExpectedPurchases(BoughtOften, 52), 0.0002);
        Assert.Equal(.9688523, Rounded.ProbabilityAlive(BoughtOften), 0.000001);
        Assert.Equal(25.455, Pareto.ExpectedPurchases(BoughtOften, 52), 0.0015);
        Assert.Equal(.997874, Pareto.ProbabilityAlive(BoughtOften), 0.000001);
    }

    [Theory]
    [InlineData(.1429, .0078)]
    [InlineData(1, .0532)]
    [InlineData(3, .1506)]
    [InlineData(31.8571, 1.0405)]
    [InlineData(32, 1.0437)]
    public void Say_what_a_new_customer_will_do(double weeks, double purchases) => Assert.Equal(purchases, BgNbd.ExpectedPurchasesOfNew(weeks), 0.00005);

    [Fact]
    public void Say_how_probable_it_is_that_a_new_customer_does_not_come_back() => Assert.Equal(.5737864, Rounded.ProbabilityOfNone(39), 0.00000005);

    [Fact]
    public void Stay_exact_for_customers_who_bought_very_often()
    {
        var model = new BetaGeometric(PurchaseModelKind.BgNbd, .25, 4, .8, 2.5);

        Assert.Equal(-.59947382, model.LogLikelihood(new RepeatPurchases(0, 0, 40)), 0.000000005);
        Assert.Equal(100.7957, model.LogLikelihood(new RepeatPurchases(200, 38, 40)), 0.00005);
    }

    [Fact]
    public void Differ_in_what_they_say_of_those_who_never_came_back()
    {
        var never = new RepeatPurchases(0, 0, 100);

        Assert.Equal(1, BgNbd.ProbabilityAlive(never));
        Assert.InRange(new BetaGeometric(PurchaseModelKind.MbgNbd, .524838, 6.182989, .891356, 1.614).ProbabilityAlive(never), 0.01, 0.99);
        Assert.InRange(Pareto.ProbabilityAlive(never), 0.01, 0.99);
    }

    /// <summary>What is expected of all new customers is the mean of what is expected of those who came back and those who did not.</summary>
    [Theory]
    [InlineData(PurchaseModelKind.BgNbd)]
    [InlineData(PurchaseModelKind.MbgNbd)]
    [InlineData(PurchaseModelKind.ParetoNbd)]
    public void Agree_with_what_they_simulate(PurchaseModelKind kind)
    {
        var model = Simulated.Model(kind);
        var customers = Simulated.Customers(kind, 40_000, weeks: 50, seed: 3);

        var mean = customers.Average(c => (double)c.Count);
        var error = Math.Sqrt(customers.Average(c => Math.Pow(c.Count - mean, 2)) / customers.Count);
        Assert.Equal(model.ExpectedPurchasesOfNew(50), mean, 3 * error);
        Assert.Equal(model.ProbabilityOfNone(50), customers.Count(c => c.Count == 0) / (double)customers.Count, 3 * Math.Sqrt(.25 / customers.Count));
    }

    /// <summary>Against the likelihood as the story tells it: the customer left at some moment since the last purchase, all of them added up, or has not left.</summary>
    [Theory]
    [InlineData(.55, 10.6, .61, 11.7)]
    [InlineData(.55, 11.7, .61, 10.6)]
    [InlineData(.9, 8, .7, 8)]
    [InlineData(2, 30, 1.5, 3)]
    [InlineData(2, 3, 1.5, 30)]
    public void Of_pareto_have_the_likelihood_of_their_story(double r, double alpha, double s, double beta)
    {
        var model = new ParetoNbd(r, alpha, s, beta);
        foreach (var customer in new[] { Bought, BoughtOften, new RepeatPurchases(0, 0, 20), new RepeatPurchases(3, 20, 20) })
        {
            double Buys(double until) => Math.Exp(SpecialFunctions.GammaLn(r + customer.Count) - SpecialFunctions.GammaLn(r) + (r * Math.Log(alpha)) - ((r + customer.Count) * Math.Log(alpha + until)));
            var left = GaussLegendreRule.Integrate(at => Buys(at) * s * Math.Pow(beta, s) * Math.Pow(beta + at, -s - 1), customer.Last, customer.Observed, 64);
            var stays = Buys(customer.Observed) * Math.Pow(beta / (beta + customer.Observed), s);

            Assert.Equal(Math.Log(left + stays), model.LogLikelihood(customer), 1e-9);
            Assert.Equal(stays / (left + stays), model.ProbabilityAlive(customer), 1e-9);
        }
    }

    /// <summary>The derivative of what is to be expected by the parameter has a removable gap at 1.</summary>
    [Fact]
    public void Have_no_gap_where_their_formulas_divide_by_zero()
    {
        double Expected(double a) => new BetaGeometric(PurchaseModelKind.BgNbd, .25, 4, a, 2.5).ExpectedPurchases(Bought, 39);

        Assert.Equal((Expected(.9999) + Expected(1.0001)) / 2, Expected(1), 0.0000001);
    }
}
