using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Entities;

/// <summary>The order says whose it is. Who brings goods back, or rings a void up, may be somebody else.</summary>
public sealed class Whose_an_order_is
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Is_not_who_returns_goods_of_it(bool isRefundOlder)
    {
        var order = Order("buyer", Some.Moment);
        var refund = Refund("returner", isRefundOlder ? Some.Moment.AddDays(-1) : Some.Moment.AddDays(1));

        Assert.All(new[] { new[] { order, refund }, [refund, order] }, records =>
            Assert.Equal(["loyalty:buyer"], EntityFold.Of(records)!.Identifiers.Select(i => i.Key)));
    }

    [Fact]
    public void Is_who_returns_goods_where_the_order_names_nobody()
    {
        var refund = Refund("returner", Some.Moment.AddDays(1));

        Assert.Equal(["loyalty:returner"], EntityFold.Of([Order(null, Some.Moment), refund])!.Identifiers.Select(i => i.Key));
        Assert.Equal(["loyalty:returner"], EntityFold.Of([refund])!.Identifiers.Select(i => i.Key));
    }

    [Fact]
    public void And_when_it_was_placed_is_as_the_last_word_of_an_import_says()
    {
        var first = Import(new { placed_at = "2026-02-03T10:00:00Z", updated_at = "2026-03-02T10:00:00Z", status = "cancelled" });
        var corrected = Import(new { placed_at = "2026-03-02T10:00:00Z", updated_at = "2026-03-03T10:00:00Z", status = "placed" });

        var state = EntityFold.Of([corrected, first])!.Order!;

        Assert.Equal((new DateTimeOffset(2026, 3, 2, 10, 0, 0, TimeSpan.Zero), null), (state.Snapshot!.PlacedAt, state.CancelledAt));
    }

    private static InteractionRecord Import(object said)
    {
        var payload = System.Text.Json.JsonSerializer.SerializeToNode(said)!.AsObject();
        foreach (var (name, value) in new[] { ("kind", "order"), ("system", "erp"), ("id", "1"), ("channel", "online"), ("currency", "EUR"), ("net", "10") })
        {
            payload[name] = value;
        }

        return Read.One(Some.Wrap("import", System.Text.Encoding.UTF8.GetBytes(payload.ToJsonString())));
    }

    private static InteractionRecord Order(string? loyalty, DateTimeOffset at) => Read.One(Some.Message(
        "import", new { kind = "order", system = "erp", id = "1", channel = "in-store", placed_at = at, updated_at = at, currency = "EUR", net = 10, loyalty }));

    private static InteractionRecord Refund(string loyalty, DateTimeOffset at) => Read.One(Some.Message(
        "import", new { kind = "refund", system = "erp", id = "r", order = "1", refunded_at = at, updated_at = at, currency = "EUR", net = 4, loyalty }));
}
