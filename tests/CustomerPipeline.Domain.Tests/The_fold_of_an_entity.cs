using CsCheck;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests;

public sealed class The_fold_of_an_entity
{
    [Fact]
    public void Is_the_same_for_every_order_of_its_records() => Gen.Int[0, 1_000_000].Sample(seed =>
    {
        var records = Life();
        var random = new Random(seed);
        var shuffled = records.ToArray();
        random.Shuffle(shuffled);

        Assert.Equal(Text(EntityFold.Of(records)), Text(EntityFold.Of(shuffled)));
    });

    [Fact]
    public void Takes_the_last_version_of_the_order_and_the_first_time_it_was_placed()
    {
        var state = EntityFold.Of([
            Read.One(Some.Segment("Order Updated", new { order_id = "1", subtotal = 7, currency = "USD" }, at: Some.Moment.AddHours(1))),
            Read.One(Some.Segment("Order Completed", new { order_id = "1", subtotal = 5, currency = "USD" })),
        ])!;

        Assert.Equal((700, Some.Moment), (state.Order!.Snapshot!.Gross, state.Order.Snapshot.PlacedAt));
    }

    [Fact]
    public void Lets_identifiers_grow()
    {
        var state = EntityFold.Of([Read.One(Some.SquarePayment(at: Some.Moment)), Read.One(Some.SquarePayment(customer: "C1", updatedAt: Some.Moment.AddMinutes(1)))])!;

        Assert.Equal(["account:square:C1"], state.Identifiers.Select(i => i.Key));
    }

    [Fact]
    public void Forgets_a_solve_when_the_ticket_is_reopened()
    {
        var solved = new[] { Read.One(Some.ZendeskTicket()), Read.One(Some.ZendeskTicket("status_changed", current: "SOLVED", at: Some.Moment.AddHours(2))) };
        var reopened = Read.One(Some.ZendeskTicket("status_changed", current: "OPEN", at: Some.Moment.AddHours(3)));

        Assert.Equal(Some.Moment.AddHours(2), EntityFold.Of(solved)!.Ticket!.SolvedAt);
        Assert.Equal((null, 1), (EntityFold.Of([.. solved, reopened])!.Ticket!.SolvedAt, EntityFold.Of([.. solved, reopened])!.Ticket!.Reopens));
    }

    [Fact]
    public void Counts_what_was_looked_at_on_a_day()
    {
        InteractionRecord View(string product) => Read.One(Some.Segment("Product Viewed", new { product_id = product }, user: null, anonymous: "a"));
        var state = EntityFold.Of([View("1"), View("2"), Read.One(Some.Segment("Product Added", new { product_id = "2" }, user: null, anonymous: "a"))])!;

        Assert.Equal(["product-added 1", "product-viewed 2"], state.Browsed!.Select(b => $"{b.Key} {b.Value}"));
        Assert.Equal(2, state.Goods.Count);
    }

    [Fact]
    public void Knows_since_when_an_answer_stands()
    {
        DateTimeOffset Day(int day) => Some.Moment.AddDays(day);
        var answered = TicketFold.Apply(null, new TicketChange { Recommendation = 9, Ease = 6 }, Day(0));
        var repeated = TicketFold.Apply(answered, new TicketChange { Recommendation = 9, Ease = 6 }, Day(1));
        var changed = TicketFold.Apply(repeated, new TicketChange { Recommendation = 3, Ease = 2 }, Day(2));
        var silent = TicketFold.Apply(changed, new TicketChange { Status = "open" }, Day(3));

        Assert.Equal((Day(0), Day(0)), (answered.RecommendationAt, answered.EaseAt));
        Assert.Equal((Day(0), Day(0)), (repeated.RecommendationAt, repeated.EaseAt));
        Assert.Equal((Day(2), Day(2), 3, 2), (changed.RecommendationAt, changed.EaseAt, changed.Recommendation, changed.Ease));
        Assert.Equal((Day(2), Day(2), 3, 2), (silent.RecommendationAt, silent.EaseAt, silent.Recommendation, silent.Ease));
    }

    private static List<InteractionRecord> Life() =>
    [
        Read.One(Some.ShopifyOrder(eventId: "1", price: "50.00", email: "a@example.com")),
        Read.One(Some.ShopifyOrder(eventId: "2", price: "45.00", customer: 7, updatedAt: Some.Moment.AddMinutes(3))),
        Read.One(Some.ShopifyOrder(eventId: "3", price: "44.00", customer: 7, updatedAt: Some.Moment.AddMinutes(3))),
        Read.One(Some.ShopifyRefund(id: 1, subtotal: 5, at: Some.Moment.AddDays(1))),
        Read.One(Some.ShopifyRefund(id: 2, subtotal: 5, at: Some.Moment.AddDays(2))),
    ];

    private static string Text(EntityState? state) => System.Text.Json.JsonSerializer.Serialize(state);
}
