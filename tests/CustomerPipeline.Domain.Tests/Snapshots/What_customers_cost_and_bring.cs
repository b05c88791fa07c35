using CsCheck;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Value;
using static CustomerPipeline.Domain.Tests.Told;

namespace CustomerPipeline.Domain.Tests.Snapshots;

/// <summary>The value of customers who were won against the marketing spend that won them, and how long it takes to come back.</summary>
public sealed class What_customers_cost_and_bring
{
    private const string Spent = "cac=20.00 spend=100.00 customers=5 from=2026-01-01 to=2026-01-11";

    [Fact]
    public void Value_is_net_sales_to_date_of_those_won_while_spend_is_known() => Assert.Equal(
        [$"USD value=3.1 basis=net sales to date customerValue=62.00 {Spent} marginToCac=0.8 shareWithCost=1"],
        Details("ltv-to-cac", 100, Won([Order(40, 20_00, returns: (50, 10_00)).Costing(10_00)])));

    [Theory]
    [InlineData(25, "value= cac=20.00 spend=100.00 customers=5 from=2026-01-01 to=2026-01-11 marginPerCustomer=0.00 monthsKnown=0 shareWithCost=1 reason=not yet")]
    [InlineData(45, "value= cac=20.00 spend=100.00 customers=5 from=2026-01-01 to=2026-01-11 marginPerCustomer=15.00 monthsKnown=1 shareWithCost=1 reason=not yet")]
    [InlineData(80, "value=2 cac=20.00 spend=100.00 customers=5 from=2026-01-01 to=2026-01-11 marginPerCustomer=21.00 monthsKnown=2 shareWithCost=1")]
    public void Is_paid_back_in_the_month_in_which_the_margin_covers_it(double asOf, string expected) => Assert.Equal(
        [$"USD {expected}"],
        Told(asOf, Won([], second: d => [Order(d + 35, 11_00).Costing(5_00)])));

    [Fact]
    public void Is_paid_back_at_once_where_the_first_order_covers_it() => Assert.StartsWith("USD value=1 ", Assert.Single(Details("payback-months", 60, Won([], margin: 20_00))), StringComparison.Ordinal);

    [Fact]
    public void Returns_take_their_margin_from_the_month_in_which_goods_come_back() => Assert.Equal(
        ["USD value= cac=20.00 spend=100.00 customers=5 from=2026-01-01 to=2026-01-11 marginPerCustomer=9.00 monthsKnown=2 shareWithCost=1 reason=not yet"],
        Told(80, [[Spend(0, 60_00)], [Spend(10, 40_00)], .. Enumerable.Range(0, 5).Select(i => (Touch[])[Order(i, 60_00, returns: (i + 40, 24_00)).Costing(45_00)])]));

    [Fact]
    public void Is_refused_where_no_cost_is_known_and_the_value_is_told() => Assert.Equal(
        ["USD value= cac=20.00 spend=100.00 customers=5 from=2026-01-01 to=2026-01-11 reason=no cost", $"USD value=3 basis=net sales to date customerValue=60.00 {Spent} marginToCac="],
        [.. Told(80, Won([], isCosted: false)), .. Details("ltv-to-cac", 80, Won([], isCosted: false))]);

    [Theory]
    [InlineData("ltv-to-cac")]
    [InlineData("payback-months")]
    public void Is_refused_without_spend_without_new_customers_and_in_another_currency(string metric)
    {
        Assert.Equal(["USD no spend"], Reasons(metric, [[Order(0)]]));
        Assert.Equal(["USD no new"], Reasons(metric, [[Spend(5)], [Order(0)]]));
        Assert.Equal(["EUR other currency", "USD other currency"], Reasons(metric, [[Spend(0)], [Order(0)], [Order(0, currency: "EUR")]]));
        Assert.Empty(Reasons(metric, [[Order(0) with { Identified = false }]]));
    }

    [Fact]
    public void Customers_won_before_or_after_the_days_with_spend_do_not_count() => Assert.Equal(
        ["USD 8"], Answer("ltv-to-cac", 100, [Spend(10)], [Spend(20)], [Order(9, 500_00)], [Order(10, 70_00), Order(90, 10_00)], [Order(20, 80_00)], [Order(21, 900_00)]));

    [Fact]
    public void What_is_later_than_the_instant_does_not_count() => Assert.Equal(["USD 5"], Answer("ltv-to-cac", 30, [Spend(10)], [Spend(40)], [Order(10, 50_00), Order(31, 10_00)]));

    /// <summary>Spend is no customer.</summary>
    [Fact]
    public void Spend_is_in_no_count_of_customers() => Assert.Equal(
        ["active 0", "at-risk 0", "lapsed 0", "new 1", "prospect 0", "won-back 0"], Answer("customers-by-stage", 10, [Spend(0)], [Spend(1)], [Order(0)]).Order(StringComparer.Ordinal));

    [Fact]
    public void The_order_of_customers_does_not_matter() => Gen.Select(
        Gen.Select(Gen.Int[0, 60], Gen.Long[0, 90_00], Gen.Long[0, 40_00], Gen.Int[0, 80]).Array[1, 12], Gen.Select(Gen.Int[0, 60], Gen.Long[1, 50_00]).Array[0, 6], Gen.Int[0, 1000]).Sample((buyers, spends, seed) =>
    {
        Touch[][] customers =
        [
            .. buyers.Select(b => (Touch[])[Order(b.Item1, b.Item2 + 1).Costing(b.Item3), Order(b.Item1 + b.Item4 + 0.5, 10_00).Costing(3_00)]), .. spends.Select((s, i) => (Touch[])[Spend(s.Item1, s.Item2, $"c{i}")]),
        ];
        var shuffled = customers.ToArray();
        new Random(seed).Shuffle(shuffled);

        foreach (var metric in new[] { "ltv-to-cac", "payback-months" })
        {
            Assert.Equal(Details(metric, 120, customers), Details(metric, 120, shuffled));
        }
    });

    // Five customers, 100.00 spent on the days around their first orders of 60.00; the first of them did more.
    private static Touch[][] Won(Touch[] more, Func<int, Touch[]>? second = null, long margin = 15_00, bool isCosted = true) =>
    [
        [Spend(0, 60_00)], [Spend(10, 40_00)],
        .. Enumerable.Range(0, 5).Select(i => (Touch[])[isCosted ? Order(i, 60_00).Costing(60_00 - margin) : Order(i, 60_00), .. second?.Invoke(i) ?? [], .. i == 0 ? more : []]),
    ];

    private static IEnumerable<string> Told(double asOf, Touch[][] customers) => Details("payback-months", asOf, customers).Select(row => row
        .Replace("The gross margin of a customer did not reach the cost of acquisition in the months that are over.", "not yet", StringComparison.Ordinal)
        .Replace("No line of these orders has a cost. Send the cost of each line (docs/import.md, lines.cost).", "no cost", StringComparison.Ordinal));

    private static IEnumerable<string> Reasons(string metric, Touch[][] customers) => Details(metric, 30, customers).Select(row => row.Split(' ')[0] + (
        row.Contains("No marketing spend is known", StringComparison.Ordinal) ? " no spend"
        : row.Contains("No identified customer purchased", StringComparison.Ordinal) ? " no new"
        : row.Contains("in a currency that nothing was spent in", StringComparison.Ordinal) ? " other currency" : row));
}
