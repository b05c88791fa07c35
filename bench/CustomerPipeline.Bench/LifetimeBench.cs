using System.Diagnostics;
using CustomerPipeline.Domain.Lifetime;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Optimization;
using Spectre.Console;

namespace CustomerPipeline.Bench;

/// <summary>
/// Fitting the models of lifetime value to simulated customers, against the plain way in the same run: the likelihood added up customer by customer, climbed by the simplex
/// method of Nelder and Mead.
/// </summary>
internal static class LifetimeBench
{
    private const int Cdnow = 2_357;
    private const int Rounds = 15;
    private const int Many = 1_000_000;

    public static Task RunAsync(CancellationToken cancellationToken)
    {
        var random = new Random(1);
        var customers = Enumerable.Range(0, Cdnow).Select(_ => Customer(random)).ToList();
        var spends = customers.Where(c => c.Count > 0).Select(c => new RepeatSpend(c.Count, Mean(c.Count, random))).ToList();
        var table = new Table().Title($"Fitting models to {Cdnow:N0} simulated customers, {spends.Count:N0} of whom came back").AddColumns("", "Milliseconds", "Log-likelihood", "Of the plain way");

        // Both warm: the runtime has optimized what it will.
        for (var i = 0; i < 30; i++)
        {
            PurchaseModel.Fit(PurchaseModelKind.BgNbd, PurchaseSample.Of(customers));
            GammaGamma.Fit(spends);
        }

        Plain(customers);
        var (plain, plainly) = Median(() => Plain(customers), rounds: 3);
        table.AddRow("BG/NBD, the plain way", $"{plain:N1}", $"{plainly:N6}", "1");
        foreach (var kind in Enum.GetValues<PurchaseModelKind>())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (time, fit) = Median(() => PurchaseModel.Fit(kind, PurchaseSample.Of(customers)), Rounds);
            table.AddRow(kind.ToString(), $"{time:N2}", fit is Fit<PurchaseModel>.Fitted fitted ? $"{fitted.LogLikelihood:N6}" : "refused", $"{time / plain:N4}");
        }

        var (spendTime, spendFit) = Median(() => GammaGamma.Fit(spends), Rounds);
        table.AddRow("Gamma-Gamma", $"{spendTime:N2}", spendFit is Fit<GammaGamma>.Fitted gamma ? $"{gamma.LogLikelihood:N6}" : "refused", $"{spendTime / plain:N4}");
        var all = Enumerable.Range(0, Many).Select(_ => Customer(random)).ToList();
        var (manyTime, manyFit) = Median(() => PurchaseModel.Fit(PurchaseModelKind.BgNbd, PurchaseSample.Of(all)), rounds: 1);
        table.AddRow($"BG/NBD, {Many:N0} customers", $"{manyTime:N0}", manyFit is Fit<PurchaseModel>.Fitted many ? $"{many.LogLikelihood:N2}" : "refused", $"{manyTime / plain:N2}");
        AnsiConsole.Write(table);
        return Task.CompletedTask;
    }

    private static (double Milliseconds, T Result) Median<T>(Func<T> run, int rounds)
    {
        var times = new List<double>();
        var result = default(T)!;
        for (var i = 0; i < rounds; i++)
        {
            var clock = Stopwatch.StartNew();
            result = run();
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        return (Measured.Median(times), result);
    }

    private static double Plain(List<RepeatPurchases> customers)
    {
        double Unlikely(Vector<double> logs)
        {
            var model = new BetaGeometric(PurchaseModelKind.BgNbd, Math.Exp(logs[0]), Math.Exp(logs[1]), Math.Exp(logs[2]), Math.Exp(logs[3]));
            return -customers.Sum(model.LogLikelihood);
        }

        return -NelderMeadSimplex.Minimum(ObjectiveFunction.Value(Unlikely), Vector<double>.Build.Dense(4), 1e-8, 2_000).FunctionInfoAtMinimum.Value;
    }

    // As the BG/NBD has it, with the parameters of the CDNOW customers; on days.
    private static RepeatPurchases Customer(Random random)
    {
        var weeks = 27 + (random.Next(85) / 7.0);
        var rate = Gamma.Sample(random, .2426, 4.4136);
        var leaves = Beta.Sample(random, .7929, 2.4259);
        var (count, last) = (0, 0.0);
        for (var at = Exponential.Sample(random, rate); at < weeks; at += Exponential.Sample(random, rate))
        {
            (count, last) = (count + 1, at);
            if (random.NextDouble() < leaves)
            {
                break;
            }
        }

        return new RepeatPurchases(count, Math.Floor(last * 7) / 7, weeks);
    }

    private static double Mean(int count, Random random)
    {
        var rate = Gamma.Sample(random, 3.74, 15.44);
        return Enumerable.Range(0, count).Average(_ => Gamma.Sample(random, 6.25, rate));
    }
}
