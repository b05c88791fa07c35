using CsCheck;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Snapshots;
using CustomerPipeline.Domain.Value;
using static CustomerPipeline.Domain.Tests.Told;

namespace CustomerPipeline.Domain.Tests.Snapshots;

/// <summary>Orders that did not go as their customers could expect, and what that puts at risk.</summary>
public sealed class Promises_that_were_broken
{
    [Fact]
    public void Have_the_causes_that_came_within_thirty_days()
    {
        Assert.Equal("", CausesOf(Order(0), Ticket(31), Order(31)));
        Assert.Equal("contact", CausesOf(Order(0), Ticket(30)));
        Assert.Equal("", CausesOf(Order(10), Ticket(9)));
        Assert.Equal("returned", CausesOf(Order(0, returns: (30, 1_00))));
        Assert.Equal("", CausesOf(Order(0, returns: (31, 1_00))));
        Assert.Equal("cancelled", CausesOf(Cancelled(Order(0), 5)));
        Assert.Equal("cancelled contact", CausesOf(Cancelled(Order(0), 5), Ticket(6)));
        Assert.Equal("", CausesOf(Cancelled(Order(0), 31)));
        Assert.Equal("contact returned", CausesOf(Order(0, returns: (4, 1_00)), Ticket(1)));
    }

    [Fact]
    public void Are_counted_by_cause_category_and_location_with_those_who_said_nothing()
    {
        var shoes = Enumerable.Range(0, 5).Select(_ => new[] { Sold(Order(300, returns: (301, 1_00)), "Shoes", "Berlin") });
        var hats = Enumerable.Range(0, 5).Select(_ => new[] { Sold(Order(300), "Hats", "Bonn"), Ticket(302) });
        var kept = Enumerable.Range(0, 9).Select(_ => new[] { Sold(Order(300), "Hats", "Bonn") });
        var before = new[] { Sold(Order(200), "Hats", "Bonn"), Ticket(201) };

        Assert.Equal(
            [
                "(all) (all) (all) value=10 orders=10 silentCustomers=5 customersBefore=1",
                "(all) (all) Berlin value=5 orders=5 silentCustomers=5 customersBefore=0",
                "(all) (all) Bonn value=5 orders=5 silentCustomers=0 customersBefore=1",
                "(all) Hats (all) value=5 orders=5 silentCustomers=0 customersBefore=1",
                "(all) Hats Bonn value=5 orders=5 silentCustomers=0 customersBefore=1",
                "(all) Shoes (all) value=5 orders=5 silentCustomers=5 customersBefore=0",
                "(all) Shoes Berlin value=5 orders=5 silentCustomers=5 customersBefore=0",
                "contact (all) (all) value=5 orders=5 silentCustomers=0 customersBefore=1",
                "contact (all) Bonn value=5 orders=5 silentCustomers=0 customersBefore=1",
                "contact Hats (all) value=5 orders=5 silentCustomers=0 customersBefore=1",
                "contact Hats Bonn value=5 orders=5 silentCustomers=0 customersBefore=1",
                "returned (all) (all) value=5 orders=5 silentCustomers=5 customersBefore=0",
                "returned (all) Berlin value=5 orders=5 silentCustomers=5 customersBefore=0",
                "returned Shoes (all) value=5 orders=5 silentCustomers=5 customersBefore=0",
                "returned Shoes Berlin value=5 orders=5 silentCustomers=5 customersBefore=0",
            ],
            Details("promises-broken", 310, [.. shoes, .. hats, .. kept, before]));
    }

    /// <summary>A customer who does not come back within the time that is waited counts against the affected and the comparable alike.</summary>
    [Fact]
    public void Are_compared_with_customers_whose_orders_were_kept_in_the_same_channel()
    {
        // Of ten with a ticket, two came back; of those who were served well, half online, and all in the store, where none of the ten was.
        var affected = Enumerable.Range(0, 10).Select(i => new[] { Order(10), Ticket(11), Order(300), Ticket(301) }.Concat(i < 2 ? [Order(50)] : []).ToArray());
        var online = Enumerable.Range(0, 8).Select(i => new[] { Order(10) }.Concat(i < 4 ? [Order(50)] : []).ToArray());
        var inStore = Enumerable.Range(0, 8).Select(_ => new[] { Order(10, channel: Channel.InStore), Order(60, channel: Channel.InStore) });

        Assert.Contains(
            "contact (all) (all) value=10 orders=10 silentCustomers=0 customersBefore=0 repeatRate=0.2 low=0.056682 high=0.509838 judgedCustomers=10 comparableRepeatRate=0.5 comparableCustomers=16",
            Details("promises-broken", 310, [.. affected, .. online, .. inStore]));
    }

    [Theory]
    [InlineData(39, "0")]
    [InlineData(40, "0")]
    [InlineData(41, "1")]
    [InlineData(130, "1")]
    [InlineData(131, "0")]
    public void Are_followed_by_another_purchase_between_30_and_120_days_after(double day, string share) => Assert.Contains(
        $"repeatRate={share} ", Details("promises-broken", 310, [.. Enumerable.Range(0, 5).Select(_ => new[] { Order(10, returns: (11, 1_00)), Order(day), Order(300, returns: (301, 1_00)) })])[0], StringComparison.Ordinal);

    [Fact]
    public void Put_nothing_at_risk_that_cannot_be_predicted() => Assert.Equal(
        ["USD value= reason=BG/NBD needs at least 200 customers; there are 1. customers=0 unpredicted=1"], Details("customer-value-at-risk", 310, [Order(300), Ticket(301)]));

    /// <summary>An order is counted as kept, or as broken with a cause; as of any instant, and however its customer's interactions came.</summary>
    [Fact]
    public void Are_the_orders_that_the_kept_order_share_does_not_count() => Touches.Array[1, 12].Sample(
        touches =>
        {
            var history = History(200, touches);
            var postings = HistoryPostings.Of(history, At(200), BusinessCalendar.Utc);
            long Sum(string measure) => postings.Sum(p => p.Measures.GetValueOrDefault(measure));

            var old = history.Orders.Where(o => o.At + HistoryRules.KeptAfter <= At(200)).ToList();
            Assert.Equal((old.Count, old.Count(o => BrokenPromise.Of(history, o) is null)), (Sum(HistoryMeasure.JudgedOrders), Sum(HistoryMeasure.KeptOrders)));
            Assert.All(old.Select(o => BrokenPromise.Of(history, o)).OfType<BrokenPromise>(), p => Assert.NotEmpty(p.Causes));
        },
        iter: Effort.Of(all: 20_000, usual: 2_000));

    /// <summary>The rows of a location add up to no less than those of all, and to no more than each customer in each: a customer may be in several.</summary>
    [Fact]
    public void Have_rows_of_which_none_is_more_than_that_of_all() => Touches.Array[1, 6].Array[5, 40].Sample(
        customers =>
        {
            var census = new CustomerCensus(At(100), BusinessCalendar.Utc);
            foreach (var (i, touches) in customers.Index())
            {
                census.Add(CustomerHistory.Of($"c{i}", touches, At(100), BusinessCalendar.Utc));
            }

            var rows = census.Build().Stocks["promises-broken"];
            var all = rows.ToDictionary(r => string.Join('|', r.Dimensions.Select(d => d.Value)), r => (long)r.Value!, StringComparer.Ordinal);
            Assert.All(rows, row =>
            {
                Assert.True((long)row.Value! >= HistoryRules.LeastCustomersShown && (long)row.Value! <= all["(all)|(all)|(all)"]);
                Assert.True((long)row.Details.Single(d => d.Key == "silentCustomers").Value! <= (long)row.Value!);
                Assert.True((long)row.Details.Single(d => d.Key == "orders").Value! >= (long)row.Value!);
            });
            var broken = census.Standings().LongCount(s => s.BrokenPromises.Count > 0);
            Assert.Equal(broken >= HistoryRules.LeastCustomersShown ? broken : 0, all.GetValueOrDefault("(all)|(all)|(all)"));
        },
        iter: Effort.Of(all: 500, usual: 60));

    private static readonly Gen<Touch> Touches = Gen.Select(Gen.Int[0, 5], Gen.Double[0, 220], Gen.Double[0, 60], Gen.Int[0, 2]).Select((kind, day, later, which) => kind switch
    {
        0 => Ticket(day),
        1 => Order(day, net: 0, discount: 9_00),
        2 => Sold(Order(day, returns: (day + later, 20_00)), $"k{which}", $"p{which}"),
        3 => Cancelled(Order(day), day + later),
        _ => Sold(Order(day), $"k{which}", $"p{which}"),
    });

    private static string CausesOf(params Touch[] touches)
    {
        var history = History(100, touches);
        return string.Join(' ', BrokenPromise.Of(history, history.Orders[0])?.Causes ?? []);
    }

    private static Touch Cancelled(Touch order, double day) => order with { Order = order.Order! with { CancelledAt = At(day), IsPurchase = false, Returns = [new(At(day), order.Order.Gross)] } };

    private static Touch Sold(Touch order, string category, string place) => order with { Place = place, Order = order.Order! with { Categories = [new CategorySales(category, order.Order.Gross, 1)] } };
}
