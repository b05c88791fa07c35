using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Value;
using NodaTime;
using static CustomerPipeline.Domain.Tests.Told;

namespace CustomerPipeline.Domain.Tests.Value;

/// <summary>From an interaction to the measures of its days.</summary>
public sealed class What_a_touch_counts_as
{
    [Fact]
    public void A_refund_counts_on_its_own_day_and_against_the_day_of_its_order()
    {
        var postings = FlowPostings.Of(Order(0, net: 100_00, returns: (10, 30_00)), BusinessCalendar.Utc);

        Assert.Equal([First, First.AddDays(10)], postings.Select(p => p.Day));
        Assert.Equal(30_00, postings[0].Measures[Measure.RefundsByOrder]);
        Assert.False(postings[0].Measures.ContainsKey(Measure.Refunds));
        Assert.Equal((30_00, 864_000), (postings[1].Measures[Measure.Refunds], postings[1].Measures[Measure.RefundLeadSeconds]));
    }

    [Fact]
    public void An_order_counts_for_all_that_it_says_on_the_day_that_its_store_calls_it()
    {
        var order = Order(0, net: 100_00, discount: 9_00, returns: (0.5, 30_00));
        order = order with { Order = order.Order! with { BusinessDay = First.AddDays(-1), Tax = 7_00, Shipping = 5_00, Units = 3, IsPurchase = true, Returns = [new OrderReturn(At(0.5), 30_00, First.AddDays(1))] } };

        var days = FlowPostings.Of(order, BusinessCalendar.Utc);

        Assert.Equal([First.AddDays(-1), First.AddDays(1)], days.Select(d => d.Day));
        Assert.Equal(
            ["discounts 900", "gross 10900", "orders 1", "purchases 1", "refunds-by-order 3000", "shipping 500", "tax 700", "units 3"],
            days[0].Measures.Select(m => $"{m.Key} {m.Value}"));
        Assert.Equal((30_00, 43_200, 1), (days[1].Measures[Measure.Refunds], days[1].Measures[Measure.RefundLeadSeconds], days[1].Measures.Single(m => m.Key.StartsWith(Measure.RefundLeadBucket, StringComparison.Ordinal)).Value));
        Assert.Equal(("online", "test", "USD"), (FlowCell.Parse(days[0].Cell) is var cell ? (cell.Channel, cell.Source, cell.Currency) : default));
        Assert.Equal("", FlowCell.Parse(FlowPostings.Of(Ticket(0), BusinessCalendar.Utc)[0].Cell).Currency);
        Assert.DoesNotContain(Measure.Purchases, FlowPostings.Of(order with { Order = order.Order with { IsPurchase = false } }, BusinessCalendar.Utc)[0].Measures.Keys);
    }

    [Fact]
    public void A_time_between_two_counts_once_also_where_it_is_none()
    {
        var measures = Assert.Single(FlowPostings.Of(Ticket(0, solved: 0, replied: 0), BusinessCalendar.Utc with { Hours = new Dictionary<IsoDayOfWeek, (TimeOnly From, TimeOnly To)> { [IsoDayOfWeek.Friday] = (new TimeOnly(9, 0), new TimeOnly(17, 0)) } })).Measures;

        Assert.All(
            [Measure.FirstReplyBucket, Measure.ResolutionBucket, Measure.FirstReplyWorkingBucket, Measure.ResolutionWorkingBucket],
            bucket => Assert.Equal(1, measures[DurationHistogram.Bucket(bucket, 0)]));
    }

    [Fact]
    public void A_ticket_counts_when_it_is_opened_answered_solved_and_rated()
    {
        var ticket = Ticket(0, solved: 2, replied: 1) with
        {
            Ticket = new TicketState
            {
                CreatedAt = At(0),
                FirstReplyAt = At(1),
                SolvedAt = At(2),
                Replies = 1,
                Handoffs = 2,
                Satisfaction = "good",
                SatisfactionAt = At(3),
                Recommendation = 9,
                RecommendationAt = At(3),
                Ease = 6,
                EaseAt = At(4),
            },
        };

        var days = FlowPostings.Of(ticket, BusinessCalendar.Utc).ToDictionary(p => (p.Day.DayNumber - First.DayNumber), p => p.Measures);

        Assert.Equal((1, 2), (days[0][Measure.Tickets], days[0][Measure.Handoffs]));
        Assert.Equal(86_400, days[1][Measure.FirstReplySeconds]);
        Assert.Equal((1, 1, 1, 1), (days[2][Measure.Solved], days[2][Measure.OneTouch], days[2][Measure.Replied], days[2][Measure.SolvedRated]));
        Assert.Equal((1, 1), (days[3][Measure.SatisfactionGood], days[3][Measure.Promoters]));
        Assert.Equal((6, 1), (days[4][Measure.EaseSum], days[4][Measure.EaseAnswers]));
    }

    [Fact]
    public void A_ticket_that_was_reopened_or_rated_badly_counts_as_that()
    {
        var ticket = Ticket(0) with
        {
            Ticket = new TicketState
            {
                CreatedAt = At(0),
                SolvedAt = At(1),
                Replies = 1,
                Reopens = 1,
                Satisfaction = "bad",
                SatisfactionAt = At(1),
                EaseAt = At(1),
            },
        };
        var solved = FlowPostings.Of(ticket, BusinessCalendar.Utc).Single(p => p.Day == First.AddDays(1)).Measures;

        Assert.Equal((1, 1, 1, 1), (solved[Measure.Solved], solved[Measure.Reopened], solved[Measure.SatisfactionBad], solved[Measure.Replied]));
        Assert.DoesNotContain(Measure.OneTouch, solved.Keys);
        Assert.DoesNotContain(Measure.EaseAnswers, solved.Keys);
    }

    [Fact]
    public void A_ticket_that_was_solved_without_a_word_is_neither_answered_nor_reopened()
    {
        var ticket = Ticket(0) with { Ticket = new TicketState { CreatedAt = At(0), SolvedAt = At(1) } };

        Assert.Equal([Measure.Solved], FlowPostings.Of(ticket, BusinessCalendar.Utc).Single(p => p.Day == First.AddDays(1)).Measures.Keys.Where(m => !m.StartsWith("resolution", StringComparison.Ordinal)));
    }

    [Fact]
    public void Where_nobody_knows_the_channel_or_the_currency_there_is_none() =>
        Assert.Equal(new FlowCell("", "test", "", "", false), FlowCell.Parse(FlowPostings.Of(Ticket(0) with { Channel = null }, BusinessCalendar.Utc)[0].Cell) with { Identified = false });

    [Theory]
    [InlineData(10, Measure.Promoters)]
    [InlineData(9, Measure.Promoters)]
    [InlineData(8, Measure.Passives)]
    [InlineData(7, Measure.Passives)]
    [InlineData(6, Measure.Detractors)]
    [InlineData(0, Measure.Detractors)]
    public void An_answer_of_zero_to_ten_counts_for_one_of_three(int answer, string measure)
    {
        var ticket = Ticket(0) with { Ticket = new TicketState { CreatedAt = At(0), Recommendation = answer, RecommendationAt = At(1) } };

        Assert.Equal([measure], FlowPostings.Of(ticket, BusinessCalendar.Utc).Single(p => p.Day == First.AddDays(1)).Measures.Keys);
    }

    [Fact]
    public void What_moved_away_was_not_opened_yet_or_is_no_business_counts_as_nothing()
    {
        Assert.Empty(FlowPostings.Of(Order(0) with { MovedTo = "another" }, BusinessCalendar.Utc));
        Assert.Empty(FlowPostings.Of(Visit(0, "shoe"), BusinessCalendar.Utc));
        Assert.Empty(FlowPostings.Of(Ticket(0) with { Ticket = new TicketState { SolvedAt = At(1) } }, BusinessCalendar.Utc));
        Assert.DoesNotContain(Measure.ResolutionSeconds, FlowPostings.Of(Ticket(5, solved: 1), BusinessCalendar.Utc).SelectMany(p => p.Measures.Keys));
    }

    [Fact]
    public void An_order_given_back_on_more_days_than_are_kept_apart_still_adds_up()
    {
        var postings = FlowPostings.Of(Order(0, net: 100_00, returns: [.. Enumerable.Range(1, 40).Select(day => ((double)day, 1_00L))]), BusinessCalendar.Utc);

        Assert.Equal((13, 40_00), (postings.Count, postings.Sum(p => p.Measures.GetValueOrDefault(Measure.Refunds))));
    }

    [Fact]
    public void A_cell_is_read_as_it_was_written()
    {
        var cell = new FlowCell("online", "shopify", FlowCell.Clean("a|b"), "USD", true);

        Assert.Equal((cell, "a/b"), (FlowCell.Parse(cell.Key), FlowCell.Parse(cell.Key).Place));
        Assert.Throws<FormatException>(() => FlowCell.Parse("online|shopify|USD"));
    }

    [Fact]
    public void Where_working_hours_are_known_durations_count_in_them_too()
    {
        var calendar = BusinessCalendar.Utc with { Hours = new Dictionary<IsoDayOfWeek, (TimeOnly From, TimeOnly To)> { [IsoDayOfWeek.Friday] = (new TimeOnly(9, 0), new TimeOnly(17, 0)) } };

        // 2026-01-02 is a Friday.
        var postings = FlowPostings.Of(Ticket(0, solved: 5, replied: 1.5), calendar);

        Assert.Equal(3 * 3_600, postings.Single(p => p.Measures.ContainsKey(Measure.FirstReplyWorkingSeconds)).Measures[Measure.FirstReplyWorkingSeconds]);
        Assert.Equal(8 * 3_600, postings.Single(p => p.Measures.ContainsKey(Measure.ResolutionWorkingSeconds)).Measures[Measure.ResolutionWorkingSeconds]);
    }
}
