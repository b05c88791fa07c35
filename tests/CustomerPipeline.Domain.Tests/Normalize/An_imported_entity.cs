using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize;

public sealed class An_imported_entity
{
    [Fact]
    public void That_is_an_order_counts_its_lines_and_their_discounts_under_the_name_of_its_system()
    {
        var record = Read.One(Order(new { kind = "order", system = "Legacy-ERP", id = 1, channel = "online", placed_at = "2026-03-01T10:00:00Z", currency = "EUR", customer = "k1", lines = new[] { new { product = "p", quantity = "3", price = "2.00", net_price = "1.50" } } }));

        Assert.Equal("legacy-erp:order:1 account:legacy-erp:k1", $"{record.Entity} {record.Identifiers[0]}");
        Assert.Equal((600L, 150L, 3L), (record.Order!.Gross, record.Order.Discounts, record.Order.Units));
    }

    [Fact]
    public void That_is_an_order_without_lines_takes_net_and_discount()
    {
        var order = Read.One(Order(new { kind = "order", system = "erp", id = "1", channel = "in-store", store = "7", placed_at = "2026-03-01", time_zone = "Europe/Berlin", currency = "EUR", net = 10, discount = 2 })).Order!;

        Assert.Equal((1200L, 200L), (order.Gross, order.Discounts));
        Assert.Equal(new DateTimeOffset(2026, 2, 28, 23, 0, 0, TimeSpan.Zero), order.PlacedAt.ToUniversalTime());
    }

    [Theory]
    [InlineData("\"gross\":100,\"net\":85", "10000 1500")]
    [InlineData("\"gross\":100,\"net\":85,\"discount\":15", "10000 1500")]
    [InlineData("\"gross\":100,\"discount\":15", "10000 1500")]
    [InlineData("\"net\":85,\"discount\":15", "10000 1500")]
    [InlineData("\"lines\":[{\"price\":60},{\"price\":40,\"net_price\":35}]", "10000 500")]
    [InlineData("\"lines\":[{\"price\":60},{\"price\":40,\"net_price\":35}],\"discount\":10", "10000 1500")]
    [InlineData("\"lines\":[{\"price\":60},{\"price\":40,\"net_price\":35}],\"net\":85", "10000 1500")]
    [InlineData("\"lines\":[{\"price\":33.333,\"quantity\":3}],\"gross\":100", "10000 0")]
    [InlineData("\"gross\":100,\"net\":100,\"discount\":15", "contradicting-amounts: net is 100.00, but gross less discount is 85.00")]
    [InlineData("\"gross\":999,\"lines\":[{\"price\":10,\"quantity\":2}]", "contradicting-amounts: gross is 999.00, but the sum of the lines is 20.00")]
    [InlineData("\"gross\":85,\"net\":100", "contradicting-amounts: net is 100.00")]
    [InlineData("\"gross\":85,\"discount\":100", "contradicting-amounts: discount is 100.00, but gross is 85.00")]
    [InlineData("\"lines\":[{\"price\":40,\"net_price\":35}],\"net\":38", "contradicting-amounts: discount is 2.00")]
    [InlineData("\"lines\":[{\"price\":40,\"net_price\":45}]", "contradicting-amounts: A line has a net_price above its price")]
    [InlineData("\"gross\":-20", "negative-amount: gross")]
    [InlineData("\"net\":20,\"shipping\":-1", "negative-amount: shipping")]
    [InlineData("\"net\":20,\"tax\":-1", "negative-amount: tax")]
    [InlineData("\"net\":20,\"discount\":-1", "negative-amount: discount")]
    [InlineData("\"lines\":[{\"price\":-3}]", "negative-amount: The price of a line")]
    [InlineData("\"net\":20,\"discunt\":1", "unknown-field: The import shape has no field 'discunt'")]
    [InlineData("\"lines\":[{\"price\":3,\"artcle\":\"a\"}]", "unknown-field: The import shape has no field 'artcle'")]
    [InlineData("\"net\":20,\"jo@mail.example said\":1", "unknown-field: The import shape has no field '…'")]
    [InlineData("\"net\":20,\"customer\":\"1.23457E+15\"", "cut-identifier: customer")]
    [InlineData("\"net\":20,\"loyalty\":1.23457E+15", "cut-identifier: $.loyalty")]
    public void That_is_an_order_has_amounts_that_agree(string amounts, string expected)
    {
        var message = Some.Wrap("import", System.Text.Encoding.UTF8.GetBytes(
            $$"""{"kind":"order","system":"erp","id":"1","placed_at":"2026-03-01T10:00:00Z","currency":"EUR","channel":"online",{{amounts}}}"""));
        if (char.IsAsciiDigit(expected[0]))
        {
            Assert.Equal(expected, $"{Read.One(message).Order!.Gross} {Read.One(message).Order!.Discounts}");
        }
        else
        {
            Assert.StartsWith(expected, $"{Read.Quarantined(message).Code}: {Read.Quarantined(message).Advice}", StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Whose_day_has_no_time_counts_on_that_day()
    {
        var order = Read.One(Order(new { kind = "order", system = "erp", id = "1", channel = "online", placed_at = "2026-03-01", time_zone = "Asia/Tokyo", currency = "EUR", net = 1 }));
        var refund = Read.One(Order(new { kind = "refund", system = "erp", id = "r", order = "1", refunded_at = "2026-03-02", time_zone = "Asia/Tokyo", currency = "EUR", net = 1 }));

        Assert.Equal((new DateOnly(2026, 3, 1), new DateOnly(2026, 3, 2)), (order.Order!.BusinessDay, refund.Refunds![0].BusinessDay));
    }

    [Theory]
    [InlineData("2026-04-01T00:00:00Z", null, 1)]
    [InlineData("2026-04-01T00:00:00Z", "2026-03-02T00:00:00Z", -1)]
    public void Is_as_new_as_it_says_or_else_as_it_was_received(string received, string? updatedAt, int later)
    {
        var first = Version("2026-03-15T00:00:00Z", null);

        Assert.Equal(later, Math.Sign(Version(received, updatedAt).CompareTo(first)));

        static long Version(string received, string? updatedAt)
        {
            Assert.True(MessageEnvelope.TryRead(
                Order(new { kind = "order", system = "erp", id = "1", channel = "online", placed_at = "2026-03-01T00:00:00Z", updated_at = updatedAt, currency = "EUR", net = 1 }), out var envelope, out _));
            return Read.One((envelope! with { Received = DateTimeOffset.Parse(received, System.Globalization.CultureInfo.InvariantCulture) }).Wrap()).Version;
        }
    }

    [Theory]
    [InlineData("\"lines\":[{\"price\":2},{\"price\":3,\"net_price\":2.5,\"quantity\":2}]", "700")]
    [InlineData("\"lines\":[{\"price\":2}],\"net\":2", "200")]
    [InlineData("\"lines\":[{\"price\":2}],\"net\":3", "contradicting-amounts")]
    [InlineData("\"net\":-40", "negative-amount")]
    [InlineData("\"lines\":[{\"price\":2,\"quantity\":-1}]", "negative-quantity")]
    [InlineData("\"order\":\"1\"", "")]
    public void That_is_a_refund_gives_back_its_lines_or_what_it_says(string amounts, string expected)
    {
        var message = Some.Wrap("import", System.Text.Encoding.UTF8.GetBytes(
            $$"""{"kind":"refund","system":"erp","id":"r","order":"1","refunded_at":"2026-03-01T10:00:00Z","currency":"EUR",{{amounts}}}"""));

        Assert.Equal(expected, Normalizer.Normalize(message, NormalizationRules.Default) is Normalization.Quarantined quarantined ? quarantined.Reason.Code : $"{Read.One(message).Refunds![0].Amount}");
    }

    [Theory]
    [InlineData("Solved", "solved")]
    [InlineData(" CLOSED ", "closed")]
    [InlineData("on-hold", "hold")]
    [InlineData("open", "open")]
    [InlineData("", "solved")]
    [InlineData("Resolved", "invalid-field")]
    public void That_is_a_ticket_has_a_status_that_is_known(string status, string expected)
    {
        var message = Order(new { kind = "ticket", system = "desk", id = "1", created_at = "2026-03-01T10:00:00Z", solved_at = "2026-03-01T12:00:00Z", status });

        Assert.Equal(expected, Normalizer.Normalize(message, NormalizationRules.Default) is Normalization.Quarantined quarantined ? quarantined.Reason.Code : Read.One(message).Ticket!.Status);
    }

    [Fact]
    public void That_is_a_refund_belongs_to_its_order()
    {
        var record = Read.One(Order(new { kind = "refund", system = "erp", id = "r", order = "1", refunded_at = "2026-03-02T10:00:00Z", currency = "EUR", net = 4 }));

        Assert.Equal(("erp:order:1", 400L), (record.Entity.Text, record.Refunds![0].Amount));
    }

    [Fact]
    public void That_is_a_ticket_has_its_totals()
    {
        var ticket = Read.One(Order(new { kind = "ticket", system = "desk", id = "1", created_at = "2026-03-01 10:00:00", solved_at = "2026-03-01 12:00:00", time_zone = "UTC", status = "solved", rating = "5", reopens = 1, customer = "k1" })).Ticket!;

        Assert.Equal((Some.Moment, Some.Moment.AddHours(2), 1, true), (ticket.CreatedAt, ticket.SolvedAt, ticket.Reopens, ticket.Rating!.Value.IsSatisfied));
    }

    [Theory]
    [InlineData("an-erp-whose-name-has-forty-characters-40", false)]
    [InlineData("an-erp-whose-name-has-forty-characters-4", true)]
    [InlineData("erp_2", false)]
    [InlineData("ERP-2", true)]
    public void Is_of_a_system_with_a_short_and_simple_name(string system, bool isGood) => Assert.Equal(
        isGood,
        Normalizer.Normalize(Order(new { kind = "order", system, id = "1", channel = "online", placed_at = Some.Moment, currency = "EUR", net = 1 }), NormalizationRules.Default) is Normalization.Normalized);

    [Theory]
    [InlineData("1000000000000", "1", true)]
    [InlineData("1000000000001", "1", false)]
    [InlineData("0.01", "1000000000", true)]
    [InlineData("0.01", "1000000001", false)]
    public void With_prices_and_quantities_that_cannot_be_is_quarantined(string price, string quantity, bool isGood) => Assert.Equal(
        isGood,
        Normalizer.Normalize(Order(new { kind = "order", system = "erp", id = "1", channel = "online", placed_at = Some.Moment, currency = "EUR", lines = new[] { new { price, quantity } } }), NormalizationRules.Default) is Normalization.Normalized);

    [Theory]
    [InlineData(1, true)]
    [InlineData(7, true)]
    [InlineData(0, false)]
    [InlineData(8, false)]
    public void That_is_a_ticket_takes_an_ease_of_its_scale(int ces, bool isGood) => Assert.Equal(
        isGood, Normalizer.Normalize(Order(new { kind = "ticket", system = "desk", id = "1", created_at = Some.Moment, ces, customer = "k1" }), NormalizationRules.Default) is Normalization.Normalized);

    [Theory]
    [InlineData("{\"kind\":\"moon\"}", "unknown-event")]
    [InlineData("{\"kind\":\"order\",\"system\":\"shopify\",\"id\":\"1\",\"placed_at\":\"2026-03-01T10:00:00Z\",\"currency\":\"EUR\",\"channel\":\"online\",\"net\":1}", "invalid-field")]
    [InlineData("{\"kind\":\"order\",\"system\":\"erp\",\"id\":\"1\",\"placed_at\":\"2026-03-01 10:00\",\"currency\":\"EUR\",\"channel\":\"online\",\"net\":1}", "missing-time-zone")]
    [InlineData("{\"kind\":\"order\",\"system\":\"erp\",\"id\":\"1\",\"placed_at\":\"2026-03-01 10:00\",\"time_zone\":\"Mars/Olympus\",\"currency\":\"EUR\",\"channel\":\"online\",\"net\":1}", "unknown-time-zone")]
    [InlineData("{\"kind\":\"order\",\"system\":\"erp\",\"id\":\"1\",\"placed_at\":\"2026-03-01T10:00:00Z\",\"channel\":\"online\",\"net\":1}", "missing-currency")]
    [InlineData("{\"kind\":\"order\",\"system\":\"erp\",\"id\":\"1\",\"placed_at\":\"2026-03-01T10:00:00Z\",\"currency\":\"EUR\",\"channel\":\"online\"}", "missing-amount")]
    [InlineData("{\"kind\":\"order\",\"system\":\"erp\",\"id\":\"1\",\"placed_at\":\"2026-03-01T10:00:00Z\",\"currency\":\"EUR\",\"net\":1}", "missing-field")]
    public void That_lacks_what_it_needs_is_quarantined(string payload, string code) =>
        Assert.Equal(code, Read.Quarantined(Some.Wrap("import", System.Text.Encoding.UTF8.GetBytes(payload))).Code);

    [Theory]
    [InlineData("reopens", "-1", "invalid-number")]
    [InlineData("reopens", "2000000", "invalid-number")]
    [InlineData("nps", "11", "invalid-field")]
    [InlineData("nps", "-1", "invalid-field")]
    [InlineData("nps", "7.5", "invalid-field")]
    [InlineData("ces", "0", "invalid-field")]
    [InlineData("rating", "\"so so\"", "invalid-field")]
    [InlineData("rating", "\"6\"", "invalid-field")]
    public void That_is_a_ticket_with_an_impossible_answer_is_quarantined(string field, string value, string code) => Assert.Equal(
        code, Read.Quarantined(Some.Wrap("import", System.Text.Encoding.UTF8.GetBytes($$"""{"kind":"ticket","system":"desk","id":"1","created_at":"2026-03-01T10:00:00Z","{{field}}":{{value}}}"""))).Code);

    [Theory]
    [InlineData("good", true)]
    [InlineData(" Bad ", false)]
    [InlineData("4", true)]
    [InlineData("1", false)]
    [InlineData("offered", null)]
    [InlineData("unoffered", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void That_is_a_ticket_has_the_rating_that_was_given(string? rating, bool? isSatisfied) => Assert.Equal(
        isSatisfied, Read.One(Order(new { kind = "ticket", system = "desk", id = "1", created_at = "2026-03-01T10:00:00Z", rating })).Ticket!.Rating?.IsSatisfied);

    [Theory]
    [InlineData("yes", true)]
    [InlineData("TRUE", true)]
    [InlineData("1", true)]
    [InlineData("no", false)]
    [InlineData("False", false)]
    [InlineData("0", false)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void That_is_a_person_consented_or_not_as_far_as_it_says(string? consent, bool? consented) => Assert.Equal(
        consented, Read.One(Order(new { kind = "person", system = "crm", id = "1", created_at = "2026-03-01T10:00:00Z", marketing_consent = consent })).Person!.MarketingConsent);

    /// <summary>A consent that was taken back counts, whatever is received after it.</summary>
    [Fact]
    public void That_is_a_person_is_newer_by_when_it_was_updated()
    {
        long VersionOf(string updatedAt) => Read.One(Order(new { kind = "person", system = "crm", id = "1", updated_at = updatedAt, marketing_consent = "no" })).Version;

        Assert.Equal(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks, VersionOf("2026-06-01T00:00:00Z"));
        Assert.True(VersionOf("2026-05-01T00:00:00Z") < VersionOf("2026-06-01T00:00:00Z"));
    }

    [Fact]
    public void That_is_a_person_without_a_time_or_an_id_of_its_own_takes_what_there_is()
    {
        var record = Read.One(Order(new { kind = "person", system = "crm", customer = "k1" }));

        Assert.Equal(("crm:person:k1", "account:crm:k1"), (record.Entity.Text, record.Identifiers[0].ToString()));
    }

    [Theory]
    [InlineData("{\"quantity\":-1,\"price\":1}", "negative-quantity")]
    [InlineData("{\"quantity\":1}", "missing-amount")]
    public void That_is_an_order_with_an_impossible_line_is_quarantined(string line, string code) => Assert.Equal(
        code, Read.Quarantined(Some.Wrap("import", System.Text.Encoding.UTF8.GetBytes($$"""{"kind":"order","system":"erp","id":"1","placed_at":"2026-03-01T10:00:00Z","currency":"EUR","channel":"online","lines":[{{line}}]}"""))).Code);

    [Theory]
    [InlineData("pending")]
    [InlineData("void")]
    [InlineData("cancelled")]
    [InlineData("Paid")]
    [InlineData(null)]
    public void That_is_an_order_has_the_status_it_says(string? status) => Assert.Equal(
        status switch { "pending" => Domain.Normalize.SaleStatus.Pending, "void" => Domain.Normalize.SaleStatus.Void, _ => Domain.Normalize.SaleStatus.Placed },
        Read.One(Order(new { kind = "order", system = "erp", id = "1", placed_at = "2026-03-01T10:00:00Z", currency = "EUR", channel = "online", gross = 3, status })).Order!.Status);

    private static ReadOnlyMemory<byte> Order(object payload) => Some.Message("import", payload);
}
