using static MathNet.Numerics.SpecialFunctions;

namespace CustomerPipeline.Domain.Lifetime;

/// <summary>
/// BG/NBD (Fader, Hardie and Lee 2005, "Counting Your Customers" the Easy Way, Marketing Science 24) and MBG/NBD (Batislam, Denizel and Filiztekin 2007), which differ
/// in when a customer may leave for the first time: after the first repeat purchase, or after the very first.
/// </summary>
public sealed class BetaGeometric : PurchaseModel
{
    private readonly double _r;
    private readonly double _alpha;
    private readonly double _a;
    private readonly double _b;

    // How many chances to leave the first purchase gave.
    private readonly int _chances;

    /// <param name="kind">BG/NBD or MBG/NBD.</param>
    /// <param name="r">Shape of the purchase rate's gamma distribution.</param>
    /// <param name="alpha">Its scale, in weeks.</param>
    /// <param name="a">First parameter of the dropout probability's beta distribution.</param>
    /// <param name="b">Its second.</param>
    public BetaGeometric(PurchaseModelKind kind, double r, double alpha, double a, double b)
    {
        Kind = kind;
        (_r, _alpha, _a, _b) = (r, alpha, a, b);
        _chances = ChancesOf(kind);
    }

    public override PurchaseModelKind Kind { get; }

    public override IReadOnlyList<string> ParameterNames => ["r", "alpha", "a", "b"];

    public override IReadOnlyList<double> Parameters => [_r, _alpha, _a, _b];

    internal static Fit<PurchaseModel> FitTo(PurchaseModelKind kind, PurchaseSample sample) => MaximumLikelihood.Fit<PurchaseModel>(
        new Likelihood(sample, ChancesOf(kind)), kind == PurchaseModelKind.BgNbd ? "BG/NBD" : "MBG/NBD", [[1, Scale(sample), 1, 2], [0.3, Scale(sample) / 2, 0.5, 2], [1, 1, 1, 1]],
        p => new BetaGeometric(kind, p[0], p[1], p[2], p[3]));

    public override double LogLikelihood(RepeatPurchases customer) =>
        new Likelihood(PurchaseSample.Of([customer]), _chances).Mean([_r, _alpha, _a, _b], []);

    public override double ProbabilityAlive(RepeatPurchases customer)
    {
        var (x, last, observed) = customer;
        return x + _chances == 0
            ? 1
            : 1 / (1 + (_a / (_b + x + _chances - 1) * Math.Exp((_r + x) * Math.Log((_alpha + observed) / (_alpha + last)))));
    }

    // Fader, Hardie and Lee 2005, eq. 10, without its denominator, which is the reciprocal of the probability to be alive.
    public override double ExpectedPurchasesIfAlive(int count, double observed, double weeks) => WithoutPole(_a, a =>
    {
        var x = count + _chances - 1;
        var left = Math.Exp((_r + count) * Math.Log((_alpha + observed) / (_alpha + observed + weeks)));
        return (a + _b + x) / (a - 1) * (1 - (left * Hypergeometric.Gauss(_r + count, _b + x + 1, a + _b + x, weeks / (_alpha + observed + weeks))));
    });

    // Eq. 9; a customer of the MBG/NBD stays after the very first purchase with probability b / (a + b).
    public override double ExpectedPurchasesOfNew(double weeks) => Stays * ExpectedPurchasesIfAlive(0, 0, weeks);

    public override double ProbabilityOfNone(double weeks) => (Stays * Math.Exp(_r * Math.Log(_alpha / (_alpha + weeks)))) + 1 - Stays;

    private double Stays => _chances == 0 ? 1 : _b / (_a + _b);

    private static int ChancesOf(PurchaseModelKind kind) => kind == PurchaseModelKind.MbgNbd ? 1 : 0;

    // What customers wait between purchases is a start for alpha.
    private static double Scale(PurchaseSample sample)
    {
        var purchases = sample.Rows.Sum(r => (double)r.Weight * r.Count);
        return Math.Max(1e-3, sample.Rows.Sum(r => r.Weight * sample.Times[r.Observed]) / Math.Max(1, purchases) / 2);
    }

    // The formula divides by a - 1, and its numerator is as small there: the mean of both sides is the value to 1e-9.
    internal static double WithoutPole(double a, Func<double, double> formula) =>
        Math.Abs(a - 1) > 1e-5 ? formula(a) : (formula(1 - 2e-5) + formula(1 + 2e-5)) / 2;

    /// <summary>
    /// The mean log-likelihood with its derivatives: A1 + A2 + A3 + ln(1 + e^D) with D = A4 - A3 in the terms of Fader, Hardie and Lee's note on fitting the model in a
    /// spreadsheet. The gammas depend on counts alone and the logarithms on single times, so that only the last term costs something for each customer.
    /// </summary>
    private sealed class Likelihood(PurchaseSample sample, int chances) : ILikelihood
    {
        private readonly double[] _logs = new double[sample.Times.Length];
        private readonly double[] _logBetas = new double[sample.ByCount.Length];

        public int Customers => sample.Customers;

        public double Mean(ReadOnlySpan<double> parameters, Span<double> gradient)
        {
            var (r, alpha, a, b) = (parameters[0], parameters[1], parameters[2], parameters[3]);
            for (var i = 0; i < _logs.Length; i++)
            {
                _logs[i] = Math.Log(alpha + sample.Times[i]);
            }

            for (var x = 0; x < _logBetas.Length; x++)
            {
                _logBetas[x] = Math.Log(b + x + chances - 1);
            }

            double sum = 0, byR = 0, byAlpha = 0, byA = 0, byB = 0;
            SumOfCounts(r, alpha, a, b, ref sum, ref byR, ref byAlpha, ref byA, ref byB, gradient.Length > 0);
            var logA = Math.Log(a);
            foreach (var row in sample.Rows)
            {
                var (x, weight) = (row.Count, (double)row.Weight);
                var (logLast, logObserved) = (_logs[row.Last], _logs[row.Observed]);
                sum -= weight * (r + x) * logObserved;
                var observed = 1 / (alpha + sample.Times[row.Observed]);
                byR -= weight * logObserved;
                byAlpha -= weight * (r + x) * observed;
                if (x + chances > 0)
                {
                    var beta = b + x + chances - 1;
                    var d = logA - _logBetas[x] + ((r + x) * (logObserved - logLast));
                    var e = Math.Exp(-Math.Abs(d));
                    sum += weight * (Math.Max(d, 0) + Log1p(e));
                    var gone = weight * (d > 0 ? 1 / (1 + e) : e / (1 + e));
                    byR += gone * (logObserved - logLast);
                    byAlpha += gone * (r + x) * (observed - (1 / (alpha + sample.Times[row.Last])));
                    byA += gone / a;
                    byB -= gone / beta;
                }
            }

            if (gradient.Length > 0)
            {
                gradient[0] = byR / Customers;
                gradient[1] = byAlpha / Customers;
                gradient[2] = byA / Customers;
                gradient[3] = byB / Customers;
            }

            return sum / Customers;
        }

        private void SumOfCounts(double r, double alpha, double a, double b, ref double sum, ref double byR, ref double byAlpha, ref double byA, ref double byB, bool withGradient)
        {
            var (gammaR, logAlpha, beta) = (GammaLn(r), Math.Log(alpha), GammaLn(a + b) - GammaLn(b));
            var (psiR, psiAB, psiB) = withGradient ? (DiGamma(r), DiGamma(a + b), DiGamma(b)) : default;
            for (var x = 0; x < sample.ByCount.Length; x++)
            {
                if (sample.ByCount[x] is var weight and > 0)
                {
                    var n = x + chances;
                    sum += weight * (GammaLn(r + x) - gammaR + (r * logAlpha) + beta + GammaLn(b + n) - GammaLn(a + b + n));
                    if (withGradient)
                    {
                        var psiABn = DiGamma(a + b + n);
                        byR += weight * (DiGamma(r + x) - psiR + logAlpha);
                        byAlpha += weight * r / alpha;
                        byA += weight * (psiAB - psiABn);
                        byB += weight * (psiAB + DiGamma(b + n) - psiB - psiABn);
                    }
                }
            }
        }
    }
}
