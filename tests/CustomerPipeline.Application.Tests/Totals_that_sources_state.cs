using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

/// <summary>The self-check: what was read of an order against its source's own total.</summary>
public sealed class Totals_that_sources_state
{
    [Fact]
    public async Task Show_an_order_that_was_read_in_another_way_than_its_source_means_it()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("square", Payment("p1", 1_000, 1_000), Payment("p2", 1_000, 1_250), Payment("p3", 1_000, null), Payment("p4", 500, 500));

        Assert.Equal(["= 0.333333"], await pipeline.AskAsync("total-differences"));
        var verification = await pipeline.VerifyAsync();
        Assert.Empty(verification.Differences);
        var order = Assert.Single(verification.Totals);
        Assert.Equal(("square:order:p2", "Its source states 12.50 USD, and 10.00 USD was read."), (order.Where, order.What));
    }

    [Fact]
    public async Task Are_forgotten_when_a_later_state_of_the_order_agrees()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("square", Payment("p1", 1_000, 1_250), Payment("p1", 1_250, 1_250, later: 1));

        Assert.Equal(["= 0"], await pipeline.AskAsync("total-differences"));
        Assert.Empty((await pipeline.VerifyAsync()).Totals);
    }

    /// <summary>A payment of Square, whose total it states; null for none.</summary>
    internal static ReadOnlyMemory<byte> Payment(string id, int amount, int? total, int later = 0)
    {
        var updated = Some.Moment.AddHours(later);
        return Some.Message("square", new
        {
            type = "payment.updated",
            event_id = $"{id}-{later}",
            created_at = updated,
            data = new
            {
                id,
                @object = new
                {
                    payment = new
                    {
                        id,
                        status = "COMPLETED",
                        created_at = Some.Moment,
                        updated_at = updated,
                        amount_money = new { amount, currency = "USD" },
                        total_money = total is null ? null : new { amount = total, currency = "USD" },
                    },
                },
            },
        });
    }
}
