using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Lifetime;
using CustomerPipeline.Domain.Snapshots;
using static CustomerPipeline.Domain.Tests.Told;

namespace CustomerPipeline.Domain.Tests.Snapshots;

/// <summary>What each stock metric means, as an example.</summary>
public sealed class The_customer_base
{
    [Fact]
    public void Active_customers_purchased_within_so_many_days() => Assert.Equal(["30 1", "90 2", "365 3"], Answer("active-customers", 400, [Order(380)], [Order(310)], [Order(40)], [Order(390, returns: (391, 100_00))]));

    [Fact]
    public void Every_customer_is_in_one_stage() => Assert.Equal(
        ["prospect 1", "new 1", "active 1", "at-risk 1", "lapsed 2", "won-back 1"],
        Answer("customers-by-stage", 400, [Visit(1)], [Order(350)], [Order(330), Order(390)], [Order(250), Order(280)], [Order(10)], [Order(10), Order(20)], [Order(10), Order(390)]));

    [Fact]
    public void Historic_value_is_net_sales_of_those_who_purchased_in_each_currency() =>
        Assert.Equal(["EUR 50.00", "USD 90.00"], Answer("historic-value", 100, [Order(0), Order(1, net: 20_00, returns: (2, 20_00))], [Order(0, net: 80_00)], [Order(0, net: 50_00, currency: "EUR")]));

    [Fact]
    public void Historic_value_is_told_with_the_middle_and_the_ninth_tenth_of_the_customers_currency_by_currency()
    {
        var customers = Enumerable.Range(1, 20).Select(i => new[] { Order(0, net: i * 1_00) }).Append([Order(0, net: 7_00, currency: "EUR")]).Append([Order(0, net: 9_00, currency: "CHF")]);

        Assert.Equal(
            ["CHF value=9.00 total=9.00 median=9.00 p90=9.00 customers=1", "EUR value=7.00 total=7.00 median=7.00 p90=7.00 customers=1", "USD value=10.50 total=210.00 median=10.00 p90=18.00 customers=20"],
            Details("historic-value", 10, [.. customers]));
        Assert.Equal(["CHF value=1 topCustomers=1 topSales=9.00 customers=1 sales=9.00", "USD value=0.185714 topCustomers=2 topSales=39.00 customers=20 sales=210.00"], Details("revenue-concentration", 10, [.. customers]).Where((_, i) => i != 1));
        Assert.Equal(["CHF", "EUR", "USD"], Answer("customer-equity", 10, [.. customers]).Select(r => r.Trim()));
    }

    [Fact]
    public void A_segment_sells_in_each_currency() => Assert.Equal(
        ["CHF 9.00", "EUR 7.00", "USD 5.00"],
        Answer("net-sales-by-segment", 10, [Order(0, net: 5_00)], [Order(0, net: 7_00, currency: "EUR")], [Order(0, net: 9_00, currency: "CHF")]).Select(r => r[^8..].Trim()));

    [Theory]
    [InlineData(180, "active 1")]
    [InlineData(181, "won-back 1")]
    public void A_customer_is_won_back_after_more_than_half_a_year(int days, string stage) =>
        Assert.Contains(stage, Answer("customers-by-stage", 400, [Order(400 - days), Order(400)]));

    [Fact]
    public void The_models_know_of_a_buyer_the_days_of_purchases_that_were_paid_for()
    {
        // Day 400 less half a year is day 218.
        var history = History(400, Order(0, net: 50_00), Order(0.5, net: 5_00), Order(7, net: 10_00), Order(14, net: 0, discount: 9_00), Order(21, net: 7_00, currency: "EUR"), Order(218, net: 20_00), Order(350, net: 30_00), Order(360, returns: (365, 100_00)));
        var buyer = Buyer.Of(history, First.AddDays(400));

        Assert.Equal(("USD", 7, 115_00L), (buyer.Currency, buyer.Purchases, buyer.Sales));
        Assert.Equal(new RepeatPurchases(4, 50, 400 / 7.0), buyer.Repeats);
        Assert.Equal(new RepeatSpend(3, 20_00), buyer.Spend);
        Assert.Equal((First.AddDays(350), First.AddDays(218)), (buyer.LastDay, buyer.DayBefore));
        Assert.Equal((new RepeatPurchases(3, 218 / 7.0, 218 / 7.0), 1), (buyer.Calibration, buyer.Holdout));
    }

    [Fact]
    public void The_models_know_nothing_of_who_never_paid_and_of_half_a_year_ago_nothing_of_who_came_since()
    {
        var free = Buyer.Of(History(400, Order(390, net: 0, discount: 9_00)), First.AddDays(400));
        var recent = Buyer.Of(History(400, Order(390)), First.AddDays(400));

        Assert.Equal((default, default, null, 0), (free.Repeats, free.Spend, free.Calibration, free.Holdout));
        Assert.Equal((new RepeatPurchases(0, 0, 10 / 7.0), null, 1, null), (recent.Repeats, recent.Calibration, recent.Holdout, recent.DayBefore));
    }

    [Fact]
    public void Concentration_is_what_the_top_tenth_rounded_up_made() => Assert.Equal(["USD 0.8"], Answer("revenue-concentration", 10, [Order(0, net: 80_00)], [Order(0, net: 10_00)], [Order(0, net: 10_00)]));

    [Fact]
    public void Revenue_retention_asks_what_those_of_the_year_before_did_in_the_last() =>
        Assert.Equal(["USD 0.5"], Answer("net-revenue-retention", 800, [Order(10, net: 9_00), Order(100), Order(500, net: 75_00)], [Order(100, net: 50_00)], [Order(500)]));

    [Fact]
    public void Revenue_retention_counts_customers_of_the_last_two_years()
    {
        // Day 800 is 2028-03-11: two years before it is day 69, and one year day 434.
        var customers = Enumerable.Repeat(new[] { Order(69, net: 1_00), Order(70, net: 10_00), Order(434, net: 10_00), Order(435, net: 5_00) }, 3).Append([Order(69)]).Append([Order(100, net: 1_00, currency: "EUR")]);

        Assert.Equal(["EUR value=0 before=1.00 now=0.00 customers=1", "USD value=0.25 before=60.00 now=15.00 customers=3"], Details("net-revenue-retention", 800, [.. customers]));
    }

    [Fact]
    public void A_cohort_tells_how_many_came_back_of_how_many() => Assert.Equal(
        ["2026-01 0 value=1 customers=4 cohortCustomers=4", "2026-01 1 value=0.75 customers=3 cohortCustomers=4"],
        Details("cohort-retention", 100, [Order(0), Order(40)], [Order(0), Order(40)], [Order(0), Order(40)], [Order(0)]));

    [Fact]
    public void A_cohort_is_the_month_of_the_first_purchase() => Assert.Equal(
        ["2026-01 0 1", "2026-01 1 0.5", "2026-02 0 1"],
        Answer("cohort-retention", 100, [Order(0), Order(1), Order(40)], [Order(30)], [Order(32), Order(80, returns: (81, 100_00))], [Order(0, returns: (90, 100_00))]));

    [Fact]
    public void Cohort_sales_come_in_the_month_of_the_order() =>
        Assert.Equal(["2026-01 0 USD 100.00", "2026-01 1 USD 60.00"], Answer("cohort-net-sales", 100, [Order(0), Order(40, returns: (70, 40_00))]));

    [Fact]
    public void Cross_channel_customers_purchase_in_two_channels() => Assert.Equal(["0.5"], Answer("cross-channel-share", 10, [Order(0), Order(1, channel: Channel.InStore)], [Order(0), Visit(1), Ticket(2)]));

    [Fact]
    public void Transitions_are_shares_of_what_follows_a_channel() =>
        Assert.Equal(["online in-store 0.5", "online online 0.5"], Answer("channel-transitions", 10, [Visit(0), Order(1), Order(2, channel: Channel.InStore)]));

    [Fact]
    public void A_journey_is_told_by_its_first_five_steps() => Assert.Equal(
        ["online visit > online order > service ticket > online order > online visit 1"], Answer("journeys", 10, [Visit(0), Order(1), Ticket(2), Order(3), Visit(4), Order(5)]));

    [Fact]
    public void The_most_frequent_transitions_and_journeys_are_counted()
    {
        var customers = Enumerable.Repeat(new[] { Order(0), Ticket(1) }, 3).Append([Ticket(0), Order(1)]).Append([Visit(0)]);

        Assert.Equal(["online service value=1 transitions=3", "service online value=1 transitions=1"], Details("channel-transitions", 10, [.. customers]));
        Assert.Equal(
            ["online order > service ticket value=3 share=0.6", "online visit value=1 share=0.2", "service ticket > online order value=1 share=0.2"], Details("journeys", 10, [.. customers]));

        // Three kinds of contacts in four steps: more paths than are told.
        var many = Enumerable.Range(0, 81).Select(path => Enumerable.Range(0, 4).Select(step => ((path / (int)Math.Pow(3, step)) % 3) switch { 0 => Order(step), 1 => Ticket(step), _ => Visit(step) }).ToArray());
        Assert.Equal(50, Answer("journeys", 10, [.. many]).Count);
    }

    [Fact]
    public void Trouble_is_told_with_customers_and_tickets_currency_by_currency_and_of_equal_ones_by_name()
    {
        Touch[] Customer(string subject, string currency) => [Order(0, net: 10_00, currency: currency), Ticket(1, subject: subject), Ticket(2, subject: subject)];
        var customers = new[] { ("size", "USD"), ("late", "USD"), ("late", "CHF") }.SelectMany(c => Enumerable.Repeat(Customer(c.Item1, c.Item2), 5)).Append(Customer("my name", "USD")).Append(Customer("is ann", "USD"));

        Assert.Equal(
            ["late CHF value=50.00 customers=10 tickets=20", "late USD value=50.00 customers=10 tickets=20", "size USD value=50.00 customers=5 tickets=10", "(other) USD value=20.00 customers=2 tickets=4"],
            Details("trouble-of-the-valuable", 10, [.. customers]));
    }

    [Fact]
    public void Trouble_is_ranked_by_what_the_customers_behind_it_spent_and_rare_subjects_are_together()
    {
        Touch[] Customer(string subject, long net) => [Order(0, net: net), Ticket(1, subject: subject), Ticket(2, subject: subject)];
        var lates = Enumerable.Repeat(Customer("late", 10_00), 5);
        var sizes = Enumerable.Repeat(Customer("size", 40_00), 5);

        Assert.Equal(["size USD 200.00", "(other) USD 99.00", "late USD 50.00"], Answer("trouble-of-the-valuable", 10, [.. lates, .. sizes, Customer("my name is ann", 99_00)]));
    }

    [Fact]
    public void Early_decisions_are_told_of_those_who_were_watched_long_enough()
    {
        var cheap = Enumerable.Range(0, 6).Select(i => i < 3 ? new[] { Order(0, discount: 50_00), Order(10) } : [Order(0, discount: 50_00)]);
        var rare = new[] { Order(0) };
        var late = Enumerable.Repeat(new[] { Order(50, discount: 50_00) }, 5);

        var rows = Answer("early-decisions", 100, [.. cheap, rare, .. late]);

        Assert.Contains("first-discount over 25 % 90 0.5", rows);
        Assert.DoesNotContain(rows, r => r.Contains(" none ", StringComparison.Ordinal) && r.StartsWith("first-discount", StringComparison.Ordinal));
        Assert.DoesNotContain(rows, r => r.Contains(" 180 ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(91.25, "")]
    [InlineData(91.5, "90")]
    [InlineData(181.5, "90 180")]
    [InlineData(366.25, "90 180")]
    [InlineData(366.5, "90 180 365")]
    public void Early_decisions_are_told_when_the_days_are_over_to_the_hour(double asOf, string days) => Assert.Equal(
        days, string.Join(' ', Answer("early-decisions", asOf, [.. Enumerable.Repeat(new[] { Order(1.5, goods: ["category:boots", "category:shoes"]) }, 5)]).Where(r => r.StartsWith("first-category boots ", StringComparison.Ordinal)).Select(r => r.Split(' ')[2])));

    [Fact]
    public void Early_decisions_are_told_with_what_came_of_them_until_the_day()
    {
        Touch[] customer =
        [
            Visit(0), Order(1, campaign: "spring", channel: Channel.InStore, goods: ["shoe", "category:boots"], returns: (31, 30_00)), Ticket(5), Order(91, net: 50_00), Ticket(91), Order(91.5, net: 9_00), Ticket(91.5), Order(150, net: 1_00, currency: "EUR"),
        ];
        var once = new[] { Order(1), Order(1.5), Order(200) };

        var rows = Details("early-decisions", 190, [.. Enumerable.Repeat(customer, 5), .. Enumerable.Repeat(once, 5)]);

        Assert.Equal(
            [
                "first-campaign none 90 value=0 low=0 high=0.434482 customers=5 contactsPerCustomer=0 netSalesUSD=1000.00",
                "first-campaign none 180 value=0 low=0 high=0.434482 customers=5 contactsPerCustomer=0 netSalesUSD=1000.00",
                "first-campaign spring 90 value=1 low=0.565518 high=1 customers=5 contactsPerCustomer=2 netSalesUSD=600.00",
                "first-campaign spring 180 value=1 low=0.565518 high=1 customers=5 contactsPerCustomer=3 netSalesEUR=5.00 netSalesUSD=645.00",
                "first-category boots 90 value=1 low=0.565518 high=1 customers=5 contactsPerCustomer=2 netSalesUSD=600.00",
                "first-category boots 180 value=1 low=0.565518 high=1 customers=5 contactsPerCustomer=3 netSalesEUR=5.00 netSalesUSD=645.00",
                "first-category unknown 90 value=0 low=0 high=0.434482 customers=5 contactsPerCustomer=0 netSalesUSD=1000.00",
                "first-category unknown 180 value=0 low=0 high=0.434482 customers=5 contactsPerCustomer=0 netSalesUSD=1000.00",
                "first-channel online 90 value=0.5 low=0.236593 high=0.763407 customers=10 contactsPerCustomer=1 netSalesUSD=1600.00",
                "first-channel online 180 value=0.5 low=0.236593 high=0.763407 customers=10 contactsPerCustomer=1.5 netSalesEUR=5.00 netSalesUSD=1645.00",
                "first-discount none 90 value=0.5 low=0.236593 high=0.763407 customers=10 contactsPerCustomer=1 netSalesUSD=1600.00",
                "first-discount none 180 value=0.5 low=0.236593 high=0.763407 customers=10 contactsPerCustomer=1.5 netSalesEUR=5.00 netSalesUSD=1645.00",
                "first-order-returned no 90 value=0 low=0 high=0.434482 customers=5 contactsPerCustomer=0 netSalesUSD=1000.00",
                "first-order-returned no 180 value=0 low=0 high=0.434482 customers=5 contactsPerCustomer=0 netSalesUSD=1000.00",
                "first-order-returned yes 90 value=1 low=0.565518 high=1 customers=5 contactsPerCustomer=2 netSalesUSD=600.00",
                "first-order-returned yes 180 value=1 low=0.565518 high=1 customers=5 contactsPerCustomer=3 netSalesEUR=5.00 netSalesUSD=645.00",
                "first-reply none 90 value=1 low=0.565518 high=1 customers=5 contactsPerCustomer=2 netSalesUSD=600.00",
                "first-reply none 180 value=1 low=0.565518 high=1 customers=5 contactsPerCustomer=3 netSalesEUR=5.00 netSalesUSD=645.00",
            ],
            rows);
    }

    [Theory]
    [InlineData(0, "none")]
    [InlineData(10_00, "up to 10 %")]
    [InlineData(10_01, "up to 25 %")]
    [InlineData(25_00, "up to 25 %")]
    [InlineData(25_01, "over 25 %")]
    public void A_first_discount_is_told_by_its_depth(long discount, string depth)
    {
        var rows = Answer("early-decisions", 100, [.. Enumerable.Repeat(new[] { Order(0, net: 100_00 - discount, discount: discount) }, 5)]);

        Assert.Equal([$"first-discount {depth} 90 0"], rows.Where(r => r.StartsWith("first-discount", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(null, "none")]
    [InlineData(1, "within an hour")]
    [InlineData(24, "within a day")]
    [InlineData(25, "later")]
    public void A_first_reply_is_told_by_how_long_it_took(int? hours, string told)
    {
        var rows = Answer("early-decisions", 100, [.. Enumerable.Repeat(new[] { Order(0), Ticket(1, replied: hours is null ? null : 1 + (hours / 24.0)) }, 5)]);

        Assert.Equal([$"first-reply {told} 90 0"], rows.Where(r => r.StartsWith("first-reply", StringComparison.Ordinal)));
    }

    /// <summary>Source: the interval of Wilson's own example form, 8 of 10 at 95 %.</summary>
    [Fact]
    public void Wilsons_interval_is_what_the_literature_says()
    {
        Assert.Equal((0.490162m, 0.943318m), Wilson.Interval(8, 10));
        Assert.Equal(0m, Wilson.Interval(0, 10).Low);
        Assert.Equal(0.277533m, Wilson.Interval(0, 10).High);
    }

    [Fact]
    public void Without_enough_customers_there_is_no_predictive_value_but_a_reason()
    {
        Assert.Equal(["BG/NBD  "], Answer("purchase-model", 100, [Order(0)]));
        Assert.Equal(["USD "], Answer("customer-equity", 100, [Order(0)]));
    }

    /// <summary>With enough customers there is a model, and what it expects is told with its name, its errors and how well it did.</summary>
    [Fact]
    public void With_enough_customers_there_is_a_predictive_value()
    {
        var random = new Random(4);
        var customers = Enumerable.Range(0, 400).Select(_ =>
        {
            var (pace, taste, leaves) = (5 + (random.NextDouble() * 200), Math.Exp(random.NextDouble() * 2), Math.Pow(random.NextDouble(), 2));
            var days = new List<double> { random.Next(200) };
            while (days[^1] < 700 && random.NextDouble() > leaves)
            {
                days.Add(Math.Floor(days[^1] + 1 + (-Math.Log(1 - random.NextDouble()) * pace)));
            }

            return days.Select(d => Order(d, net: (long)(taste * (1_000 + random.Next(4_000))))).ToArray();
        }).ToArray();

        Assert.Equal(4, Answer("purchase-model", 730, customers).Count);
        Assert.Contains(Answer("purchase-model-holdout", 730, customers), r => r.StartsWith("all ", StringComparison.Ordinal));
        var equity = decimal.Parse(Assert.Single(Answer("customer-equity", 730, customers)).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        var mean = decimal.Parse(Assert.Single(Answer("predictive-value", 730, customers)).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(equity, 1, 400 * 1_000);
        Assert.Equal(equity / 400, mean, 2);
    }

    [Fact]
    public void Equals_share_the_lower_score_whatever_their_order()
    {
        var customers = new[] { (10, 1, 5L), (10, 1, 5L), (10, 1, 5L), (5, 2, 7L), (1, 9, 9L) };

        var scores = Rfm.Score(customers);
        var reversed = Rfm.Score([.. customers.Reverse()]);

        Assert.Equal([new(1, 1, 1), new(1, 1, 1), new(1, 1, 1), new(4, 4, 4), new(5, 5, 5)], scores);
        Assert.Equal(scores, reversed.Reverse());
        Assert.Equal(["Lost", "Lost", "Lost", "Champions", "Champions"], scores.Select(s => s.Segment));
    }

    [Fact]
    public void Every_score_has_a_segment_that_is_named()
    {
        var segments = from r in Enumerable.Range(1, 5) from f in Enumerable.Range(1, 5) from m in Enumerable.Range(1, 5) select new RfmScore(r, f, m).Segment;

        Assert.Equal(Rfm.Segments.Order(), segments.Distinct().Order());
    }
}
