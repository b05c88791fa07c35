using System.Text;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.Application.Tests;

public sealed class Receive : IAsyncLifetime
{
    private readonly TestPipeline _pipeline = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    [Fact]
    public async Task Takes_nothing_more_while_the_queue_is_full_and_says_when_to_come_back()
    {
        var handler = Handler(new ReceiveOptions { DeepestQueue = 2 });

        Assert.IsType<Reception.Accepted>(await PostAsync(handler, "[{},{}]"));
        Assert.True(Assert.IsType<Reception.Busy>(await PostAsync(handler, "{}")).RetryAfter > TimeSpan.Zero);
        Assert.Equal(2, await _pipeline.Get<IMessageSender>().DepthAsync(Queues.Online, default));
    }

    [Fact]
    public async Task Refuses_an_upload_over_the_limit()
    {
        var handler = Handler(new ReceiveOptions { LargestUpload = 4 });

        Assert.IsType<Reception.TooLarge>(await PostAsync(handler, "[{},{}]"));
    }

    [Fact]
    public async Task Keeps_the_vendors_event_id_and_topic_with_the_message()
    {
        var headers = new Dictionary<string, string> { ["X-Shopify-Topic"] = "orders/create", ["X-Shopify-Event-Id"] = "e1", ["X-Shopify-Shop-Domain"] = "s.example" };
        await _pipeline.Get<ReceiveMessagesHandler>().HandleAsync(new PostedMessages("shopify", "application/json", headers.GetValueOrDefault, "\uFEFF { } "u8.ToArray()), default);

        var message = Assert.Single(await _pipeline.Get<RocksQueues>().ReceiveAsync(Queues.Online, 1, TimeSpan.FromMinutes(1)));
        Assert.True(MessageEnvelope.TryRead(message.Body, out var envelope, out _));
        Assert.Equal(("/shopify/s.example", "e1", "shopify", "orders/create", "{ }"), (envelope!.Source, envelope.Id, envelope.Vendor, envelope.Topic, Encoding.UTF8.GetString(envelope.Data.Span)));
    }

    private ReceiveMessagesHandler Handler(ReceiveOptions options) =>
        new(new QueueIntake(_pipeline.Get<IMessageSender>(), options), options, _pipeline.Get<ReceiveCounts>(), _pipeline.Get<MessageSeals>(), TimeProvider.System);

    private static Task<Reception> PostAsync(ReceiveMessagesHandler handler, string body) =>
        handler.HandleAsync(new PostedMessages("segment", "application/json", _ => null, Encoding.UTF8.GetBytes(body)), default);
}
