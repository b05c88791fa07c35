using System.Text;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

public sealed class Quarantine : IAsyncLifetime
{
    private readonly TestPipeline _pipeline = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    [Fact]
    public async Task Groups_by_source_stage_and_reason_and_says_what_to_do()
    {
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, currency: null), Some.ShopifyOrder(2, currency: null), "{ poison"u8.ToArray());

        var groups = await _pipeline.Review().GroupAsync(default);

        Assert.Equal(["missing-currency shopify ingest 2", "invalid-json  ingest 1"], groups.Select(g => $"{g.Code} {g.Source} {g.Stage} {g.Count}"));
        Assert.All(groups, g => Assert.EndsWith(".", g.Advice, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Counts_how_often_a_message_was_tried_and_keeps_when_it_failed_first()
    {
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, currency: null));
        var first = await SingleAsync();

        Assert.Equal("missing-currency", Assert.IsType<RetryResult.Kept>(await _pipeline.Review().RetryAsync(first.DeliveryId, default)).Reason.Code);

        var again = await SingleAsync();
        Assert.Equal((1, 2, first.QuarantinedAt), (first.Tries, again.Tries, again.QuarantinedAt));
        Assert.True(again.LastSeenAt >= first.LastSeenAt);
    }

    [Fact]
    public async Task Keeps_a_message_whose_edited_copy_is_no_better_as_it_was()
    {
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, currency: null));
        var before = await SingleAsync();

        Assert.IsType<RetryResult.Kept>(await _pipeline.Review().RetryEditedAsync(before.DeliveryId, "{\"id\":1}"u8.ToArray(), default));
        Assert.IsType<RetryResult.Kept>(await _pipeline.Review().RetryEditedAsync(before.DeliveryId, "no json"u8.ToArray(), default));

        Assert.Equivalent(before, await SingleAsync());
    }

    [Fact]
    public async Task Knows_no_message_that_is_not_there()
    {
        Assert.IsType<RetryResult.Unknown>(await _pipeline.Review().RetryAsync("channel-online:7", default));
        Assert.False(await _pipeline.Review().DiscardAsync("channel-online:7", default));
    }

    [Fact]
    public async Task Lets_a_discarded_message_go_for_good_and_counts_it_as_that()
    {
        var deliveries = _pipeline.Enqueue(Queues.Online, ["{ poison"u8.ToArray(), Some.ShopifyOrder(1)]);
        await _pipeline.IngestAsync(Queues.Online, deliveries);

        Assert.True(await _pipeline.Review().DiscardAsync("channel-online:0", default));
        await _pipeline.IngestAsync(Queues.Online, deliveries);

        Assert.Empty(await _pipeline.Review().GroupAsync(default));
        Assert.Equal(new LedgerTotal { Received = 2, Stored = 1, Discarded = 1 }, (await _pipeline.Get<StatusReader>().ReadAsync(default)).Messages);
        Assert.Equal("{ poison", Encoding.UTF8.GetString((await _pipeline.Get<IRawArchive>().ReadAsync("channel-online:0", default))!.Value.Span));
    }

    [Fact]
    public async Task Takes_what_the_queue_gave_up_and_gives_it_back_by_a_retry()
    {
        var dead = _pipeline.Enqueue(Queues.Online, [Some.ShopifyOrder(1)]);
        await _pipeline.Get<DeadLetterHandler>().HandleAsync(Queues.Online, dead, default);
        await _pipeline.Get<DeadLetterHandler>().HandleAsync(Queues.Online, dead, default);

        var message = await SingleAsync();
        Assert.Equal(("queue", "dead-lettered", "shopify"), (message.Stage, message.Reason.Code, message.Source));
        Assert.Equal(1, (await _pipeline.Get<StatusReader>().ReadAsync(default)).Messages.Quarantined);

        Assert.IsType<RetryResult.Released>(await _pipeline.Review().RetryAsync(message.DeliveryId, default));
        await _pipeline.DrainAsync(most => most, () => false);
        Assert.Equal(["= 1"], await _pipeline.AskAsync("orders"));
        Assert.Empty((await _pipeline.VerifyAsync()).Differences);
    }

    [Fact]
    public async Task Does_not_take_a_dead_letter_that_had_been_worked_on_after_all()
    {
        var deliveries = _pipeline.Enqueue(Queues.Online, [Some.ShopifyOrder(1)]);
        await _pipeline.IngestAsync(Queues.Online, deliveries);

        await _pipeline.Get<DeadLetterHandler>().HandleAsync(Queues.Online, deliveries, default);

        Assert.Empty(await _pipeline.Review().GroupAsync(default));
        Assert.Equal(1, (await _pipeline.Get<StatusReader>().ReadAsync(default)).Messages.Stored);
    }

    /// <summary>Every payload of every source with each of its fields left out, emptied, or of another kind, and envelopes of all sorts: nothing may get lost.</summary>
    [Fact]
    public async Task And_the_other_outcomes_account_for_hundreds_of_kinds_of_broken_input()
    {
        var kinds = BrokenInput.All();
        var byQueue = kinds.GroupBy(k => k.Queue).Select(g => (Queue: g.Key, Kinds: g.ToList(), Deliveries: _pipeline.Enqueue(g.Key, g.Select(k => k.Message)))).ToList();
        Assert.True(kinds.Count >= 200, $"There are only {kinds.Count} kinds.");

        foreach (var (queue, _, deliveries) in byQueue)
        {
            await _pipeline.IngestAsync(queue, deliveries);
        }

        var quarantined = await _pipeline.Review().ListAsync(null, after: "", default).ToDictionaryAsync(m => m.DeliveryId, StringComparer.Ordinal);
        var outcomes = new Dictionary<Outcome, int>();
        foreach (var (queue, named, deliveries) in byQueue)
        {
            foreach (var (kind, delivery) in named.Zip(deliveries))
            {
                var outcome = await _pipeline.Get<Ledger>().FindAsync(queue, delivery.SequenceNumber, default);
                Assert.True(outcome is not null, $"{kind.Name} has no outcome.");
                outcomes[outcome.Value] = outcomes.GetValueOrDefault(outcome.Value) + 1;
                var id = delivery.IdIn(queue);

                Assert.Equal(kind.Message.ToArray(), (await _pipeline.Get<IRawArchive>().ReadAsync(id, default))?.ToArray());
                Assert.True(quarantined.ContainsKey(id) == (outcome == Outcome.Quarantined), $"{kind.Name} is {outcome}.");
                if (outcome == Outcome.Quarantined)
                {
                    Assert.Equal(kind.Message.ToArray(), quarantined[id].Message);
                    Assert.NotEqual("mapping-failed", quarantined[id].Reason.Code);
                }
            }
        }

        await _pipeline.DrainAsync(most => most, () => false);
        var total = (await _pipeline.Get<StatusReader>().ReadAsync(default)).Messages;
        Assert.Equal(
            (kinds.Count, outcomes.GetValueOrDefault(Outcome.Stored), outcomes.GetValueOrDefault(Outcome.Duplicate), outcomes.GetValueOrDefault(Outcome.Ignored), outcomes.GetValueOrDefault(Outcome.Quarantined)),
            (total.Received, total.Stored, total.Duplicate, total.Ignored, total.Quarantined));
        Assert.True(outcomes.GetValueOrDefault(Outcome.Quarantined) >= 200, $"Only {outcomes.GetValueOrDefault(Outcome.Quarantined)} of {kinds.Count} kinds were quarantined.");
        Assert.Empty((await _pipeline.VerifyAsync()).Differences);
    }

    private async Task<QuarantinedMessage> SingleAsync() => await _pipeline.Review().ListAsync(null, after: "", default).SingleAsync();
}
