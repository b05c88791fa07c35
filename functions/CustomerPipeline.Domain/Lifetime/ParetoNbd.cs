using static MathNet.Numerics.SpecialFunctions;

namespace CustomerPipeline.Domain.Lifetime;

/// <summary>
/// Pareto/NBD (Schmittlein, Morrison and Colombo 1987), as Fader and Hardie 2005 write it (A Note on Deriving the Pareto/NBD Model and Related Expressions).
/// </summary>
public sealed class ParetoNbd(double r, double alpha, double s, double beta) : PurchaseModel
{
    public override PurchaseModelKind Kind => PurchaseModelKind.ParetoNbd;

    public override IReadOnlyList<string> ParameterNames => ["r", "alpha", "s", "beta"];

    public override IReadOnlyList<double> Parameters => [r, alpha, s, beta];

    internal static Fit<PurchaseModel> FitTo(PurchaseSample sample) => MaximumLikelihood.Fit<PurchaseModel>(
        new Likelihood(sample), "Pareto/NBD", [[1, 10, 1, 10], [0.5, 5, 0.5, 10], [1, 1, 1, 1]], p => new ParetoNbd(p[0], p[1], p[2], p[3]));

    public override double LogLikelihood(RepeatPurchases customer) => new Likelihood(PurchaseSample.Of([customer])).Mean([r, alpha, s, beta], []);

    public override double ProbabilityAlive(RepeatPurchases customer)
    {
        var (x, last, observed) = customer;
        var gone = LogOfLeft(r, alpha, s, beta, x, last, observed) + ((r + x) * Math.Log(alpha + observed)) + (s * Math.Log(beta + observed));
        return 1 / (1 + Math.Exp(gone));
    }

    public override double ExpectedPurchasesIfAlive(int count, double observed, double weeks) =>
        (r + count) * (beta + observed) / (alpha + observed) * Shrinking((beta + observed) / (beta + observed + weeks));

    public override double ExpectedPurchasesOfNew(double weeks) => ExpectedPurchasesIfAlive(0, 0, weeks);

    public override double ProbabilityOfNone(double weeks) => Math.Exp(LogLikelihood(new RepeatPurchases(0, 0, weeks)));

    private double Shrinking(double part) => BetaGeometric.WithoutPole(s, at => (1 - Math.Exp((at - 1) * Math.Log(part))) / (at - 1));

    // ln of s / (r + s + x) A0: the likelihood to have left between the last purchase and now, less what both terms have in common.
    private static double LogOfLeft(double r, double alpha, double s, double beta, int x, double last, double observed)
    {
        var (larger, difference, second) = alpha >= beta ? (alpha, alpha - beta, s + 1) : (beta, beta - alpha, r + x);
        var all = r + s + x;
        double LogTerm(double time) => Math.Log(Hypergeometric.Gauss(all, second, all + 1, difference / (larger + time))) - (all * Math.Log(larger + time));
        var (early, late) = (LogTerm(last), LogTerm(observed));
        return Math.Log(s / all) + early + Math.Log(-Expm1(late - early));
    }

    // What MathNet has no derivative of is differentiated in steps: 2F1 by its parameters.
    private sealed class Likelihood(PurchaseSample sample) : ILikelihood
    {
        public int Customers => sample.Customers;

        public double Mean(ReadOnlySpan<double> parameters, Span<double> gradient)
        {
            Span<double> moved = stackalloc double[4];
            for (var i = 0; i < gradient.Length; i++)
            {
                var h = parameters[i] * 1e-5;
                parameters.CopyTo(moved);
                moved[i] = parameters[i] + h;
                var up = Mean(moved);
                moved[i] = parameters[i] - h;
                gradient[i] = (up - Mean(moved)) / (2 * h);
            }

            return Mean(parameters);
        }

        private double Mean(ReadOnlySpan<double> parameters)
        {
            var (r, alpha, s, beta) = (parameters[0], parameters[1], parameters[2], parameters[3]);
            var sum = 0.0;
            for (var x = 0; x < sample.ByCount.Length; x++)
            {
                sum += sample.ByCount[x] == 0 ? 0 : sample.ByCount[x] * (GammaLn(r + x) - GammaLn(r) + (r * Math.Log(alpha)) + (s * Math.Log(beta)));
            }

            foreach (var row in sample.Rows)
            {
                var (last, observed) = (sample.Times[row.Last], sample.Times[row.Observed]);
                var alive = -((r + row.Count) * Math.Log(alpha + observed)) - (s * Math.Log(beta + observed));
                var gone = last < observed ? LogOfLeft(r, alpha, s, beta, row.Count, last, observed) : double.NegativeInfinity;
                var most = Math.Max(alive, gone);
                sum += row.Weight * (most + Log1p(Math.Exp(Math.Min(alive, gone) - most)));
            }

            return sum / Customers;
        }
    }
}
