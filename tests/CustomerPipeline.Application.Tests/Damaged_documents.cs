using CsCheck;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.Application.Tests;

/// <summary>A document that is not what the program wrote: named, and in the way of nothing but what stands on it.</summary>
public sealed class Damaged_documents
{
    // Of no shape that anything has.
    private static readonly byte[] Damage = """{"state":7,"record":7,"touch":7,"summary":7,"customer":7,"postings":7,"cells":7,"with":7,"revision":"x"}"""u8.ToArray();

    private static readonly string[] Damageable = [Containers.Interactions, Containers.Customers, Containers.Values, Containers.Identifiers];

    [Fact]
    public Task Are_named_hold_up_only_what_stands_on_them_and_leave_no_trace_when_they_are_mended() => Gen.Select(StoryMessage.Any.Array[4, 40], Gen.Int[0, 3], Gen.Int[0, 1_000_000]).SampleAsync(
        async (story, kind, seed) =>
        {
            var half = story.Length / 2;
            await using var never = new TestPipeline();
            await never.TellAsync(story[..half]);
            await never.TellAsync(story[half..]);
            await using var pipeline = new TestPipeline();
            await pipeline.TellAsync(story[..half]);
            if (await pipeline.Get<IDocumentStore>().ScanAsync(Damageable[kind], default).ToListAsync() is not { Count: > 0 } documents)
            {
                return;
            }

            var damaged = documents[seed % documents.Count];
            await pipeline.OverwriteAsync(Damageable[kind], damaged, Damage);
            await pipeline.TellAsync(story[half..]);

            var messages = (await pipeline.Get<StatusReader>().ReadAsync(default)).Messages;
            Assert.Equal((story.Length, story.Length), (messages.Received, messages.Stored + messages.Duplicate + messages.Ignored + messages.Quarantined));
            var found = (await pipeline.VerifyAsync()).Differences.Where(d => d.Check == "damaged").Select(d => d.Where);
            Assert.Equal([$"{Damageable[kind]}/{damaged.Partition}/{damaged.Id}"], found);

            // As docs/operations.md has it: put back what was there, try the messages again that needed it, and work customers and figures out anew.
            await pipeline.OverwriteAsync(Damageable[kind], damaged, damaged.Body);
            var review = pipeline.Review();
            foreach (var message in await review.ListAsync("damaged-document", after: "", default).ToListAsync())
            {
                Assert.IsType<RetryResult.Released>(await review.RetryAsync(message.DeliveryId, default));
            }

            Assert.Empty((await pipeline.Get<RebuildStore>().RunAsync(null, default)).DamagedClaims);
            Assert.Equal(await never.FiguresAsync(), await pipeline.FiguresAsync());
            Assert.Empty((await pipeline.VerifyAsync()).Differences);
        },
        iter: Effort.Of(all: 30, usual: 8), threads: 1);

    [Fact]
    public async Task Do_not_keep_back_other_messages_of_their_batch()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.TellAsync([new(Happening.WebOrder, 1, 1)]);
        var state = await pipeline.Get<IDocumentStore>().ScanAsync(Containers.Interactions, default).FirstAsync(d => d.Id == Containers.StateId);
        await pipeline.OverwriteAsync(Containers.Interactions, state, Damage);

        await pipeline.TellAsync([new(Happening.WebOrder, 1, 2), new(Happening.WebOrder, 2, 2)]);

        var kept = await pipeline.Review().ListAsync(null, after: "", default).ToListAsync();
        Assert.Equal(["damaged-document"], kept.Select(m => m.Reason.Code));
        Assert.Equal(2, (await pipeline.Get<StatusReader>().ReadAsync(default)).Messages.Stored);
    }

    [Fact]
    public async Task Keep_a_message_of_somebody_who_may_have_been_erased_in_quarantine()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "a@example.com"));
        await pipeline.EraseAsync("email:a@example.com");
        var tombstones = await pipeline.Get<IDocumentStore>().ScanAsync(Containers.Privacy, default).Where(d => d.Id == Containers.TombstoneId).ToListAsync();
        foreach (var tombstone in tombstones)
        {
            await pipeline.OverwriteAsync(Containers.Privacy, tombstone, Damage);
        }

        // Of an order there need be no more than its tombstone; of an address it has to be known until when.
        await pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "a@example.com"), Some.ShopifyOrder(2, email: "a@example.com"), Some.ShopifyOrder(3, email: "b@example.com"));
        Assert.Equal(["damaged-document"], await pipeline.Review().ListAsync(null, after: "", default).Select(m => m.Reason.Code).ToListAsync());
        Assert.Equal(["= 2"], await pipeline.AskAsync("orders"));

        foreach (var tombstone in tombstones)
        {
            await pipeline.OverwriteAsync(Containers.Privacy, tombstone, tombstone.Body);
        }

        Assert.IsType<RetryResult.Released>(await pipeline.Review().RetryAsync("channel-online:2", default));
        Assert.Null(await pipeline.LookUpAsync("email:a@example.com"));
        Assert.Empty((await pipeline.VerifyAsync()).Differences);
    }

    [Fact]
    public async Task Let_nobody_in_unseen_where_it_is_the_key_of_all_tombstones()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "a@example.com"));
        await pipeline.EraseAsync("email:a@example.com");
        var key = await pipeline.Get<IDocumentStore>().ScanAsync(Containers.Privacy, default).SingleAsync(d => d.Id == "key");
        await pipeline.OverwriteAsync(Containers.Privacy, key, Damage);

        // As another process has it: this one has read the key.
        var tombstones = pipeline.Make<Tombstones>();

        Assert.Equal([null], await tombstones.FindAsync([[]], default));
        Assert.Null(await tombstones.IsMentionedAsync("a@example.com"u8.ToArray(), default));
    }

    [Fact]
    public async Task Are_counted_anew_where_they_are_totals_of_the_ledger()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("shopify", Some.ShopifyOrder(1), Some.ShopifyOrder(1), "broken"u8.ToArray());
        await pipeline.Review().DiscardAsync("channel-online:2", default);
        var total = await pipeline.Get<IDocumentStore>().ScanAsync(Containers.Ledger, default).SingleAsync(d => d.Id == Containers.TotalId);
        await pipeline.OverwriteAsync(Containers.Ledger, total, Damage);
        Assert.Equal(new LedgerTotal { Received = 3, Stored = 1, Duplicate = 1, Discarded = 1 }, (await pipeline.Get<StatusReader>().ReadAsync(default)).Messages);

        await pipeline.SendAsync("shopify", Some.ShopifyOrder(2));

        Assert.Equal(new LedgerTotal { Received = 4, Stored = 2, Duplicate = 1, Discarded = 1 }, (await pipeline.Get<StatusReader>().ReadAsync(default)).Messages);
        Assert.Empty((await pipeline.VerifyAsync()).Differences);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Are_taken_from_the_archive_where_they_are_messages_in_quarantine(bool isInArchive)
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("shopify", Some.ShopifyOrder(1, currency: null));
        await pipeline.OverwriteAsync(Containers.Quarantine, await pipeline.Get<IDocumentStore>().ScanAsync(Containers.Quarantine, default).SingleAsync(), Damage);
        if (!isInArchive)
        {
            await pipeline.Get<IRawArchive>().DeleteAsync(["channel-online:0"], default);
        }

        var message = await pipeline.Review().ListAsync(null, after: "", default).SingleAsync();
        Assert.Equal(("damaged-document", "channel-online:0", Queues.Online, 0L), (message.Reason.Code, message.DeliveryId, message.Queue, message.SequenceNumber));
        Assert.Equal(isInArchive ? "shopify" : null, message.Source);
        var retried = await pipeline.Review(new NormalizationRules { DefaultCurrency = "EUR" }).RetryAsync(message.DeliveryId, default);

        if (isInArchive)
        {
            Assert.IsType<RetryResult.Released>(retried);
            Assert.Equal(1, (await pipeline.Get<StatusReader>().ReadAsync(default)).Messages.Stored);
        }
        else
        {
            Assert.IsType<RetryResult.Kept>(retried);
            Assert.True(await pipeline.Review().DiscardAsync(message.DeliveryId, default));
            Assert.Equal(1, (await pipeline.Get<StatusReader>().ReadAsync(default)).Messages.Discarded);
        }

        await pipeline.DrainAsync(most => most, () => false);
        Assert.Empty((await pipeline.VerifyAsync()).Differences);
    }

    [Fact]
    public async Task That_are_in_the_way_of_an_edited_copy_leave_the_original_where_it_is()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("shopify", Some.ShopifyOrder(1), Some.ShopifyOrder(1, currency: null, updatedAt: Some.Moment.AddDays(1)));
        var original = await pipeline.Review().ListAsync(null, after: "", default).SingleAsync();
        var state = await pipeline.Get<IDocumentStore>().ScanAsync(Containers.Interactions, default).FirstAsync(d => d.Id == Containers.StateId);
        await pipeline.OverwriteAsync(Containers.Interactions, state, Damage);

        var kept = Assert.IsType<RetryResult.Kept>(await pipeline.Review().RetryEditedAsync(original.DeliveryId, Some.ShopifyOrder(1, updatedAt: Some.Moment.AddDays(1)), default));

        Assert.Equal("damaged-document", kept.Reason.Code);
        Assert.Equal(original.Message, (await pipeline.Review().ListAsync(null, after: "", default).SingleAsync()).Message);
        await pipeline.OverwriteAsync(Containers.Interactions, state, state.Body);
        Assert.IsType<RetryResult.Released>(await pipeline.Review().RetryEditedAsync(original.DeliveryId, Some.ShopifyOrder(1, updatedAt: Some.Moment.AddDays(1)), default));
        Assert.Empty(await pipeline.Review().ListAsync(null, after: "", default).ToListAsync());
        await pipeline.DrainAsync(most => most, () => false);
        Assert.Empty((await pipeline.VerifyAsync()).Differences);
    }

    [Fact]
    public async Task That_say_which_rules_are_in_force_are_told_of_at_the_start()
    {
        await using var pipeline = new TestPipeline();
        Assert.Null(await pipeline.Get<RulesInForce>().EnterAsync(default));
        await pipeline.OverwriteAsync(Containers.Identifiers, await pipeline.Get<IDocumentStore>().ScanAsync(Containers.Identifiers, default).SingleAsync(), Damage);

        Assert.EndsWith("Run rebuild.", await pipeline.Get<RulesInForce>().EnterAsync(default), StringComparison.Ordinal);

        await pipeline.Get<RebuildStore>().RunAsync(null, default);
        Assert.Null(await pipeline.Get<RulesInForce>().EnterAsync(default));
    }

    public static TheoryData<string, byte[][]> Happenings => new()
    {
        { "a refund", [[.. Some.ShopifyRefund(1).Span]] },
        { "an order is somebody else's", [[.. Some.ShopifyOrder(1, email: "b@example.com", updatedAt: Some.Moment.AddDays(1)).Span]] },
        { "all orders change", [[.. Some.ShopifyOrder(1, "11.00", email: "a@example.com", phone: "+12025550142", updatedAt: Some.Moment.AddDays(1)).Span], [.. Some.ShopifyOrder(2, "11.00", updatedAt: Some.Moment.AddDays(1)).Span]] },
        { "a new order", [[.. Some.ShopifyOrder(4, email: "a@example.com").Span]] },
        { "the customer is one with a younger one", [[.. Some.ShopifyOrder(6, email: "a@example.com", phone: "+12025550166", at: Some.Moment.AddDays(1), updatedAt: Some.Moment.AddDays(2)).Span]] },
        { "the customer is one with an older one", [[.. Some.ShopifyOrder(4, email: "a@example.com", phone: "+12025550155").Span]] },
    };

    [Theory]
    [MemberData(nameof(Happenings))]
    public async Task A_summary_that_is_gone_is_made_anew_by_what_happens_next_to_what_it_summed_up(string happening, byte[][] messages)
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("shopify",
            Some.ShopifyOrder(1, email: "a@example.com"), Some.ShopifyOrder(2, email: "a@example.com"),
            Some.ShopifyOrder(5, phone: "+12025550155", at: Some.Moment.AddDays(-1)), Some.ShopifyOrder(6, phone: "+12025550166", at: Some.Moment.AddDays(1)));
        var customer = (await pipeline.LookUpAsync("email:a@example.com"))!.Customer;
        var store = pipeline.Get<IDocumentStore>();
        Assert.True((await store.CommitAsync(Containers.Customers, customer, [Write.Delete(Containers.SummaryId)], default)).IsCommitted);
        Assert.Contains((await pipeline.VerifyAsync()).Differences, d => d.Where.Contains(customer));

        await pipeline.SendAsync("shopify", [.. messages.Select(m => (ReadOnlyMemory<byte>)m)]);

        Assert.Equal((happening, ""), (happening, string.Join("; ", (await pipeline.VerifyAsync()).Differences)));
    }
}
