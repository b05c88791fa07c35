namespace CustomerPipeline.Domain.Identity.Linkage;

/// <summary>
/// How often any two records agree in a field, counted on all pairs of few records, else on random pairs. How often they are equal is counted
/// exactly from how many records have each value, because equal values are rare among random pairs.
/// </summary>
internal sealed class ChanceAgreement
{
    private const int MostPairs = 1_000_000;
    private const int Seed = 20_240_217;

    private readonly Dictionary<(LinkageField Field, string Value), int> _countOf = [];
    private readonly Dictionary<string, int> _countOfDomain = new(StringComparer.Ordinal);
    private readonly double[] _filled = new double[PersonFields.Fields.Count];
    private readonly int _people;

    private ChanceAgreement(IReadOnlyList<PersonFields> people)
    {
        _people = people.Count;
        AllPairs = (double)people.Count * (people.Count - 1) / 2;
        foreach (var person in people)
        {
            foreach (var field in PersonFields.Fields)
            {
                if (person[field] is { } value)
                {
                    _filled[(int)field]++;
                    System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_countOf, (field, value), out _)++;
                }
            }

            if (person[LinkageField.Email] is { } email)
            {
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_countOfDomain, DomainOf(email), out _)++;
            }
        }
    }

    /// <summary>The number of pairs there are.</summary>
    public double AllPairs { get; }

    /// <summary>The share of pairs at each level of each field, of the pairs that have the field.</summary>
    public double[,] Shares { get; } = new double[PersonFields.Fields.Count, FieldComparison.Levels];

    /// <summary>The least share that the number of pairs can tell from none.</summary>
    public double[] Least { get; } = new double[PersonFields.Fields.Count];

    public static ChanceAgreement Of(IReadOnlyList<PersonFields> people, CancellationToken cancellationToken)
    {
        var agreement = new ChanceAgreement(people);
        agreement.Count(people, cancellationToken);
        agreement.CountEqual();
        return agreement;
    }

    /// <summary>The share of records that have the field.</summary>
    public double FilledShareOf(LinkageField field) => _people == 0 ? 0 : _filled[(int)field] / _people;

    /// <summary>The share of the other records that have the value too, of those that have the field; of a value that no third record has, one record.</summary>
    public double ShareOf(LinkageField field, string value) => Math.Max(1, _countOf[(field, value)] - 1) / Math.Max(1, _filled[(int)field] - 1);

    /// <summary>The share of the other addresses that are of the same domain; at least one address.</summary>
    public double ShareOfDomain(string email) => Math.Max(1, _countOfDomain[DomainOf(email)] - 1) / Math.Max(1, _filled[(int)LinkageField.Email] - 1);

    private static string DomainOf(string email) => email[(email.LastIndexOf('@') + 1)..];

    private void Count(IReadOnlyList<PersonFields> people, CancellationToken cancellationToken)
    {
        var comparison = new FieldComparison();
        Span<int> levels = stackalloc int[PersonFields.Fields.Count];
        foreach (var (left, right) in AllPairs <= MostPairs ? EveryPair(people.Count) : RandomPairs(people.Count))
        {
            cancellationToken.ThrowIfCancellationRequested();
            comparison.Compare(people[left], people[right], levels);
            for (var field = 0; field < levels.Length; field++)
            {
                if (levels[field] != FieldComparison.Missing)
                {
                    Shares[field, levels[field]]++;
                }
            }
        }

        for (var field = 0; field < Least.Length; field++)
        {
            var sum = Enumerable.Range(0, FieldComparison.Levels).Sum(level => Shares[field, level]);
            Least[field] = 0.5 / Math.Max(1, sum);
            for (var level = 0; level < FieldComparison.Levels; level++)
            {
                Shares[field, level] = sum == 0 ? 1.0 / FieldComparison.Levels : Shares[field, level] / sum;
            }
        }
    }

    // A city is compared in a part of the pairs only: the count of random pairs stands.
    private void CountEqual()
    {
        var equal = new double[PersonFields.Fields.Count];
        foreach (var ((field, _), count) in _countOf)
        {
            equal[(int)field] += (double)count * (count - 1);
        }

        foreach (var field in PersonFields.Fields.Where(f => f != LinkageField.City && _filled[(int)f] > 1).Select(f => (int)f))
        {
            var exact = equal[field] / (_filled[field] * (_filled[field] - 1));
            var others = 1 - Shares[field, FieldComparison.Equal];
            for (var level = 0; level < FieldComparison.Equal; level++)
            {
                Shares[field, level] = others <= 0 ? 0 : Shares[field, level] / others * (1 - exact);
            }

            Shares[field, FieldComparison.Equal] = exact;
        }
    }

    private static IEnumerable<(int Left, int Right)> EveryPair(int people)
    {
        for (var left = 0; left < people; left++)
        {
            for (var right = left + 1; right < people; right++)
            {
                yield return (left, right);
            }
        }
    }

    private static IEnumerable<(int Left, int Right)> RandomPairs(int people)
    {
        var random = new SeededRandom(Seed);
        for (var i = 0; i < MostPairs; i++)
        {
            var (left, right) = (random.Next(people), random.Next(people));
            if (left != right)
            {
                yield return (left, right);
            }
        }
    }

    // SplitMix64 (Steele, Lea, Flood 2014): the same pairs on every machine.
    private sealed class SeededRandom(ulong seed)
    {
        private ulong _state = seed;

        public int Next(int below)
        {
            var bits = _state += 0x9E3779B97F4A7C15;
            bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
            bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
            return (int)((bits ^ (bits >> 31)) % (ulong)below);
        }
    }
}
