using CustomerPipeline.Contracts;
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

    [Fact]
    public void Years_late_is_fine() => Assert.Equal(Some.Moment.AddYears(-20), Read.One(Some.ShopifyOrder(at: Some.Moment.AddYears(-20))).OccurredAt);
}
