using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Domain.Tests.Value;

public sealed class A_reporting_currency
{
    private const string Table = "date,currency,rate\n2026-01-01,EUR,1.10\n2026-01-10,EUR,1.20\n2026-01-01,JPY,0.0065\n2026-01-01,KWD,3.25\n";

    private static readonly DateOnly First = new(2026, 1, 1);
    private static readonly ReportingRates Dollars = ReportingRates.Parse("USD", Table);

    [Fact]
    public void Is_reached_by_the_rate_of_the_day_and_told_with_it()
    {
        var days = new[] { (First, Day("EUR", 100_00)), (First.AddDays(9), Day("EUR", 100_00)), (First.AddDays(9), Day("USD", 5_00)) };
        var used = new HashSet<UsedRate>();

        var converted = ReportingFlows.Convert(days, new MetricQuestion(First, First.AddDays(30), []), Dollars, used);

        Assert.Equal("USD 235.00", Ask("gross-sales", converted));
        Assert.Equal([new("EUR", First, 1.10m), new("EUR", First.AddDays(9), 1.20m)], used);
    }

    [Theory]
    [InlineData("JPY", 1_000, 6_50)] // A yen has no minor unit.
    [InlineData("KWD", 1_000, 3_25)] // A dinar has a thousand.
    [InlineData("EUR", 5, 6)] // 5.5 cents, half to even.
    [InlineData("EUR", 15, 16)] // 16.5 cents.
    [InlineData("EUR", -15, -16)]
    public void Is_rounded_half_to_even_to_its_minor_unit(string currency, long minor, long dollars) => Assert.Equal(dollars, Dollars.Convert(minor, currency, Dollars.Find(currency, First)!.Value.Rate));

    [Fact]
    public void Is_refused_where_the_table_has_no_rate() => Assert.Contains(
        "GBP on 2026-01-01",
        Assert.Throws<MissingRateException>(() => ReportingFlows.Convert([(First, Day("GBP", 1))], new MetricQuestion(First, First, []), Dollars, new HashSet<UsedRate>())).Message, StringComparison.Ordinal);

    [Fact]
    public void Has_no_rate_before_the_first_that_is_stated() => Assert.Null(Dollars.Find("EUR", First.AddDays(-1)));

    [Theory]
    [InlineData("US", Table)]
    [InlineData("USD", "day,currency,rate\n")]
    [InlineData("USD", "date,currency,rate\n2026-01-01,EUR,-1\n")]
    [InlineData("USD", "date,currency,rate\n2026-01-01,EUR,0\n")]
    [InlineData("USD", "date,currency,rate\n2026-01-01,EUR\n")]
    [InlineData("USD", "date,currency,rate\n01.01.2026,EUR,1\n")]
    public void Needs_a_table_that_can_be_read(string currency, string table) => Assert.Throws<FormatException>(() => ReportingRates.Parse(currency, table));

    [Fact]
    public void Names_the_line_that_cannot_be_read() => Assert.StartsWith(
        "Line 4 ", Assert.Throws<FormatException>(() => ReportingRates.Parse("USD", "date,currency,rate\n2026-01-01,EUR,1.1\n\n2026-01-02,EUR,much\n")).Message, StringComparison.Ordinal);

    [Fact]
    public void Needs_no_order_among_the_days_and_no_particular_line_ends()
    {
        var rates = ReportingRates.Parse("USD", "date,currency,rate\r\n2026-02-01,EUR,1.2\r\n2026-01-01,EUR,1.1\r\n");

        Assert.Equal((new DateOnly(2026, 1, 1), 1.1m), rates.Find("EUR", new DateOnly(2026, 1, 31)));
        Assert.Equal((new DateOnly(2026, 2, 1), 1.2m), rates.Find("EUR", new DateOnly(2026, 2, 1)));
    }

    private static FlowDay Day(string currency, long gross)
    {
        var day = new FlowDay();
        day.Post(new FlowPosting(First, new FlowCell("online", "shop", "", currency, true).Key, new Dictionary<string, long> { [Measure.Gross] = gross, [Measure.Orders] = 1 }), 1);
        return day;
    }

    private static string Ask(string metric, IEnumerable<(DateOnly, FlowDay)> days)
    {
        var row = Assert.Single(MetricEvaluation.Evaluate(MetricCatalog.Find(metric)!, new MetricQuestion(First, First.AddDays(30), []), days, []));
        return $"{row.Dimensions[0].Value} {row.Value}";
    }
}
