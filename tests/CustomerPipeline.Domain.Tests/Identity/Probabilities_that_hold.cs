using CustomerPipeline.Demo;
using CustomerPipeline.Domain.Identity.Linkage;

namespace CustomerPipeline.Domain.Tests.Identity;

/// <summary>Probabilities against the truth of generated people, of whom a fifth live with another one and most have a mailbox that is built from their name.</summary>
public sealed class Probabilities_that_hold
{
    private const int Records = 3000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Suggest_next_to_none_where_no_person_has_two_records(int seed)
    {
        var result = Of(PeopleGenerator.Generate(seed, Records, doubles: 0, households: 0.2, emails: 0.6));

        Assert.Empty(result.Pairs);
        Assert.InRange(result.EstimatedPairs, 0, 5);
        Assert.Contains("At least 10 are needed", result.Refused, StringComparison.Ordinal);
        Assert.Contains("givenName (100", result.Refused, StringComparison.Ordinal);
    }

    [Fact]
    public void Suggest_none_from_names_and_the_mailboxes_that_are_built_from_them()
    {
        var people = PeopleGenerator.Generate(1, Records, doubles: 0, households: 0, emails: 0.9).Select(r => new PersonFields(r.Fields.Id)
            .With(LinkageField.GivenName, r.Fields[LinkageField.GivenName]).With(LinkageField.FamilyName, r.Fields[LinkageField.FamilyName]).With(LinkageField.Email, r.Fields[LinkageField.Email])).ToList();

        Assert.NotNull(LinkageResult.Of(people, 0.01, default).Refused);
    }

    [Theory]
    [InlineData(20_000, 0.001)]
    [InlineData(Records, 0.05)]
    [InlineData(Records, 0.3)]
    public void Are_those_of_the_truth(int records, double doubles)
    {
        var people = PeopleGenerator.Generate(4, records, doubles, households: 0.2, emails: 0.6);
        var personOf = people.ToDictionary(r => r.Fields.Id, r => r.Person, StringComparer.Ordinal);
        var truth = people.GroupBy(p => p.Person).Sum(g => g.Count() * (g.Count() - 1) / 2);

        var result = Of(people, 0.01);

        Assert.InRange(result.EstimatedPairs, truth * 0.7, truth * 1.3);
        var sure = result.Pairs.Where(p => p.Probability >= 0.9).ToList();
        var right = sure.Count(p => personOf[p.Left] == personOf[p.Right]);
        Assert.True(right >= sure.Sum(p => p.Probability) - 1 - (0.02 * sure.Count), $"{right} of {sure.Count} are right, {sure.Sum(p => p.Probability)} were predicted.");
        Assert.True(right >= truth * 0.8, $"{right} of {truth} were found.");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Keep_chains_of_sparse_records_apart(int seed)
    {
        var people = SparsePeopleGenerator.Generate(seed, 1000);
        var personOf = people.ToDictionary(r => r.Fields.Id, r => r.Person, StringComparer.Ordinal);
        var result = Of(people, 0.5);

        var pairs = result.Chains.SelectMany(c => c.SelectMany((left, i) => c.Skip(i + 1).Select(right => (left, right)))).ToList();

        Assert.True(pairs.Count(p => personOf[p.left] == personOf[p.right]) >= pairs.Count * 0.98);
        Assert.Equal(result.Chains.Sum(c => c.Count), result.Chains.SelectMany(c => c).Distinct().Count());
        var chainOf = result.Chains.SelectMany((c, i) => c.Select(id => (id, i))).ToDictionary(c => c.id, c => c.i);
        Assert.All(result.Pairs, p => Assert.Equal(chainOf[p.Left], chainOf[p.Right]));
    }

    [Fact]
    public void Do_not_join_two_chains_by_one_pair_that_the_others_contradict()
    {
        var probabilities = new Dictionary<(int, int), double> { [(0, 1)] = 0.99, [(2, 3)] = 0.98, [(1, 2)] = 0.95, [(3, 4)] = 0.9, [(2, 4)] = 0.3 };
        var chains = new LinkageChains(
            probabilities.Where(p => p.Value >= 0.9).OrderByDescending(p => p.Value).Select(p => p.Key), (l, r) => probabilities.GetValueOrDefault((Math.Min(l, r), Math.Max(l, r))));

        Assert.Equal([[0, 1], [2, 3, 4]], chains.All.Select(c => c.Order().ToArray()).OrderBy(c => c[0]));
        Assert.False(chains.Allow(1, 2));
        Assert.True(chains.Allow(2, 4));
        Assert.False(chains.Allow(4, 5));
        Assert.True(chains.Allow(5, 6));
    }

    private static LinkageResult Of(IReadOnlyList<(PersonFields Fields, int Person)> people, double least = 0.9) => LinkageResult.Of([.. people.Select(p => p.Fields)], least, default);
}
