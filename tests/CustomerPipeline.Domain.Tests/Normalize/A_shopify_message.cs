using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize;

public sealed class A_shopify_message
{
    [Fact]
    public void Of_an_order_has_its_money_in_minor_units()
    {
        var order = Read.One(Some.ShopifyOrder(price: "89.99", quantity: 2, discount: "20.00")).Order!;

        Assert.Equal((17998, 2000, 2, "USD"), (order.Gross, order.Discounts, order.Units, order.Currency));
    }

    [Fact]
    public void With_more_digits_than_the_currency_has_is_rounded_half_to_even_and_flagged()
    {
        var record = Read.One(Some.ShopifyOrder(price: "10.649999999999999"));

        Assert.Equal(1065, record.Order!.Gross);
        Assert.Equal(["rounded-amount"], record.Flags!);
    }

    [Fact]
    public void In_yen_has_no_minor_digits() => Assert.Equal(1200, Read.One(Some.ShopifyOrder(price: "1200", currency: "jpy")).Order!.Gross);

    [Fact]
    public void From_the_till_is_in_store() => Assert.Equal((Channel.InStore, "5"), (Read.One(Some.ShopifyOrder(isPos: true)).Channel, Read.One(Some.ShopifyOrder(isPos: true)).Place));

    [Fact]
    public void Prefers_the_global_id_that_no_tool_has_rounded()
    {
        var record = Read.One(Some.Message("shopify", new { id = 820982911946154500, admin_graphql_api_id = "gid://shopify/Order/820982911946154508", created_at = Some.Moment, currency = "USD" }, "orders/create"));

        Assert.Equal("shopify:order:820982911946154508", record.Entity.Text);
    }

    [Fact]
    public void Of_a_test_order_is_ignored_unless_the_operator_wants_it()
    {
        Assert.Equal("test-order", Read.Ignored(Some.ShopifyOrder(isTest: true)));
        Assert.IsType<Normalization.Normalized>(Normalizer.Normalize(Some.ShopifyOrder(isTest: true), new NormalizationRules { IncludeTestOrders = true }));
    }

    [Fact]
    public void Without_a_topic_is_told_by_its_global_id_and_by_the_rest_wrapping()
    {
        var bare = Some.Message("shopify", new { id = 1, admin_graphql_api_id = "gid://shopify/Order/1", created_at = Some.Moment, currency = "USD" });
        var wrapped = Some.Message("shopify", new { order = new { id = 1, created_at = Some.Moment, currency = "USD" } });

        Assert.Equal(EntityKind.Order, Read.One(bare).Kind);
        Assert.Equal("shopify:order:1", Read.One(wrapped).Entity.Text);
    }

    [Fact]
    public void Of_a_refund_counts_goods_corrected_by_the_discrepancy()
    {
        var refund = Read.One(Some.Message("shopify", new
        {
            id = 9,
            order_id = 1,
            created_at = Some.Moment,
            refund_line_items = new[] { new { subtotal = 50.00m, total_tax = 4.00m, subtotal_set = new { shop_money = new { amount = "50.00", currency_code = "USD" } } } },
            order_adjustments = new object[] { new { kind = "refund_discrepancy", amount = "20.00" }, new { kind = "shipping_refund", amount = "-5.00" } },
        }, "refunds/create"));

        Assert.Equal("shopify:order:1", refund.Entity.Text);
        Assert.Equal(3000, Assert.Single(refund.Refunds!).Amount);
    }

    [Fact]
    public void Of_a_gift_card_is_no_sale()
    {
        var order = Read.One(Some.Message("shopify", new
        {
            id = 1,
            created_at = Some.Moment,
            currency = "USD",
            line_items = new[] { new { price = "50.00", quantity = 1, gift_card = true }, new { price = "8.00", quantity = 1, gift_card = false } },
        }, "orders/create")).Order!;

        Assert.Equal((800, 1), (order.Gross, order.Units));
    }

    [Fact]
    public void With_tax_in_its_prices_is_counted_without_it()
    {
        var order = Read.One(Some.Message("shopify", new
        {
            id = 1,
            created_at = Some.Moment,
            currency = "EUR",
            taxes_included = true,
            line_items = new[] { new { price = "119.00", quantity = 1, tax_lines = new[] { new { price = "19.00" } } } },
        }, "orders/create")).Order!;

        Assert.Equal(10000, order.Gross);
    }

    [Theory]
    [InlineData("{\"id\":1,\"created_at\":\"2026-03-01T10:00:00Z\",\"currency\":\"XXX\"}", "unknown-currency")]
    [InlineData("{\"id\":1,\"created_at\":\"2026-03-01T10:00:00Z\"}", "missing-currency")]
    [InlineData("{\"id\":1,\"currency\":\"USD\"}", "missing-field")]
    [InlineData("{\"created_at\":\"2026-03-01T10:00:00Z\",\"currency\":\"USD\"}", "missing-field")]
    [InlineData("{\"id\":1,\"created_at\":\"2026-03-01T10:00:00\",\"currency\":\"USD\"}", "invalid-time")]
    [InlineData("{\"id\":1,\"created_at\":\"0001-01-01T00:00:00Z\",\"currency\":\"USD\"}", "time-out-of-range")]
    [InlineData("{\"id\":1,\"created_at\":\"9999-12-31T00:00:00Z\",\"currency\":\"USD\"}", "time-out-of-range")]
    [InlineData("{\"id\":1,\"created_at\":\"2026-03-01T10:00:00Z\",\"currency\":\"USD\",\"total_tax\":\"a lot\"}", "invalid-number")]
    [InlineData("{\"id\":1,\"created_at\":\"2026-03-01T10:00:00Z\",\"currency\":\"USD\",\"total_tax\":1e400}", "invalid-number")]
    [InlineData("{\"id\":1,\"created_at\":\"2026-03-01T10:00:00Z\",\"currency\":\"USD\",\"total_tax\":1e27}", "invalid-number")]
    [InlineData("{\"id\":1,\"created_at\":\"2026-03-01T10:00:00Z\",\"currency\":\"USD\",\"line_items\":[{\"price\":\"1\",\"quantity\":-1}]}", "negative-quantity")]
    [InlineData("{\"id\":1,\"created_at\":\"2026-03-01T10:00:00Z\",\"currency\":\"USD\",\"line_items\":{}}", "invalid-field")]
    [InlineData("{\"id\":1,\"created_at\":\"2026-03-01T10:00:00Z\",\"currency\":\"USD\",\"email\":\"\\ud800\"}", "invalid-field")]
    [InlineData("[]", "not-an-object")]
    [InlineData("null", "not-an-object")]
    [InlineData("42", "not-an-object")]
    public void That_is_broken_is_quarantined_with_its_reason(string payload, string code)
    {
        var reason = Read.Quarantined(Some.Wrap("shopify", System.Text.Encoding.UTF8.GetBytes(payload), "orders/create"));

        Assert.Equal(code, reason.Code);
        Assert.EndsWith(".", reason.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void With_an_escaped_offset_in_its_time_is_read() => Assert.Equal(
        Some.Moment,
        Read.One(Some.Wrap("shopify", "{\"id\":1,\"created_at\":\"2026-03-01T11:00:00\\u002B01:00\",\"currency\":\"USD\"}"u8, "orders/create")).OccurredAt);

    [Theory]
    [InlineData("subscribed", true)]
    [InlineData("SUBSCRIBED", true)]
    [InlineData("unsubscribed", false)]
    [InlineData("pending", false)]
    public void Of_consent_tells_whether_the_customer_may_be_written_to(string state, bool consent)
    {
        var payload = new
        {
            customer_id = 1,
            email_address = "Jo@example.com",
            email_marketing_consent = new { state, opt_in_level = "single_opt_in", consent_updated_at = Some.Moment },
        };
        foreach (var topic in new[] { "customers_email_marketing_consent/update", "customers/email_marketing_consent_update", null })
        {
            var record = Read.One(Some.Wrap("shopify", System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(payload), topic));

            Assert.Equal((EntityKey.Of("shopify", EntityKind.Person, "1"), consent, Some.Moment),
                (record.Entity, record.Person!.MarketingConsent, record.OccurredAt));
            Assert.Equal(new PersonProfile(), record.Person with { MarketingConsent = null });
            Assert.Equal(["account shopify:1", "email jo@example.com"], record.Identifiers.Select(i => $"{Identifier.NameOf(i.Type)} {i.Value}"));
        }
    }

    [Theory]
    [InlineData("customers_marketing_consent/update")]
    [InlineData("customers/purchasing_summary")]
    [InlineData("customer.tags_added")]
    [InlineData("products/update")]
    public void Of_a_topic_that_no_metric_reads_is_ignored(string topic) =>
        Assert.Equal(new Normalization.Ignored("event-not-measured"),
            Normalizer.Normalize(Some.Wrap("shopify", "{\"id\":1}"u8, topic), NormalizationRules.Default));

    [Theory]
    [InlineData("checkouts/create")]
    [InlineData("fulfillments/update")]
    [InlineData("draft_orders/create")]
    [InlineData("returns/approve")]
    [InlineData("order_transactions/create")]
    [InlineData("app/uninstalled")]
    [InlineData("something/new")]
    public void Of_a_topic_that_may_hold_a_sale_waits(string topic) =>
        Assert.Equal("unknown-event", Read.Quarantined(Some.Wrap("shopify", "{\"id\":1}"u8, topic)).Code);

    [Fact]
    public void Of_a_merge_puts_both_accounts_on_one_person()
    {
        var merge = new { admin_graphql_api_customer_kept_id = "gid://shopify/Customer/1", admin_graphql_api_customer_deleted_id = "gid://shopify/Customer/2", status = "completed" };

        var record = Read.One(Some.Message("shopify", merge, "customers/merge"));

        Assert.Equal("account:shopify:1 account:shopify:2", string.Join(' ', record.Identifiers));
        Assert.Equal(record.Entity, Read.One(Some.Message("shopify", merge)).Entity);
    }

    [Theory]
    [InlineData("2026-02-28T12:00:00Z", 28)]
    [InlineData("yesterday", 1)]
    [InlineData(null, 1)]
    public void Of_a_merge_happened_when_its_header_says_else_when_it_came(string? triggered, int day)
    {
        var payload = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { admin_graphql_api_customer_kept_id = "gid://shopify/Customer/1", admin_graphql_api_customer_deleted_id = "gid://shopify/Customer/2", status = "completed" });
        var message = new MessageEnvelope("/shopify/test", "1", "shopify", "customers/merge", HasVendorId: true, payload)
        {
            Received = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
            Headers = triggered is null ? [] : [new(MessageEnvelope.ExtensionName("X-Shopify-Triggered-At"), triggered)],
        };

        Assert.Equal((day, 12), (Read.One(message.Wrap()).OccurredAt.Day, Read.One(message.Wrap()).OccurredAt.Hour));
    }

    [Theory]
    [InlineData("gid://shopify/Customer/")]
    [InlineData("7")]
    [InlineData(null)]
    public void Of_a_merge_that_does_not_say_of_whom_is_quarantined(string? kept) => Assert.Equal("missing-field", Read.Quarantined(Some.Message(
        "shopify", new { admin_graphql_api_customer_kept_id = kept, admin_graphql_api_customer_deleted_id = "gid://shopify/Customer/2", status = "completed" }, "customers/merge")).Code);

    [Fact]
    public void Of_a_merge_that_failed_is_ignored() => Assert.Equal("merge-not-completed", Read.Ignored(Some.Message("shopify", new
    {
        admin_graphql_api_customer_kept_id = "gid://shopify/Customer/1",
        admin_graphql_api_customer_deleted_id = "gid://shopify/Customer/2",
        status = "failed",
    })));

    [Fact]
    public void Of_an_edit_waits_for_the_update_that_comes_with_it() =>
        Assert.Equal("order-comes-with-update", Read.Ignored(Some.Message("shopify", new { order_edit = new { id = 1, order_id = 2 } })));

    [Fact]
    public void That_is_an_order_whose_tax_is_stated_once_is_freed_of_it()
    {
        var order = Read.One(Some.Wrap("shopify", """
            {"id":1,"created_at":"2026-03-01T10:00:00Z","currency":"USD","taxes_included":true,"total_tax":"21.00","line_items":[{"price":"121.00","quantity":1}]}
            """u8, "orders/create")).Order!;

        Assert.Equal((10_000L, 2_100L), (order.Gross, order.Tax));
    }

    [Fact]
    public void That_is_a_refund_in_its_order_knows_the_gift_card_by_the_number_of_its_line()
    {
        var record = Read.One(Some.Wrap("shopify", """
            {"id":1,"created_at":"2026-03-01T10:00:00Z","currency":"USD","line_items":[{"id":5,"price":"50.00","quantity":1,"gift_card":true},{"id":6,"price":"20.00","quantity":1}],
             "refunds":[{"id":9,"created_at":"2026-03-02T10:00:00Z","refund_line_items":[
               {"line_item_id":5,"subtotal":"50.00","subtotal_set":{"shop_money":{"amount":"50.00","currency_code":"USD"}}},
               {"line_item_id":6,"subtotal":"20.00","subtotal_set":{"shop_money":{"amount":"20.00","currency_code":"USD"}}}]}]}
            """u8, "orders/updated"));

        Assert.Equal(2_000L, Assert.Single(record.Refunds!).Amount);
    }

    [Fact]
    public void That_a_customer_was_deleted_says_so_of_the_profile()
    {
        var record = Read.One(Some.Wrap("shopify", """{"id":7,"admin_graphql_api_id":"gid://shopify/Customer/7"}"""u8, "customers/delete"));

        Assert.Equal(("shopify:person:7", true), (record.Entity.Text, record.Person!.Deleted));
    }

    [Fact]
    public void That_is_no_utf8_waits_with_the_place_of_the_byte()
    {
        byte[] payload = [.. """{"id":1,"email":"j"""u8, 0xF6, .. """rg@mail.example"}"""u8];

        var reason = Read.Quarantined(Some.Wrap("shopify", payload, "orders/create"));

        Assert.Equal("invalid-utf8", reason.Code);
        Assert.Contains("0xF6 at position 18", reason.Advice, StringComparison.Ordinal);
    }

    /// <summary>Shopify's total_price: lines less discounts, with shipping, tax, duties, tips and gift cards (Admin REST, Order).</summary>
    [Theory]
    [InlineData("\"line_items\":[{\"price\":\"20.00\",\"quantity\":2}],\"total_discounts\":\"5.00\",\"total_tax\":\"3.50\",\"total_price\":\"38.50\"", true)]
    [InlineData("\"line_items\":[{\"price\":\"20.00\",\"quantity\":1},{\"price\":\"25.00\",\"quantity\":1,\"gift_card\":true}],\"total_price\":\"45.00\"", true)]
    [InlineData("\"line_items\":[{\"price\":\"20.00\",\"quantity\":1}],\"total_tip_received\":\"2.00\",\"total_price\":\"22.00\"", true)]
    [InlineData("\"line_items\":[{\"price\":\"24.00\",\"quantity\":1,\"tax_lines\":[{\"price\":\"4.00\"}]}],\"taxes_included\":true,\"total_tax\":\"4.00\",\"total_price\":\"24.00\"", true)]
    [InlineData("\"line_items\":[{\"price\":\"20.00\",\"quantity\":1}],\"shipping_lines\":[{\"price\":\"5.00\"}],\"total_price\":\"25.00\"", true)]
    [InlineData("\"line_items\":[{\"price\":\"121.00\",\"quantity\":1}],\"taxes_included\":true,\"total_tax\":\"21.00\",\"total_price\":\"121.00\"", true)]
    [InlineData("\"line_items\":[{\"price\":\"20.00\",\"quantity\":1}],\"original_total_duties_set\":{\"shop_money\":{\"amount\":\"4.00\"}},\"original_total_additional_fees_set\":{\"shop_money\":{\"amount\":\"1.00\"}},\"total_price\":\"25.00\"", true)]
    [InlineData("\"line_items\":[{\"price\":\"20.00\",\"quantity\":1}]", null)]
    [InlineData("\"line_items\":[{\"price\":\"20.00\",\"quantity\":1}],\"a_new_fee\":\"3.00\",\"total_price\":\"23.00\"", false)]
    public void That_is_an_order_is_held_against_the_total_that_shopify_states(string fields, bool? agrees)
    {
        var record = Read.One(Some.Wrap("shopify", System.Text.Encoding.UTF8.GetBytes($$"""{"id":1,"created_at":"2026-03-01T10:00:00Z","currency":"USD",{{fields}}}"""), "orders/create"));

        Assert.Equal(agrees, record.Order!.Total is { } total ? !total.Differs : null);
        Assert.Equal(agrees == false, record.Flags?.Contains("total-differs") == true);
    }

    [Theory]
    [InlineData("customers/redact", "{\"customer\":{\"id\":1},\"orders_to_redact\":[1]}")]
    [InlineData(null, "{\"customer\":{\"id\":1},\"orders_to_redact\":[1]}")]
    [InlineData("customers/data_request", "{\"customer\":{\"id\":1},\"orders_requested\":[1],\"data_request\":{\"id\":9}}")]
    [InlineData(null, "{\"customer\":{\"id\":1},\"orders_requested\":[1],\"data_request\":{\"id\":9}}")]
    public void Of_a_persons_request_says_who_asks_for_what(string? topic, string payload)
    {
        var request = Assert.IsType<Normalization.Requested>(Normalizer.Normalize(Some.Wrap("shopify", System.Text.Encoding.UTF8.GetBytes(payload), topic), NormalizationRules.Default));

        Assert.Equal(payload.Contains("redact", StringComparison.Ordinal) ? "erase" : "export", request.Kind);
        Assert.Equal(["account:shopify:1"], request.Identifiers.Select(i => i.Key));
        Assert.Equal(["shopify:order:1"], request.Entities.Select(e => e.Text));
    }

    [Fact]
    public void Of_a_persons_request_with_an_unreadable_order_is_quarantined() => Assert.Equal(
        "invalid-field", Read.Quarantined(Some.Wrap("shopify", """{"customer":{"id":1},"orders_to_redact":["\ud800"]}"""u8, "customers/redact")).Code);

    [Theory]
    [InlineData("orders/fulfilled")]
    [InlineData("orders/partially_fulfilled")]
    [InlineData("shop/redact")]
    [InlineData("carts/create")]
    [InlineData("carts/update")]
    public void Of_what_is_not_measured_is_ignored(string topic) => Assert.Equal("event-not-measured", Read.Ignored(Some.Message("shopify", new { id = 1 }, topic)));

    [Theory]
    [InlineData("orders/updated")]
    [InlineData("orders/paid")]
    [InlineData("orders/cancelled")]
    public void Of_an_order_is_one_whatever_became_of_it(string topic) => Assert.Equal(
        "shopify:order:7", Read.One(Some.Message("shopify", new { id = 7, created_at = Some.Moment, currency = "USD", line_items = new[] { new { id = 1, price = "2.00", quantity = 1 } } }, topic)).Entity.Text);

    [Theory]
    [InlineData("customers/create")]
    [InlineData("customers/update")]
    [InlineData("customers/enable")]
    [InlineData("customers/disable")]
    public void Of_a_customer_is_a_person(string topic) => Assert.Equal(
        "shopify:person:9", Read.One(Some.Message("shopify", new { id = 9, created_at = Some.Moment, email = "a@example.com" }, topic)).Entity.Text);

    // The examples below follow the Admin REST API, resources Order and Refund, and shopify.dev "Webhooks" (headers, mandatory topics).
    [Fact]
    public void With_a_discount_on_shipping_takes_nothing_off_its_goods()
    {
        var order = Order("""
            "total_discounts":"11.00","total_shipping_price_set":{"shop_money":{"amount":"8.00"}},"total_price":"97.00","subtotal_price":"97.00",
            "line_items":[{"price":"100.00","quantity":1,"discount_allocations":[{"amount":"3.00"}]}],
            "shipping_lines":[{"price":"8.00","discounted_price":"0.00","discount_allocations":[{"amount":"8.00"}]}]
            """);

        Assert.Equal((10000, 300, 0), (order.Gross, order.Discounts, order.Shipping));
    }

    [Fact]
    public void With_tax_in_its_prices_has_shipping_without_its_tax()
    {
        var order = Order("""
            "taxes_included":true,"total_tax":"23.10","total_shipping_price_set":{"shop_money":{"amount":"12.10"}},
            "line_items":[{"price":"121.00","quantity":1,"tax_lines":[{"price":"21.00"}]}],"shipping_lines":[{"price":"12.10","tax_lines":[{"price":"2.10"}]}]
            """);

        Assert.Equal((10000, 1000, 2310), (order.Gross, order.Shipping, order.Tax));
    }

    [Theory]
    [InlineData("\"discount_allocations\":[{\"amount\":\"12.10\"}],")]
    [InlineData("")]
    public void With_tax_in_its_prices_frees_goods_and_discount_of_it(string allocations)
    {
        var order = Order($$"""
            "taxes_included":true,"total_discounts":"12.10","line_items":[{"price":"121.00","quantity":1,{{allocations}}"tax_lines":[{"price":"18.90"}]}]
            """);

        Assert.Equal((10000, 1000), (order.Gross, order.Discounts));
    }

    [Fact]
    public void With_a_tip_among_its_lines_sells_no_tip() => Assert.Equal(4000, Order("""
        "line_items":[{"price":"40.00","quantity":1},{"price":"6.00","quantity":1,"tip_payment_gateway":"shopify_payments"},{"price":"1.00","quantity":1,"tip":{"payment_gateway":"x"}}]
        """).Gross);

    [Theory]
    [InlineData("\"gift_card\":true")]
    [InlineData("\"tip_payment_gateway\":\"shopify_payments\"")]
    public void Of_a_refund_counts_no_gift_card_and_no_tip(string line) => Assert.Equal(3000, Refund($$$$"""
        "refund_line_items":[{"subtotal":30.0,"subtotal_set":{"shop_money":{"amount":"30.00","currency_code":"USD"}}},{"subtotal":6.0,"line_item":{"price":"6.00","quantity":1,{{{{line}}}} } } ]
        """).Amount);

    [Fact]
    public void Of_a_refund_whose_money_is_on_its_way_counts_the_goods() => Assert.Equal(24000, Refund("""
        "refund_line_items":[{"subtotal":240.0,"total_tax":31.2,"subtotal_set":{"shop_money":{"amount":"240.00","currency_code":"CAD"}}}],
        "order_adjustments":[{"kind":"refund_discrepancy","amount":"271.20"}],"transactions":[{"status":"pending","currency":"CAD"}]
        """).Amount);

    [Theory]
    [InlineData("\"kind\":\"refund_discrepancy\"", 1000)]
    [InlineData("\"reason\":\"Refund discrepancy\"", 1000)]
    [InlineData("\"reason\":\"Shipping refund\"", 0)]
    public void Of_a_refund_of_money_alone_reads_the_adjustment_in_its_newer_form(string kind, long amount) => Assert.Equal(amount, Refund($$"""
        "order_adjustments":[{ {{kind}},"amount_set":{"shop_money":{"amount":"-10.00","currency_code":"USD"} } }]
        """).Amount);

    [Fact]
    public void Of_a_refund_without_subtotals_multiplies_price_and_quantity() => Assert.Equal(1500, Refund("""
        "refund_line_items":[{"quantity":3,"line_item":{"price":"5.00","quantity":4}}],"transactions":[{"currency":"USD"}]
        """).Amount);

    [Fact]
    public void Of_a_refund_that_states_no_money_is_quarantined() => Assert.Equal("missing-field", Read.Quarantined(
        Some.Wrap("shopify", """{"id":9,"order_id":1,"created_at":"2026-03-01T10:00:00Z","refund_line_items":[{"quantity":3}],"transactions":[{"currency":"USD"}]}"""u8, "refunds/create")).Code);

    [Fact]
    public void Of_a_refund_in_test_mode_is_ignored() => Assert.Equal("test-order", Read.Ignored(
        Some.Wrap("shopify", """{"id":9,"order_id":1,"created_at":"2026-03-01T10:00:00Z","transactions":[{"test":true}]}"""u8, "refunds/create")));

    [Fact]
    public void Of_a_deleted_order_deletes_it()
    {
        var deleted = Read.One(Delivered("orders/delete", "{\"id\":7}", "e9", "2026-03-02T10:00:00Z"));

        Assert.Equal(("shopify:order:7", true), (deleted.Entity.Text, deleted.Deleted));
    }

    [Fact]
    public void Of_one_second_comes_after_those_that_were_triggered_before_it()
    {
        const string payload = """{"id":7,"created_at":"2026-03-01T10:00:00Z","updated_at":"2026-03-01T10:00:00Z","currency":"USD"}""";
        long VersionAt(string triggered, string updated) =>
            Read.One(Delivered("orders/updated", payload.Replace("\"updated_at\":\"2026-03-01T10:00:00Z", $"\"updated_at\":\"{updated}", StringComparison.Ordinal), "e1", triggered)).Version;

        Assert.True(VersionAt("2026-03-01T10:00:00.100Z", "2026-03-01T10:00:00Z") < VersionAt("2026-03-01T10:00:00.900Z", "2026-03-01T10:00:00Z"));
        Assert.True(VersionAt("2026-03-01T12:00:00Z", "2026-03-01T10:00:00Z") < VersionAt("2026-03-01T10:00:01Z", "2026-03-01T10:00:01Z"));
    }

    [Fact]
    public void Of_another_topic_is_no_duplicate_though_one_action_caused_both()
    {
        const string payload = """{"id":7,"created_at":"2026-03-01T10:00:00Z","currency":"USD"}""";

        Assert.NotEqual(Read.One(Delivered("orders/updated", payload, "e1")).Id, Read.One(Delivered("orders/cancelled", payload, "e1")).Id);
        Assert.Equal(Read.One(Delivered("orders/updated", payload, "e1")).Id, Read.One(Delivered("orders/updated", payload, "e1")).Id);
    }

    [Theory]
    [InlineData("orders/updated", "{\"id\":7}", "Fetch the order")]
    [InlineData(null, "{\"id\":\"gid://shopify/Order/7\",\"createdAt\":\"2026-03-01T10:00:00Z\"}", "GraphQL")]
    public void That_is_not_whole_says_what_to_send(string? topic, string payload, string advice) => Assert.Contains(
        advice, Read.Quarantined(Some.Wrap("shopify", System.Text.Encoding.UTF8.GetBytes(payload), topic)).Advice, StringComparison.Ordinal);

    private static OrderSnapshot Order(string fields) => Read.One(Some.Wrap(
        "shopify", System.Text.Encoding.UTF8.GetBytes("{\"id\":1,\"created_at\":\"2026-03-01T10:00:00Z\",\"currency\":\"USD\"," + fields + "}"), "orders/create")).Order!;

    private static RefundRecord Refund(string fields) => Assert.Single(Read.One(Some.Wrap(
        "shopify", System.Text.Encoding.UTF8.GetBytes("{\"id\":9,\"order_id\":1,\"created_at\":\"2026-03-01T10:00:00Z\"," + fields + "}"), "refunds/create")).Refunds!);

    private static byte[] Delivered(string topic, string payload, string eventId, string? triggered = null) =>
        new MessageEnvelope("/shopify/test", eventId, "shopify", topic, HasVendorId: true, System.Text.Encoding.UTF8.GetBytes(payload))
        {
            Headers = triggered is null ? [] : [new(MessageEnvelope.ExtensionName("X-Shopify-Triggered-At"), triggered)],
        }.Wrap();

    [Fact]
    public void Of_no_shape_that_is_known_is_quarantined() => Assert.Equal("unknown-shape", Read.Quarantined(Some.Wrap("shopify", "{\"moons\":2}"u8.ToArray())).Code);

    [Fact]
    public void Of_an_unknown_topic_is_quarantined() => Assert.Equal("unknown-event", Read.Quarantined(Some.Message("shopify", new { id = 1 }, "moons/landed")).Code);
}
