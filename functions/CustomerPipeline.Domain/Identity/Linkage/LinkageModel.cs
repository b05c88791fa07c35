namespace CustomerPipeline.Domain.Identity.Linkage;

/// <summary>
/// Estimates from the records themselves how much each field says (<see cref="LinkageParameters"/>), and says of two records how likely they are one person.
/// Equal values that many records have count less than rare ones (Winkler 1989).
/// </summary>
internal sealed class LinkageModel
{
    private static readonly string[] LevelNames = ["different", "weak", "close", "equal"];
    private static readonly LinkageField[] ByRarity =
        [LinkageField.GivenName, LinkageField.FamilyName, LinkageField.City, LinkageField.PostalCode, LinkageField.Street];

    // The share of a person's records that give the same address, by assumption.
    private const double KeepsAddress = 0.5;

    private readonly IReadOnlyList<PersonFields> _people;
    private readonly ChanceAgreement _chance;
    private readonly LinkageParameters _parameters;
    private readonly Dictionary<(int Left, int Right), double> _direct = [];

    private LinkageModel(IReadOnlyList<PersonFields> people, ChanceAgreement chance, LinkageParameters parameters) =>
        (_people, _chance, _parameters) = (people, chance, parameters);

    /// <summary>The pairs worth a comparison, as places in the list, and their probabilities.</summary>
    public IReadOnlyList<(int Left, int Right, double Probability)> Candidates { get; private set; } = [];

    /// <summary>Fits a model to records.</summary>
    /// <param name="people">Two records at least.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static LinkageModel Fit(IReadOnlyList<PersonFields> people, CancellationToken cancellationToken)
    {
        var chance = ChanceAgreement.Of(people, cancellationToken);
        var candidates = Blocking.PairsOf(people).Order().ToArray();
        var patterns = new int[candidates.Length];
        var options = new ParallelOptions { CancellationToken = cancellationToken };
        Parallel.For(0, candidates.Length, options, () => (Comparison: new FieldComparison(), Levels: new int[PersonFields.Fields.Count]), (i, _, own) =>
        {
            own.Comparison.Compare(people[candidates[i].Left], people[candidates[i].Right], own.Levels);
            patterns[i] = PairPattern.Encode(own.Levels);
            return own;
        }, _ => { });
        var model = new LinkageModel(people, chance, LinkageParameters.Estimate(chance, [.. patterns.CountBy(p => p).OrderBy(p => p.Key)]));
        model.Candidates = [.. candidates.Select((c, i) => (c.Left, c.Right, model.Score(c, patterns[i], null)))];
        return model;
    }

    /// <summary>The probability that two records are of one person, by a comparison of the two, whether they are candidates or not.</summary>
    public double ProbabilityOf(int left, int right)
    {
        var pair = left < right ? (left, right) : (right, left);
        return _direct.TryGetValue(pair, out var known) ? known : _direct[pair] = Score(pair, PatternOf(pair), null);
    }

    /// <summary>The same, with what speaks for and against it.</summary>
    public ScoredPair Explain(int left, int right)
    {
        var evidence = new List<FieldWeight>();
        var probability = Score((left, right), PatternOf((left, right)), evidence);
        return new ScoredPair(_people[left].Id, _people[right].Id, probability, evidence);
    }

    private int PatternOf((int Left, int Right) pair)
    {
        Span<int> levels = stackalloc int[PersonFields.Fields.Count];
        new FieldComparison().Compare(_people[pair.Left], _people[pair.Right], levels);
        return PairPattern.Encode(levels);
    }

    private double Score((int Left, int Right) pair, int pattern, List<FieldWeight>? evidence)
    {
        Span<int> levels = stackalloc int[PersonFields.Fields.Count];
        Span<double> rarities = stackalloc double[PersonFields.Fields.Count];
        Span<double> bits = stackalloc double[PersonFields.Fields.Count];
        PairPattern.Decode(pattern, levels);
        rarities.Clear();
        foreach (var field in ByRarity.Where(f => _people[pair.Left][f] is { } value && value == _people[pair.Right][f]))
        {
            rarities[(int)field] = levels[(int)field] == FieldComparison.Equal ? RarityOf(field, _people[pair.Left][field]!) : 0;
        }

        const int Email = (int)LinkageField.Email;
        var isAddressOfName = levels[Email] == FieldComparison.Missing
            && _people[pair.Left][LinkageField.Email] is { } address && address == _people[pair.Right][LinkageField.Email];
        rarities[Email] = isAddressOfName ? DomainSays(_people[pair.Left][LinkageField.Email]!) : 0;
        var probability = _parameters.Probability(levels, rarities, bits);
        if (evidence is not null)
        {
            (levels[Email], bits[Email]) = isAddressOfName ? (FieldComparison.Equal, rarities[Email]) : (levels[Email], bits[Email]);
            AddEvidence(evidence, levels, bits);
        }

        return probability;
    }

    private static void AddEvidence(List<FieldWeight> evidence, ReadOnlySpan<int> levels, ReadOnlySpan<double> bits)
    {
        foreach (var field in PersonFields.Fields)
        {
            if (levels[(int)field] is not FieldComparison.Missing and var level)
            {
                evidence.Add(new FieldWeight(field, LevelNames[level], Math.Round(bits[(int)field], 2)));
            }
        }
    }

    // Namesakes whose mailboxes are built alike have one address if their domain is one.
    private double DomainSays(string email) => Math.Max(0, Math.Log2(KeepsAddress / _chance.ShareOfDomain(email)));

    // How much rarer than the average value this one is, in bits, by half: part of it is what the records of one person say several times.
    private double RarityOf(LinkageField field, string value) => Math.Log2(_parameters.EqualByChance(field) / _chance.ShareOf(field, value)) / 2;
}
