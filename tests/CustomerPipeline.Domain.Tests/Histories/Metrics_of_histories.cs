using CustomerPipeline.Domain.Customers;
using static CustomerPipeline.Domain.Tests.Told;

namespace CustomerPipeline.Domain.Tests.Histories;

/// <summary>What each metric that takes a customer's history means, as an example.</summary>
public sealed class Metrics_of_histories
{
    [Fact]
    public void What_happens_at_the_very_instant_has_happened()
    {
        var now = History(10, Order(0, net: 100_00, returns: (10, 30_00)), Order(10, net: 5_00));
        var before = History(9.999, Order(0, net: 100_00, returns: (10, 30_00)), Order(10, net: 5_00));

        Assert.Equal((2, 1, 70_00), (now.Orders.Count, now.Returns.Count, now.Orders[0].Kept));
        Assert.Equal([true, true, false], new[] { Order(0, net: 0), Order(0, net: 1), Order(0, net: 1, returns: (0, 1)) }.Select(o => History(10, o).Orders[0].IsPurchase));
        Assert.Equal((1, 0, 100_00), (before.Orders.Count, before.Returns.Count, before.Orders[0].Kept));
        Assert.True(History(0.5, Order(0, net: 1, returns: (1, 1))).Orders[0].IsPurchase);
    }

    [Fact]
    public void A_store_says_itself_which_day_an_order_is_of()
    {
        var order = Order(1);

        Assert.Equal(First.AddDays(1), History(2, order).Orders[0].Day);
        Assert.Equal(First, History(2, order with { Order = order.Order! with { BusinessDay = First } }).Orders[0].Day);
    }

    [Fact]
    public void An_order_is_kept_when_for_30_days_nothing_came_back_and_nobody_asked_for_help() =>
        Assert.Equal(["0.333333"], Answer("kept-order-share", 100, [Order(0)], [Order(0, returns: (20, 1_00))], [Order(0), Ticket(29)]));

    [Fact]
    public void A_free_order_is_kept_unless_it_was_cancelled()
    {
        var free = Order(0, net: 0);

        Assert.Equal(["1"], Answer("kept-order-share", 100, [free]));
        Assert.Equal(["0"], Answer("kept-order-share", 100, [free with { Order = free.Order! with { IsPurchase = false } }]));
    }

    [Fact]
    public void An_order_that_came_back_later_was_kept() => Assert.Equal(["1"], Answer("kept-order-share", 100, [Order(0, returns: (31, 100_00)), Order(50), Ticket(81)]));

    [Fact]
    public void An_order_is_judged_when_30_days_have_passed_whatever_happened_before()
    {
        // Lost orders alone would make every newest month look like a collapse.
        Assert.Equal(["value= part=0 whole=0 notYetKnown=2"], Details("kept-order-share", 29, [Order(0)], [Order(0, returns: (5, 1_00))]));
        Assert.Equal(["value=0.5 part=1 whole=2 notYetKnown=1"], Details("kept-order-share", 30, [Order(0), Order(20)], [Order(0, returns: (5, 1_00))]));
    }

    [Fact]
    public void A_contact_is_repeated_within_7_days_about_the_same_subject() =>
        Assert.Equal(["0.4"], Answer("repeat-contact-rate", 100, [Ticket(0, subject: "size"), Ticket(7, subject: "size"), Ticket(14.1, subject: "size")], [Ticket(0, subject: "size"), Ticket(1)]));

    [Fact]
    public void A_contact_about_something_else_repeats_nothing() =>
        Assert.Equal(["0"], Answer("repeat-contact-rate", 100, [Ticket(0, subject: "size"), Ticket(1, subject: "invoice")]));

    [Fact]
    public void First_contact_resolution_judges_first_contacts_once_7_days_have_passed() =>
        Assert.Equal(["0.5"], Answer("first-contact-resolution", 10, [Ticket(0), Ticket(3)], [Ticket(1)], [Ticket(9)]));

    [Theory]
    [InlineData("1", 0)]
    [InlineData("1", 30)]
    [InlineData("0", 30.1)]
    public void A_ticket_within_30_days_of_an_order_is_failure_demand(string share, double day) => Assert.Equal([share], Answer("failure-demand-share", 100, [Order(0), Ticket(day)]));

    [Fact]
    public void So_is_one_after_a_refund_or_an_unsolved_ticket() => Assert.Equal(
        ["0.4"], Answer("failure-demand-share", 200, [Order(0, returns: (50, 1_00)), Ticket(60)], [Ticket(0), Ticket(20)], [Ticket(0, solved: 10), Ticket(20)]));

    [Fact]
    public void A_journey_hands_over_where_the_channel_changes_within_30_days() =>
        Assert.Equal(["1"], Answer("handoffs-per-journey", 200, [Visit(0), Order(1, channel: Channel.InStore), Ticket(5), Order(60)]));

    [Fact]
    public void Effort_is_contacts_changes_of_channel_and_repeats_for_each_need_that_was_met() =>
        // Two tickets, of which one repeats the other; one change of channel; one solved ticket, and an order that was lost.
        Assert.Equal(["4"], Answer("customer-effort", 200, [Order(0), Ticket(5, solved: 6), Ticket(6)]));

    [Fact]
    public void Time_to_value_runs_from_the_first_contact_to_the_first_kept_order() =>
        Assert.Equal(["value=864000 mean=864000 p90=864000 count=1"], Details("time-to-value", 200, [Visit(0), Order(3, returns: (4, 100_00)), Order(10), Order(60)]));

    [Theory]
    [InlineData("research-online-purchase-offline", "0.75")]
    [InlineData("research-online-purchase-offline-category", "0.5")]
    [InlineData("research-online-purchase-offline-product", "0.25")]
    public void Research_online_comes_within_14_days_before_a_purchase_in_a_store(string metric, string share)
    {
        var shoe = new[] { "category:shoes", "product:p1" };
        Touch Purchase(double day) => Order(day, channel: Channel.InStore, goods: shoe);

        Assert.Equal([share], Answer(metric, 100, [Visit(0, shoe), Purchase(14)], [Visit(0, "category:shoes"), Purchase(10)], [Visit(0), Purchase(1)], [Visit(0, shoe), Purchase(15)]));
    }

    [Fact]
    public void The_reverse_is_a_purchase_online_after_one_in_a_store() =>
        Assert.Equal(["0.5"], Answer("store-first-purchase-online", 100, [Order(0, channel: Channel.InStore), Order(5)], [Order(5)]));

    [Fact]
    public void Nothing_after_the_instant_is_looked_at() =>
        Assert.Equal(Answer("customer-effort", 40, [Order(0), Ticket(35, solved: 39)]), Answer("customer-effort", 40, [Order(0, returns: (41, 100_00)), Ticket(35, solved: 39), Ticket(42), Order(50)]));
}
