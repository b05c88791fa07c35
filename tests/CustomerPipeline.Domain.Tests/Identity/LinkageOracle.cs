using CustomerPipeline.Domain.Identity.Linkage;

namespace CustomerPipeline.Domain.Tests.Identity;

/// <summary>
/// The model of Fellegi and Sunter, told a second time: every pair by itself, no pattern encoded. It shares with the model only how two fields are compared and which pairs are.
/// </summary>
internal static class LinkageOracle
{
    private const double Smallest = 1e-7;

    private static readonly LinkageField[] ByFrequency = [LinkageField.GivenName, LinkageField.FamilyName, LinkageField.City, LinkageField.PostalCode, LinkageField.Street];

    /// <summary>The probability that two people are one, and how much each field speaks for it.</summary>
    public static Dictionary<(string Left, string Right), (double Probability, Dictionary<LinkageField, double> Weights)> Match(IReadOnlyList<PersonFields> people)
    {
        var allPairs = people.Count * (people.Count - 1) / 2.0;
        var u = Shares(RandomPairs(people.Count).Take((int)Math.Min(1_000_000, allPairs)).Where(p => p.Left != p.Right).Select(p => (Levels(people[p.Left], people[p.Right]), 1.0)));
        var pairs = Blocking.PairsOf(people).Order().Select(p => (Left: people[p.Left], Right: people[p.Right], Levels: Levels(people[p.Left], people[p.Right]))).ToList();
        var m = PersonFields.Fields.ToDictionary(f => f, _ => new[] { 0.05, 0.05, 0.1, 0.8 });
        var prior = Math.Min(0.5, people.Count / 4.0 / allPairs);
        double Weight(LinkageField field, int level) => Math.Log2(m[field][level] / u[field][level]);
        double Chance(double weight) => 1 / (1 + ((1 - prior) / prior * Math.Pow(2, -weight)));
        for (var iteration = 0; iteration < 60; iteration++)
        {
            var expected = pairs.Select(p => Chance(p.Levels.Sum(l => Weight(l.Key, l.Value)))).ToList();
            var before = prior;
            prior = Math.Clamp(expected.Sum() / allPairs, 1 / (allPairs + 1), 0.5);
            m = Shares(pairs.Zip(expected, (p, chance) => (p.Levels, chance)));
            if (Math.Abs(prior - before) < 1e-6 * before)
            {
                break;
            }
        }

        return pairs.ToDictionary(p => (p.Left.Id, p.Right.Id), p =>
        {
            var weights = p.Levels.ToDictionary(l => l.Key, l => Math.Round(Weight(l.Key, l.Value) + Rarity(l.Key, l.Value, p.Left[l.Key]!), 2));
            return (Chance(weights.Values.Sum()), weights);
        });

        // Half of how much rarer the value is than the usual one.
        double Rarity(LinkageField field, int level, string value) => level != 3 || !ByFrequency.Contains(field) ? 0
            : Math.Log2(u[field][3] / (Math.Max(2, people.Count(p => p[field] == value)) / (double)people.Count)) / 2;
    }

    private static Dictionary<LinkageField, int> Levels(PersonFields left, PersonFields right)
    {
        var levels = new int[PersonFields.Fields.Count];
        new FieldComparison().Compare(left, right, levels);
        return PersonFields.Fields.Where(f => levels[(int)f] >= 0).ToDictionary(f => f, f => levels[(int)f]);
    }

    private static Dictionary<LinkageField, double[]> Shares(IEnumerable<(Dictionary<LinkageField, int> Levels, double Weight)> counted)
    {
        var all = counted.ToList();
        return PersonFields.Fields.ToDictionary(f => f, f =>
        {
            var counts = Enumerable.Range(0, 4).Select(level => all.Where(c => c.Levels.TryGetValue(f, out var l) && l == level).Sum(c => c.Weight)).ToArray();
            return counts.Sum() == 0 ? [0.25, 0.25, 0.25, 0.25] : counts.Select(c => Math.Max(Smallest, c / counts.Sum())).ToArray();
        });
    }

    // SplitMix64, as its authors' reference has it.
    private static IEnumerable<(int Left, int Right)> RandomPairs(int people)
    {
        var state = 20_240_217ul;
        int Next()
        {
            var z = state += 0x9e3779b97f4a7c15;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            return (int)((z ^ (z >> 31)) % (ulong)people);
        }

        while (true)
        {
            yield return (Next(), Next());
        }
    }
}
