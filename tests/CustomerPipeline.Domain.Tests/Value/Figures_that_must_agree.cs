using CsCheck;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Snapshots;
using CustomerPipeline.Domain.Value;
using static CustomerPipeline.Domain.Tests.Told;

namespace CustomerPipeline.Domain.Tests.Value;

/// <summary>Two figures of one thing are the same, whichever way they were worked out: by days, by people, by what people are worth.</summary>
public sealed class Figures_that_must_agree
{
    private const double AsOf = 400;

    // A customer buys in one currency, so that it is the one that the customer is told in.
    private static readonly Gen<Touch[]> Customers = Gen.Select(Gen.Bool, Gen.Bool, Gen.Select(Gen.Int[0, 7], Gen.Int[0, 380], Gen.Long[0, 900], Gen.Long[0, 900]).Array[1, 6], (isKnown, isDollars, deeds) =>
        deeds.DistinctBy(d => d.Item2).Select(d => TouchOf(d.Item1, d.Item2, d.Item3, d.Item4, isDollars ? "USD" : "EUR") with { Identified = isKnown }).ToArray());

    private static readonly Gen<Touch[][]> Worlds = Customers.Array[1, 8];

    [Fact]
    public void Sums_by_any_dimension_are_those_of_all() => Worlds.Sample(customers =>
    {
        var world = new World(customers);
        foreach (var metric in MetricCatalog.All.Where(m => m.Computation is MetricComputation.Sum))
        {
            foreach (var dimension in metric.Dimensions)
            {
                Assert.Equal(world.Sum(metric.Name), world.Sum(metric.Name, dimension));
            }
        }
    });

    [Fact]
    public void People_who_purchased_are_as_many_by_segment_as_by_month_by_cohort_and_in_what_they_are_worth() => Worlds.Sample(customers =>
    {
        var world = new World(customers);
        var buyers = world.People("new-customers");

        Assert.Equal(buyers, world.People("new-customers", Dimension.Month));
        Assert.Equal(buyers, world.People("new-customers", Dimension.Channel));
        Assert.Equal(buyers, world.Stock("customers-by-segment").Sum(r => (long)r.Value!));
        Assert.Equal(buyers, world.Stock("customers-by-stage").Where(r => r.Dimensions[0].Value != "prospect").Sum(r => (long)r.Value!));
        Assert.Equal(buyers, world.Stock("historic-value").Sum(r => Detail<long>(r, "customers")));
        Assert.Equal(buyers, world.Stock("cohort-retention").Where(r => r.Dimensions[1].Value == "0").Sum(r => Detail<long>(r, "customers")));
        Assert.Equal(buyers, world.Stock("cross-channel-share").Sum(r => Detail<long>(r, "customers")));
        Assert.All(world.Stock("active-customers"), r => Assert.InRange((long)r.Value!, 0, buyers));
        Assert.Equal(world.People("cross-channel-customers"), world.Stock("cross-channel-share").Sum(r => Detail<long>(r, "crossChannelCustomers")));
    });

    /// <summary>What customers are worth to date is what was sold to them, less what they brought back: also of orders that nothing is known of.</summary>
    [Fact]
    public void Net_sales_are_the_same_by_days_by_customers_and_by_segments() => Worlds.Sample(customers =>
    {
        var buyers = customers.Where(c => c[0].Identified && History(AsOf, c).Purchases.Any()).ToArray();
        var world = new World(buyers);
        var sales = world.Sum("net-sales");

        Assert.Equal(sales, Amounts(world.Stock("historic-value").Select(r => (Currency(r), Detail<string>(r, "total")))));
        Assert.Equal(sales, Amounts(world.Stock("revenue-concentration").Select(r => (Currency(r), Detail<string>(r, "sales")))));
        Assert.Equal(sales, Amounts(world.Stock("net-sales-by-segment").Select(r => (Currency(r), (string)r.Value!))));
        Assert.Equal(sales, Amounts(buyers.Select(c => CustomerSummary.Of("c", c)).SelectMany(s => s.NetSales.Select(a => (a.Key, Money.ToMajor(a.Value, a.Key))))));
        Assert.Equal(world.Sum("net-sales-by-order-date"), Amounts(world.Stock("cohort-net-sales").Select(r => (Currency(r), (string)r.Value!))));
    });

    [Fact]
    public void Tickets_are_as_many_by_day_as_in_histories() => Worlds.Sample(customers =>
    {
        var world = new World(customers);

        Assert.Equal(world.Sum("tickets").Values.Sum(), world.Rows("repeat-contact-rate").Sum(r => Detail<long>(r, "whole")));
    });

    private static Touch TouchOf(int kind, int day, long amount, long returned, string currency) => kind switch
    {
        // Of an order that nothing else is known of.
        0 => Order(day, currency: currency) with { Order = new OrderSettlement { Currency = currency, Returns = [new OrderReturn(At(day), returned + 1)] } },
        1 or 2 => Ticket(day, solved: day + 1),
        3 => Visit(day),
        4 => Order(day, net: amount, channel: Channel.InStore, currency: currency, discount: returned),
        _ => Order(day, net: amount, currency: currency, returns: (day + 3, Math.Min(returned, amount))),
    };

    private static string Currency(MetricRow row) => row.Dimensions.Single(d => d.Key == Dimension.Currency).Value;

    private static T Detail<T>(MetricRow row, string name) => (T)row.Details.Single(d => d.Key == name).Value!;

    // What sums up to nothing has a row or none.
    private static SortedDictionary<string, decimal> Amounts(IEnumerable<(string Currency, string Major)> amounts) => new(
        amounts.GroupBy(a => a.Currency, a => decimal.Parse(a.Major, System.Globalization.CultureInfo.InvariantCulture), StringComparer.Ordinal).Where(c => c.Sum() != 0).ToDictionary(c => c.Key, c => c.Sum(), StringComparer.Ordinal),
        StringComparer.Ordinal);

    /// <summary>Customers, and the figures of them in both ways.</summary>
    private sealed class World
    {
        private readonly List<(DateOnly Day, FlowDay Flow)> _days;
        private readonly List<Purchase> _purchases;
        private readonly CensusFigures _base;

        public World(Touch[][] customers)
        {
            var postings = customers.SelectMany((touches, number) => touches.SelectMany(touch => FlowPostings.Of(touch, BusinessCalendar.Utc).Where(p => !p.IsOfFacet).Select(posting => (number, touch, posting)))).ToList();
            _days = [.. postings.Select(p => (p.posting.Day, DayOf(p.posting)))];
            _purchases = [.. postings.Where(p => p.touch.Identified && p.posting.Measures.ContainsKey(Measure.Purchases))
                .Select(p => new Purchase($"c{p.number}", p.touch.Entity.Text, p.touch.At.UtcTicks, p.posting.Day, FlowCell.Parse(p.posting.Cell)))];
            var census = new CustomerCensus(At(AsOf), BusinessCalendar.Utc);
            foreach (var (number, touches) in customers.Index())
            {
                census.Add(CustomerHistory.Of($"c{number}", touches, At(AsOf), BusinessCalendar.Utc));
            }

            _base = census.Build();
        }

        public IReadOnlyList<MetricRow> Stock(string metric) => _base.Rows(MetricCatalog.Find(metric)!, MetricQuestion.Ever());

        public IReadOnlyList<MetricRow> Rows(string metric) => Stock(metric);

        /// <summary>A flow by currency, summed over the rows of an answer.</summary>
        public SortedDictionary<string, decimal> Sum(string metric, params string[] by) => Amounts(MetricEvaluation.Evaluate(MetricCatalog.Find(metric)!, MetricQuestion.Ever(by), _days, [])
            .Select(r => (r.Dimensions.FirstOrDefault(d => d.Key == Dimension.Currency && MetricCatalog.Find(metric)!.Unit == MetricUnit.Money).Value ?? "", System.Convert.ToString(r.Value, System.Globalization.CultureInfo.InvariantCulture)!)));

        public long People(string metric, params string[] by) => MetricEvaluation.Evaluate(MetricCatalog.Find(metric)!, MetricQuestion.Ever(by), [], _purchases).Sum(r => (long)r.Value!);

        private static FlowDay DayOf(FlowPosting posting)
        {
            var day = new FlowDay();
            day.Post(posting, 1);
            return day;
        }
    }
}
