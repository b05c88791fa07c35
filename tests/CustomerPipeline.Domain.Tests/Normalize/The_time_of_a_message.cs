using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Normalize;
using static CustomerPipeline.Contracts.SomeXml;

namespace CustomerPipeline.Domain.Tests.Normalize;

public sealed class The_time_of_a_message
{
    [Theory]
    [InlineData("2026-03-08T01:59:59", "2026-03-08T06:59:59Z", null)]
    [InlineData("2026-03-08T02:30:00", "2026-03-08T07:30:00Z", "local-time-skipped")]
    [InlineData("2026-03-08T03:00:00", "2026-03-08T07:00:00Z", null)]
    [InlineData("2026-11-01T01:30:00", "2026-11-01T05:30:00Z", "local-time-ambiguous")]
    [InlineData("2026-11-01T02:00:00", "2026-11-01T07:00:00Z", null)]
    public void On_a_till_is_that_of_its_store_also_when_clocks_change(string local, string utc, string? flag)
    {
        var record = Read.One(Message("poslog", PosLog(Retail(Sale(1), 1, 0), end: local)), Rules);

        Assert.Equal(DateTimeOffset.Parse(utc, System.Globalization.CultureInfo.InvariantCulture), record.OccurredAt.ToUniversalTime());
        Assert.Equal(flag is null ? null : [flag], record.Flags);
    }

    [Fact]
    public void A_little_in_the_future_is_believed()
    {
        var record = Read.One(Some.ShopifyOrder(at: Some.Received.AddMinutes(15)));

        Assert.Equal((Some.Received.AddMinutes(15), null), (record.OccurredAt, record.Flags));
    }

    [Fact]
    public void Far_in_the_future_becomes_the_time_of_receipt_and_is_flagged()
    {
        var record = Read.One(Some.ShopifyOrder(at: Some.Received.AddDays(40)));

        Assert.Equal((Some.Received, Some.Received), (record.OccurredAt, record.Order!.PlacedAt));
        Assert.Equal(["time-in-future"], record.Flags);
    }

    [Fact]
    public void Before_there_were_computers_or_after_the_century_is_a_broken_clock()
    {
        var (first, end) = (DateTimeOffset.UnixEpoch, new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));

        Assert.Equal(first, Read.One(Some.ShopifyOrder(at: first)).OccurredAt);
        Assert.Equal("time-out-of-range", Read.Quarantined(Some.ShopifyOrder(at: first.AddTicks(-1))).Code);
        Assert.Equal("time-out-of-range", Read.Quarantined(Some.ShopifyOrder(at: end)).Code);
        Assert.Equal(["time-in-future"], Read.One(Some.ShopifyOrder(at: end.AddTicks(-1))).Flags);
    }

    [Fact]
    public void As_late_as_it_may_be_is_believed_beside_one_that_is_not()
    {
        var latest = Some.Moment.AddMinutes(15);
        var record = Read.One(Some.SquarePayment()) with { OccurredAt = latest, CancelledAt = latest.AddTicks(1) };

        var (refund, ticket) = (new RefundRecord { Id = "a", Amount = 1, Status = RefundStatus.Completed, At = latest }, new TicketChange { CreatedAt = latest, FirstReplyAt = latest, SolvedAt = latest });
        var asLateAsMayBe = record with { CancelledAt = latest, Order = record.Order! with { PlacedAt = latest }, Refunds = [refund], Ticket = ticket };
        var later = latest.AddTicks(1);

        Assert.False(ClockSkew.IsAnyLater(asLateAsMayBe, latest));
        Assert.All(
            [
                asLateAsMayBe with { OccurredAt = later }, asLateAsMayBe with { CancelledAt = later }, asLateAsMayBe with { Order = record.Order! with { PlacedAt = later } }, asLateAsMayBe with { Refunds = [refund, refund with { At = later }] },
                asLateAsMayBe with { Ticket = ticket with { CreatedAt = later } }, asLateAsMayBe with { Ticket = ticket with { FirstReplyAt = later } }, asLateAsMayBe with { Ticket = ticket with { SolvedAt = later } },
            ],
            one => Assert.True(ClockSkew.IsAnyLater(one, latest)));
        Assert.Equal((latest, Some.Moment), (ClockSkew.Bound(record, Some.Moment, latest).OccurredAt, ClockSkew.Bound(record, Some.Moment, latest).CancelledAt));
    }

    /// <summary>Each time of a record is bounded by itself: those that can be true stay.</summary>
    [Fact]
    public void Far_in_the_future_is_bounded_wherever_it_stands()
    {
        var received = Some.Moment;
        var (past, latest, future) = (received.AddDays(-1), received.AddMinutes(15), received.AddYears(1));
        var record = new InteractionRecord
        {
            Id = "r",
            Entity = EntityKey.Of("shop", EntityKind.Order, "1"),
            Kind = EntityKind.Order,
            Version = 1,
            Channel = Channel.Online,
            OccurredAt = past,
            CancelledAt = future,
            Order = new OrderSnapshot { Status = SaleStatus.Placed, Currency = "EUR", Gross = 1, PlacedAt = future, BusinessDay = DateOnly.FromDateTime(future.UtcDateTime) },
            Refunds = [new RefundRecord { Id = "a", Amount = 1, Status = RefundStatus.Completed, At = past, BusinessDay = DateOnly.FromDateTime(past.UtcDateTime) }, new RefundRecord { Id = "b", Amount = 1, Status = RefundStatus.Completed, At = future, BusinessDay = DateOnly.FromDateTime(future.UtcDateTime) }],
            Ticket = new TicketChange { CreatedAt = past, FirstReplyAt = future, SolvedAt = future },
        };

        var bounded = ClockSkew.Bound(record, received, latest);

        Assert.Equal((past, received, received, (DateOnly?)null), (bounded.OccurredAt, bounded.CancelledAt, bounded.Order!.PlacedAt, bounded.Order.BusinessDay));
        Assert.Equal([past, received], bounded.Refunds!.Select(r => r.At));
        Assert.Equal([DateOnly.FromDateTime(past.UtcDateTime), null], bounded.Refunds!.Select(r => r.BusinessDay));
        Assert.Equal((past, received, received), (bounded.Ticket!.CreatedAt, bounded.Ticket.FirstReplyAt, bounded.Ticket.SolvedAt));
        Assert.Equal(received, ClockSkew.Bound(record with { Ticket = new TicketChange { CreatedAt = future } }, received, latest).Ticket!.CreatedAt);
        Assert.Same(record, ClockSkew.Bound(record, received, future));
    }

    [Fact]
    public void In_the_future_is_flagged_beside_what_else_is_peculiar()
    {
        var record = Read.One(Some.ShopifyOrder(price: "10.649999999999999", at: Some.Received.AddDays(40)));
        var flagged = Read.One(Some.ShopifyOrder()) with { CancelledAt = Some.Moment.AddDays(1), Flags = ["total-differs"] };

        Assert.Equal(["rounded-amount", "time-in-future"], record.Flags);
        Assert.Equal(["time-in-future", "total-differs"], ClockSkew.Bound(flagged, Some.Moment, Some.Moment).Flags);
    }

    [Theory]
    [InlineData("Europe/Stockholm", true)]
    [InlineData("Mars/Olympus", false)]
    [InlineData("", false)]
    public void Is_in_a_zone_that_the_tz_database_has(string name, bool isZone) => Assert.Equal(isZone, StoreTime.IsZone(name));

    [Fact]
    public void Years_late_is_fine() => Assert.Equal(Some.Moment.AddYears(-20), Read.One(Some.ShopifyOrder(at: Some.Moment.AddYears(-20))).OccurredAt);
}
