using System.Text;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

public sealed class Ingest : IAsyncLifetime
{
    private readonly TestPipeline _pipeline = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    [Fact]
    public async Task Keeps_a_poison_message_apart_from_its_good_siblings()
    {
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1), "{ poison"u8.ToArray(), Some.ShopifyOrder(2));

        Assert.Equal(["= 2"], await _pipeline.AskAsync("orders"));
        var quarantined = await _pipeline.Get<QuarantineStore>().ListAsync(from: "", default).SingleAsync();
        Assert.Equal(("invalid-json", "{ poison", "ingest"), (quarantined.Reason.Code, Encoding.UTF8.GetString(quarantined.Message), quarantined.Stage));
    }

    /// <summary>Whatever a message does to the code that stores it, it takes none of its batch with it into the dead-letter queue.</summary>
    [Fact]
    public async Task Keeps_a_message_apart_that_fails_its_batch_again_and_again()
    {
        var store = new FailingStore(_pipeline.Get<IDocumentStore>()) { IsBroken = (_, partition) => partition.EndsWith(":2", StringComparison.Ordinal) };
        var handler = _pipeline.Make<IngestMessagesHandler>(_pipeline.Make<MessageStore>(_pipeline.Make<EntityRecords>(store)));
        var deliveries = _pipeline.Enqueue(Queues.Online, [Some.ShopifyOrder(1), Some.ShopifyOrder(2), Some.ShopifyOrder(3)]);

        for (var count = 1; count <= 8; count++)
        {
            await Assert.ThrowsAsync<PlannedFaultException>(() => handler.HandleAsync(Queues.Online, [.. deliveries.Select(d => d with { Count = count })], default));
            Assert.Equal(count < 5 ? 0 : 2, (await _pipeline.Get<StatusReader>().ReadAsync(default)).Messages.Stored);
        }

        await handler.HandleAsync(Queues.Online, [.. deliveries.Select(d => d with { Count = 9 })], default);

        var quarantined = await _pipeline.Get<QuarantineStore>().ListAsync(from: "", default).SingleAsync();
        Assert.Equal(("ingest-failed", deliveries[1].IdIn(Queues.Online), "ingest"), (quarantined.Reason.Code, quarantined.DeliveryId, quarantined.Stage));
        var messages = (await _pipeline.Get<StatusReader>().ReadAsync(default)).Messages;
        Assert.Equal((3, 2, 1), (messages.Received, messages.Stored, messages.Quarantined));

        await _pipeline.Review().RetryAsync(quarantined.DeliveryId, default);

        Assert.Equal(0, (await _pipeline.Get<StatusReader>().ReadAsync(default)).Messages.Quarantined);
    }

    [Fact]
    public async Task Keeps_nothing_apart_while_it_is_the_store_that_fails()
    {
        var store = new FailingStore(_pipeline.Get<IDocumentStore>()) { IsBroken = (_, _) => true };
        var failed = _pipeline.Make<FailedDeliveries>(_pipeline.Make<QuarantineStore>(store));
        var handler = _pipeline.Make<IngestMessagesHandler>(_pipeline.Make<MessageStore>(_pipeline.Make<EntityRecords>(store)), failed);
        var deliveries = _pipeline.Enqueue(Queues.Online, [Some.ShopifyOrder(1)]).Select(d => d with { Count = 9 }).ToList();

        await Assert.ThrowsAsync<PlannedFaultException>(() => handler.HandleAsync(Queues.Online, deliveries, default));

        store.IsBroken = (_, _) => false;
        await handler.HandleAsync(Queues.Online, deliveries, default);

        var messages = (await _pipeline.Get<StatusReader>().ReadAsync(default)).Messages;
        Assert.Equal((1, 1, 0), (messages.Received, messages.Stored, messages.Quarantined));
    }

    [Fact]
    public async Task Counts_a_second_message_that_says_the_same_as_a_duplicate_and_a_redelivery_as_nothing()
    {
        var message = Some.ShopifyOrder(1, eventId: "e");
        var deliveries = _pipeline.Enqueue(Queues.Online, [message, message]);

        await _pipeline.IngestAsync(Queues.Online, deliveries);
        await _pipeline.IngestAsync(Queues.Online, deliveries);
        await _pipeline.IngestAsync(Queues.Online, deliveries[1]);

        var messages = (await _pipeline.Get<StatusReader>().ReadAsync(default)).Messages;
        Assert.Equal((2, 1, 1), (messages.Received, messages.Stored, messages.Duplicate));
    }

    [Fact]
    public async Task Keeps_every_message_in_the_archive_as_it_came()
    {
        var message = Some.ShopifyOrder(1);
        await _pipeline.SendAsync("shopify", message);

        var kept = await _pipeline.Get<IRawArchive>().ReadAsync(new DeliveryId(Queues.Online, 0).ToString(), default);
        Assert.Equal(message.ToArray(), kept!.Value.ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Leaves_the_same_result_when_two_messages_under_one_key_differ(bool reversed)
    {
        // A vendor's retry may say the time a little differently: whichever comes first, one of them stays.
        var said = new[] { Some.Moment, Some.Moment.AddDays(1) }.Select(at => Some.Segment("Order Completed", new { order_id = "1", subtotal = 5, currency = "USD" }, at: at, messageId: "m")).ToArray();
        if (reversed)
        {
            Array.Reverse(said);
        }

        await _pipeline.SendAsync("segment", said[0]);
        await _pipeline.SendAsync("segment", said[1]);

        Assert.Equal(["2026-03-01 = 1"], await _pipeline.AskAsync("orders", "day"));
        Assert.Empty((await _pipeline.VerifyAsync()).Differences);
    }

    [Fact]
    public async Task Stores_more_records_of_one_entity_than_fit_into_one_commit()
    {
        await _pipeline.SendAsync("segment", [.. Enumerable.Range(0, 250).Select(i => Some.Segment("Product Viewed", at: Some.Moment.AddSeconds(i)))]);

        var messages = (await _pipeline.Get<StatusReader>().ReadAsync(default)).Messages;
        Assert.Equal(250, messages.Stored);
        Assert.Empty((await _pipeline.VerifyAsync()).Differences);
    }
}
