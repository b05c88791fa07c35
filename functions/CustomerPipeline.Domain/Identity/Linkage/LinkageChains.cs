namespace CustomerPipeline.Domain.Identity.Linkage;

/// <summary>
/// Records that may be one person, by several pairs. Chains are joined from the surest pair on, and two only if their records, each with each, are one person
/// with an average probability of a half at least (average linkage: Sokal and Michener 1958), so that one wrong pair does not make one person of two.
/// </summary>
internal sealed class LinkageChains
{
    private const double LeastAverage = 0.5;

    private readonly Dictionary<int, List<int>> _chainOf = [];

    /// <summary>Joins the pairs, which come the surest first.</summary>
    /// <param name="pairs">Pairs of places.</param>
    /// <param name="probabilityOf">Compares two records directly.</param>
    public LinkageChains(IEnumerable<(int Left, int Right)> pairs, Func<int, int, double> probabilityOf)
    {
        foreach (var (left, right) in pairs)
        {
            var (one, other) = (Of(left), Of(right));
            if (!ReferenceEquals(one, other) && one.Average(l => other.Average(r => probabilityOf(l, r))) >= LeastAverage)
            {
                one.AddRange(other);
                foreach (var member in one)
                {
                    _chainOf[member] = one;
                }
            }
        }
    }

    /// <summary>The chains of two records and more.</summary>
    public IEnumerable<IReadOnlyList<int>> All => _chainOf.Values.Distinct().Where(c => c.Count > 1);

    /// <summary>Whether a pair is in one chain, or neither of the two is in any.</summary>
    public bool Allow(int left, int right) =>
        Of(left) is var one && Of(right) is var other && (ReferenceEquals(one, other) || (one.Count == 1 && other.Count == 1));

    private List<int> Of(int record) => _chainOf.TryGetValue(record, out var chain) ? chain : [record];
}
