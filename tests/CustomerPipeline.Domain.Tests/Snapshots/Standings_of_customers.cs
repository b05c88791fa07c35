using CsCheck;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Snapshots;
using CustomerPipeline.Domain.Value;
using static CustomerPipeline.Domain.Tests.Told;

namespace CustomerPipeline.Domain.Tests.Snapshots;

/// <summary>What is known of each customer, next to the metrics of all of them.</summary>
public sealed class Standings_of_customers
{
    private const double AsOf = 400;

    private static readonly Gen<Touch[][]> Customers = Gen.Select(Gen.Int[0, 1_400], Gen.Int[0, 1_000_000]).Select(Made);

    [Fact]
    public void Add_up_to_the_rows_of_the_metrics() => Customers.Sample(
        touches =>
        {
            var census = CensusOf(touches);
            var (figures, identified) = (census.Build(), census.Standings().Where(s => s.IsIdentified).ToList());
            var buyers = identified.Where(s => s.Purchases is not null).ToList();

            Agree(figures, "customers-by-stage", Enum.GetValues<LifecycleStage>().Select(s => ($"stage={s.Name()}", (object)identified.LongCount(c => c.Stage == s))));
            Agree(figures, "customers-by-segment", Rfm.Segments.Select(s => ($"segment={s}", (object)identified.LongCount(c => c.Segment == s))));
            Agree(figures, "net-sales-by-segment", buyers.GroupBy(c => (c.Segment, c.Purchases!.Currency))
                .Select(g => ($"segment={g.Key.Segment} currency={g.Key.Currency}", (object)Money.ToMajor(g.Sum(c => c.Purchases!.Value), g.Key.Currency))));
            Agree(figures, "active-customers", new[] { 30, 90, 365 }.Select(d => ($"days={d}", (object)buyers.LongCount(c => c.Purchases!.RecencyDays <= d))));

            var inOne = buyers.GroupBy(c => c.Purchases!.Currency).ToList();
            Agree(figures, "historic-value", inOne.Select(g => ($"currency={g.Key}", (object)Money.ToMajor(g.Sum(c => c.Purchases!.Value), g.Key))), "total");
            Agree(figures, "customer-equity", inOne.Select(g => ($"currency={g.Key}", EquityOf(g))));
        },
        iter: Effort.Of(all: 100, usual: 12));

    [Fact]
    public void Are_of_every_customer_once_in_order_of_ids_however_they_came() => Gen.Select(Customers, Gen.Int[0, 1_000_000]).Sample(
        (touches, seed) =>
        {
            var order = Enumerable.Range(0, touches.Length).ToArray();
            new Random(seed).Shuffle(order);

            var standings = CensusOf(touches).Standings();

            Assert.Equal(touches.Index().Select(t => Id(t.Index)).Order(StringComparer.Ordinal), standings.Select(s => s.Customer));
            Assert.Equal(standings.Select(InFull), CensusOf(touches, order).Standings().Select(InFull));
        },
        iter: Effort.Of(all: 50, usual: 8));

    [Fact]
    public void Are_behind_each_row_of_a_metric_as_many_as_it_counts() => Customers.Sample(
        touches =>
        {
            var census = CensusOf(touches);
            var (figures, standings) = (census.Build(), census.Standings());
            foreach (var metric in MetricCatalog.All.Where(StockMembers.AreKnownOf))
            {
                Assert.All(figures.Stocks[metric.Name].Where(r => r.Value is not null), row =>
                {
                    var only = row.Dimensions.ToDictionary(d => d.Key, d => (IReadOnlyList<string>)[d.Value]);
                    var counted = metric.Unit == MetricUnit.Count ? row.Value : row.Details.Single(d => d.Key == "customers").Value;
                    Assert.Equal((metric.Name, (long)counted!), (metric.Name, standings.LongCount(s => StockMembers.Have(metric, only, s))));
                });
            }
        },
        iter: Effort.Of(all: 50, usual: 8));

    /// <summary>A detail by the name of a dimension, or of the value, would stand twice in the JSON of its row.</summary>
    [Fact]
    public void Are_told_in_rows_whose_names_stand_once() => Customers.Sample(
        touches => Assert.All(CensusOf([.. touches, [Spend(0, 60_00)], [Spend(350, 40_00)]]).Build().Stocks.SelectMany(s => s.Value.Select(row => (s.Key, row))), row =>
        {
            var names = row.row.Dimensions.Select(d => d.Key).Concat(row.row.Details.Select(d => d.Key)).Append("value").ToList();
            Assert.Equal((row.Key, names.Count), (row.Key, names.Distinct(StringComparer.Ordinal).Count()));
        }),
        iter: Effort.Of(all: 50, usual: 8));

    [Fact]
    public void Say_the_reason_wherever_a_model_says_nothing() => Customers.Sample(
        touches => Assert.All(CensusOf(touches).Standings().Select(s => s.Purchases).OfType<PurchaseStanding>(), p =>
        {
            Assert.Equal(p.ProbabilityActive is null, p.WhyNoProbability is not null);
            Assert.Equal(p.PredictedValue is null, p.WhyNoPrediction is not null);
            Assert.True(p.ProbabilityActive is null || p.Model is not null);
        }),
        iter: Effort.Of(all: 50, usual: 8));

    [Fact]
    public void Are_in_the_stage_that_the_probability_of_the_model_makes()
    {
        var fitted = CensusOf(Made(1_400, seed: 1)).Standings().Where(s => s.Purchases?.ProbabilityActive is not null).ToList();

        Assert.True(fitted.Count > 100, $"{fitted.Count} customers with a probability");
        Assert.Contains(fitted, s => s.Purchases!.PredictedValue > 0);
        Assert.All(fitted, s => Assert.Equal(
            s.Purchases!.ProbabilityActive switch { >= 0.7m => LifecycleStage.Active, < 0.3m => LifecycleStage.Lapsed, _ => LifecycleStage.AtRisk },
            s.Stage == LifecycleStage.WonBack ? LifecycleStage.Active : s.Stage));
    }

    [Fact]
    public void Have_the_inputs_of_a_customer_who_purchased()
    {
        var standing = Standing(Order(10, net: 50_00), Order(20, net: 30_00, returns: (25, 10_00)), Order(30, net: 7_00, currency: "EUR"), Order(40, net: 9_00, returns: (41, 9_00)));

        Assert.Equal((true, LifecycleStage.Lapsed, "Lost"), (standing.IsIdentified, standing.Stage, standing.Segment));
        var purchases = standing.Purchases!;
        Assert.Equal(("USD", 370, 3, 70_00L), (purchases.Currency, purchases.RecencyDays, purchases.Frequency, purchases.Value));
        Assert.Equal((First.AddDays(10), First.AddDays(30)), (purchases.FirstDay, purchases.LastDay));
        Assert.Equal((new RfmScore(1, 1, 1), 1), (purchases.Scores!.Value, purchases.ComparedWith));
        Assert.Equal((2, 1, 20_00.0), (purchases.Repeats.Count, purchases.Spend.Count, purchases.Spend.Mean));
        Assert.Equal("BG/NBD needs at least 200 customers; there are 1.", purchases.WhyNoProbability);
        Assert.Equal((null, null, null, purchases.WhyNoProbability), (purchases.Model, purchases.ProbabilityActive, purchases.PredictedValue, purchases.WhyNoPrediction));
    }

    [Fact]
    public void Are_a_stage_alone_without_purchases()
    {
        var standing = Standing(Ticket(10));

        Assert.Equal((true, LifecycleStage.Prospect, null, null), (standing.IsIdentified, standing.Stage, standing.Segment, standing.Purchases));
    }

    [Fact]
    public void Are_purchases_alone_where_no_identifier_says_who_it_is()
    {
        var standing = Standing(Order(10, net: 50_00) with { Identified = false });

        Assert.Equal((false, null, null), (standing.IsIdentified, standing.Stage, standing.Segment));
        Assert.Equal((390, 1, 50_00L, null), (standing.Purchases!.RecencyDays, standing.Purchases.Frequency, standing.Purchases.Value, standing.Purchases.Scores));
        Assert.StartsWith("The customer is not identified", standing.Purchases.WhyNoPrediction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("At Risk", "At Risk")]
    [InlineData("at-risk", "At Risk")]
    [InlineData("cant-lose-them", "Can't Lose Them")]
    [InlineData("at risk", null)]
    public void Are_of_segments_by_their_names(string name, string? segment) => Assert.Equal(segment, Rfm.SegmentNamed(name));

    private static CustomerStanding Standing(params Touch[] touches) => Assert.Single(CensusOf([touches]).Standings());

    private static CustomerCensus CensusOf(Touch[][] customers, int[]? order = null)
    {
        var census = new CustomerCensus(At(AsOf), BusinessCalendar.Utc);
        foreach (var i in order ?? Enumerable.Range(0, customers.Length))
        {
            census.Add(CustomerHistory.Of(Id(i), customers[i], At(AsOf), BusinessCalendar.Utc));
        }

        return census;
    }

    private static string InFull(CustomerStanding standing) => System.Text.Json.JsonSerializer.Serialize(standing);

    private static string Id(int number) => $"c{number}";

    private static Touch[][] Made(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Touches(random))];
    }

    // Some buy often and leave, some once, some never; in two currencies; every tenth is not identified.
    private static Touch[] Touches(Random random)
    {
        var (currency, isIdentified, touches) = (random.Next(3) == 0 ? "EUR" : "USD", random.Next(10) > 0, new List<Touch>());
        var (rate, staying, level) = (5 + (random.NextDouble() * 60), 0.5 + (random.NextDouble() * 0.45), Math.Exp(random.NextDouble() * 3));
        for (var day = random.NextDouble() * AsOf; day < AsOf; day += 0.5 - (rate * Math.Log(1 - random.NextDouble())))
        {
            touches.Add(random.Next(12) switch
            {
                0 => Ticket(day),
                1 => Order(day, net: 0, discount: 9_00, currency: currency),
                2 => Order(day, net: 20_00, currency: currency, returns: (day + 1, 20_00)),
                3 => Order(day, net: 30_00, currency: "EUR"),
                _ => Order(day, net: (long)(level * (5_00 + random.Next(10_00))), currency: currency),
            });
            if (random.NextDouble() > staying)
            {
                break;
            }
        }

        return [.. touches.Select(t => t with { Identified = isIdentified })];
    }

    private static object EquityOf(IEnumerable<CustomerStanding> buyers)
    {
        var purchases = buyers.Select(b => b.Purchases!).ToList();
        return purchases.Any(p => p.PredictedValue is not null) ? Money.ToMajor(purchases.Sum(p => p.PredictedValue ?? 0), purchases[0].Currency) : "none";
    }

    private static void Agree(CensusFigures figures, string metric, IEnumerable<(string Dimensions, object Value)> expected, string? detail = null) => Assert.Equal(
        [metric, .. expected.Select(e => $"{e.Dimensions}: {e.Value}").Order(StringComparer.Ordinal)],
        [
            metric, .. figures.Stocks[metric].Select(r => $"{string.Join(' ', r.Dimensions.Select(d => $"{d.Key}={d.Value}"))}: {(detail is null ? r.Value : r.Details.Single(d => d.Key == detail).Value) ?? "none"}")
                .Order(StringComparer.Ordinal),
        ]);
}
