using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Normalize;
using static CustomerPipeline.Contracts.SomeXml;

namespace CustomerPipeline.Domain.Tests;

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
        Assert.Same(record, ClockSkew.Bound(record, received, future));
    }

    [Fact]
    public void Years_late_is_fine() => Assert.Equal(Some.Moment.AddYears(-20), Read.One(Some.ShopifyOrder(at: Some.Moment.AddYears(-20))).OccurredAt);
}
