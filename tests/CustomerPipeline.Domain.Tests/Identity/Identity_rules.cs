using System.Text;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Tests.Identity;

public sealed class Identity_rules
{
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
}
