namespace CustomerPipeline.Domain.Lifetime;

/// <summary>The Gauss hypergeometric function 2F1.</summary>
internal static class Hypergeometric
{
    private const int MostTerms = 100_000;

    /// <summary>
    /// 2F1(a, b; c; z) for positive a and b, c above -1 and not 0, and 0 &lt;= z &lt; 1, by its series (Abramowitz and Stegun 1964, 15.1.1). From the second term on all have one
    /// sign, so nothing cancels; the sum ends when the rest, which a geometric series bounds from above, is below 1e-15 of it. Rounding adds about 1e-16 a term, so that the relative error stays below
    /// 1e-13 for z up to 0.99.
    /// </summary>
    /// <returns>NaN outside the range, and where the series does not end within 100,000 terms.</returns>
    public static double Gauss(double a, double b, double c, double z)
    {
        if (!(a > 0 && b > 0 && c is > -1 and not 0 && z is >= 0 and < 1))
        {
            return double.NaN;
        }

        // Where it makes the terms fall faster: Euler's transformation (15.3.3).
        if (c > 0 && c - a > 0 && c - b > 0 && a + b > c)
        {
            return Math.Exp((c - a - b) * Math.Log(1 - z)) * Series(c - a, c - b, c, z);
        }

        return Series(a, b, c, z);
    }

    private static double Series(double a, double b, double c, double z)
    {
        double term = 1, sum = 1;
        for (var n = 0; n < MostTerms; n++)
        {
            term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z;
            sum += term;

            // From here on each term is at most this much of the one before.
            var next = n + 1;
            var ratio = Math.Max(z, (a + next) * (b + next) / ((c + next) * (next + 1)) * z);
            if (ratio < 1 && Math.Abs(term) * ratio / (1 - ratio) < 1e-15 * Math.Abs(sum))
            {
                return sum;
            }
        }

        return double.NaN;
    }
}
