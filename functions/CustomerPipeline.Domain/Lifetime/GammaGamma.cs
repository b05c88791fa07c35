using static MathNet.Numerics.SpecialFunctions;

namespace CustomerPipeline.Domain.Lifetime;

/// <summary>What a customer spends on a repeat purchase day.</summary>
/// <param name="Count">Repeat purchase days, at least one.</param>
/// <param name="Mean">Mean of what was spent on them, above zero, in any one unit of money.</param>
public readonly record struct RepeatSpend(int Count, double Mean);

/// <summary>The Gamma-Gamma model of spend (Fader, Hardie and Lee 2005, RFM and CLV; Fader and Hardie 2013, The Gamma-Gamma Model of Monetary Value).</summary>
public sealed class GammaGamma(double p, double q, double v)
{
    public static IReadOnlyList<string> ParameterNames { get; } = ["p", "q", "v"];

    public IReadOnlyList<double> Parameters => [p, q, v];

    /// <summary>Fits the model by maximum likelihood; customers who never came back, or whose repeat purchases came to nothing, tell nothing of spend.</summary>
    public static Fit<GammaGamma> Fit(IReadOnlyCollection<RepeatSpend> customers)
    {
        var spenders = customers.Where(c => c.Count > 0 && c.Mean > 0).OrderBy(c => c.Count).ThenBy(c => c.Mean).ToArray();
        var typical = spenders.Length == 0 ? 1 : spenders.Average(c => c.Mean);
        return MaximumLikelihood.Fit(
            new Likelihood(spenders), "Gamma-Gamma", [[2, 3, typical], [6, 4, typical / 2], [1, 2, typical]], parameters => new GammaGamma(parameters[0], parameters[1], parameters[2]));
    }

    /// <summary>What is to be expected of the customer's next purchases each; of one who never came back, what is expected of customers at large.</summary>
    /// <returns>NaN where the mean of all customers is without bound (q of 1 or less) and the customer's own purchases do not outweigh it.</returns>
    public double ExpectedSpend(RepeatSpend customer) =>
        (p * customer.Count) + q > 1 ? p * (v + (customer.Count * customer.Mean)) / ((p * customer.Count) + q - 1) : double.NaN;

    private sealed class Likelihood : ILikelihood
    {
        private readonly RepeatSpend[] _customers;
        private readonly long[] _byCount;
        private readonly double _logMeans;
        private readonly double _logSpends;

        public Likelihood(RepeatSpend[] customers)
        {
            _customers = customers;
            _byCount = new long[customers.Length == 0 ? 0 : customers[^1].Count + 1];
            foreach (var (count, mean) in customers)
            {
                _byCount[count]++;
                _logMeans += Math.Log(mean);
                _logSpends += count * Math.Log(mean * count);
            }
        }

        public int Customers => _customers.Length;

        // Fader and Hardie 2013, eq. 1a.
        public double Mean(ReadOnlySpan<double> parameters, Span<double> gradient)
        {
            var (p, q, v) = (parameters[0], parameters[1], parameters[2]);
            var (gammaQ, logV, psiQ) = (GammaLn(q), Math.Log(v), DiGamma(q));
            var sum = (p * _logSpends) - _logMeans;
            var (byP, byQ, byV) = (_logSpends, 0.0, 0.0);
            for (var x = 1; x < _byCount.Length; x++)
            {
                if (_byCount[x] is var weight and > 0)
                {
                    sum += weight * (GammaLn((p * x) + q) - GammaLn(p * x) - gammaQ + (q * logV));
                    if (gradient.Length > 0)
                    {
                        var psi = DiGamma((p * x) + q);
                        byP += weight * x * (psi - DiGamma(p * x));
                        byQ += weight * (psi - psiQ + logV);
                        byV += weight * q / v;
                    }
                }
            }

            foreach (var (x, mean) in _customers)
            {
                var spent = v + (mean * x);
                var log = Math.Log(spent);
                sum -= ((p * x) + q) * log;
                byP -= x * log;
                byQ -= log;
                byV -= ((p * x) + q) / spent;
            }

            if (gradient.Length > 0)
            {
                (gradient[0], gradient[1], gradient[2]) = (byP / Customers, byQ / Customers, byV / Customers);
            }

            return sum / Customers;
        }
    }
}
