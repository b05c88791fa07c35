using CustomerPipeline.Domain.Identity.Linkage;

namespace CustomerPipeline.Domain.Tests.Identity;

/// <summary>
/// The model of the suggestions, written a second time: every pair by itself, no pattern encoded, no logarithm until the end. It shares with the model only how
/// two fields are compared and which pairs are. For few people, none of them with an email.
/// </summary>
internal static class LinkageOracle
{
    private static readonly LinkageField[] ByRarity = [LinkageField.GivenName, LinkageField.FamilyName, LinkageField.City, LinkageField.PostalCode, LinkageField.Street];
    private static readonly LinkageField[] Lasting = [LinkageField.GivenName, LinkageField.FamilyName, LinkageField.BirthDate, LinkageField.IdNumber];
    private static readonly LinkageField[] OfHousehold = [LinkageField.FamilyName, LinkageField.Street, LinkageField.PostalCode, LinkageField.City, LinkageField.Phone];

    /// <summary>The probability that two people are one, and how much each field speaks for it.</summary>
    public static Dictionary<(string Left, string Right), (double Probability, Dictionary<LinkageField, double> Weights)> Match(IReadOnlyList<PersonFields> people)
    {
        var everyPair = people.SelectMany((left, i) => people.Skip(i + 1).Select(right => Levels(left, right))).ToList();
        var number = PersonFields.Fields.ToDictionary(f => f, f => (double)everyPair.Count(l => l.ContainsKey(f)));
        var all = PersonFields.Fields.ToDictionary(f => f, f => Enumerable.Range(0, 4).Select(level => number[f] == 0 ? 0.25 : everyPair.Count(l => l.TryGetValue(f, out var at) && at == level) / number[f]).ToArray());
        var pairs = Blocking.PairsOf(people).Order().Select(p => (Left: people[p.Left], Right: people[p.Right], Levels: Levels(people[p.Left], people[p.Right]))).ToList();

        var m = PersonFields.Fields.ToDictionary(f => f, Usual);
        var h = PersonFields.Fields.ToDictionary(f => f, _ => UsualOfHousehold());
        var share = Math.Min(0.1, 0.05 / Math.Sqrt(2.0 * everyPair.Count));
        var homes = people.Any(p => p[LinkageField.Street] is not null) ? share : 0;
        var u = Strangers();
        for (var iteration = 0; iteration < 200; iteration++)
        {
            var kinds = pairs.Select(p => Kinds(p.Levels, 1)).ToList();
            var before = share;
            share = Math.Clamp(kinds.Sum(k => k.Same) / everyPair.Count, 0.01 / (everyPair.Count + 1), 0.5);
            homes = homes == 0 ? 0 : Math.Clamp(kinds.Sum(k => k.Home) / everyPair.Count, 0.01 / (everyPair.Count + 1), 0.4);
            m = Estimated(Usual, kinds.Select(k => k.Same));
            h = Estimated(_ => UsualOfHousehold(), kinds.Select(k => k.Home));
            foreach (var f in Lasting.Where(f => m[f][2] + m[f][3] < 0.6))
            {
                var agreed = m[f][2] + m[f][3];
                m[f] = [m[f][0] / (1 - agreed) * 0.4, m[f][1] / (1 - agreed) * 0.4, m[f][2] / agreed * 0.6, m[f][3] / agreed * 0.6];
            }

            u = Strangers();
            if (Math.Abs(share - before) <= 1e-5 * before)
            {
                break;
            }
        }

        return pairs.ToDictionary(p => (p.Left.Id, p.Right.Id), p =>
        {
            var rarity = p.Levels.ToDictionary(l => l.Key, l => Rarer(l.Key, l.Value, p.Left[l.Key]!));
            var probability = Kinds(p.Levels, rarity.Values.Aggregate(1.0, (product, r) => product / r)).Same;
            var isHome = homes * p.Levels.Aggregate(1.0, (product, l) => product * Home(l.Key, l.Value)) > (1 - share - homes) * p.Levels.Aggregate(1.0, (product, l) => product * u[l.Key][l.Value] / rarity[l.Key]);
            return (probability, p.Levels.ToDictionary(l => l.Key, l => Math.Log2(m[l.Key][l.Value] / (isHome ? Home(l.Key, l.Value) : u[l.Key][l.Value] / rarity[l.Key]))));
        });

        double Home(LinkageField f, int level) => OfHousehold.Contains(f) ? h[f][level] : u[f][level];

        // The square root of how much rarer the value is among the others than equal values are.
        double Rarer(LinkageField f, int level, string value)
        {
            double having = people.Count(p => p[f] is not null), same = people.Count(p => p[f] == value);
            return level != 3 || !ByRarity.Contains(f) ? 1 : Math.Sqrt(u[f][3] / (Math.Max(1, same - 1) / Math.Max(1, having - 1)));
        }

        (double Same, double Home) Kinds(Dictionary<LinkageField, int> levels, double strangersToo)
        {
            var (same, home, strangers) = (share, homes, (1 - share - homes) * strangersToo);
            foreach (var (f, level) in levels)
            {
                (same, home, strangers) = (same * m[f][level], home * Home(f, level), strangers * u[f][level]);
            }

            return (same / (same + home + strangers), home / (same + home + strangers));
        }

        Dictionary<LinkageField, double[]> Estimated(Func<LinkageField, double[]> usual, IEnumerable<double> chances) => PersonFields.Fields.ToDictionary(f => f, f =>
        {
            var counts = Enumerable.Range(0, 4).Select(level => (10 * usual(f)[level]) + pairs.Zip(chances, (p, c) => p.Levels.TryGetValue(f, out var at) && at == level ? c : 0).Sum()).ToArray();
            return counts.Select(c => c / counts.Sum()).ToArray();
        });

        Dictionary<LinkageField, double[]> Strangers() => PersonFields.Fields.ToDictionary(f => f, f =>
        {
            var rest = Enumerable.Range(0, 4).Select(l => new[] { 0.5 / Math.Max(1, number[f]), all[f][l] * 0.05, all[f][l] - (share * m[f][l]) - (OfHousehold.Contains(f) ? homes * h[f][l] : 0) }.Max()).ToArray();
            return rest.Select(r => r / rest.Sum()).ToArray();
        });
    }

    private static double[] Usual(LinkageField field) => Lasting.Contains(field) ? [0.05, 0.05, 0.1, 0.8] : [0.3, 0.05, 0.1, 0.55];

    private static double[] UsualOfHousehold() => [0.15, 0.025, 0.025, 0.8];

    private static Dictionary<LinkageField, int> Levels(PersonFields left, PersonFields right)
    {
        var levels = new int[PersonFields.Fields.Count];
        new FieldComparison().Compare(left, right, levels);
        return PersonFields.Fields.Where(f => levels[(int)f] >= 0).ToDictionary(f => f, f => levels[(int)f]);
    }
}
