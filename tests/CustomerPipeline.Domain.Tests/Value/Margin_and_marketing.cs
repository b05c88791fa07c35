using CsCheck;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Value;
using static CustomerPipeline.Domain.Tests.Told;

namespace CustomerPipeline.Domain.Tests.Value;

/// <summary>What is left of sales when goods and marketing are paid, and where nothing can be said of it.</summary>
public sealed class Margin_and_marketing
{
    private static readonly Gen<Touch> Orders = Gen.Select(Gen.Int[0, 6], Gen.Long[1, 900], Gen.Long[0, 900], Gen.Int[0, 3], Gen.Bool, Gen.Bool).Select((day, net, returned, campaign, isCosted, isDollars) =>
    {
        var order = Order(day, net, currency: isDollars ? "USD" : "EUR", campaign: campaign == 3 ? null : $"c{campaign}", returns: (day + 2, Math.Min(returned, net)));
        return isCosted ? order.Costing(net / 3) : order;
    });

    private static readonly Gen<Touch> Spends = Gen.Select(Gen.Int[0, 6], Gen.Long[0, 500], Gen.Int[0, 3], Gen.Bool).Select((day, amount, campaign, isDollars) => Spend(day, amount, $"c{campaign}", isDollars ? "USD" : "EUR"));

    private static readonly Gen<Touch[]> Worlds = Gen.Select(Orders.Array[0, 12], Spends.Array[0, 8]).Select((orders, spends) => (Touch[])[.. orders, .. spends]);

    [Theory]
    [InlineData("cost-of-goods-sold", "EUR - salesWithCost=0.00 allSales=50.00 shareWithCost=0 reason=no cost|USD 36.00 salesWithCost=90.00 allSales=120.00 shareWithCost=0.75")]
    [InlineData("gross-margin", "EUR - salesWithCost=0.00 allSales=50.00 shareWithCost=0 reason=no cost|USD 45.00 netSales=81.00 cost=36.00 salesWithCost=90.00 allSales=120.00 shareWithCost=0.75")]
    [InlineData("gross-margin-rate", "EUR - salesWithCost=0.00 allSales=50.00 shareWithCost=0 reason=no cost|USD 0.555556 part=45.00 whole=81.00 salesWithCost=90.00 allSales=120.00 shareWithCost=0.75")]
    public void Of_sales_whose_cost_is_known_is_told_with_their_share_of_all(string metric, string expected) => Assert.Equal(
        expected, Told(metric, [Order(0, 90_00, returns: (3, 9_00)).Costing(40_00), Order(1, 30_00), Order(1, 50_00, currency: "EUR")]).Replace(MarginEvaluationReason, "no cost", StringComparison.Ordinal));

    [Fact]
    public void By_day_counts_a_return_on_its_own_day() => Assert.Equal(
        "2026-01-01 USD 50.00|2026-01-04 USD -5.00",
        Values("gross-margin", [Order(0, 90_00, returns: (3, 9_00)).Costing(40_00)], Dimension.Day));

    /// <summary>Cost and margin are the net sales, where all costs are known; and of each campaign they add up to those of all.</summary>
    [Fact]
    public void Cost_and_margin_add_up() => Worlds.Sample(touches =>
    {
        var margins = Rows("gross-margin", touches);
        foreach (var row in margins.Where(r => r.Value is not null))
        {
            Assert.Equal(Amount(row, "netSales"), Amount(row, "cost") + Number(row.Value!));
            Assert.InRange(Amount(row, "salesWithCost"), 0, Amount(row, "allSales"));
        }

        Assert.Equal(Sums(margins), Sums(RowsByCampaign("gross-margin", touches)));
        Assert.Equal(Sums(Rows("cost-of-goods-sold", touches)), Sums(RowsByCampaign("cost-of-goods-sold", touches)));
        var costed = touches.Where(t => t.Order?.Cost is not null).ToArray();
        Assert.Equal(Sums(Rows("net-sales", costed)), Sums(Rows("gross-margin", costed).Concat(Rows("cost-of-goods-sold", costed))));
    });

    [Fact]
    public void Spend_by_campaign_is_that_of_all() => Worlds.Sample(touches =>
    {
        Assert.Equal(Sums(Rows("marketing-spend", touches)), Sums(RowsByCampaign("marketing-spend", touches)));
        Assert.Equal(Sums(Rows("marketing-spend", touches)), Sums(Rows("marketing-spend", touches, Dimension.Day)));
        Assert.Equal(
            touches.Where(t => t.Spend is { Amount: > 0 }).GroupBy(t => t.Spend!.Currency).OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key} {Money.ToMajor(c.Sum(t => t.Spend!.Amount), c.Key)}"),
            Rows("marketing-spend", touches).Select(r => $"{r.Dimensions[0].Value} {r.Value}"));
    });

    [Fact]
    public void Return_on_spend_is_what_campaigns_sold_for_what_they_cost() => Assert.Equal(
        "autumn USD - part=0.00 whole=0.00 salesWithoutSpend=5.00 reason=no spend|spring USD 4 part=80.00 whole=20.00 salesWithoutSpend=0.00",
        Returns([Order(0, 90_00, campaign: "spring", returns: (3, 10_00)), Spend(0, 20_00), Order(2, 5_00, campaign: "autumn"), Order(2, 7_00)], Dimension.Campaign));

    [Fact]
    public void Return_on_spend_of_all_is_of_campaigns_with_spend_alone() => Assert.Equal(
        "USD 4.5 part=90.00 whole=20.00 salesWithoutSpend=5.00",
        Returns([Order(0, 90_00, campaign: "spring"), Spend(0, 20_00), Order(2, 5_00, campaign: "autumn"), Order(2, 7_00)]));

    [Fact]
    public void Return_on_spend_is_refused_where_a_campaign_sold_in_a_currency_that_nothing_was_spent_in() => Assert.Equal(
        "spring EUR - part=90.00 whole=0.00 salesWithoutSpend=0.00 reason=other currency|spring USD - part=0.00 whole=20.00 salesWithoutSpend=0.00 reason=other currency|summer USD 2 part=6.00 whole=3.00 salesWithoutSpend=0.00",
        Returns([Order(0, 90_00, campaign: "spring", currency: "EUR"), Spend(0, 20_00), Order(1, 6_00, campaign: "summer"), Spend(1, 3_00, "summer")], Dimension.Campaign));

    [Fact]
    public void Parts_of_the_return_on_spend_by_campaign_are_those_of_all() => Worlds.Sample(touches =>
    {
        foreach (var detail in new[] { "part", "whole", "salesWithoutSpend" })
        {
            Assert.Equal(Details(ReturnRows(touches), detail), Details(ReturnRows(touches, Dimension.Campaign), detail));
        }
    });

    [Fact]
    public void A_customer_costs_the_spend_for_each_who_is_new() => Assert.Equal(
        "2026-01 USD 15.00|2026-02 USD no spend|2026-03 USD no new",
        Costs([Spend(0, 20_00), Spend(3, 10_00, "other"), Spend(70, 9_00)], [Buyer("ann", 1), Buyer("bob", 2), Buyer("ann", 40), Buyer("cem", 41)], Dimension.Month));

    [Fact]
    public void A_customer_costs_what_was_spent_in_the_currency_of_the_first_purchase() => Assert.Equal(
        "EUR 7.00|USD 20.00", Costs([Spend(0, 20_00), Spend(1, 14_00, currency: "EUR")], [Buyer("ann", 1), Buyer("bob", 2, "EUR"), Buyer("cem", 3, "EUR")]));

    [Fact]
    public void What_a_customer_costs_is_refused_where_nothing_was_spent_in_the_currency_of_some() => Assert.Equal(
        "EUR other currency|USD other currency", Costs([Spend(0, 20_00)], [Buyer("ann", 1), Buyer("bob", 2, "EUR")]));

    private const string MarginEvaluationReason = "No line of these orders has a cost. Send the cost of each line (docs/import.md, lines.cost).";

    private static Purchase Buyer(string name, int day, string currency = "USD") =>
        new(name, $"{name}{day}", At(day).UtcTicks, First.AddDays(day), new FlowCell("online", "shop", "", currency, true));

    private static string Costs(Touch[] spends, Purchase[] purchases, params string[] by) => string.Join('|', MetricEvaluation.Evaluate(MetricCatalog.Find("cac")!, MetricQuestion.Ever(by), Days(spends), purchases)
        .Select(r => string.Join(' ', [.. r.Dimensions.Select(d => d.Value), r.Value ?? Reason(r)])));

    private static string Reason(MetricRow row) => (string)row.Details.Single(d => d.Key == MetricRow.Reason).Value! switch
    {
        CampaignReturns.NoSpend => "no spend",
        CampaignReturns.OtherCurrency => "other currency",
        var text when text.StartsWith("No marketing spend", StringComparison.Ordinal) => "no spend",
        var text when text.StartsWith("No identified customer", StringComparison.Ordinal) => "no new",
        var text when text.StartsWith("New customers purchased in a currency", StringComparison.Ordinal) => "other currency",
        var text => text,
    };

    private static string Told(string metric, Touch[] touches, params string[] by) => string.Join('|', Rows(metric, touches, by).Select(Written));

    private static string Values(string metric, Touch[] touches, params string[] by) => string.Join('|', Rows(metric, touches, by).Select(r => string.Join(' ', [.. r.Dimensions.Select(d => d.Value), r.Value])));

    private static string Returns(Touch[] touches, params string[] by) => string.Join('|', ReturnRows(touches, by).Select(Written));

    private static string Written(MetricRow row) => string.Join(' ', [.. row.Dimensions.Select(d => d.Value), Text(row.Value) ?? "-", .. row.Details.Select(d => $"{d.Key}={(d.Key == MetricRow.Reason ? Reason(row) : Text(d.Value))}")]);

    private static string? Text(object? value) => System.Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : null;

    private static IReadOnlyList<MetricRow> Rows(string metric, Touch[] touches, params string[] by) => MetricEvaluation.Evaluate(MetricCatalog.Find(metric)!, MetricQuestion.Ever(by), Days(touches), []);

    private static IReadOnlyList<MetricRow> RowsByCampaign(string metric, Touch[] touches) =>
        MetricEvaluation.Evaluate(MetricCatalog.Find(metric)!, MetricQuestion.Ever(Dimension.Campaign), ByCampaign(metric, touches), []);

    private static IReadOnlyList<MetricRow> ReturnRows(Touch[] touches, params string[] by) =>
        MetricEvaluation.Evaluate(MetricCatalog.Find("roas")!, MetricQuestion.Ever(by), CampaignReturns.Of([.. ByCampaign("roas", touches)]), []);

    private static List<(DateOnly Day, FlowDay Flow)> Days(Touch[] touches) => Counted(touches, isOfFacet: false);

    private static IEnumerable<(DateOnly Day, FlowDay Flow)> ByCampaign(string metric, Touch[] touches) =>
        FacetFlows.Of(Dimension.Campaign, Days(touches), Counted(touches, isOfFacet: true).ToDictionary(d => d.Day, d => d.Flow), MetricCatalog.Find(metric)!.Computation.Uses);

    private static List<(DateOnly Day, FlowDay Flow)> Counted(Touch[] touches, bool isOfFacet) =>
    [
        .. touches.SelectMany(t => FlowPostings.Of(t, BusinessCalendar.Utc)).Where(p => p.IsOfFacet == isOfFacet).GroupBy(p => p.Day).OrderBy(d => d.Key).Select(d =>
        {
            var day = new FlowDay();
            foreach (var posting in d)
            {
                day.Post(posting, 1);
            }

            return (d.Key, day);
        }),
    ];

    private static decimal Number(object value) => decimal.Parse((string)value, System.Globalization.CultureInfo.InvariantCulture);

    private static decimal Amount(MetricRow row, string detail) => Number(row.Details.Single(d => d.Key == detail).Value!);

    // What sums up to nothing has a row or none.
    private static SortedDictionary<string, decimal> Sums(IEnumerable<MetricRow> rows) => Sums(rows.Where(r => r.Value is not null), r => Number(r.Value!));

    private static SortedDictionary<string, decimal> Details(IEnumerable<MetricRow> rows, string detail) => Sums(rows, r => Amount(r, detail));

    private static SortedDictionary<string, decimal> Sums(IEnumerable<MetricRow> rows, Func<MetricRow, decimal> amount) => new(
        rows.GroupBy(r => r.Dimensions.Single(d => d.Key == Dimension.Currency).Value, amount, StringComparer.Ordinal).Where(c => c.Sum() != 0).ToDictionary(c => c.Key, c => c.Sum(), StringComparer.Ordinal), StringComparer.Ordinal);
}
