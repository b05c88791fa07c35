namespace CustomerPipeline.Domain.Identity.Linkage;

/// <summary>What one field says of a pair.</summary>
/// <param name="Field">The field.</param>
/// <param name="Level">different, weak, close or equal.</param>
/// <param name="Weight">How much it speaks for one person, in bits; negative against.</param>
public readonly record struct FieldWeight(LinkageField Field, string Level, double Weight);

/// <summary>Two records that may be one person.</summary>
/// <param name="Left">The one.</param>
/// <param name="Right">The other.</param>
/// <param name="Probability">That they are one, by the model.</param>
/// <param name="Evidence">What speaks for it and against.</param>
public sealed record ScoredPair(string Left, string Right, double Probability, IReadOnlyList<FieldWeight> Evidence);

/// <summary>
/// A Fellegi-Sunter model (1969) of field comparisons in levels. u, how often two different people agree, is counted on random pairs; m, how often one person
/// agrees with itself, and the share of matches are estimated from the candidate pairs by expectation maximization (Dempster, Laird, Rubin 1977), without any
/// known answer. Equal values that many people have count less (term frequency: Winkler 1989).
/// </summary>
public sealed class LinkageModel
{
    private const int RandomPairs = 1_000_000;
    private const int Iterations = 60;
    private const double Converged = 1e-6;
    private const double Smallest = 1e-7;
    private const int Seed = 20_240_217;

    private static readonly string[] LevelNames = ["different", "weak", "close", "equal"];
    private static readonly LinkageField[] WithFrequencies = [LinkageField.GivenName, LinkageField.FamilyName, LinkageField.City, LinkageField.PostalCode, LinkageField.Street];

    private readonly IReadOnlyList<PersonFields> _people;
    private readonly Dictionary<(LinkageField Field, string Value), int> _frequencies = [];
    private readonly double[,] _m = new double[PersonFields.Fields.Count, FieldComparison.Levels];
    private readonly double[,] _u = new double[PersonFields.Fields.Count, FieldComparison.Levels];
    private double _prior;

    private LinkageModel(IReadOnlyList<PersonFields> people) => _people = people;

    /// <summary>Fits a model to people and scores their candidate pairs, the surest first.</summary>
    /// <param name="people">Records of people; none, one or several a person.</param>
    /// <param name="least">The probability from which a pair is given back.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static IReadOnlyList<ScoredPair> Match(IReadOnlyList<PersonFields> people, double least, CancellationToken cancellationToken)
    {
        if (people.Count < 2)
        {
            return [];
        }

        var model = new LinkageModel(people);
        model.CountFrequencies();
        model.CountRandomAgreement();
        var pairs = Blocking.PairsOf(people).OrderBy(p => p).ToArray();
        var patterns = new int[pairs.Length];
        Parallel.For(0, pairs.Length, new ParallelOptions { CancellationToken = cancellationToken }, () => (Comparison: new FieldComparison(), Levels: new int[PersonFields.Fields.Count]), (i, _, own) =>
        {
            own.Comparison.Compare(people[pairs[i].Left], people[pairs[i].Right], own.Levels);
            patterns[i] = Encode(own.Levels);
            return own;
        }, _ => { });
        model.Estimate(patterns);
        return
        [
            .. pairs.Select((pair, i) => model.Score(pair, patterns[i])).Where(s => s.Probability >= least)
                .OrderByDescending(s => s.Probability).ThenBy(s => s.Left, StringComparer.Ordinal).ThenBy(s => s.Right, StringComparer.Ordinal),
        ];
    }

    private void CountFrequencies()
    {
        foreach (var field in WithFrequencies)
        {
            foreach (var value in _people.Select(p => p[field]).OfType<string>())
            {
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_frequencies, (field, value), out _)++;
            }
        }
    }

    // Almost every random pair is two people.
    private void CountRandomAgreement()
    {
        var random = new SeededRandom(Seed);
        var counts = new double[PersonFields.Fields.Count, FieldComparison.Levels];
        var comparison = new FieldComparison();
        Span<int> levels = stackalloc int[PersonFields.Fields.Count];
        for (var i = 0; i < Math.Min(RandomPairs, (long)_people.Count * (_people.Count - 1) / 2); i++)
        {
            var (left, right) = (random.Next(_people.Count), random.Next(_people.Count));
            if (left == right)
            {
                continue;
            }

            comparison.Compare(_people[left], _people[right], levels);
            for (var field = 0; field < levels.Length; field++)
            {
                if (levels[field] != FieldComparison.Missing)
                {
                    counts[field, levels[field]]++;
                }
            }
        }

        Normalize(counts, _u);
    }

    private void Estimate(int[] patterns)
    {
        for (var field = 0; field < PersonFields.Fields.Count; field++)
        {
            (_m[field, 0], _m[field, 1], _m[field, 2], _m[field, 3]) = (0.05, 0.05, 0.1, 0.8);
        }

        var counts = patterns.CountBy(p => p).ToArray();
        var allPairs = (double)_people.Count * (_people.Count - 1) / 2;
        _prior = Math.Min(0.5, _people.Count / 4.0 / allPairs);
        Span<int> levels = stackalloc int[PersonFields.Fields.Count];
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            // Pairs that no block holds are taken for two people each.
            var matches = 0.0;
            var agreements = new double[PersonFields.Fields.Count, FieldComparison.Levels];
            foreach (var (pattern, count) in counts)
            {
                Decode(pattern, levels);
                var expected = count * Probability(WeightOf(levels));
                matches += expected;
                for (var field = 0; field < levels.Length; field++)
                {
                    if (levels[field] != FieldComparison.Missing)
                    {
                        agreements[field, levels[field]] += expected;
                    }
                }
            }

            var before = _prior;
            _prior = Math.Clamp(matches / allPairs, 1 / (allPairs + 1), 0.5);
            Normalize(agreements, _m);
            if (Math.Abs(_prior - before) < Converged * before)
            {
                break;
            }
        }
    }

    private ScoredPair Score((int Left, int Right) pair, int pattern)
    {
        Span<int> levels = stackalloc int[PersonFields.Fields.Count];
        Decode(pattern, levels);
        var evidence = new List<FieldWeight>();
        foreach (var field in PersonFields.Fields)
        {
            var level = levels[(int)field];
            if (level != FieldComparison.Missing)
            {
                var weight = WeightOf((int)field, level) + (level == FieldComparison.Equal ? RarityOf(field, _people[pair.Left][field]!) : 0);
                evidence.Add(new FieldWeight(field, LevelNames[level], Math.Round(weight, 2)));
            }
        }

        return new ScoredPair(_people[pair.Left].Id, _people[pair.Right].Id, Probability(evidence.Sum(e => e.Weight)), evidence);
    }

    // How much rarer than the average value this one is, in bits; at most what would make it as rare as one person.
    private double RarityOf(LinkageField field, string value) =>
        _frequencies.TryGetValue((field, value), out var count) ? Math.Log2(_u[(int)field, FieldComparison.Equal] * _people.Count / Math.Max(2, count)) / 2 : 0;

    private double WeightOf(ReadOnlySpan<int> levels)
    {
        var sum = 0.0;
        for (var field = 0; field < levels.Length; field++)
        {
            sum += levels[field] == FieldComparison.Missing ? 0 : WeightOf(field, levels[field]);
        }

        return sum;
    }

    private double WeightOf(int field, int level) => Math.Log2(_m[field, level] / _u[field, level]);

    private double Probability(double weight)
    {
        var odds = _prior / (1 - _prior) * Math.Pow(2, weight);
        return double.IsPositiveInfinity(odds) ? 1 : odds / (1 + odds);
    }

    private static void Normalize(double[,] counts, double[,] shares)
    {
        for (var field = 0; field < counts.GetLength(0); field++)
        {
            var sum = Enumerable.Range(0, FieldComparison.Levels).Sum(level => counts[field, level]);
            for (var level = 0; level < FieldComparison.Levels; level++)
            {
                shares[field, level] = sum == 0 ? 1.0 / FieldComparison.Levels : Math.Max(Smallest, counts[field, level] / sum);
            }
        }
    }

    private static int Encode(ReadOnlySpan<int> levels)
    {
        var code = 0;
        foreach (var level in levels)
        {
            code = (code * (FieldComparison.Levels + 1)) + level + 1;
        }

        return code;
    }

    private static void Decode(int code, Span<int> levels)
    {
        for (var i = levels.Length - 1; i >= 0; i--)
        {
            levels[i] = (code % (FieldComparison.Levels + 1)) - 1;
            code /= FieldComparison.Levels + 1;
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
