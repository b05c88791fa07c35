using CsCheck;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Embedded;
using CustomerPipeline.Flow.Ingest;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Serve;

namespace CustomerPipeline.Flow.Tests;

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
            await WriteAsync(pipeline, Damageable[kind], damaged, Damage);
            await pipeline.TellAsync(story[half..]);

            var messages = (await pipeline.Get<StatusReader>().ReadAsync(default)).Messages;
            Assert.Equal((story.Length, story.Length), (messages.Received, messages.Stored + messages.Duplicate + messages.Ignored + messages.Quarantined));
            var found = (await pipeline.VerifyAsync()).Differences.Where(d => d.Check == "damaged").Select(d => d.Where);
            Assert.Equal([$"{Damageable[kind]}/{damaged.Partition}/{damaged.Id}"], found);

            // As docs/operations.md has it: put back what was there, try the messages again that needed it, and work customers and figures out anew.
            await WriteAsync(pipeline, Damageable[kind], damaged, damaged.Body);
            var review = pipeline.Review();
            foreach (var message in await review.ListAsync("damaged-document", default).ToListAsync())
            {
                Assert.IsType<RetryResult.Released>(await review.RetryAsync(message.DeliveryId, default));
            }

            Assert.Empty((await pipeline.Get<RebuildStore>().RunAsync(null, default)).DamagedClaims);
            Assert.Equal(await never.FiguresAsync(), await pipeline.FiguresAsync());
            Assert.Empty((await pipeline.VerifyAsync()).Differences);
        },
        iter: 30, threads: 1);

    [Fact]
    public async Task Do_not_keep_back_other_messages_of_their_batch()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.TellAsync([new(Happening.WebOrder, 1, 1)]);
        var state = await pipeline.Get<IDocumentStore>().ScanAsync(Containers.Interactions, default).FirstAsync(d => d.Id == Containers.StateId);
        await WriteAsync(pipeline, Containers.Interactions, state, Damage);

        await pipeline.TellAsync([new(Happening.WebOrder, 1, 2), new(Happening.WebOrder, 2, 2)]);

        var kept = await pipeline.Review().ListAsync(null, default).ToListAsync();
        Assert.Equal(["damaged-document"], kept.Select(m => m.Reason.Code));
        Assert.Equal(2, (await pipeline.Get<StatusReader>().ReadAsync(default)).Messages.Stored);
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
        var customer = (await pipeline.Get<CustomersReader>().LookUpAsync(Identifier.Parse("email:a@example.com"), default))!.Customer;
        var store = pipeline.Get<IDocumentStore>();
        Assert.True((await store.CommitAsync(Containers.Customers, customer, [Write.Delete(Containers.SummaryId)], default)).IsCommitted);
        Assert.Contains((await pipeline.VerifyAsync()).Differences, d => d.Where.Contains(customer));

        await pipeline.SendAsync("shopify", [.. messages.Select(m => (ReadOnlyMemory<byte>)m)]);

        Assert.Equal((happening, ""), (happening, string.Join("; ", (await pipeline.VerifyAsync()).Differences)));
    }

    private static async Task WriteAsync(TestPipeline pipeline, string container, Document document, ReadOnlyMemory<byte> body) =>
        Assert.True((await pipeline.Get<IDocumentStore>().CommitAsync(container, document.Partition, [Write.Upsert(document.Id, body)], default)).IsCommitted);
}
