using CsCheck;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Entities;

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
    public void Counts_a_deleted_ticket_as_nothing_and_a_restored_one_as_before()
    {
        InteractionRecord Event(string what, string status, int days) => Read.One(Some.Message("zendesk", new
        {
            type = "zen:event-type:ticket." + what,
            id = what,
            time = Some.Moment.AddDays(days),
            detail = new { id = 5, created_at = Some.Moment, status },
        }));
        InteractionRecord[] deleted = [Event("created", "OPEN", 0), Event("status_changed", "SOLVED", 1), Event("soft_deleted", "DELETED", 2)];
        InteractionRecord[] restored = [.. deleted, Event("undeleted", "SOLVED", 3)];

        Assert.Null(Touch.Of(EntityFold.Of(deleted)!, 1).Ticket);
        var ticket = Touch.Of(EntityFold.Of(restored)!, 1).Ticket!;
        Assert.Equal((Some.Moment.AddDays(1), 0), (ticket.SolvedAt, ticket.Reopens));
    }

    [Fact]
    public void Counts_a_deleted_order_as_nothing_with_what_was_refunded_of_it()
    {
        var order = Read.One(Some.Wrap("shopify", """{"id":7,"created_at":"2026-03-01T10:00:00Z","currency":"USD","line_items":[{"price":"9.00","quantity":1}]}"""u8, "orders/create"));
        var deleted = order with { Id = "deleted", Order = null, Deleted = true, Version = order.Version + 1 };

        Assert.Equal(900, Touch.Of(EntityFold.Of([order])!, 1).Order!.Gross);
        Assert.Equal(new OrderSettlement().Gross, Touch.Of(EntityFold.Of([deleted, order])!, 1).Order!.Gross);
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

    [Fact]
    public void Does_not_let_a_refund_say_where_an_order_was_placed()
    {
        InteractionRecord Word(int hour, Channel? channel, string? place, bool isOrder, string? campaign = null) => new()
        {
            Entity = EntityKey.Of("s", EntityKind.Order, "1"),
            Id = $"{hour}",
            Version = Some.Moment.AddHours(hour).UtcTicks,
            Kind = EntityKind.Order,
            OccurredAt = Some.Moment.AddHours(hour),
            Channel = channel,
            Place = place,
            Campaign = campaign,
            Order = isOrder ? new OrderSnapshot { Status = SaleStatus.Placed, PlacedAt = Some.Moment, Currency = "USD", Gross = 1 } : null,
        };
        (Channel?, string?, string?) After(params InteractionRecord[] words) => EntityFold.Of(words) is var state ? (state!.Channel, state.Place, state.Campaign) : default;
        var (order, refund, silent) = (Word(1, Channel.Online, "web", true, "spring"), Word(2, Channel.InStore, "till", false, "autumn"), Word(3, null, null, true));

        Assert.Equal((Channel.Online, "web", "spring"), After(order, refund));
        Assert.Equal((Channel.Online, "web", "spring"), After(order, refund, silent));
        Assert.Equal((Channel.InStore, "till", "autumn"), After(refund));
        Assert.Equal((Channel.InStore, "till", "autumn"), After(refund, silent));
        Assert.Equal((Channel.Online, "web", "autumn"), After(refund, order with { Version = refund.Version + 1 }));
        Assert.Equal((Channel.InStore, "till", "spring"), After(order, Word(3, Channel.InStore, "till", true, "late")));

        // Where a source states all of an order each time, the later word counts.
        InteractionRecord Whole(InteractionRecord word) => word with { Order = word.Order! with { IsComplete = true } };
        Assert.Equal((Channel.InStore, "till", "late"), After(Whole(order), Whole(Word(3, Channel.InStore, "till", true, "late"))));
        Assert.Equal((Channel.Online, "web", null), After(Whole(order), Whole(silent)));
    }

    [Fact]
    public void Knows_of_a_person_the_last_that_was_said_of_each_thing()
    {
        InteractionRecord Word(int version, PersonProfile profile) =>
            new() { Entity = EntityKey.Of("s", EntityKind.Person, "1"), Id = "r", Version = version, Kind = EntityKind.Person, OccurredAt = Some.Moment, Person = profile };
        var all = new PersonProfile { Name = "a", BirthDate = "b", Street = "c", PostalCode = "d", City = "e", Country = "f", MarketingConsent = true };
        var other = new PersonProfile { Name = "A", BirthDate = "B", Street = "C", PostalCode = "D", City = "E", Country = "F", MarketingConsent = false };

        Assert.Equal(all, EntityFold.Of([Word(1, all), Word(2, new PersonProfile())])!.Person);
        Assert.Equal(other, EntityFold.Of([Word(1, all), Word(2, other)])!.Person);
        Assert.True(EntityFold.Of([Word(1, all), Word(2, all with { Deleted = true })])!.Person!.Deleted);
    }

    [Fact]
    public void Keeps_what_happened_to_an_order_by_refund_and_once_cancelled_cancelled()
    {
        RefundRecord Refund(string id, long amount) => new() { Id = id, Status = RefundStatus.Completed, At = Some.Moment, Amount = amount };
        InteractionRecord Word(int version, DateTimeOffset? cancelledAt, params RefundRecord[] refunds) =>
            new() { Entity = EntityKey.Of("s", EntityKind.Order, "1"), Id = "r", Version = version, Kind = EntityKind.Order, OccurredAt = Some.Moment, CancelledAt = cancelledAt, Refunds = refunds };
        var order = EntityFold.Of([Word(1, Some.Moment, Refund("b", 1), Refund("c", 2)), Word(2, null, Refund("a", 3), Refund("b", 4)), Word(3, null)])!.Order!;

        Assert.Equal(["a 3", "b 4", "c 2"], order.Refunds.Select(r => $"{r.Id} {r.Amount}"));
        Assert.Equal(Some.Moment, order.CancelledAt);
        Assert.Equal(Some.Moment.AddDays(1), OrderFold.Apply(order, Word(4, Some.Moment.AddDays(1))).CancelledAt);
    }

    [Fact]
    public void Counts_of_a_ticket_what_it_was_told_and_takes_totals_as_they_come()
    {
        DateTimeOffset Day(int day) => Some.Moment.AddDays(day);
        var told = new[]
        {
            new TicketChange { CreatedAt = Day(1), Status = "solved", PublicAgentReply = true, Rating = new Rating(4, 1, 5), Handoff = true, Subject = "first" },
            new TicketChange { CreatedAt = Day(0), Status = "open", PublicAgentReply = true, Subject = "second" },
            new TicketChange { CreatedAt = Day(2), FirstReplyAt = Day(0), Rating = new Rating(1, 1, 5) },
        }.Select((change, day) => (change, day)).Aggregate((TicketState?)null, (state, next) => TicketFold.Apply(state, next.change, Day(next.day)))!;

        Assert.Equal((Day(0), Day(0), "open", null), (told.CreatedAt, told.FirstReplyAt, told.Status, told.SolvedAt));
        Assert.Equal((2, 1, 1, "bad", Day(2), "first"), (told.Replies, told.Reopens, told.Handoffs, told.Satisfaction, told.SatisfactionAt, told.Subject));

        var totals = TicketFold.Apply(told, new TicketChange { Replies = 7, Reopens = 8, Handoffs = 9, PublicAgentReply = true, Handoff = true }, Day(4));
        Assert.Equal((7, 8, 9), (totals.Replies, totals.Reopens, totals.Handoffs));
        Assert.Equal("good", TicketFold.Apply(told, new TicketChange { Rating = Rating.Good }, Day(4)).Satisfaction);
    }

    [Fact]
    public void Of_a_ticket_knows_when_somebody_answered_first_and_when_it_was_solved_last()
    {
        DateTimeOffset Day(int day) => Some.Moment.AddDays(day);
        var opened = TicketFold.Apply(null, new TicketChange { CreatedAt = Day(0), Status = "open" }, Day(0));
        var answered = TicketFold.Apply(opened, new TicketChange { PublicAgentReply = true, Rating = Rating.Good }, Day(1));
        var again = TicketFold.Apply(answered, new TicketChange { PublicAgentReply = true, Status = "solved" }, Day(2));

        Assert.Equal((null, null), (opened.FirstReplyAt, opened.SolvedAt));
        Assert.Equal((Day(1), null), (answered.FirstReplyAt, answered.SolvedAt));
        Assert.Equal((Day(1), Day(2), "good", Day(1)), (again.FirstReplyAt, again.SolvedAt, again.Satisfaction, again.SatisfactionAt));
        Assert.Equal(Day(2), TicketFold.Apply(again, new TicketChange { Status = "closed" }, Day(3)).SolvedAt);
        Assert.Equal(Day(1), TicketFold.Apply(again, new TicketChange { SolvedAt = Day(1) }, Day(3)).SolvedAt);
        Assert.Equal(Day(3), TicketFold.Apply(opened, new TicketChange { Status = "solved", SolvedAt = Day(3) }, Day(4)).SolvedAt);
    }

    [Fact]
    public void Leaves_the_lines_of_an_order_with_its_records()
    {
        var record = Read.One(Some.ShopifyOrder());

        Assert.NotEmpty(record.Order!.Lines);
        Assert.Empty(EntityFold.Of([record])!.Order!.Snapshot!.Lines);
    }

    [Fact]
    public void Has_each_cut_once_and_in_order_and_with_it_what_was_ended()
    {
        var state = EntityFold.Of([Read.One(Some.ShopifyOrder(email: "a@example.com"))])! with
        {
            Identifiers = [Identifier.Parse("email:a@example.com"), Identifier.Parse("edge:m1")],
            Cuts = [new DecidedCut(Identifier.Parse("phone:+1"), "d1"), new DecidedCut(Identifier.Parse("email:a@example.com"), "d1"), new DecidedCut(Identifier.Parse("phone:+1"), "d2")],
            Ended = ["m1", "m2"],
        };

        Assert.Equal(["email:a@example.com", "phone:+1", "edge:m1"], state.Cut.Select(c => c.Key));
    }

    [Fact]
    public void Says_each_identifier_once_and_in_order()
    {
        InteractionRecord Word(int version, params string[] identifiers) => new()
        {
            Entity = EntityKey.Of("s", EntityKind.Order, "1"),
            Id = "r",
            Version = version,
            Kind = EntityKind.Order,
            OccurredAt = Some.Moment,
            Identifiers = [.. identifiers.Select(Identifier.Parse)],
        };
        IEnumerable<string> After(params InteractionRecord[] words) => EntityFold.Of(words)!.Identifiers.Select(i => i.Key);

        Assert.Equal(["email:a", "phone:+1"], After(Word(1, "phone:+1", "email:a", "phone:+1")));
        Assert.Equal(["email:a", "phone:+1"], After(Word(1, "phone:+1", "email:a")));
        Assert.Equal(["email:a", "phone:+1", "device:d"], After(Word(1, "device:d"), Word(2, "phone:+1", "email:a"), Word(3, "email:a")));
        Assert.Equal(["loyalty:7", "email:a"], After(Word(1, "email:a"), Word(2, "email:a", "loyalty:7", "loyalty:7")));
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
