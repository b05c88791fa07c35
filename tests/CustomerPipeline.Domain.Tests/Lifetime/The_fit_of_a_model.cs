using CustomerPipeline.Domain.Lifetime;
using static MathNet.Numerics.SpecialFunctions;

namespace CustomerPipeline.Domain.Tests.Lifetime;

public sealed class The_fit_of_a_model
{
    [Theory]
    [InlineData(PurchaseModelKind.BgNbd)]
    [InlineData(PurchaseModelKind.MbgNbd)]
    [InlineData(PurchaseModelKind.ParetoNbd)]
    public void Finds_the_parameters_that_customers_were_made_with(PurchaseModelKind kind)
    {
        var fit = Fitted(PurchaseModel.Fit(kind, PurchaseSample.Of(Simulated.Customers(kind, 4_000, weeks: 60, seed: 1))));

        foreach (var (true_, (found, error)) in Simulated.Model(kind).Parameters.Zip(fit.Model.Parameters.Zip(fit.StandardErrors)))
        {
            Assert.InRange(error, 0, true_);
            Assert.InRange(found, true_ - (3 * error), true_ + (3 * error));
        }
    }

    [Fact]
    public void Finds_the_parameters_that_spends_were_made_with()
    {
        double[] made = [6.25, 3.74, 15.44];

        var fit = Fitted(GammaGamma.Fit(Simulated.Spends(made[0], made[1], made[2], 3_000, seed: 1)));

        foreach (var (true_, (found, error)) in made.Zip(fit.Model.Parameters.Zip(fit.StandardErrors)))
        {
            Assert.InRange(error, 0, true_);
            Assert.InRange(found, true_ - (3 * error), true_ + (3 * error));
        }
    }

    /// <summary>Fader and Hardie 2013, eq. 1a, customer by customer.</summary>
    [Fact]
    public void Has_the_likelihood_of_the_spends_it_was_made_of()
    {
        var spends = Simulated.Spends(6.25, 3.74, 15.44, 400, seed: 4);
        var fit = Fitted(GammaGamma.Fit([.. spends, new RepeatSpend(0, 0), new RepeatSpend(2, 0)]));
        var (p, q, v) = (fit.Model.Parameters[0], fit.Model.Parameters[1], fit.Model.Parameters[2]);

        Assert.Equal(
            spends.Sum(s => GammaLn((p * s.Count) + q) - GammaLn(p * s.Count) - GammaLn(q) + (q * Math.Log(v)) + (((p * s.Count) - 1) * Math.Log(s.Mean)) + (p * s.Count * Math.Log(s.Count)) - (((p * s.Count) + q) * Math.Log(v + (s.Count * s.Mean)))),
            fit.LogLikelihood, 1e-6);
    }

    [Theory]
    [InlineData(.2, .5, 3, 6)]
    [InlineData(.2, .5, 2, double.NaN)]
    [InlineData(.25, .25, 3, double.NaN)]
    [InlineData(6, .9, 0, double.NaN)]
    [InlineData(6, 1.5, 0, 12)]
    public void Expects_no_spend_where_the_mean_has_no_bound(double p, double q, int count, double expected) =>
        Assert.Equal(expected, new GammaGamma(p, q, 1).ExpectedSpend(new RepeatSpend(count, count == 0 ? 0 : 2d / 3)), 1e-9);

    /// <summary>No point near the maximum is better, in any direction.</summary>
    [Theory]
    [InlineData(PurchaseModelKind.BgNbd)]
    [InlineData(PurchaseModelKind.MbgNbd)]
    public void Is_a_maximum(PurchaseModelKind kind)
    {
        var customers = Simulated.Customers(kind, 2_000, weeks: 60, seed: 2);
        var fit = Fitted(PurchaseModel.Fit(kind, PurchaseSample.Of(customers)));
        var p = fit.Model.Parameters;

        Assert.Equal(fit.LogLikelihood, customers.Sum(fit.Model.LogLikelihood), 0.000001);
        for (var i = 0; i < p.Count; i++)
        {
            foreach (var factor in new[] { 0.999, 1.001 })
            {
                var moved = p.Select((value, j) => i == j ? value * factor : value).ToArray();
                Assert.True(customers.Sum(new BetaGeometric(kind, moved[0], moved[1], moved[2], moved[3]).LogLikelihood) < fit.LogLikelihood);
            }
        }
    }

    [Fact]
    public void Does_not_depend_on_the_order_of_customers()
    {
        var customers = Simulated.Customers(PurchaseModelKind.BgNbd, 500, weeks: 60, seed: 5);

        var one = Fitted(PurchaseModel.Fit(PurchaseModelKind.BgNbd, PurchaseSample.Of(customers)));
        var other = Fitted(PurchaseModel.Fit(PurchaseModelKind.BgNbd, PurchaseSample.Of(customers.Reverse())));

        Assert.Equal(one.Model.Parameters, other.Model.Parameters);
        Assert.Equal(one.LogLikelihood, other.LogLikelihood);
    }

    [Fact]
    public void Is_refused_for_too_few_customers()
    {
        var fit = PurchaseModel.Fit(PurchaseModelKind.BgNbd, PurchaseSample.Of(Simulated.Customers(PurchaseModelKind.BgNbd, 199, weeks: 60, seed: 1)));

        Assert.Equal("BG/NBD needs at least 200 customers; there are 199.", Assert.IsType<Fit<PurchaseModel>.Refused>(fit).Reason);
    }

    [Fact]
    public void Is_made_of_as_few_customers_as_it_needs() =>
        Fitted(PurchaseModel.Fit(PurchaseModelKind.BgNbd, PurchaseSample.Of(Simulated.Customers(PurchaseModelKind.BgNbd, 200, weeks: 60, seed: 1))));

    [Theory]
    [InlineData(PurchaseModelKind.BgNbd)]
    [InlineData(PurchaseModelKind.MbgNbd)]
    [InlineData(PurchaseModelKind.ParetoNbd)]
    public void Is_refused_where_nobody_came_back(PurchaseModelKind kind) =>
        Assert.IsType<Fit<PurchaseModel>.Refused>(PurchaseModel.Fit(kind, PurchaseSample.Of(Enumerable.Repeat(new RepeatPurchases(0, 0, 30), 300))));

    [Theory]
    [InlineData(PurchaseModelKind.BgNbd)]
    [InlineData(PurchaseModelKind.MbgNbd)]
    [InlineData(PurchaseModelKind.ParetoNbd)]
    public void Is_refused_where_all_customers_are_alike(PurchaseModelKind kind) =>
        Assert.IsType<Fit<PurchaseModel>.Refused>(PurchaseModel.Fit(kind, PurchaseSample.Of(Enumerable.Repeat(new RepeatPurchases(10, 30, 30), 300))));

    [Fact]
    public void Is_refused_for_spends_that_are_all_the_same() => Assert.IsType<Fit<GammaGamma>.Refused>(GammaGamma.Fit([.. Enumerable.Repeat(new RepeatSpend(3, 20), 300)]));

    [Fact]
    public void Expects_of_a_customer_without_repeats_what_customers_spend_at_large() => Assert.Equal(35.219, new GammaGamma(6.25, 3.74, 15.44).ExpectedSpend(default), 0.0005);

    private static Fit<T>.Fitted Fitted<T>(Fit<T> fit) => fit as Fit<T>.Fitted ?? throw new Xunit.Sdk.XunitException(((Fit<T>.Refused)fit).Reason);
}
