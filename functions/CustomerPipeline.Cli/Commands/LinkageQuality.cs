using CustomerPipeline.Domain.Identity.Linkage;

namespace CustomerPipeline.Cli.Commands;

/// <summary>How good pairs are, by a known truth.</summary>
/// <param name="Precision">Of the pairs given, how many are right.</param>
/// <param name="Recall">Of the right pairs, how many were given.</param>
internal readonly record struct LinkageQuality(double Precision, double Recall)
{
    public double F1 => Precision + Recall == 0 ? 0 : 2 * Precision * Recall / (Precision + Recall);

    /// <summary>Measures the pairs from a probability on.</summary>
    /// <param name="pairs">Pairs of ids.</param>
    /// <param name="least">The probability.</param>
    /// <param name="personOf">Who a record is of.</param>
    /// <param name="isClosed">Whether records that are one with a third are one: as customers that are merged would be.</param>
    public static LinkageQuality Of(IEnumerable<ScoredPair> pairs, double least, IReadOnlyDictionary<string, string> personOf, bool isClosed)
    {
        var given = pairs.Where(p => p.Probability >= least).Select(p => (p.Left, p.Right)).ToList();
        if (isClosed)
        {
            given = Close(given);
        }

        var truth = personOf.GroupBy(p => p.Value).Sum(g => (long)g.Count() * (g.Count() - 1) / 2);
        var right = (double)given.Count(p => personOf[p.Left] == personOf[p.Right]);
        return new LinkageQuality(given.Count == 0 ? 1 : right / given.Count, truth == 0 ? 1 : right / truth);
    }

    private static List<(string Left, string Right)> Close(List<(string Left, string Right)> pairs)
    {
        var groupOf = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (left, right) in pairs)
        {
            var one = groupOf.TryGetValue(left, out var known) ? known : groupOf[left] = [left];
            var other = groupOf.TryGetValue(right, out known) ? known : groupOf[right] = [right];
            if (!ReferenceEquals(one, other))
            {
                one.AddRange(other);
                foreach (var member in other)
                {
                    groupOf[member] = one;
                }
            }
        }

        return [.. groupOf.Values.Distinct().SelectMany(g => g.SelectMany((left, i) => g.Skip(i + 1).Select(right => (left, right))))];
    }
}
