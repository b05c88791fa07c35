using CustomerPipeline.Domain.Lifetime;
using MathNet.Numerics.Distributions;

namespace CustomerPipeline.Domain.Tests.Lifetime;

/// <summary>Customers who behave as a model says, with parameters that are known: made one purchase at a time, without any formula of the models.</summary>
internal static class Simulated
{
    public static PurchaseModel Model(PurchaseModelKind kind) =>
        kind == PurchaseModelKind.ParetoNbd ? new ParetoNbd(.9, 8, .7, 15) : new BetaGeometric(kind, .8, 6, .9, 2.4);

    public static IReadOnlyList<RepeatPurchases> Customers(PurchaseModelKind kind, int count, double weeks, int seed)
    {
        var random = new Random(seed);
        var parameters = Model(kind).Parameters;
        return [.. Enumerable.Range(0, count).Select(_ => Customer(kind, parameters, weeks, random))];
    }

    public static IReadOnlyList<RepeatSpend> Spends(double p, double q, double v, int count, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(_ =>
            {
                var purchases = 1 + Poisson.Sample(random, 3);
                var rate = Gamma.Sample(random, q, v);
                return new RepeatSpend(purchases, Enumerable.Range(0, purchases).Average(_ => Gamma.Sample(random, p, rate)));
            }),
        ];
    }

    private static RepeatPurchases Customer(PurchaseModelKind kind, IReadOnlyList<double> parameters, double weeks, Random random)
    {
        var rate = Gamma.Sample(random, parameters[0], parameters[1]);
        var isPareto = kind == PurchaseModelKind.ParetoNbd;
        var leaves = isPareto ? 0 : Beta.Sample(random, parameters[2], parameters[3]);
        var end = isPareto ? Exponential.Sample(random, Gamma.Sample(random, parameters[2], parameters[3])) : double.PositiveInfinity;
        var (count, last) = (0, 0.0);
        if (kind == PurchaseModelKind.MbgNbd && random.NextDouble() < leaves)
        {
            return new RepeatPurchases(0, 0, weeks);
        }

        for (var at = Exponential.Sample(random, rate); at < Math.Min(weeks, end); at += Exponential.Sample(random, rate))
        {
            (count, last) = (count + 1, at);
            if (random.NextDouble() < leaves)
            {
                break;
            }
        }

        return new RepeatPurchases(count, last, weeks);
    }
}
