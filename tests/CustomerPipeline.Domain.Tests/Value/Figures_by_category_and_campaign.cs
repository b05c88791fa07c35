using CsCheck;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;
using static CustomerPipeline.Domain.Tests.Told;

namespace CustomerPipeline.Domain.Tests.Value;

/// <summary>Figures by what only some orders say: they add up to those of all, with a rest.</summary>
public sealed class Figures_by_category_and_campaign
{
    private static readonly string?[] Names = [null, "Shoes", "Hats|Caps", " Shoes ", "(others)", new('x', 120)];

    private static readonly Gen<OrderLine> Lines = Gen.Select(Gen.Int[0, Names.Length - 1], Gen.Int[1, 3], Gen.Long[0, 500], (name, quantity, amount) => new OrderLine("p", quantity, amount) { Category = Names[name] });

    private static readonly Gen<Touch> Orders = Gen.Select(
        Lines.Array[0, 12], Gen.Int[0, 5], Gen.Int[0, Names.Length - 1], Gen.Bool, Gen.Long[0, 300], (lines, day, campaign, isDollars, returned) =>
        {
            var order = Order(day, net: lines.Sum(l => l.Amount), currency: isDollars ? "USD" : "EUR", campaign: Names[campaign], returns: (day + 2, Math.Min(returned, lines.Sum(l => l.Amount))));
            return order with { Order = order.Order! with { Units = lines.Sum(l => (long)l.Quantity), Categories = CategorySales.Of(lines) } };
        });

    public static TheoryData<string, string> Questions => [.. MetricCatalog.All.SelectMany(m => m.Facets.Where(_ => m.Computation is MetricComputation.Sum).Select(facet => (m.Name, facet)))];

    [Theory]
    [MemberData(nameof(Questions))]
    public void Add_up_to_those_of_all_by_whatever_else(string name, string facet)
    {
        var metric = MetricCatalog.Find(name)!;
        Orders.Array[0, 10].Sample(orders =>
        {
            var (days, known) = CountedOf(orders);
            foreach (var by in new string[][] { [], [Dimension.Channel], [Dimension.Month, Dimension.Currency] })
            {
                Assert.Equal(Sums(by, days), Sums([.. by, facet], [.. FacetFlows.Of(facet, days, known, metric.Computation.Uses)]));
            }

            SortedDictionary<string, decimal> Sums(string[] by, IReadOnlyList<(DateOnly, FlowDay)> flows)
            {
                var sums = new SortedDictionary<string, decimal>(StringComparer.Ordinal);
                foreach (var row in MetricEvaluation.Evaluate(metric, MetricQuestion.Ever(by), flows, []))
                {
                    var key = string.Join(' ', row.Dimensions.Where(d => d.Key != facet).OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => d.Value));
                    sums[key] = sums.GetValueOrDefault(key) + Convert.ToDecimal(row.Value, System.Globalization.CultureInfo.InvariantCulture);
                }

                // What sums up to nothing has a row or none.
                return new SortedDictionary<string, decimal>(sums.Where(s => s.Value != 0).ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);
            }
        });
    }

    /// <summary>An order that changes takes back what it said, whatever came between.</summary>
    [Fact]
    public void Are_the_same_whatever_orders_said_before() => Gen.Select(Orders, Orders).Array[1, 8].Sample(changes =>
    {
        var (days, known) = (new FlowDay(), new FlowDay());
        foreach (var (before, after) in changes)
        {
            Post(before, 1);
            Post(after, 1);
            Post(before, -1);
        }

        var (all, facets) = CountedOf([.. changes.Select(c => c.Item2)]);
        Assert.Equal(Written(all.Select(d => d.Flow)), Written([days]));
        Assert.Equal(Written(facets.Values), Written([known]));

        void Post(Touch touch, int sign)
        {
            foreach (var posting in FlowPostings.Of(touch, BusinessCalendar.Utc))
            {
                (posting.IsOfFacet ? known : days).Post(posting, sign);
            }
        }
    });

    [Fact]
    public void Tell_what_was_sold_of_a_category_and_all_of_an_order_of_a_campaign()
    {
        var order = Order(0, net: 90_00, discount: 10_00, campaign: "spring", returns: (3, 20_00));
        order = order with
        {
            Order = order.Order! with
            {
                Units = 4,
                Categories = CategorySales.Of([new OrderLine("a", 2, 60_00) { Category = "Shoes" }, new OrderLine("b", 1, 10_00) { Category = "Hats" }, new OrderLine("c", 0.5m, 20_00) { Category = "Shoes" }, new OrderLine("d", 1, 10_00)]),
            },
        };

        var facets = FlowPostings.Of(order, BusinessCalendar.Utc).Where(p => p.IsOfFacet)
            .Select(p => $"{p.Day:MM-dd} {p.Cell} {string.Join(' ', p.Measures.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key} {m.Value}"))}");

        Assert.Equal(
            [
                "01-01 online|||USD|0|campaign|spring discounts 1000 gross 10000 orders 1 purchases 1 refunds-by-order 2000 units 4",
                "01-04 online|||USD|0|campaign|spring refunds 2000",
                "01-01 online|||USD|0|category|Hats gross 1000 units 1",
                "01-01 online|||USD|0|category|Shoes gross 8000 units 3",
            ],
            facets);
    }

    [Fact]
    public void Of_very_many_values_tell_the_largest_and_the_others_together()
    {
        var orders = Enumerable.Range(1, 6).Select(n => Order(0, net: n * 100, campaign: $"c{n}")).Append(Order(0, net: 1_000)).ToArray();
        var (days, known) = CountedOf(orders);
        var metric = MetricCatalog.Find("net-sales")!;
        var all = FacetFlows.Of(Dimension.Campaign, days, known, metric.Computation.Uses).ToList();

        var largest = FacetFlows.Largest(MetricEvaluation.Evaluate(metric, MetricQuestion.Ever(Dimension.Campaign), all, []), Dimension.Campaign, 2, new HashSet<string>());
        var rows = MetricEvaluation.Evaluate(metric, MetricQuestion.Ever(Dimension.Campaign), FacetFlows.Keep(all, largest), []);

        Assert.Equal([" 10.00", "(others) 10.00", "c5 5.00", "c6 6.00"], rows.Select(r => $"{r.Dimensions[0].Value} {r.Value}"));
    }

    [Fact]
    public void Of_an_order_of_very_many_categories_tell_the_eight_largest()
    {
        var lines = Enumerable.Range(1, 20).Select(n => new OrderLine("p", 1, n) { Category = $"c{n}" }).ToList();

        Assert.Equal(["c13", "c14", "c15", "c16", "c17", "c18", "c19", "c20"], CategorySales.Of(lines)!.Select(c => c.Category));
        Assert.Null(CategorySales.Of([new OrderLine("p", 1, 1), new OrderLine("p", 1, 1) { Category = " " }]));
    }

    /// <summary>More values than an answer tells are asked for by name: none of them is lost.</summary>
    [Fact]
    public void Of_values_that_are_picked_leave_none_out()
    {
        var (days, known) = CountedOf([.. Enumerable.Range(1, 150).Select(n => Order(0, net: 100, campaign: $"c{n}"))]);
        var metric = MetricCatalog.Find("net-sales")!;
        var all = FacetFlows.Of(Dimension.Campaign, days, known, metric.Computation.Uses);

        var picked = FacetFlows.Pick(all, Enumerable.Range(1, 120).Select(n => $"c{n}").ToHashSet(StringComparer.Ordinal));

        Assert.Equal("120.00", Assert.Single(MetricEvaluation.Evaluate(metric, MetricQuestion.Ever(), picked, [])).Value);
    }

    [Theory]
    [InlineData(99, "y")]
    [InlineData(100, "")]
    public void Cut_a_long_name_between_two_characters(int length, string before)
    {
        var cell = new FlowCell("online", "s", "", "USD", true).By(Dimension.Category, before + string.Concat(Enumerable.Repeat("\U0001F600", 60)));

        Assert.Equal((length, cell.Value), (cell.Value!.Length, System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(cell.Value))));
    }

    private static (IReadOnlyList<(DateOnly Day, FlowDay Flow)> Days, IReadOnlyDictionary<DateOnly, FlowDay> Facets) CountedOf(Touch[] orders)
    {
        var (days, facets) = (new SortedDictionary<DateOnly, FlowDay>(), new SortedDictionary<DateOnly, FlowDay>());
        foreach (var posting in orders.SelectMany(o => FlowPostings.Of(o, BusinessCalendar.Utc)))
        {
            var sums = posting.IsOfFacet ? facets : days;
            (sums.TryGetValue(posting.Day, out var day) ? day : sums[posting.Day] = new FlowDay()).Post(posting, 1);
        }

        return ([.. days.Select(d => (d.Key, d.Value))], facets);
    }

    private static IReadOnlyList<string> Written(IEnumerable<FlowDay> days)
    {
        var sum = new FlowDay();
        foreach (var (cell, measures) in days.SelectMany(d => d.Cells))
        {
            sum.Post(new FlowPosting(First, cell, measures), 1);
        }

        return [.. sum.Cells.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key}: {string.Join(' ', c.Value.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key} {m.Value}"))}")];
    }
}
