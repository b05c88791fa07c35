using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize;

public sealed class An_instance_of_a_source
{
    [Theory]
    [InlineData("shopify", "{\"id\":1,\"customer\":{\"id\":2}}", "X-Shopify-Shop-Domain", "Acme.myshopify.com", "acme.myshopify.com")]
    [InlineData("zendesk", "{\"type\":\"zen:event-type:organization.created\"}", "X-Zendesk-Account-Id", "11", "11")]
    [InlineData("zendesk", "{\"account_id\":12,\"type\":\"zen:event-type:organization.created\"}", null, null, "12")]
    [InlineData("square", "{\"merchant_id\":\"ML6B\",\"type\":\"order.created\"}", null, null, "ml6b")]
    [InlineData("intercom", "{\"type\":\"notification_event\",\"app_id\":\"a1b2\"}", null, null, "a1b2")]
    [InlineData("square", "{\"merchant_id\":{\"id\":1},\"type\":\"order.created\"}", null, null, null)]
    [InlineData("segment", "{\"type\":\"page\"}", null, null, null)]
    [InlineData("segment", "{\"type\":\"page\"}", SourceInstance.Attribute, "app-two", "app-two")]
    [InlineData("zendesk", "{\"account_id\":12,\"type\":\"zen:event-type:organization.created\"}", SourceInstance.Attribute, "emea", "emea")]
    [InlineData("zendesk", "{\"account_id\":\"a/b\",\"type\":\"zen:event-type:organization.created\"}", null, null, "h")]
    public void Is_named_by_its_address_or_by_what_the_vendor_sends(string source, string payload, string? header, string? value, string? name)
    {
        var envelope = new MessageEnvelope($"/{source}/x", "1", source, null, false, System.Text.Encoding.UTF8.GetBytes(payload))
        {
            Headers = header is null ? [] : [KeyValuePair.Create(MessageEnvelope.ExtensionName(header), value!)],
        };

        var instance = Normalizer.Normalize(envelope.Wrap(), NormalizationRules.Default).Instance;

        Assert.StartsWith(name ?? "", instance?.Name ?? "", StringComparison.Ordinal);
        Assert.Equal(name is null, instance is null);
    }

    [Fact]
    public void Has_keys_accounts_cards_and_devices_of_its_own_and_shares_addresses()
    {
        var plain = Read.One(Some.ShopifyOrder(1, email: "jo@mail.example"));

        var placed = Assert.IsType<Normalization.Normalized>(new SourceInstance("shopify", "two.example").Place(new Normalization.Normalized(plain))).Records[0];

        Assert.Equal(("shopify@two.example:order:1", "shopify", EntityKind.Order), (placed.Entity.Text, placed.Entity.Source, EntityKey.KindOf(placed.Entity.Text)));
        Assert.Equal(
            plain.Identifiers.Select(i => i.Key.Replace("account:shopify:", "account:shopify@two.example:", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            placed.Identifiers.Select(i => i.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Of_a_request_is_that_of_the_people_it_names()
    {
        var request = Assert.IsType<Normalization.Requested>(Normalizer.Normalize(
            Some.Message("shopify", new { shop_domain = "a", customer = new { id = 7, email = "jo@mail.example" }, orders_to_redact = new[] { 1 } }, "customers/redact"), NormalizationRules.Default));

        var placed = Assert.IsType<Normalization.Requested>(new SourceInstance("shopify", "two.example").Place(request));

        Assert.Equal(["shopify@two.example:order:1"], placed.Entities.Select(e => e.Text));
        Assert.Equal(["account:shopify@two.example:7", "email:jo@mail.example"], placed.Identifiers.Select(i => i.Key));
    }
}
