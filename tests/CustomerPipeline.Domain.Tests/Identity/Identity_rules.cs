using System.Text;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Tests.Identity;

public sealed class Identity_rules
{
    private const string Own = """{"version":"v","types":{"email":{"identifies":true,"limits":{"phone":2,"account":1}},"account":{"identifies":true},"card":{}},"blockedValues":["b","a"],"blockedEmailLocalParts":["d","c"],"ownEmails":["z.com","y.com"]}""";

    [Fact]
    public void Are_what_their_file_says_and_their_file_is_what_they_are()
    {
        var rules = IdentityRules.Parse("""
            {
              "version": "mine",
              "types": { "email": { "identifies": true, "limits": { "phone": 2 } }, "device": {} },
              "blockedValues": ["Nobody"], "blockedEmailLocalParts": ["Shop"], "ownEmails": ["us.example", "me@them.example"]
            }
            """u8);

        Assert.Equal("mine", rules.Version);
        Assert.Equal((2, null, null), (rules.LimitOf(IdentifierType.Email, IdentifierType.Phone), rules.LimitOf(IdentifierType.Email, IdentifierType.Card), rules.LimitOf(IdentifierType.Phone, IdentifierType.Email)));
        Assert.Equal(Encoding.UTF8.GetString(rules.ToJson()), Encoding.UTF8.GetString(IdentityRules.Parse(rules.ToJson()).ToJson()));
        Assert.Equal(Encoding.UTF8.GetString(IdentityRules.Default.ToJson()), Encoding.UTF8.GetString(IdentityRules.Parse(IdentityRules.Default.ToJson()).ToJson()));
    }

    [Theory]
    [InlineData("email:a@b.example", true, true)]
    [InlineData("email:shop@b.example", false, false)]
    [InlineData("email:anybody@us.example", false, false)]
    [InlineData("email:me@them.example", false, false)]
    [InlineData("email:you@them.example", true, true)]
    [InlineData("device:d1", true, false)]
    [InlineData("device:nobody", false, false)]
    [InlineData("device:0000", false, false)]
    [InlineData("phone:+12025550142", false, false)]
    [InlineData("edge:e1", true, false)]
    public void Say_what_links_and_what_identifies(string identifier, bool links, bool identifies)
    {
        var rules = IdentityRules.Parse("""{"version":"1","types":{"email":{"identifies":true},"device":{}},"blockedValues":["NOBODY"],"blockedEmailLocalParts":["shop"],"ownEmails":["us.example","me@them.example"]}"""u8);
        var parsed = Identifier.Parse(identifier);

        Assert.Equal((links, identifies), (rules.Links(parsed), rules.Identifies(parsed)));
        Assert.Equal(links ? [parsed] : [], rules.Linking([parsed, parsed]));
    }

    [Theory]
    [InlineData("", "cannot be read")]
    [InlineData("null", "are null")]
    [InlineData("""{"version":"1","types":{"email":{}},"colour":"red"}""", "$.colour")]
    [InlineData("""{"version":"1","types":{"moon":{}}}""", "docs/identity.md")]
    [InlineData("""{"types":{"email":{}}}""", "need a version")]
    [InlineData("""{"version":" ","types":{"email":{}}}""", "need a version")]
    [InlineData("""{"version":"1234567890123456789012345678901234567890123456789012345678901234567890","types":{"email":{}}}""", "need a version")]
    [InlineData("""{"version":"1"}""", "name no types")]
    [InlineData("""{"version":"1","types":{}}""", "name no types")]
    [InlineData("""{"version":"1","types":{"edge":{}}}""", "edges always link")]
    [InlineData("""{"version":"1","types":{"email":{"limits":{"phone":0}}}}""", "A limit")]
    [InlineData("""{"version":"1","types":{"email":{"limits":{"phone":100000}}}}""", "A limit")]
    public void That_make_no_sense_are_refused_with_what_is_wrong(string json, string says)
    {
        var refusal = Assert.Throws<FormatException>(() => IdentityRules.Parse(Encoding.UTF8.GetBytes(json)));

        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Are_written_as_they_were_read_in_one_order()
    {
        var text = System.Text.Json.Nodes.JsonNode.Parse(Parse(Own).ToJson())!.ToJsonString();

        Assert.Equal("""{"version":"v","types":{"account":{"identifies":true,"limits":{}},"email":{"identifies":true,"limits":{"account":1,"phone":2}},"card":{"identifies":false,"limits":{}}},"blockedValues":["a","b"],"blockedEmailLocalParts":["c","d"],"ownEmails":["y.com","z.com"]}""", text);
        Assert.Equal(text, System.Text.Json.Nodes.JsonNode.Parse(IdentityRules.Parse(Parse(Own).ToJson()).ToJson())!.ToJsonString());
    }

    [Theory]
    [InlineData(" Shop@Example.com ", "shop@example.com")]
    [InlineData("cafe\u0301.example", "jo@caf\u00e9.example")]
    public void Know_the_companys_own_addresses_however_they_are_written(string own, string email)
    {
        var rules = Parse(Own.Replace("z.com", own, StringComparison.Ordinal));

        Assert.False(rules.Links(IdentifierNormalizer.Email(email)!.Value));
        Assert.True(rules.Links(IdentifierNormalizer.Email("jo@example.com")!.Value));
    }

    [Fact]
    public void Put_what_links_in_order_and_each_once() => Assert.Equal(
        ["account:s:1", "email:a@b.c", "card:s:2"],
        Parse(Own).Linking([.. new[] { "card:s:2", "email:a@b.c", "account:s:1", "email:a@b.c", "phone:+1" }.Select(Identifier.Parse)]).Select(i => i.Key));

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void Have_a_version_of_at_most_64_characters(int length, bool isRead) =>
        Assert.Equal(isRead, Record.Exception(() => Parse(Own.Replace("\"v\"", $"\"{new string('v', length)}\"", StringComparison.Ordinal))) is null);

    private static IdentityRules Parse(string json) => IdentityRules.Parse(Encoding.UTF8.GetBytes(json));

    [Theory]
    [InlineData("loyalty:1111111111", false)]
    [InlineData("loyalty:12345678", false)]
    [InlineData("loyalty:12345679", true)]
    [InlineData("loyalty:11111", true)]
    [InlineData("account:erp:111111", true)]
    [InlineData("account:segment:{{ user.id }}", false)]
    [InlineData("account:erp:n.a.", false)]
    [InlineData("email:test@test.com", false)]
    [InlineData("email:testa@test.com", true)]
    public void Leave_out_what_is_typed_to_fill_a_field(string identifier, bool isOne) =>
        Assert.Equal(isOne, IdentityRules.Default.Linking([Identifier.Parse(identifier)]).Count == 1);
}
