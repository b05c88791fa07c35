using System.Text.Json;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize;

public sealed class A_segment_message
{
    [Fact]
    public void Of_a_completed_order_counts_what_remains_after_shipping_and_tax()
    {
        var order = Read.One(Some.Segment("Order Completed", new
        {
            order_id = "50314b8e9bcf000000000000",
            total = 27.50,
            subtotal = 22.50,
            shipping = 3,
            tax = 2,
            discount = 2.5,
            currency = "usd",
            products = new object[] { new { product_id = "a", price = 19, quantity = 1 }, new { product_id = "b", price = 3, quantity = 2 } },
        })).Order!;

        Assert.Equal((2500, 250, 300, 200, 3, "USD"), (order.Gross, order.Discounts, order.Shipping, order.Tax, order.Units, order.Currency));
    }

    [Theory]
    [InlineData(30.0, null, null, 2500)]
    [InlineData(null, 25.0, null, 2500)]
    [InlineData(null, null, 25.0, 2500)]
    public void Of_an_order_without_products_counts_what_it_states(double? total, double? revenue, double? subtotal, long gross)
    {
        var order = Read.One(Some.Segment("Order Completed", new { order_id = "1", total, revenue, subtotal, shipping = 3, tax = 2, currency = "USD" })).Order!;

        Assert.Equal(gross, order.Gross - order.Discounts);
    }

    [Fact]
    public void Of_a_refund_that_names_only_its_order_is_a_full_refund() =>
        Assert.Null(Assert.Single(Read.One(Some.Segment("Order Refunded", new { order_id = "1" })).Refunds!).Amount);

    [Fact]
    public void Of_a_partial_refund_gives_back_what_it_says()
    {
        long? Amount(object properties) => Assert.Single(Read.One(Some.Segment("Order Refunded", properties)).Refunds!).Amount;

        Assert.Equal(1500, Amount(new { order_id = "1", currency = "USD", total = 99, products = new object[] { new { price = 5, quantity = 2 }, new { price = 5 } } }));
        Assert.Equal(1200, Amount(new { order_id = "1", currency = "USD", total = 12, products = new object[] { new { price = 5, quantity = 2 }, new { price = 5 } } }));
        Assert.Equal(9900, Amount(new { order_id = "1", currency = "USD", total = 99, products = new object[] { new { price = 5, quantity = 2 }, new { price = 5 }, new { sku = "no price" } } }));
        Assert.Equal(2500, Amount(new { order_id = "1", currency = "USD", total = 30, shipping = 3, tax = 2 }));
        Assert.Equal(3000, Amount(new { order_id = "1", currency = "USD", total = 30 }));
        Assert.Equal(700, Amount(new { order_id = "1", currency = "USD", revenue = 7 }));
    }

    [Theory]
    [InlineData("\"traits\":[]")]
    [InlineData("\"context\":{\"traits\":[]}")]
    [InlineData("\"context\":[]")]
    [InlineData("\"context\":{\"traits\":{\"email\":[\"x\"],\"phone\":{}}}")]
    public void Is_not_lost_for_parts_in_another_shape_or_without_a_number(string part)
    {
        var payload = $$"""{"type":"track","event":"Order Completed","timestamp":"2026-03-01T10:00:00Z","properties":{"order_id":"1","currency":"USD","total":5},{{part}}}""";

        Assert.Equal(500, Read.One(Some.Wrap("segment", System.Text.Encoding.UTF8.GetBytes(payload))).Order!.Gross);
    }

    // Google Analytics reverses a transaction by negative amounts; the Ecommerce Spec has positive ones.
    [Theory]
    [InlineData("{\"order_id\":\"1\",\"currency\":\"USD\",\"total\":-20}", "negative-amount")]
    [InlineData("{\"order_id\":\"1\",\"currency\":\"USD\",\"products\":[{\"product_id\":\"a\",\"price\":20,\"quantity\":-1}]}", "negative-quantity")]
    [InlineData("{\"order_id\":\"1\",\"currency\":\"USD\",\"products\":[{\"product_id\":\"a\",\"quantity\":1}]}", "missing-amount")]
    [InlineData("{\"order_id\":\"1\",\"currency\":\"USD\",\"products\":[{\"product_id\":\"a\",\"price\":1e20,\"quantity\":1e20}]}", "invalid-number")]
    [InlineData("{\"order_id\":\"1\",\"currency\":\"USD\",\"products\":[{\"product_id\":\"a\",\"price\":1e18,\"quantity\":1e18}]}", "invalid-number")]
    [InlineData("{\"order_id\":\"1\",\"currency\":\"USD\",\"total\":-7e28,\"tax\":7e28}", "invalid-number")]
    public void Of_a_refund_that_cannot_be_understood_is_quarantined(string properties, string code) =>
        Assert.Equal(code, Read.Quarantined(Some.Segment("Order Refunded", JsonDocument.Parse(properties).RootElement)).Code);

    [Fact]
    public void Of_an_order_with_a_negative_total_is_quarantined() =>
        Assert.Equal("negative-amount", Read.Quarantined(Some.Segment("Order Completed", new { order_id = "1", currency = "USD", revenue = -5 })).Code);

    [Fact]
    public void Of_a_refund_without_a_currency_is_settled_in_that_of_its_order()
    {
        var order = Read.One(Some.Segment("Order Completed", new { order_id = "1", currency = "JPY", revenue = 100 }));
        var refund = Read.One(Some.Segment("Order Refunded", new { order_id = "1", total = 20 }, at: Some.Moment.AddDays(1)));

        Assert.All([new[] { order, refund }, [refund, order]], records =>
            Assert.Equal(("JPY", 20), (OrderSettlement.Of(EntityFold.Of(records)!.Order!) is var settled ? settled.Currency : null, settled.Returns.Sum(r => r.Amount))));
    }

    [Fact]
    public void Of_an_order_whose_coupon_shows_in_its_revenue_alone_has_a_discount()
    {
        var order = Read.One(Some.Segment("Order Completed", new { order_id = "1", currency = "USD", revenue = 80, total = 90, shipping = 5, tax = 5, products = new[] { new { price = 100, quantity = 1 } } })).Order!;

        Assert.Equal((10000, 2000), (order.Gross, order.Discounts));
    }

    [Fact]
    public void Keeps_the_order_though_parts_that_are_not_needed_have_another_shape()
    {
        var record = Read.One(Some.Wrap("segment", """
            {"type":"track","event":"Order Completed","messageId":"m","timestamp":"2026-03-01T10:00:00Z","context":{"campaign":"spring","traits":{"name":{"first":"Jo"},"address":"7 Main St"}},
             "properties":{"orderId":"7","currency":"USD","products":[{"price":5,"quantity":1,"category":["a","b"]}]}}
            """u8));

        Assert.Equal(("segment:order:7", 500), (record.Entity.Text, record.Order!.Gross));
    }

    // Segment, "Common fields": timestamp = receivedAt - (sentAt - originalTimestamp).
    [Fact]
    public void Without_a_timestamp_happened_when_the_clocks_of_device_and_collector_say() => Assert.Equal(new DateTimeOffset(2014, 3, 1, 9, 0, 0, TimeSpan.Zero), Read.One(Some.Wrap("segment", """
        {"type":"identify","messageId":"m","userId":"u","originalTimestamp":"2044-03-01T11:00:00Z","sentAt":"2044-03-01T12:00:00Z","receivedAt":"2014-03-01T10:00:00Z"}
        """u8)).OccurredAt);

    [Fact]
    public void Of_a_look_around_needs_no_properties()
    {
        var record = Read.One(Some.Segment("Product Viewed", properties: null, user: null, anonymous: "a1"));

        Assert.Equal(("segment:browse:a1:2026-03-01", null), (record.Entity.Text, record.Viewed));
        Assert.NotEmpty(Read.One(Some.Segment("Product Viewed", new { sku = "s1", category = "Shoes" })).Viewed!);
    }

    [Fact]
    public void Of_two_equal_partial_refunds_makes_two_refunds()
    {
        var refunds = new[] { "m1", "m2" }.Select(id => Read.One(Some.Segment("Order Refunded", new { order_id = "1", total = 5, currency = "USD" }, messageId: id)));

        Assert.Equal(2, refunds.Select(r => r.Refunds![0].Id).Distinct().Count());
    }

    [Fact]
    public void Of_browsing_is_one_visitors_day()
    {
        var record = Read.One(Some.Segment("Product Viewed", new { product_id = "1" }, user: null, anonymous: "a1"));

        Assert.Equal(("segment:browse:a1:2026-03-01", "product-viewed"), (record.Entity.Text, record.Browsed));
    }

    [Fact]
    public void Of_an_identify_carries_everything_it_says_of_the_person()
    {
        var record = Read.One(Some.Identify("u1", " Jo@Example.COM ", "+1 202 555 0142"));

        Assert.Equal(EntityKind.Person, record.Kind);
        Assert.Equal(["account:segment:u1", "email:jo@example.com", "phone:+12025550142"], record.Identifiers.Select(i => i.Key));
    }

    [Fact]
    public void By_a_name_of_the_first_ecommerce_spec_is_what_the_second_calls_it()
    {
        var record = Read.One(Some.Segment("Completed Order", new { order_id = "1", subtotal = 12, currency = "usd" }));

        Assert.Equal((EntityKind.Order, 1200L, "USD"), (record.Kind, record.Order!.Gross, record.Order.Currency));
        Assert.Equal("product-viewed", Read.One(Some.Segment("Viewed Product")).Browsed);
        Assert.Equal(
            Read.One(Some.Segment("Completed Order", new { order_id = "1", subtotal = 12, currency = "usd" }, messageId: "m")).Id,
            Read.One(Some.Segment("Order Completed", new { order_id = "1", subtotal = 12, currency = "usd" }, messageId: "m")).Id);
    }

    [Theory]
    [InlineData("Searched Products", "Products Searched", "products-searched")]
    [InlineData("Viewed Product Category", "Product List Viewed", "product-list-viewed")]
    [InlineData("Viewed Product List", "Product List Viewed", "product-list-viewed")]
    [InlineData("Clicked Product", "Product Clicked", "product-clicked")]
    [InlineData("Viewed Product", "Product Viewed", "product-viewed")]
    [InlineData("Added Product", "Product Added", "product-added")]
    [InlineData("Removed Product", "Product Removed", "product-removed")]
    [InlineData("Viewed Cart", "Cart Viewed", "cart-viewed")]
    [InlineData("Started Order", "Checkout Started", "checkout-started")]
    [InlineData("Started Checkout", "Checkout Started", "checkout-started")]
    [InlineData("Viewed Checkout Step", "Checkout Step Viewed", "checkout-step-viewed")]
    [InlineData("completed checkout step", "CHECKOUT STEP COMPLETED", "checkout-step-completed")]
    public void Of_looking_around_has_the_name_that_the_pipeline_gives_it(string first, string second, string browsed) =>
        Assert.Equal([browsed, browsed], new[] { first, second }.Select(name => Read.One(Some.Segment(name)).Browsed));

    [Theory]
    [InlineData("Updated Order", "Order Updated")]
    [InlineData("Refunded Order", "Order Refunded")]
    [InlineData("Cancelled Order", "Order Cancelled")]
    public void Of_an_order_is_the_same_by_the_name_of_the_first_ecommerce_spec(string first, string second)
    {
        string RecordOf(string name) => System.Text.Json.JsonSerializer.Serialize(Read.One(Some.Segment(name, new { order_id = "1", subtotal = 5, currency = "USD" }, messageId: "m")));

        Assert.Equal(RecordOf(second), RecordOf(first));
    }

    [Fact]
    public void Of_a_page_is_browsing_by_its_visitor()
    {
        var record = Read.One(Some.Message("segment", new { type = "page", messageId = "1", anonymousId = "a", timestamp = Some.Moment }));

        Assert.Equal((EntityKind.Browse, "page-viewed", "segment:browse:a:2026-03-01"), (record.Kind, record.Browsed, record.Entity.Text));
    }

    [Fact]
    public void Of_an_alias_puts_both_ids_on_one_person()
    {
        var record = Read.One(Some.Message("segment", new { type = "alias", messageId = "1", previousId = "old", userId = "new", timestamp = Some.Moment }));

        Assert.Equal("account:segment:new account:segment:old", string.Join(' ', record.Identifiers));
    }

    [Fact]
    public void That_nobody_measures_is_ignored()
    {
        Assert.Equal("event-not-measured", Read.Ignored(Some.Message("segment", new { type = "group", messageId = "1" })));
        Assert.Equal("event-not-measured", Read.Ignored(Some.Segment("Moon Landed")));
    }

    [Fact]
    public void Of_an_order_that_names_no_currency_waits_for_the_operator_to_name_one()
    {
        var message = Some.Segment("Order Completed", new { order_id = "1", subtotal = 5 });

        Assert.Equal("missing-currency", Read.Quarantined(message).Code);
        Assert.IsType<Normalization.Normalized>(Normalizer.Normalize(message, new NormalizationRules { DefaultCurrency = "EUR" }));
    }

    [Fact]
    public void Of_an_order_without_any_amount_is_quarantined() =>
        Assert.Equal("missing-amount", Read.Quarantined(Some.Segment("Order Completed", new { order_id = "1", currency = "USD", products = new[] { new { product_id = "a" } } })).Code);

    [Fact]
    public void Has_the_same_record_id_however_often_it_is_sent()
    {
        var first = Some.Segment("Product Viewed", user: "u", messageId: "m", at: Some.Moment);
        var retried = Some.Segment("Product Viewed", user: "u", messageId: "m", at: Some.Moment.AddSeconds(1));

        Assert.Equal(Read.One(first).Id, Read.One(retried).Id);
    }

    [Fact]
    public void Escapes_ids_that_no_store_could_hold() =>
        Assert.Equal("segment:order:a%002Fb%0023%0025", Read.One(Some.Segment("Order Cancelled", new { order_id = "a/b#%" })).Entity.Text);

    [Fact]
    public void Identifies_nobody_by_a_placeholder()
    {
        var record = Read.One(Some.Segment("Order Cancelled", new { order_id = "1" }, user: "0000", email: "noreply@shop.example"));

        Assert.DoesNotContain(record.Identifiers, IdentityRules.Default.Links);
    }
}
