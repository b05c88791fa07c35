using CsCheck;
using CustomerPipeline.Domain.Entities;

namespace CustomerPipeline.Domain.Tests.Entities;

public sealed class Entity_keys
{
    private static readonly Gen<string> VendorId = Gen.OneOf(Gen.String[Gen.Char["ab/\\?#%: \u0001\u007fé"], 1, 12], Gen.String[1, 40], Gen.String[Gen.Char["a/"], 30, 200]);

    [Fact]
    public void Are_keys_of_their_kind_whatever_the_vendor_calls_it() => Gen.Select(VendorId, Gen.Enum<EntityKind>()).Sample((id, kind) =>
    {
        var key = EntityKey.Of("shopify", kind, id);

        Assert.Equal((kind, "shopify"), (EntityKey.KindOf(key.Text), key.Source));
        Assert.DoesNotContain(key.Text, c => c is '/' or '\\' or '?' or '#' || char.IsControl(c) && c < 128);
    });

    [Fact]
    public void Tell_apart_what_the_vendor_tells_apart() => Gen.Select(VendorId, VendorId).Sample((one, other) =>
        Assert.Equal(one == other, EntityKey.Of("a", EntityKind.Order, one) == EntityKey.Of("a", EntityKind.Order, other)));

    /// <summary>Keys are in stores: where a vendor's own id ends and its hash begins must never move.</summary>
    [Fact]
    public void Are_the_vendors_ids_up_to_a_length()
    {
        string KeyOf(string id) => EntityKey.Of("a", EntityKind.Order, id).Text["a:order:".Length..];

        Assert.Equal(new string('1', 160), KeyOf(new string('1', 160)));
        Assert.Equal("h" + StableHash.Of(new string('1', 161)), KeyOf(new string('1', 161)));
        Assert.Equal(new string('1', 155) + "%002F", KeyOf(new string('1', 155) + "/"));
        Assert.Equal("h" + StableHash.Of(new string('1', 156) + "/"), KeyOf(new string('1', 156) + "/"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("shopify:order")]
    [InlineData(":order:1")]
    [InlineData("shopify:order:")]
    [InlineData("shopify:order:a/b")]
    [InlineData("shopify:order:a b")]
    [InlineData("shopify:Order:1")]
    [InlineData("shopify:martian:1")]
    public void Are_nothing_else(string text) => Assert.Null(EntityKey.KindOf(text));

    [Fact]
    public void Have_a_longest_length() => Assert.Equal((EntityKind.Order, null), (EntityKey.KindOf("a:order:" + new string('1', 212)), EntityKey.KindOf("a:order:" + new string('1', 213))));
}
