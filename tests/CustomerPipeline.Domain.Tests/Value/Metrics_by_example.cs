using CsCheck;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Domain.Tests.Value;

/// <summary>What each metric means, as an example.</summary>
public sealed class Metrics_by_example
{
    private static readonly DateOnly First = new(2026, 1, 1);
    private static readonly FlowCell Web = new("online", "shopify", "", "USD", true);
    private static readonly FlowCell Till = new("in-store", "square", "L1", "USD", false);
    private static readonly FlowCell Desk = new("service", "zendesk", "", "", true);

    [Theory]
    [InlineData("orders", "3")]
    [InlineData("units", "5")]
    [InlineData("gross-sales", "USD 600.00")]
    [InlineData("refunds", "USD 20.00")]
    [InlineData("net-sales", "USD 530.00")]
    [InlineData("average-order-value", "USD 183.33")]
    [InlineData("identified-share", "USD 0.818182")]
    [InlineData("tickets", "3")]
    [InlineData("first-reply-time", "120")]
    [InlineData("resolution-time", "7200")]
    [InlineData("csat", "0.75")]
    [InlineData("refund-rate", "USD 0.036364")]
    [InlineData("refunds-by-order-date", "USD 30.00")]
    [InlineData("net-sales-by-order-date", "USD 520.00")]
    [InlineData("total-sales", "USD 577.00")]
    [InlineData("refund-lead-time", "86400")]
    [InlineData("csat-response-share", "0.8")]
    [InlineData("net-promoter-score", "25")]
    [InlineData("customer-effort-score", "5.5")]
    [InlineData("reopen-rate", "0.2")]
    [InlineData("one-touch-share", "0.75")]
    [InlineData("handoffs-per-ticket", "0.666667")]
    [InlineData("contacts-per-hundred-orders", "100")]
    [InlineData("first-reply-working-time", "60")]
    [InlineData("resolution-working-time", "3600")]
    public void Flows(string metric, string expected)
    {
        var days = new List<(DateOnly, FlowDay)>
        {
            (First, Day((Web, "orders 2 units 4 gross 50000 discounts 5000 tax 4000 shipping 700 refunds-by-order 3000"), (Till, "orders 1 units 1 gross 10000"), (Desk, "tickets 3 handoffs 2"))),
            (First.AddDays(1), Day((Web, "refunds 2000 refund-lead:86400 1 refund-lead-seconds 86400"), (Desk, "solved 5 reopened 1 solved-rated 4 replied 4 one-touch 3 nps-promoters 2 nps-passives 1 nps-detractors 1 ease-sum 11 ease-answers 2 first-reply-working:60 1 first-reply-working-seconds 60 resolution-working:3600 1 resolution-working-seconds 3600 first-reply:60 1 first-reply:120 1 first-reply:9000 1 first-reply-seconds 9180 resolution:7200 1 resolution-seconds 7200 csat-good 3 csat-bad 1"))),
            (First.AddDays(40), Day((Web, "orders 100 gross 1"))),
        };

        Assert.Equal([expected], Answer(metric, First, First.AddDays(30), days, []));
    }

    [Fact]
    public void Currencies_are_never_added_up()
    {
        var days = new List<(DateOnly, FlowDay)> { (First, Day((Web, "gross 100"), (Web with { Currency = "JPY" }, "gross 100"))) };

        Assert.Equal(["JPY 100", "USD 1.00"], Answer("gross-sales", First, First, days, []));
    }

    [Theory]
    [InlineData("new-customers", "2")]
    [InlineData("returning-customers", "2")]
    [InlineData("repeat-rate", "0.333333")]
    [InlineData("purchase-frequency", "1.333333")]
    [InlineData("cross-channel-customers", "1")]
    public void People(string metric, string expected)
    {
        // Ann came before and comes once more; Bob is new, comes twice, in two channels; Cem is new and comes once.
        var purchases = new[]
        {
            Purchase("ann", -20, Web), Purchase("ann", 3, Web), Purchase("bob", 1, Web), Purchase("bob", 2, Till), Purchase("cem", 1, Web), Purchase("cem", 60, Till),
        };

        Assert.Equal([expected], Answer(metric, First, First.AddDays(30), [], purchases));
    }

    [Fact]
    public void New_customers_are_new_in_the_channel_they_came_by() => Assert.Equal(
        ["online 1"],
        Answer("new-customers", First, First.AddDays(30), [], [Purchase("bob", 1, Web), Purchase("bob", 2, Till)], "channel"));

    /// <summary>What there is only one of, or nothing of, is where a formula divides and where a row would be missing.</summary>
    [Theory]
    [InlineData("net-sales", "gross 100", "USD 1.00")]
    [InlineData("net-sales", "refunds 100", "USD -1.00")]
    [InlineData("net-sales", "shipping 100", null)]
    [InlineData("average-order-value", "orders 1 gross 100", "USD 1.00")]
    [InlineData("average-order-value", "gross 100", null)]
    [InlineData("csat", "csat-good 1", "1")]
    [InlineData("csat", "csat-bad 1", "0")]
    [InlineData("csat", "csat-good 1 csat-bad 1", "0.5")]
    [InlineData("csat", "tickets 1", null)]
    [InlineData("reopen-rate", "solved 1", "0")]
    [InlineData("reopen-rate", "reopened 1", "")]
    [InlineData("refund-rate", "refunds 100", "USD ")]
    [InlineData("refund-rate", "shipping 100", null)]
    [InlineData("identified-share", "orders 1 gross 100", "USD 1")]
    [InlineData("identified-share", "gross 100", null)]
    [InlineData("first-reply-time", "first-reply:60 1", "60")]
    [InlineData("first-reply-time", "tickets 1", null)]
    public void Of_one_and_of_none(string metric, string measures, string? expected) =>
        Assert.Equal(expected is null ? [] : [expected], Answer(metric, First, First, [(First, Day((Web, measures)))], []));

    public static TheoryData<string> Quotients => [.. MetricCatalog.All.Where(m => m.Computation is MetricComputation.Quotient).Select(m => m.Name)];

    /// <summary>Days with a part and no whole, such as refunds without sales, are rows as well.</summary>
    [Theory]
    [MemberData(nameof(Quotients))]
    public void Parts_and_wholes_of_rows_add_up_to_those_of_all_together(string name)
    {
        var metric = MetricCatalog.Find(name)!;
        var quotient = (MetricComputation.Quotient)metric.Computation;
        string[] measures = [.. quotient.Part.Concat(quotient.Whole).Select(t => t.Measure).Distinct()];
        var cells = new[] { Web, Till, Desk, Web with { Currency = "EUR" } };
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, cells.Length - 1], Gen.Int[0, measures.Length - 1], Gen.Long[1, 500]).Array[1, 8].Sample(happened =>
        {
            var days = happened.Select(h => (First.AddDays(h.Item1), Day((cells[h.Item2], $"{measures[h.Item3]} {h.Item4}")))).ToList();
            var all = SumsOf([]);
            foreach (var by in metric.Dimensions.Concat(metric.Facets))
            {
                Assert.Equal(all, SumsOf([by]));
            }

            SortedDictionary<string, decimal> SumsOf(string[] by)
            {
                var sums = new SortedDictionary<string, decimal>(StringComparer.Ordinal);
                var counted = by is [var facet] && Dimension.OfFacets.Contains(facet) ? FacetFlows.Of(facet, days, new Dictionary<DateOnly, FlowDay>(), metric.Computation.Uses) : days;
                foreach (var row in MetricEvaluation.Evaluate(metric, new MetricQuestion(First, First.AddDays(30), by), counted, []))
                {
                    foreach (var (detail, value) in row.Details.Where(d => d.Key is "part" or "whole"))
                    {
                        var key = $"{detail} {(quotient.IsOfMoney ? row.Dimensions.Single(d => d.Key == Dimension.Currency).Value : "")}";
                        sums[key] = sums.GetValueOrDefault(key) + Convert.ToDecimal(value, System.Globalization.CultureInfo.InvariantCulture);
                    }
                }

                // A row whose part and whole are both nothing, say because one day takes back what another brought, is left out.
                foreach (var nothing in sums.Where(s => s.Value == 0).Select(s => s.Key).ToList())
                {
                    sums.Remove(nothing);
                }

                return sums;
            }
        });
    }

    [Fact]
    public void A_median_tells_the_mean_and_the_ninth_tenth_beside_it()
    {
        var day = Day((Desk, "first-reply:60 1 first-reply:120 3 first-reply-seconds 431 first-reply-working:5 1 resolution:7 9"));
        var row = Assert.Single(MetricEvaluation.Evaluate(MetricCatalog.Find("first-reply-time")!, new MetricQuestion(First, First, []), [(First, day)], []));

        Assert.Equal(["mean 107.8", "p90 120", "count 4"], row.Details.Select(i => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{i.Key} {i.Value}")));
        Assert.Equal(120L, row.Value);
    }

    [Theory]
    [InlineData("channel", "in-store 1; online 1")]
    [InlineData("day", "2026-01-02 1; 2026-01-05 1")]
    [InlineData("channel day", "in-store 2026-01-02 1; online 2026-01-02 1")]
    [InlineData("place", " 1")]
    [InlineData("channel source", "in-store square 1; online shopify 1")]
    public void A_customer_who_spans_channels_does_so_in_each_of_them_on_the_day_where_days_are_told(string by, string expected)
    {
        // Bob in both on one day, and once more in one; Cem twice in two tills; Eve in two channels, but a till besides of another day and shop.
        var purchases = new[]
        {
            Purchase("bob", 1, Web), Purchase("bob", 1, Till), Purchase("bob", 3, Web),
            Purchase("cem", 1, Till), Purchase("cem", 2, Till with { Place = "L2" }),
            Purchase("eve", 4, Web with { Source = "segment" }), Purchase("eve", 4, Web with { Channel = "service" }),
        };

        Assert.Equal(expected, string.Join("; ", Answer("cross-channel-customers", First, First.AddDays(30), [], by is "day" or "place" ? purchases : purchases[..5], by.Split(' '))));
    }

    [Fact]
    public void Of_two_purchases_at_one_instant_the_first_is_the_one_whose_name_is_smaller() => Assert.Equal(
        ["in-store 1"],
        Answer("new-customers", First, First, [], [new Purchase("ann", "b", 7, First, Web), new Purchase("ann", "a", 7, First, Till)], "channel"));

    [Fact]
    public void What_is_taken_back_leaves_nothing()
    {
        var day = Day((Web, "orders 1 gross 100"), (Till, "orders 2"));
        var posting = new FlowPosting(First, Web.Key, new Dictionary<string, long> { ["orders"] = 1, ["gross"] = 100 });

        day.Post(posting with { Measures = new Dictionary<string, long> { ["gross"] = 100 } }, -1);
        Assert.Equal(["orders"], day.Cells[Web.Key].Keys);
        day.Post(posting with { Measures = new Dictionary<string, long> { ["orders"] = 1 } }, -1);
        Assert.Equal([Till.Key], day.Cells.Keys);
    }

    [Fact]
    public void The_first_and_the_last_day_of_the_question_are_part_of_it() => Assert.Equal(
        ["2"],
        Answer("new-customers", First, First.AddDays(30), [], [Purchase("ann", -1, Web), Purchase("bob", 0, Web), Purchase("cem", 30, Web), Purchase("dia", 31, Web)]));

    [Theory]
    [InlineData("net-sales", "discounts gross refunds")]
    [InlineData("average-order-value", "discounts gross orders")]
    [InlineData("csat", "csat-bad csat-good")]
    [InlineData("handoffs-per-ticket", "handoffs tickets")]
    [InlineData("identified-share", "discounts gross")]
    [InlineData("first-reply-time", "first-reply:60")]
    [InlineData("new-customers", "purchases")]
    [InlineData("journeys", "")]
    public void A_metric_is_worked_out_of_these_measures_alone(string metric, string measures) => Assert.Equal(
        measures,
        string.Join(' ', new[] { "csat-bad", "csat-good", "discounts", "first-reply:60", "gross", "handoffs", "orders", "purchases", "refunds", "tickets", "units" }.Where(MetricCatalog.Find(metric)!.Computation.Uses)));

    [Fact]
    public void Where_nothing_happened_there_were_no_orders() => Assert.Equal(["0"], Answer("orders", First, First, [], []));

    [Fact]
    public void Every_metric_is_defined_once_and_says_what_it_is()
    {
        Assert.Equal(MetricCatalog.All.Count, MetricCatalog.All.Select(m => m.Name).Distinct().Count());
        Assert.All(MetricCatalog.All, m =>
        {
            Assert.Matches("^[a-z]+(-[a-z]+)*$", m.Name);
            Assert.EndsWith(".", m.Definition, StringComparison.Ordinal);
            Assert.NotEmpty(m.Formula);
        });
    }

    [Theory]
    [InlineData(59, "x:59")]
    [InlineData(3599, "x:3599")]
    [InlineData(3629, "x:3600")]
    [InlineData(3630, "x:3660")]
    [InlineData(172_799, "x:172800")]
    [InlineData(172_800, "x:172800")]
    [InlineData(174_599, "x:172800")]
    [InlineData(174_600, "x:176400")]
    [InlineData(272_220, "x:273600")]
    public void A_duration_falls_into_the_bucket_of_its_size(long seconds, string bucket) => Assert.Equal(bucket, DurationHistogram.Bucket("x:", seconds));

    private static List<string> Answer(
        string metric, DateOnly from, DateOnly to, IEnumerable<(DateOnly, FlowDay)> days, IEnumerable<Purchase> purchases, params string[] by) =>
        [.. MetricEvaluation.Evaluate(MetricCatalog.Find(metric)!, new MetricQuestion(from, to, by), days, purchases)
            .Select(r => string.Join(' ', r.Dimensions.Select(d => d.Value).Append(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{r.Value}"))))];

    private static Purchase Purchase(string customer, int day, FlowCell cell) =>
        new(customer, $"{customer}{day}", First.AddDays(day).DayNumber, First.AddDays(day), cell);

    private static FlowDay Day(params (FlowCell Cell, string Measures)[] cells)
    {
        var day = new FlowDay();
        foreach (var (cell, measures) in cells)
        {
            var words = measures.Split(' ');
            day.Post(new FlowPosting(First, cell.Key, words.Chunk(2).ToDictionary(p => p[0], p => long.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture))), 1);
        }

        return day;
    }
}
