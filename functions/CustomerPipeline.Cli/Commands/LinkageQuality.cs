namespace CustomerPipeline.Cli.Commands;

/// <summary>How good pairs are, by a known truth.</summary>
/// <param name="Precision">Of the pairs given, how many are right.</param>
/// <param name="Recall">Of the right pairs, how many were given.</param>
internal readonly record struct LinkageQuality(double Precision, double Recall)
{
    public double F1 => Precision + Recall == 0 ? 0 : 2 * Precision * Recall / (Precision + Recall);

    /// <summary>Measures pairs.</summary>
    /// <param name="pairs">Pairs of ids, each once.</param>
    /// <param name="personOf">Who a record is of.</param>
    public static LinkageQuality Of(IEnumerable<(string Left, string Right)> pairs, IReadOnlyDictionary<string, string> personOf)
    {
        var given = pairs.ToList();
        var truth = personOf.GroupBy(p => p.Value).Sum(g => (long)g.Count() * (g.Count() - 1) / 2);
        var right = (double)given.Count(p => personOf[p.Left] == personOf[p.Right]);
        return new LinkageQuality(given.Count == 0 ? 1 : right / given.Count, truth == 0 ? 1 : right / truth);
    }

    /// <summary>Measures the pairs of all records of a chain, each with each: what the customers would be if every pair were merged.</summary>
    public static LinkageQuality OfChains(IEnumerable<IReadOnlyList<string>> chains, IReadOnlyDictionary<string, string> personOf) =>
        Of(chains.SelectMany(c => c.SelectMany((left, i) => c.Skip(i + 1).Select(right => (left, right)))), personOf);
}
