using CsCheck;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Domain.Tests.Value;

/// <summary>Filters, weeks and comparisons: each is another way to ask for what the breakdown by days and cells has.</summary>
public sealed class A_question_about_a_metric
{
    private static readonly DateOnly First = new(2025, 11, 1);
    private static readonly string[] Channels = ["online", "in-store", "service"];

    private static readonly Gen<(DateOnly Day, FlowCell Cell, string Customer)> Happening = Gen.Select(Gen.Int[0, 120], Gen.Int[0, 2], Gen.Int[0, 1], Gen.Int[0, 2], Gen.Bool, Gen.Int[0, 5]).Select(t =>
        (First.AddDays(t.Item1), new FlowCell(Channels[t.Item2], t.Item3 == 0 ? "shopify" : "square", $"P{t.Item4}", t.Item3 == 0 ? "USD" : "EUR", t.Item5), $"c{t.Item6}"));

    [Theory]
    [InlineData(Dimension.Channel)]
    [InlineData(Dimension.Source)]
    [InlineData(Dimension.Place)]
    [InlineData(Dimension.Currency)]
    public void With_a_filter_has_the_row_of_the_breakdown(string dimension) => Happening.Array[0, 60].Sample(all =>
    {
        var (days, purchases) = (DaysOf(all), PurchasesOf(all));
        foreach (var metric in MetricCatalog.All.Where(m => m.Kind is MetricKind.Flow or MetricKind.Customers && m.Dimensions.Contains(dimension)))
        {
            var rows = MetricEvaluation.Evaluate(metric, MetricQuestion.Ever(dimension), days, purchases);
            foreach (var value in rows.Select(r => Of(r, dimension)).OfType<string>().Distinct())
            {
                var only = MetricQuestion.Ever() with { Only = new Dictionary<string, IReadOnlyList<string>> { [dimension] = [value] } };
                Assert.Equal(
                    [metric.Name, .. rows.Where(r => Of(r, dimension) == value).Select(Text)],
                    [metric.Name, .. MetricEvaluation.Evaluate(metric, only, days, purchases).Select(Text)]);
            }
        }
    });

    [Fact]
    public void With_a_filter_of_several_values_adds_them_up() => Happening.Array[0, 60].Sample(all =>
    {
        var orders = MetricCatalog.Find("orders")!;
        var only = MetricQuestion.Ever() with { Only = new Dictionary<string, IReadOnlyList<string>> { [Dimension.Channel] = ["online", "service"], [Dimension.Source] = ["square"] } };

        var expected = all.Count(h => h.Cell is { Channel: "online" or "service", Source: "square" });
        Assert.Equal((long)expected, Assert.Single(MetricEvaluation.Evaluate(orders, only, DaysOf(all), [])).Value);
    });

    [Fact]
    public void By_weeks_months_quarters_and_years_has_the_sums_of_their_days() => Happening.Array[0, 60].Sample(all =>
    {
        var orders = MetricCatalog.Find("orders")!;
        foreach (var dimension in Dimension.OfTime)
        {
            var expected = all.GroupBy(h => Dimension.ValueOf(dimension, h.Day, h.Cell)).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Key} {g.Count()}");
            Assert.Equal(expected, MetricEvaluation.Evaluate(orders, MetricQuestion.Ever(dimension), DaysOf(all), []).Where(r => r.Dimensions.Count > 0).Select(r => $"{r.Dimensions[0].Value} {r.Value}"));
        }
    });

    /// <summary>ISO 8601: the week of a year's first Thursday is its first.</summary>
    [Theory]
    [InlineData("2026-01-01", "2026-W01", "2026-01", "2026-Q1")]
    [InlineData("2024-12-30", "2025-W01", "2024-12", "2024-Q4")]
    [InlineData("2027-01-03", "2026-W53", "2027-01", "2027-Q1")]
    [InlineData("2026-07-31", "2026-W31", "2026-07", "2026-Q3")]
    public void Names_weeks_months_and_quarters(string day, string week, string month, string quarter)
    {
        var at = DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal([week, month, quarter], new[] { Dimension.Week, Dimension.Month, Dimension.Quarter }.Select(d => Dimension.ValueOf(d, at, default)));
    }

    [Fact]
    public void With_a_comparison_has_the_value_before_and_the_change()
    {
        static MetricRow Row(string channel, object? value) => new([new(Dimension.Channel, channel)], value, []);
        var compared = MetricComparison.Of([Row("a", 12L), Row("b", "1.50"), Row("c", 5L), Row("d", null)], [Row("a", 16L), Row("b", "-1.00"), Row("d", 0.5m), Row("e", 3L), Row("c", 0L)]);

        Assert.Equal(
            ["a 12 before=16 change=-0.25", "b 1.50 before=-1.00 change=2.5", "c 5 before=0 change=", "d  before=0.5 change=", "e  before=3 change="],
            compared.Select(r => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{r.Dimensions[0].Value} {r.Value} {string.Join(' ', r.Details.Select(d => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{d.Key}={d.Value}")))}")));
    }

    private static string? Of(MetricRow row, string dimension) => row.Dimensions.Where(d => d.Key == dimension).Select(d => d.Value).FirstOrDefault();

    // Without the dimensions: of a filter, the answer does not name them.
    private static string Text(MetricRow row) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{row.Value} {string.Join(' ', row.Details.Select(d => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{d.Key}={d.Value}")))}");

    private static List<(DateOnly Day, FlowDay Flow)> DaysOf(IEnumerable<(DateOnly Day, FlowCell Cell, string Customer)> all) => [.. all.GroupBy(h => h.Day).Select(day =>
    {
        var flow = new FlowDay();
        foreach (var happening in day)
        {
            flow.Post(new FlowPosting(day.Key, happening.Cell.Key, new Dictionary<string, long> { [Measure.Orders] = 1, [Measure.Gross] = 1_000, [Measure.Refunds] = 100, [Measure.Tickets] = 1, [Measure.Solved] = 1 }), 1);
        }

        return (day.Key, flow);
    })];

    private static List<Purchase> PurchasesOf(IEnumerable<(DateOnly Day, FlowCell Cell, string Customer)> all) =>
        [.. all.Select((h, i) => new Purchase(h.Customer, $"o{i:D3}", h.Day.ToDateTime(default).Ticks, h.Day, h.Cell with { Identified = true }))];
}
