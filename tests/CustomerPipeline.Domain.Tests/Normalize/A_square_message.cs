using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize;

public sealed class A_square_message
{
    [Fact]
    public void Of_a_completed_payment_is_a_sale_without_the_tip()
    {
        var record = Read.One(Some.SquarePayment(amount: 1250, tip: 200));

        Assert.Equal((SaleStatus.Placed, 1250, 200), (record.Order!.Status, record.Order.Gross, record.Order.Tips));
        Assert.Equal((Channel.InStore, "L1"), (record.Channel, record.Place));
    }

    [Theory]
    [InlineData("APPROVED", SaleStatus.Pending)]
    [InlineData("PENDING", SaleStatus.Pending)]
    [InlineData("COMPLETED", SaleStatus.Placed)]
    [InlineData("CANCELED", SaleStatus.Void)]
    [InlineData("FAILED", SaleStatus.Void)]
    public void Of_a_payment_is_a_sale_only_once_it_is_completed(string status, SaleStatus expected) =>
        Assert.Equal(expected, Read.One(Some.SquarePayment(status: status)).Order!.Status);

    [Fact]
    public void Of_a_refund_belongs_to_its_payment_not_to_its_return_order() => Assert.Equal("square:order:p1", Read.One(Some.SquareRefund("p1")).Entity.Text);

    [Fact]
    public void Under_one_event_id_as_created_and_as_updated_is_two_messages()
    {
        var created = Read.One(Some.SquareRefund(status: "PENDING", eventId: "same", type: "refund.created"));
        var updated = Read.One(Some.SquareRefund(status: "COMPLETED", eventId: "same", type: "refund.updated"));

        Assert.NotEqual(created.Id, updated.Id);
    }

    [Fact]
    public void Of_a_customer_links_account_email_and_phone() => Assert.Equal(
        ["account:square:C1", "email:jo@example.com", "phone:+12126668929"],
        Read.One(Some.SquareCustomer("C1", "jo@example.com", "+12126668929")).Identifiers.Select(i => i.Key));

    [Fact]
    public void Of_a_thin_order_event_is_ignored() =>
        Assert.Equal("thin-order-event", Read.Ignored(Some.Message("square", new { type = "order.created", event_id = "1", created_at = Some.Moment })));

    [Fact]
    public void With_a_negative_amount_is_quarantined() => Assert.Equal("invalid-number", Read.Quarantined(Some.SquarePayment(amount: -1)).Code);

    [Fact]
    public void That_is_an_answer_of_the_orders_api_is_as_thin_as_an_order_event() => Assert.Equal("thin-order-event", Read.Ignored(Some.Message("square", new { order = new { id = "1" } })));

    /// <summary>objects/Order: total_money holds tax, tips, service charges and gift cards.</summary>
    [Fact]
    public void That_is_an_order_says_what_its_payments_were_for()
    {
        var record = Read.One(Some.SquareOrder("O", goods: 10_000, tax: 800, giftCard: 2_500, tip: 300, customer: "C1"));

        var order = record.Order!;
        Assert.Equal((10_000, 0, 800, 2, 13_300), (order.Gross, order.Discounts, order.Tax, order.Units, order.Due));
        Assert.False(order.Total!.Differs);
        Assert.Equal((record.Entity, "account:square:C1"), (record.Part, Assert.Single(record.Identifiers).Key));
    }

    [Fact]
    public void That_is_an_order_with_tax_inside_has_neither_goods_nor_discounts_with_tax()
    {
        // 120.00 with 20 % inside, of which 12.00 were taken off: 108.00, of which 18.00 are tax.
        var order = Read.One(Some.Message("square", new
        {
            order = new
            {
                id = "O",
                created_at = Some.Moment,
                total_money = new { amount = 10_800, currency = "EUR" },
                total_tax_money = new { amount = 1_800, currency = "EUR" },
                total_discount_money = new { amount = 1_200, currency = "EUR" },
                taxes = new[] { new { type = "INCLUSIVE" } },
            },
        })).Order!;

        Assert.Equal((10_000, 1_000, 1_800), (order.Gross, order.Discounts, order.Tax));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1000000001")]
    public void That_is_an_order_of_an_impossible_quantity_is_quarantined(string quantity) => Assert.Equal("invalid-number", Read.Quarantined(Some.Message("square", new
    {
        order = new { id = "O", created_at = Some.Moment, total_money = new { amount = 1, currency = "USD" }, line_items = new[] { new { quantity, base_price_money = new { amount = 1, currency = "USD" } } } },
    })).Code);

    [Fact]
    public void That_is_an_order_whose_amounts_disagree_is_quarantined() => Assert.Equal("amounts-disagree", Read.Quarantined(Some.Message("square", new
    {
        order = new { id = "O", created_at = Some.Moment, total_money = new { amount = 100, currency = "USD" }, total_tax_money = new { amount = 101, currency = "USD" } },
    })).Code);

    [Fact]
    public void Of_a_payment_of_an_order_counts_in_the_order_and_leaves_word_at_the_payment()
    {
        var records = Read.All(Some.SquarePayment("p1", 1_000, customer: "C1", order: "O"));

        Assert.Equal(["square:order:O", "square:order:p1"], records.Select(r => r.Entity.Text));
        Assert.Equal((records[1].Entity, records[0].Entity), (records[0].Part!.Value, records[1].PartOf!.Value));
        Assert.Empty(records[1].Identifiers);
    }

    [Fact]
    public void That_is_an_answer_of_the_payments_api_is_read_like_an_event()
    {
        var record = Read.One(Some.Message("square", new
        {
            payment = new { id = "p1", status = "COMPLETED", amount_money = new { amount = 1000, currency = "USD" }, created_at = Some.Moment, updated_at = Some.Moment },
        }));

        Assert.Equal(("square:order:p1", 1000L), (record.Entity.Text, record.Order!.Gross));
    }

    [Fact]
    public void That_is_an_answer_without_a_time_of_change_is_as_of_its_making()
    {
        var refund = Read.One(Some.Message("square", new { refund = new { id = "r1", payment_id = "p1", status = "REJECTED", amount_money = new { amount = 1, currency = "USD" }, created_at = Some.Moment } }));
        var customer = Read.One(Some.Message("square", new { customer = new { id = "C1", family_name = "Doe", created_at = Some.Moment } }));
        var payment = Read.One(Some.Message("square", new { payment = new { id = "p1", amount_money = new { amount = 1, currency = "USD" }, created_at = Some.Moment } }));

        Assert.Equal(("square:order:p1", RefundStatus.Failed, Some.Moment.UtcTicks), (refund.Entity.Text, Assert.Single(refund.Refunds!).Status, refund.Version));
        Assert.Equal(("square:person:C1", "Doe", Some.Moment.UtcTicks), (customer.Entity.Text, customer.Person!.Name, customer.Version));
        Assert.Equal((SaleStatus.Pending, Some.Moment.UtcTicks), (payment.Order!.Status, payment.Version));
    }

    [Theory]
    [InlineData("ONLINE_STORE", Channel.Online)]
    [InlineData("ECOMMERCE_API", Channel.Online)]
    [InlineData("SQUARE_POS", Channel.InStore)]
    [InlineData(null, Channel.InStore)]
    public void Of_a_payment_belongs_to_the_channel_of_its_application(string? product, Channel expected) => Assert.Equal(expected, Read.One(Some.Message("square", new
    {
        payment = new { id = "p1", status = "COMPLETED", amount_money = new { amount = 1, currency = "USD" }, application_details = new { square_product = product }, created_at = Some.Moment },
    })).Channel);

    [Theory]
    [InlineData("payment", "data.object.payment")]
    [InlineData("refund", "data.object.refund")]
    [InlineData("customer", "data.object.customer")]
    public void That_lacks_what_it_is_about_is_quarantined_and_says_what_is_missing(string subject, string field)
    {
        foreach (var data in new object?[] { null, new { id = "1" }, new { id = "1", @object = new { } } })
        {
            var reason = Read.Quarantined(Some.Message("square", new { type = $"{subject}.updated", event_id = "1", created_at = Some.Moment, data }));

            Assert.Equal("missing-field", reason.Code);
            Assert.Contains(field, reason.Advice, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Without_an_amount_is_quarantined()
    {
        Assert.Equal("missing-field", Read.Quarantined(Some.Message("square", new { payment = new { id = "p1", created_at = Some.Moment, amount_money = new { currency = "USD" } } })).Code);
        Assert.Equal("missing-field", Read.Quarantined(Some.Message("square", new { refund = new { id = "r1", payment_id = "p1", created_at = Some.Moment, amount_money = new { currency = "USD" } } })).Code);
        Assert.Equal("invalid-number", Read.Quarantined(Some.SquarePayment(amount: 1_000_000_000_000_001)).Code);
    }

    [Fact]
    public void That_is_neither_an_event_nor_an_answer_is_quarantined() => Assert.Equal("missing-field", Read.Quarantined(Some.Message("square", new { errors = Array.Empty<int>() })).Code);

    [Fact]
    public void Of_a_merge_puts_all_its_customers_on_one_person()
    {
        var record = Read.One(Some.Message("square", new
        {
            type = "customer.created",
            event_id = "e",
            created_at = Some.Moment,
            data = new { id = "C3", @object = new { customer = new { id = "C3" }, event_context = new { merge = new { from_customer_ids = new[] { "C1", "C2" }, to_customer_id = "C3" } } } },
        }));

        Assert.Equal("account:square:C1 account:square:C2 account:square:C3", string.Join(' ', record.Identifiers));
    }

    // Square Refunds API: an unlinked refund gives back what another provider took, and has no payment.
    [Fact]
    public void Of_an_unlinked_refund_stands_alone()
    {
        var refund = Read.One(Some.Message("square", new { refund = new { id = "r9", unlinked = true, status = "COMPLETED", amount_money = new { amount = 1500, currency = "USD" }, created_at = Some.Moment } }));

        Assert.Equal(("square:order:unlinked:r9", 1500), (refund.Entity.Text, Assert.Single(refund.Refunds!).Amount));
    }

    [Theory]
    [InlineData("dispute.created")]
    [InlineData("invoice.published")]
    [InlineData("loyalty.account.updated")]
    [InlineData("payout.sent")]
    [InlineData("terminal.checkout.created")]
    public void Of_what_no_metric_reads_is_ignored(string type) => Assert.Equal("event-not-measured", Read.Ignored(Some.Message("square", new { type, event_id = "e", created_at = Some.Moment })));

    /// <summary>Square, Optimistic concurrency: each update raises the version by one.</summary>
    [Fact]
    public void Of_a_customer_is_newer_by_its_version_within_one_instant()
    {
        long Version(int version) => Read.One(Some.Message("square", new
        {
            type = "customer.updated",
            event_id = $"e{version}",
            created_at = Some.Moment,
            data = new { id = "c", @object = new { customer = new { id = "c", version } } },
        })).Version;

        Assert.True(Version(1) < Version(2));
    }
}
