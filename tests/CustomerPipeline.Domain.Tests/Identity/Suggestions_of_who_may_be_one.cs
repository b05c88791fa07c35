using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Identity.Linkage;

namespace CustomerPipeline.Domain.Tests.Identity;

public sealed class Suggestions_of_who_may_be_one
{
    private const int People = 600;
    private const int Doubles = 120;

    [Fact]
    public void Find_people_who_are_registered_twice_with_errors_and_hardly_anybody_else()
    {
        var people = Enumerable.Range(0, People).Select(i => Fields($"{i}", SomePeople.Number(i)))
            .Concat(Enumerable.Range(0, Doubles).Select(i => Fields($"{i} again", SomePeople.Misspelt(SomePeople.Number(i), i)))).ToList();

        var pairs = LinkageResult.Of(people, 0.5, default).Pairs;

        var right = pairs.Count(p => p.Right == $"{p.Left} again" || p.Left == $"{p.Right} again");
        Assert.True(right >= Doubles * 0.95, $"{right} of {Doubles} were found.");
        Assert.True(right >= pairs.Count * 0.95, $"{pairs.Count - right} of {pairs.Count} are wrong.");
    }

    [Fact]
    public void Are_the_same_whatever_the_order_of_the_records()
    {
        var people = Enumerable.Range(0, 200).SelectMany(i => new[] { Fields($"{i}", SomePeople.Number(i)), Fields($"{i} again", SomePeople.Misspelt(SomePeople.Number(i), i)) }).Take(300).ToArray();
        var expected = Rendered(LinkageResult.Of(people, 0.9, default).Pairs);
        new Random(3).Shuffle(people);

        // u is counted on other random pairs then: the probabilities move a little, who is suggested hardly.
        Assert.True(expected.Intersect(Rendered(LinkageResult.Of(people, 0.9, default).Pairs)).Count() >= expected.Count * 0.9);
    }

    [Fact]
    public void Say_what_speaks_for_them_in_levels_and_bits_and_never_a_value()
    {
        var people = Enumerable.Range(0, People).Select(i => Fields($"{i}", SomePeople.Number(i)))
            .Concat(Enumerable.Range(100, Doubles).Select(i => Fields($"{i} again", SomePeople.Number(i)))).Append(Fields("again", SomePeople.Number(7) with { Street = "401 Quite Another" })).ToList();

        var pair = LinkageResult.Of(people, 0.5, default).Pairs.Single(p => p.Right == "again" || p.Left == "again");

        Assert.Equal(("equal", "different"), (Of(LinkageField.BirthDate).Level, Of(LinkageField.Street).Level));
        Assert.True(Of(LinkageField.BirthDate).Weight > 0 && Of(LinkageField.Street).Weight < 0);

        FieldWeight Of(LinkageField field) => pair.Evidence.Single(e => e.Field == field);
    }

    [Fact]
    public void Count_a_rare_name_for_more_than_a_common_one()
    {
        var people = Enumerable.Range(0, People).Select(i => new PersonFields($"{i}").With(LinkageField.FamilyName, i % 3 == 0 ? "Smith" : $"Name{i / 2}").With(LinkageField.BirthDate, $"19{i % 60 + 30}0{1 + (i % 9)}1{i % 9}")).ToList();
        people.Add(new PersonFields("rare").With(LinkageField.FamilyName, "Name2").With(LinkageField.BirthDate, "19340515"));
        people.Add(new PersonFields("common").With(LinkageField.FamilyName, "Smith").With(LinkageField.BirthDate, "19330414"));

        var weights = Scored(people).SelectMany(p => p.Evidence.Where(e => e is { Field: LinkageField.FamilyName, Level: "equal" }).Select(e => (IsSmith: IsSmith(p.Left), e.Weight))).ToList();

        Assert.True(weights.Where(w => !w.IsSmith).Min(w => w.Weight) > weights.Where(w => w.IsSmith).Max(w => w.Weight));

        bool IsSmith(string id) => id == "common" || (int.TryParse(id, out var number) && number % 3 == 0);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(60)]
    public void Have_the_probability_and_the_evidence_that_the_model_says(int number)
    {
        var people = Enumerable.Range(0, number).Select(i => Fields($"{i}", i % 3 == 1 ? SomePeople.Misspelt(SomePeople.Number(i - 1), i) : SomePeople.Number(i))
            .With(LinkageField.Phone, i % 4 == 0 ? null : $"20255501{i / 3:D2}")).ToList();
        var expected = LinkageOracle.Match(people);

        var pairs = Scored(people);

        Assert.Equal(expected.Keys.Order(), pairs.Select(p => (p.Left, p.Right)).Order());
        Assert.NotEmpty(pairs);
        foreach (var pair in pairs)
        {
            var (probability, weights) = expected[(pair.Left, pair.Right)];
            Assert.Equal(probability, pair.Probability, 1e-6);
            Assert.Equal(weights.Keys, pair.Evidence.Select(e => e.Field));
            Assert.All(pair.Evidence, e => Assert.Equal(weights[e.Field], e.Weight, 0.011));
        }
    }

    [Fact]
    public void Come_the_surest_first_from_the_asked_probability_on()
    {
        var people = Enumerable.Range(0, 200).SelectMany(i => new[] { Fields($"{i}", SomePeople.Number(i)), Fields($"{i} again", SomePeople.Misspelt(SomePeople.Number(i), i)) }).ToList();
        var pairs = LinkageResult.Of(people, 0.01, default).Pairs;

        Assert.Equal(pairs.OrderByDescending(p => p.Probability).ThenBy(p => p.Left, StringComparer.Ordinal).ThenBy(p => p.Right, StringComparer.Ordinal), pairs);
        Assert.Equal(pairs.TakeWhile(p => p.Probability >= pairs[0].Probability).Count(), LinkageResult.Of(people, pairs[0].Probability, default).Pairs.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Of_one_alone_are_refused(int people)
    {
        var result = LinkageResult.Of([.. Enumerable.Range(0, people).Select(i => Fields($"{i}", SomePeople.Number(i)))], 0, default);

        Assert.Empty(result.Pairs);
        Assert.Contains("At least 2 are needed", result.Refused, StringComparison.Ordinal);
    }

    [Fact]
    public void Can_be_given_up_midway() => Assert.ThrowsAny<OperationCanceledException>(() =>
        LinkageResult.Of([Fields("1", SomePeople.Number(1)), Fields("2", SomePeople.Number(1))], 0, new CancellationToken(canceled: true)));

    [Theory]
    [InlineData(LinkageField.IdNumber, "12345678", "1234567890", FieldComparison.Weak)]
    [InlineData(LinkageField.IdNumber, "12345678", "12345679", FieldComparison.Close)]
    [InlineData(LinkageField.IdNumber, "12345678", "12345687", FieldComparison.Close)]
    [InlineData(LinkageField.IdNumber, "12345678", "12345600", FieldComparison.Weak)]
    [InlineData(LinkageField.IdNumber, "12345678", "12345000", FieldComparison.Different)]
    [InlineData(LinkageField.BirthDate, "1980-03-04", "1981-04-03", FieldComparison.Different)]
    [InlineData(LinkageField.BirthDate, "1980-03-14", "1980-03-15", FieldComparison.Close)]
    [InlineData(LinkageField.BirthDate, "1980-11-12", "1980-12-21", FieldComparison.Weak)]
    [InlineData(LinkageField.BirthDate, "1980-01-02", "1980-02-21", FieldComparison.Different)]
    [InlineData(LinkageField.GivenName, "William", "Bill", FieldComparison.Close)]
    [InlineData(LinkageField.GivenName, "Katherine", "Kate", FieldComparison.Close)]
    [InlineData(LinkageField.GivenName, "Maria", "maria", FieldComparison.Equal)]
    [InlineData(LinkageField.FamilyName, "Johansson", "Johanson", FieldComparison.Close)]
    [InlineData(LinkageField.FamilyName, "Smith", "Okafor", FieldComparison.Different)]
    [InlineData(LinkageField.BirthDate, "1980-03-04", "1980-04-03", FieldComparison.Close)]
    [InlineData(LinkageField.BirthDate, "1980-03-04", "04.03.1980", FieldComparison.Equal)]
    [InlineData(LinkageField.BirthDate, "1980-03-04", "1971-12-25", FieldComparison.Different)]
    [InlineData(LinkageField.PostalCode, "SW1A 1AA", "sw1a1aa", FieldComparison.Equal)]
    [InlineData(LinkageField.Phone, "+1 202 555 0142", "(202) 555-0142", FieldComparison.Equal)]
    [InlineData(LinkageField.Phone, "+1 202 555 0142", "(202) 555-0143", FieldComparison.Close)]
    [InlineData(LinkageField.Phone, "+1 202 555 0142", "(202) 555-0133", FieldComparison.Weak)]
    [InlineData(LinkageField.IdNumber, "12345678", "123", FieldComparison.Different)]
    [InlineData(LinkageField.Street, "1 Mill Lane", "1 Mill Lame", FieldComparison.Close)]
    [InlineData(LinkageField.Email, "jo.doe@a.example", "jo.doe@b.example", FieldComparison.Close)]
    [InlineData(LinkageField.Email, "jo.doe@a.example", "ann@a.example", FieldComparison.Different)]
    [InlineData(LinkageField.Email, "no address", "quite another", FieldComparison.Different)]
    [InlineData(LinkageField.Email, "@a.example", "@quite.other.net", FieldComparison.Different)]
    [InlineData(LinkageField.City, "Milltown", null, FieldComparison.Missing)]
    public void Compare_a_field_in_levels(LinkageField field, string left, string? right, int level) =>
        Assert.Equal(level, Compare(new PersonFields("l").With(field, left), new PersonFields("r").With(field, right))[(int)field]);

    [Fact]
    public void See_names_that_changed_places()
    {
        var levels = Compare(new PersonFields("l").WithName("Yuki Tanaka"), new PersonFields("r").WithName("Tanaka Yuki"));

        Assert.Equal((FieldComparison.Close, FieldComparison.Close), (levels[(int)LinkageField.GivenName], levels[(int)LinkageField.FamilyName]));
    }

    [Theory]
    [InlineData(LinkageField.FamilyName, " O'Neill-Smith  (Jr.) ", "oneill smith jr")]
    [InlineData(LinkageField.FamilyName, "\u00c5sa-Jose\u0301", "\u00e5sa jos\u00e9")]
    [InlineData(LinkageField.FamilyName, "A\u030asa", "\u00e5sa")]
    [InlineData(LinkageField.FamilyName, "Jo\ud800e\u0301", "jo \u00e9")]
    [InlineData(LinkageField.FamilyName, "--", null)]
    [InlineData(LinkageField.FamilyName, "", null)]
    [InlineData(LinkageField.PostalCode, "SW1A 1AA", "sw1a1aa")]
    [InlineData(LinkageField.Email, " Jo@Example.COM ", "jo@example.com")]
    [InlineData(LinkageField.Email, "Jose\u0301@Example.com", "jos\u00e9@example.com")]
    [InlineData(LinkageField.Phone, "+1 (212) 666-8929", "2126668929")]
    [InlineData(LinkageField.IdNumber, "12-34", "1234")]
    [InlineData(LinkageField.BirthDate, "2001-02-03", "20010203")]
    [InlineData(LinkageField.BirthDate, "3.2.2001", null)]
    [InlineData(LinkageField.BirthDate, "03.02.2001", "20010203")]
    [InlineData(LinkageField.BirthDate, "2/3/2001", "20010203")]
    [InlineData(LinkageField.BirthDate, "2001-02-03T00:00:00Z", "20010203")]
    [InlineData(LinkageField.BirthDate, "born 2001 0203", "20010203")]
    [InlineData(LinkageField.BirthDate, "2001", null)]
    public void Compare_what_was_meant_by_a_field(LinkageField field, string raw, string? meant) => Assert.Equal(meant, new PersonFields("1").With(field, raw)[field]);

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("Cher", null, "cher")]
    [InlineData("Jo Doe", "jo", "doe")]
    [InlineData("Jo Ann  Doe", "jo ann", "doe")]
    public void Take_the_last_word_of_a_name_for_the_familys(string? name, string? given, string? family)
    {
        var person = new PersonFields("1").WithName(name);

        Assert.Equal((given, family), (person[LinkageField.GivenName], person[LinkageField.FamilyName]));
    }

    [Fact]
    public void Say_nothing_of_a_field_that_is_too_long() => Assert.Null(new PersonFields("1").With(LinkageField.Street, new string('a', 10_000))[LinkageField.Street]);

    private static List<ScoredPair> Scored(List<PersonFields> people)
    {
        var model = LinkageModel.Fit(people, default);
        return [.. model.Candidates.Select(c => model.Explain(c.Left, c.Right))];
    }

    private static int[] Compare(PersonFields left, PersonFields right)
    {
        var levels = new int[PersonFields.Fields.Count];
        new FieldComparison().Compare(left, right, levels);
        return levels;
    }

    private static List<string> Rendered(IEnumerable<ScoredPair> pairs) =>
        [.. pairs.Select(p => string.CompareOrdinal(p.Left, p.Right) < 0 ? $"{p.Left}|{p.Right}" : $"{p.Right}|{p.Left}")];

    private static PersonFields Fields(string id, RegisteredPerson person) => new PersonFields(id)
        .With(LinkageField.GivenName, person.First).With(LinkageField.FamilyName, person.Last).With(LinkageField.BirthDate, person.BirthDate)
        .With(LinkageField.Street, person.Street).With(LinkageField.PostalCode, person.PostalCode).With(LinkageField.City, person.City);
}
