using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Tests.Identity;

/// <summary>Customers by the definition, on a few orders each.</summary>
public sealed class Who_belongs_together
{
    [Fact]
    public void Are_those_whose_identifiers_reach_each_other_over_any_number_of_steps() =>
        Assert.Equal(["1 2 3 4", "5"], Customers("1 email:a@x.example", "2 email:b@x.example", "3 email:a@x.example loyalty:L", "4 email:b@x.example loyalty:L", "5 email:c@x.example"));

    [Fact]
    public void Are_not_those_who_share_what_more_people_have_than_may()
    {
        // A device of two accounts is anybody's.
        Assert.Equal(["1 2"], Customers("1 device:d account:s:1", "2 device:d"));
        Assert.Equal(["1", "2", "3"], Customers("1 device:d account:s:1", "2 device:d", "3 device:d account:s:2"));

        // But one person has an account in each source.
        Assert.Equal(["1 2 3"], Customers("1 device:d account:s:1", "2 device:d", "3 device:d account:t:2"));
    }

    [Fact]
    public void Are_not_those_who_share_what_is_shared_for_good() =>
        Assert.Equal(["1", "2"], Customers(["1 email:a@x.example", "2 email:a@x.example"], staysShared: "email:a@x.example"));

    [Fact]
    public void Are_not_those_who_were_cut_apart_or_of_whom_nothing_happened()
    {
        var together = new[] { State("1 email:a@x.example"), State("2 email:a@x.example") };

        Assert.Equal(["1 2"], Customers(together));
        Assert.Equal(["1", "2"], Customers([together[0] with { Cuts = [new DecidedCut(Identifier.Parse("email:a@x.example"), "d")] }, together[1]]));
        Assert.Equal(["1"], Customers([together[0], together[1] with { FirstAt = DateTimeOffset.MaxValue, LastAt = DateTimeOffset.MinValue }]));
    }

    [Fact]
    public void A_tie_that_was_taken_back_ties_no_more()
    {
        var merged = new[] { State("1 edge:m"), State("2 edge:m") };

        Assert.Equal(["1 2"], Customers(merged));
        Assert.Equal([Identifier.Parse("edge:m")], (merged[0] with { Ended = ["m", "other"] }).Cut);
        Assert.Equal(["1", "2"], Customers([merged[0] with { Ended = ["m"] }, merged[1]]));
    }

    [Fact]
    public void Are_known_where_something_says_who_they_are()
    {
        IEnumerable<string> Known(params string[] states) => IdentityGraph.Truth([.. states.Select(State)], IdentityRules.Default).Identified.Select(NumberOf).Order();

        Assert.Equal(["1", "2"], Known("1 device:d", "2 device:d email:a@x.example", "3 device:e"));
    }

    [Fact]
    public void A_value_remembers_no_more_companions_than_it_takes_to_tell_that_they_are_too_many()
    {
        var card = Identifier.Parse("card:s:1");
        Companions With(Companions known, params string[] beside) => known.And(card, [card, .. beside.Select(Identifier.Parse)], IdentityRules.Default);
        var one = With(Companions.None, "email:a@x.example", "account:s:1", "account:t:1");
        var two = With(one, "email:b@x.example");
        var three = With(two, "email:c@x.example");

        Assert.Equal((false, 3), (one.TooMany, one.Kinds.Count));
        Assert.Same(one, With(one, "email:a@x.example", "edge:e"));
        Assert.Equal((true, 2), (two.TooMany, two.Kinds["email"].Count));
        Assert.Same(two, three);
        Assert.Equal(two.Kinds["email"].Order(StringComparer.Ordinal), two.Kinds["email"]);
    }

    [Fact]
    public void What_was_too_many_stays_too_many_when_somebody_is_gone()
    {
        var device = Identifier.Parse("device:s:1");
        var (first, second) = (Identifier.Parse("email:a@x.example"), Identifier.Parse("email:b@x.example"));
        var shared = Companions.None.And(device, [first, second], IdentityRules.Default);
        var left = shared.Without(new HashSet<string> { Companions.HashOf(first) });

        Assert.Equal((true, Companions.HashOf(second)), (left.TooMany, Assert.Single(left.Kinds["email"])));
        Assert.Same(shared, shared.Without(new HashSet<string> { "somebody else" }));
    }

    [Fact]
    public void Opposed_are_the_two_sides_of_one_never_link_only()
    {
        Assert.Equal(["d1", "d2"], IdentityGraph.OpposedIn(["d2/a", "d1/b", "d1/a", "d2/b", "d3/a", "d3/a"]));
        Assert.False(IdentityGraph.AreOpposed(["d1/a", "d2/b"]));
    }

    [Fact]
    public void The_usual_rules_are_those_that_the_documentation_tells_of()
    {
        string LimitsOf(IdentifierType type) => string.Join(' ', Enum.GetValues<IdentifierType>().Select(with => IdentityRules.Default.LimitOf(type, with)?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-"));
        var identifying = Enum.GetValues<IdentifierType>().Where(t => IdentityRules.Default.Identifies(new Identifier(t, "a:value@x.example")));

        // account, loyalty, email, phone, card, device, edge
        Assert.Equal("- 10 10 10 - - -", LimitsOf(IdentifierType.Account));
        Assert.Equal("1 - 3 3 - - -", LimitsOf(IdentifierType.Loyalty));
        Assert.Equal("3 2 - 10 20 - -", LimitsOf(IdentifierType.Email));
        Assert.Equal("1 1 1 - - - -", LimitsOf(IdentifierType.Phone));
        Assert.Equal("1 1 1 1 - - -", LimitsOf(IdentifierType.Card));
        Assert.Equal("1 1 1 1 - - -", LimitsOf(IdentifierType.Device));
        Assert.Equal([IdentifierType.Account, IdentifierType.Loyalty, IdentifierType.Email, IdentifierType.Phone], identifying);
    }

    private static IEnumerable<string> Customers(params string[] states) => Customers([.. states.Select(State)]);

    private static IEnumerable<string> Customers(string[] states, string staysShared) => Customers([.. states.Select(State)], staysShared);

    private static IEnumerable<string> Customers(EntityState[] states, string? staysShared = null) =>
        IdentityGraph.Truth(states, IdentityRules.Default, i => i.Key == staysShared).Customers.Select(c => string.Join(' ', c.Select(e => NumberOf(e.Entity)).Order(StringComparer.Ordinal))).Order(StringComparer.Ordinal);

    private static string NumberOf(EntityKey entity) => entity.Text["s:order:".Length..];

    // "1 email:a@x.example phone:+1"
    private static EntityState State(string text)
    {
        var parts = text.Split(' ');
        var entity = EntityKey.Of("s", EntityKind.Order, parts[0]);
        return new EntityState { Entity = entity, Kind = EntityKind.Order, Last = new RecordPosition(1, "r"), FirstAt = Some.Moment, LastAt = Some.Moment, Identifiers = [.. parts.Skip(1).Select(Identifier.Parse)] };
    }
}
