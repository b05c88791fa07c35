using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Tests.Identity;

public sealed class Identifiers
{
    [Theory]
    [InlineData(" Jo.Smith+news@Example.COM ", "jo.smith+news@example.com")]
    [InlineData("JOSE\u0301@example.com", "jos\u00e9@example.com")]
    [InlineData("\u1112\u1161\u11ab@example.com", "\ud55c@example.com")]
    [InlineData("jo@example.com\u200b", "jo@example.com")]
    [InlineData("\ufeffjo@\u200eexample.com", "jo@example.com")]
    [InlineData("\u00a0jo@example.com", "jo@example.com")]
    [InlineData("MAILTO:Jo@example.com", "jo@example.com")]
    [InlineData("Jo Doe <jo@example.com>", "jo@example.com")]
    [InlineData("j\ufffdrg@example.com", null)]
    [InlineData("jo@", null)]
    [InlineData("@example.com", null)]
    [InlineData("a b@example.com", null)]
    [InlineData("", null)]
    public void An_email_is_compared_without_case_and_space_however_its_letters_are_composed(string raw, string? expected) => Assert.Equal(expected, IdentifierNormalizer.Email(raw)?.Value);

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\":x\"")]
    [InlineData("\"email\"")]
    [InlineData("\"martian:x\"")]
    [InlineData("null")]
    public void A_text_of_another_form_is_no_identifier(string json) => Assert.Throws<FormatException>(() => System.Text.Json.JsonSerializer.Deserialize<Identifier>(json));

    [Fact]
    public void A_number_with_a_character_that_was_lost_identifies_no_customer()
    {
        Assert.Null(IdentifierNormalizer.Account("import", "j\ufffdrg"));
        Assert.Null(IdentifierNormalizer.Loyalty("j\ufffdrg"));
    }

    [Fact]
    public void An_email_with_half_a_surrogate_pair_identifies_nobody() => Assert.All(
        ["\ud800@example.com", "a\udc00@example.com", "\ud800\ud800\udc00@example.com", "a@example.com\ud800"], email => Assert.Null(IdentifierNormalizer.Email(email)));

    [Theory]
    [InlineData("(202) 555-0142", "US", "+12025550142")]
    [InlineData("+49 1512 3456789", null, "+4915123456789")]
    [InlineData("202 555 0142", null, null)]
    [InlineData("555-555-SHIP", "US", null)]
    [InlineData("0000000", "US", null)]
    public void A_phone_number_is_compared_as_e164(string raw, string? region, string? expected) => Assert.Equal(expected, IdentifierNormalizer.Phone(raw, region)?.Value);

    [Theory]
    [InlineData("account:shopify:0", false)]
    [InlineData("account:shopify:0000000", false)]
    [InlineData("account:segment:Anonymous", false)]
    [InlineData("account:square:-1", false)]
    [InlineData("account:segment:[object Object]", false)]
    [InlineData("account:segment:00000000-0000-0000-0000-000000000000", false)]
    [InlineData("account:segment:not_authenticated", false)]
    [InlineData("account:crm:0", true)]
    [InlineData("account:crm:00", false)]
    [InlineData("device:crm:0", false)]
    [InlineData("email:none@none.com", false)]
    [InlineData("email:jo@shop.invalid", false)]
    [InlineData("email:noreply@shop.example", false)]
    [InlineData("account:shopify:7", true)]
    [InlineData("email:jo@example.com", true)]
    [InlineData("phone:+12025550142", true)]
    [InlineData("device:segment:00000000", false)]
    [InlineData("card:square:fp", true)]
    [InlineData("device:segment:a1", true)]
    public void A_value_links_when_one_person_owns_it(string identifier, bool links) => Assert.Equal(links, IdentityRules.Default.Links(Identifier.Parse(identifier)));

    [Fact]
    public void The_company_s_own_addresses_link_nobody()
    {
        var rules = IdentityRules.Default with { OwnEmails = System.Collections.Frozen.FrozenSet.Create("shop.example", "till@mail.example") };

        Assert.False(rules.Links(Identifier.Parse("email:anybody@shop.example")));
        Assert.False(rules.Links(Identifier.Parse("email:till@mail.example")));
    }

    [Fact]
    public void An_older_customer_has_the_smaller_id()
    {
        var older = CustomerId.FoundedBy(EntityKey.Of("a", EntityKind.Order, "z"), new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var newer = CustomerId.FoundedBy(EntityKey.Of("a", EntityKind.Order, "a"), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

        Assert.True(string.CompareOrdinal(older, newer) < 0);
    }
}
