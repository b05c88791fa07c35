namespace CustomerPipeline.Domain.Identity.Linkage;

/// <summary>
/// A mixture of three kinds of pairs: records of one person (m), of two people of one household, who share a family name and an address, and of strangers (u).
/// Without the second kind a couple would count as one person, because name and address would speak for it as if they were independent. Levels of fields are
/// independent within a kind (Fellegi and Sunter 1969). The shares are estimated by expectation maximization (Dempster, Laird, Rubin 1977) without any known
/// answer, starting from what is usual, which weighs as much as a few pairs and so decides where there are hardly any.
/// </summary>
internal sealed class LinkageParameters
{
    private const int Iterations = 200;
    private const double Converged = 1e-5;

    // As many pairs as what is usual counts for.
    private const double UsualPairs = 10;

    // Names, birth dates and id numbers of one person agree mostly. A kind of pair where they do not is not one person, however well it fits.
    private const double LeastAgreement = 0.6;

    // What one person's records make of the chance agreement of all pairs is known with an error.
    private const double LeastShareOfChance = 0.05;

    private static readonly double[] UsuallyKept = [0.05, 0.05, 0.1, 0.8];
    private static readonly double[] OftenChanged = [0.3, 0.05, 0.1, 0.55];
    private static readonly double[] UsualOfHousehold = [0.15, 0.025, 0.025, 0.8];

    private static readonly LinkageField[] Lasting = [LinkageField.GivenName, LinkageField.FamilyName, LinkageField.BirthDate, LinkageField.IdNumber];
    private static readonly LinkageField[] OfHousehold =
        [LinkageField.FamilyName, LinkageField.Street, LinkageField.PostalCode, LinkageField.City, LinkageField.Phone];

    private readonly ChanceAgreement _chance;
    private readonly double[,] _same = Table(f => Lasting.Contains(f) ? UsuallyKept : OftenChanged);
    private readonly double[,] _household = Table(_ => UsualOfHousehold);
    private readonly double[,] _strangers = new double[PersonFields.Fields.Count, FieldComparison.Levels];
    private double _sameShare;
    private double _householdShare;

    private LinkageParameters(ChanceAgreement chance)
    {
        _chance = chance;
        _sameShare = Math.Min(0.1, 0.05 / Math.Sqrt(2 * chance.AllPairs));
        _householdShare = chance.FilledShareOf(LinkageField.Street) > 0 ? _sameShare : 0;
        SetStrangers();
    }

    /// <summary>Estimates the parameters from how many pairs have each pattern (<see cref="PairPattern"/>).</summary>
    /// <param name="chance">How often any two records agree.</param>
    /// <param name="patterns">The number of candidate pairs of each pattern. Other pairs count as strangers.</param>
    public static LinkageParameters Estimate(ChanceAgreement chance, IReadOnlyCollection<KeyValuePair<int, int>> patterns)
    {
        var parameters = new LinkageParameters(chance);
        for (var iteration = 0; iteration < Iterations && parameters.Improve(patterns) > Converged; iteration++)
        {
        }

        return parameters;
    }

    /// <summary>The probability that a pair is one person, and the bits of each field for it, against the likelier of the other kinds.</summary>
    /// <param name="levels">The level of each field.</param>
    /// <param name="rarities">How much rarer than usual the equal value of each field is, in bits.</param>
    /// <param name="bits">Receives the bits of each field; 0 where a field is missing.</param>
    public double Probability(ReadOnlySpan<int> levels, ReadOnlySpan<double> rarities, Span<double> bits)
    {
        var (same, household, strangers) = Kinds(levels);
        foreach (var rarity in rarities)
        {
            strangers -= rarity;
        }

        var isHousehold = household > strangers;
        for (var field = 0; field < levels.Length; field++)
        {
            bits[field] = levels[field] == FieldComparison.Missing ? 0
                : Math.Log2(_same[field, levels[field]])
                - (isHousehold ? Math.Log2(HouseholdOf(field, levels[field])) : Math.Log2(_strangers[field, levels[field]]) - rarities[field]);
        }

        return 1 / (1 + Math.Pow(2, household - same) + Math.Pow(2, strangers - same));
    }

    /// <summary>The share of strangers whose values are equal.</summary>
    public double EqualByChance(LinkageField field) => _strangers[(int)field, FieldComparison.Equal];

    // One step; returns by what part the number of pairs of one person changed.
    private double Improve(IReadOnlyCollection<KeyValuePair<int, int>> patterns)
    {
        var same = Table(f => [.. (Lasting.Contains(f) ? UsuallyKept : OftenChanged).Select(s => s * UsualPairs)]);
        var household = Table(_ => [.. UsualOfHousehold.Select(s => s * UsualPairs)]);
        var (sames, households) = (0.0, 0.0);
        Span<int> levels = stackalloc int[PersonFields.Fields.Count];
        foreach (var (pattern, count) in patterns)
        {
            PairPattern.Decode(pattern, levels);
            var kinds = Kinds(levels);
            var most = Math.Max(kinds.Same, Math.Max(kinds.Household, kinds.Strangers));
            var (one, home, other) = (Math.Pow(2, kinds.Same - most), Math.Pow(2, kinds.Household - most), Math.Pow(2, kinds.Strangers - most));
            var (asSame, asHousehold) = (count * one / (one + home + other), count * home / (one + home + other));
            sames += asSame;
            households += asHousehold;
            for (var field = 0; field < levels.Length; field++)
            {
                if (levels[field] != FieldComparison.Missing)
                {
                    same[field, levels[field]] += asSame;
                    household[field, levels[field]] += asHousehold;
                }
            }
        }

        var before = _sameShare;
        _sameShare = Math.Clamp(sames / _chance.AllPairs, 0.01 / (_chance.AllPairs + 1), 0.5);
        _householdShare = _householdShare == 0 ? 0 : Math.Clamp(households / _chance.AllPairs, 0.01 / (_chance.AllPairs + 1), 0.4);
        Normalize(same, _same);
        Normalize(household, _household);
        KeepLasting();
        SetStrangers();
        return Math.Abs(_sameShare - before) / before;
    }

    // Logarithms of base 2 of the share of each kind and what the levels have in it.
    private (double Same, double Household, double Strangers) Kinds(ReadOnlySpan<int> levels)
    {
        var (same, household, strangers) = (Math.Log2(_sameShare), Math.Log2(_householdShare), Math.Log2(1 - _sameShare - _householdShare));
        for (var field = 0; field < levels.Length; field++)
        {
            if (levels[field] is not FieldComparison.Missing and var level)
            {
                same += Math.Log2(_same[field, level]);
                household += Math.Log2(HouseholdOf(field, level));
                strangers += Math.Log2(_strangers[field, level]);
            }
        }

        return (same, household, strangers);
    }

    private double HouseholdOf(int field, int level) => OfHousehold.Contains((LinkageField)field) ? _household[field, level] : _strangers[field, level];

    // All pairs less those of one person and of households.
    private void SetStrangers()
    {
        for (var field = 0; field < PersonFields.Fields.Count; field++)
        {
            for (var level = 0; level < FieldComparison.Levels; level++)
            {
                var all = _chance.Shares[field, level];
                var others = (_sameShare * _same[field, level]) + (OfHousehold.Contains((LinkageField)field) ? _householdShare * _household[field, level] : 0);
                _strangers[field, level] = Math.Max(Math.Max(_chance.Least[field], all * LeastShareOfChance), all - others);
            }
        }

        Normalize(_strangers, _strangers);
    }

    private void KeepLasting()
    {
        foreach (var field in Lasting.Select(f => (int)f))
        {
            var agreement = _same[field, FieldComparison.Close] + _same[field, FieldComparison.Equal];
            if (agreement < LeastAgreement)
            {
                for (var level = 0; level < FieldComparison.Levels; level++)
                {
                    _same[field, level] *= level >= FieldComparison.Close ? LeastAgreement / agreement : (1 - LeastAgreement) / (1 - agreement);
                }
            }
        }
    }

    private static void Normalize(double[,] counts, double[,] shares)
    {
        for (var field = 0; field < counts.GetLength(0); field++)
        {
            var sum = 0.0;
            for (var level = 0; level < FieldComparison.Levels; level++)
            {
                sum += counts[field, level];
            }

            for (var level = 0; level < FieldComparison.Levels; level++)
            {
                shares[field, level] = counts[field, level] / sum;
            }
        }
    }

    private static double[,] Table(Func<LinkageField, double[]> sharesOf)
    {
        var table = new double[PersonFields.Fields.Count, FieldComparison.Levels];
        foreach (var field in PersonFields.Fields)
        {
            var shares = sharesOf(field);
            for (var level = 0; level < FieldComparison.Levels; level++)
            {
                table[(int)field, level] = shares[level];
            }
        }

        return table;
    }
}
