using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Mime;
using System.Text.Json;
using System.Transactions;
using Azure.Core.Amqp;
using Azure.Messaging.ServiceBus;
using CustomerPipeline.AmqpEndpoint;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.RocksDb;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.AzureServices.Tests.LocalQueues;

/// <summary>The local host's queues, used by Azure.Messaging.ServiceBus. Nothing works on the messages, so that they can be counted.</summary>
public sealed class The_queues_and_the_official_dotnet_client : LocalEndpoint
{
    private const string Queue = Queues.Online;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Briefly = TimeSpan.FromSeconds(1);

    // What a call may take that has nothing to wait for, on a machine with other work.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(15);

    private RocksQueues Stored => Host.Services.GetRequiredService<RocksQueues>();

    [Fact]
    public async Task Keep_what_a_message_has_beside_its_body()
    {
        await using var client = Client();
        var sent = new ServiceBusMessage("{}")
        {
            MessageId = "m1",
            ContentType = MediaTypeNames.Application.Json,
            Subject = "order",
            CorrelationId = "c1",
            To = "there",
            ReplyTo = "here",
            SessionId = "s1",
            TimeToLive = TimeSpan.FromDays(100),
            ApplicationProperties = { ["text"] = "t", ["number"] = 7L, ["time"] = new DateTimeOffset(2026, 2, 3, 10, 0, 0, TimeSpan.Zero), ["id"] = new Guid("0f8fad5b-d9cb-469f-a165-70867728950e") },
        };
        await client.CreateSender(Queue).SendMessageAsync(sent);
        await RestartAsync();

        await using var other = Client();
        var received = await OneAsync(other.CreateReceiver(Queue));

        Assert.Equal(
            (sent.MessageId, sent.ContentType, sent.Subject, sent.CorrelationId, sent.To, sent.ReplyTo, sent.SessionId, sent.TimeToLive),
            (received.MessageId, received.ContentType, received.Subject, received.CorrelationId, received.To, received.ReplyTo, received.SessionId, received.TimeToLive));
        Assert.Equal(sent.ApplicationProperties.OrderBy(p => p.Key), received.ApplicationProperties.OrderBy(p => p.Key));
        Assert.Equal("{}", received.Body.ToString());
    }

    [Fact]
    public async Task Can_be_peeked_at_with_all_that_a_message_has()
    {
        await using var client = Client();
        await client.CreateSender(Queue).SendMessageAsync(new ServiceBusMessage("{}") { MessageId = "m1", Subject = "order" });
        var receiver = client.CreateReceiver(Queue);
        await receiver.AbandonMessageAsync(await OneAsync(receiver));

        var peeked = await receiver.PeekMessageAsync();

        Assert.Equal(("m1", "order", 1), (peeked.MessageId, peeked.Subject, peeked.DeliveryCount));
        Assert.Null(await receiver.PeekMessageAsync());
    }

    [Fact]
    public async Task Do_not_count_deliveries_that_the_client_releases_because_no_call_waits_for_them()
    {
        await using var client = Client();
        var receiver = client.CreateReceiver(Queue);
        Assert.Null(await receiver.ReceiveMessageAsync(Briefly));

        await client.CreateSender(Queue).SendMessageAsync(new ServiceBusMessage("{}"));
        await Task.Delay(TimeSpan.FromSeconds(3));

        Assert.Equal(1, (await OneAsync(receiver)).DeliveryCount);
        Assert.Equal(0, await Stored.DepthAsync(Queues.DeadLettersOf(Queue), default));
    }

    /// <summary>Readers in batches are given more than they wait for, release it, and get it again.</summary>
    [Fact]
    public async Task Deliver_each_message_once_to_readers_in_batches()
    {
        const int Messages = 1_000;
        await using var client = Client();
        var sender = client.CreateSender(Queue);
        var read = new ConcurrentBag<ServiceBusReceivedMessage>();
        var readers = Enumerable.Range(0, 2).Select(async _ =>
        {
            var receiver = client.CreateReceiver(Queue);
            while (read.Count < Messages)
            {
                foreach (var message in await receiver.ReceiveMessagesAsync(37, TimeSpan.FromMilliseconds(200)))
                {
                    read.Add(message);
                    await receiver.CompleteMessageAsync(message);
                }
            }
        }).ToList();
        for (var sent = 0; sent < Messages; sent += 50)
        {
            await sender.SendMessagesAsync(Enumerable.Range(sent, 50).Select(n => new ServiceBusMessage($"{n}")));
            await Task.Delay(20);
        }

        await Task.WhenAll(readers).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(Messages, read.Select(m => m.Body.ToString()).Distinct().Count());
        Assert.All(read, m => Assert.Equal(1, m.DeliveryCount));
        Assert.Equal((0, 0), (await Stored.DepthAsync(Queue, default), await Stored.DepthAsync(Queues.DeadLettersOf(Queue), default)));
    }

    [Fact]
    public async Task Let_receivers_and_processors_close_at_once()
    {
        await using var client = Client();
        var receiver = client.CreateReceiver(Queues.InStore, new ServiceBusReceiverOptions { PrefetchCount = 10 });
        Assert.Null(await receiver.ReceiveMessageAsync(Briefly));
        var processor = client.CreateProcessor(Queue, new ServiceBusProcessorOptions { MaxConcurrentCalls = 4 });
        var seen = new TaskCompletionSource<string>();
        processor.ProcessMessageAsync += args =>
        {
            seen.TrySetResult(args.Message.MessageId);
            return Task.CompletedTask;
        };
        processor.ProcessErrorAsync += args =>
        {
            seen.TrySetException(args.Exception);
            return Task.CompletedTask;
        };
        await processor.StartProcessingAsync();
        await client.CreateSender(Queue).SendMessageAsync(new ServiceBusMessage("{}") { MessageId = "m1" });
        Assert.Equal("m1", await seen.Task.WaitAsync(Patience));

        var since = Stopwatch.StartNew();
        await receiver.CloseAsync();
        await processor.CloseAsync();

        Assert.InRange(since.Elapsed, TimeSpan.Zero, AtOnce);
        Assert.Equal(0, await Stored.DepthAsync(Queue, default));
    }

    [Fact]
    public async Task Say_why_a_message_is_in_the_dead_letters()
    {
        await using var client = Client();
        var sender = client.CreateSender(Queue);
        var receiver = client.CreateReceiver(Queue);
        await sender.SendMessageAsync(new ServiceBusMessage("1") { MessageId = "by its reader" });
        await receiver.DeadLetterMessageAsync(await OneAsync(receiver), new Dictionary<string, object> { ["tried"] = 3 }, "broken", "The till sent half of it.");
        await sender.SendMessageAsync(new ServiceBusMessage("2") { MessageId = "by its age", TimeToLive = TimeSpan.FromMilliseconds(100) });
        await Task.Delay(TimeSpan.FromMilliseconds(200));
        await sender.SendMessageAsync(new ServiceBusMessage("3") { MessageId = "by deliveries" });
        for (var i = 0; i < RocksQueues.MostDeliveries; i++)
        {
            var message = await OneAsync(receiver);
            Assert.Equal(("by deliveries", i + 1), (message.MessageId, message.DeliveryCount));
            await receiver.AbandonMessageAsync(message, new Dictionary<string, object> { ["attempt"] = i });
        }

        Assert.Null(await receiver.ReceiveMessageAsync(Briefly));
        var dead = await client.CreateReceiver(Queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter }).PeekMessagesAsync(10);

        Assert.Equal(
            ["by its reader: broken, The till sent half of it.", "by its age: TTLExpiredException, The message expired and was dead lettered.", "by deliveries: MaxDeliveryCountExceeded, Message could not be consumed after 10 delivery attempts."],
            dead.Select(d => $"{d.MessageId}: {d.DeadLetterReason}, {d.DeadLetterErrorDescription}"));
        Assert.Equal((3, 9), (dead[0].ApplicationProperties["tried"], dead[2].ApplicationProperties["attempt"]));
    }

    [Fact]
    public async Task Say_that_the_lock_is_lost_when_a_message_is_completed_twice()
    {
        await using var client = Client();
        var receiver = client.CreateReceiver(Queue);
        await client.CreateSender(Queue).SendMessageAsync(new ServiceBusMessage("{}"));
        var message = await OneAsync(receiver);
        await receiver.CompleteMessageAsync(message);

        await LockLostAsync(() => receiver.CompleteMessageAsync(message));
        await LockLostAsync(() => receiver.RenewMessageLockAsync(message));
    }

    /// <summary>A lock outlives the link that its message came by, as in Service Bus.</summary>
    [Fact]
    public async Task Complete_a_message_over_another_link_until_the_lock_expires()
    {
        await using var client = Client();
        await client.CreateSender(Queue).SendMessagesAsync([new ServiceBusMessage("1"), new ServiceBusMessage("2")]);
        var lost = client.CreateReceiver(Queue);
        var (first, second) = (await OneAsync(lost), await OneAsync(lost));
        await lost.CloseAsync();

        var receiver = client.CreateReceiver(Queue);
        Assert.Null(await receiver.ReceiveMessageAsync(Briefly));
        await receiver.CompleteMessageAsync(first);
        await receiver.DeadLetterMessageAsync(second, "late", "over another link");
        await LockLostAsync(() => receiver.AbandonMessageAsync(first));

        Assert.Equal(0, await Stored.DepthAsync(Queue, default));
        Assert.Equal("late", (await client.CreateReceiver(Queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter }).PeekMessageAsync()).DeadLetterReason);
    }

    [Fact]
    public async Task Forget_locks_when_the_host_starts_again()
    {
        await using var client = Client();
        await client.CreateSender(Queue).SendMessagesAsync([new ServiceBusMessage("1"), new ServiceBusMessage("2")]);
        var receiver = client.CreateReceiver(Queue);
        var before = await OneAsync(receiver);
        await RestartAsync();
        var after = await OneAsync(receiver);

        await LockLostAsync(() => receiver.CompleteMessageAsync(before));
        await receiver.CompleteMessageAsync(after);

        Assert.Equal(1, await Stored.DepthAsync(Queue, default));
    }

    [Fact]
    public async Task Refuse_sessions_with_a_reason()
    {
        await using var client = Client();

        await RefusedAsync("sessions", () => client.AcceptSessionAsync(Queue, "s1"));
        await RefusedAsync("sessions", () => client.AcceptNextSessionAsync(Queue));
    }

    [Fact]
    public async Task Refuse_transactions_with_a_reason()
    {
        await using var client = Client();
        var sender = client.CreateSender(Queue);

        await RefusedAsync("transactions", async () =>
        {
            using var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
            await sender.SendMessageAsync(new ServiceBusMessage("{}"));
            scope.Complete();
        });
        Assert.Equal(0, await Stored.DepthAsync(Queue, default));
    }

    [Fact]
    public async Task Refuse_to_receive_and_delete_with_a_reason()
    {
        await using var client = Client();
        await client.CreateSender(Queue).SendMessageAsync(new ServiceBusMessage("{}"));

        await RefusedAsync("receive and delete", () => client.CreateReceiver(Queue, new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete }).ReceiveMessageAsync(Patience));
        Assert.Equal(1, await Stored.DepthAsync(Queue, default));
    }

    [Fact]
    public async Task Refuse_to_defer_with_a_reason_and_deliver_the_message_again()
    {
        await using var client = Client();
        var receiver = client.CreateReceiver(Queue);
        await client.CreateSender(Queue).SendMessageAsync(new ServiceBusMessage("{}"));
        var message = await OneAsync(receiver);

        await RefusedAsync("deferred", () => receiver.DeferMessageAsync(message));
        await RefusedAsync("deferred", () => receiver.ReceiveDeferredMessageAsync(message.SequenceNumber));

        await receiver.CompleteMessageAsync(await OneAsync(receiver));
    }

    [Fact]
    public async Task Refuse_a_queue_that_is_none_with_the_names_of_those_there_are()
    {
        await using var client = Client();

        var refusal = await Assert.ThrowsAsync<ServiceBusException>(() => client.CreateSender("orders").SendMessageAsync(new ServiceBusMessage("{}")));

        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, refusal.Reason);
        Assert.Contains(Queue, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Take_batches_scheduled_messages_and_their_cancellation()
    {
        await using var client = Client();
        var sender = client.CreateSender(Queue);
        using var batch = await sender.CreateMessageBatchAsync();
        while (batch.Count < 50 && batch.TryAddMessage(new ServiceBusMessage("{}") { MessageId = $"m{batch.Count}", Subject = "batched" }))
        {
        }

        await sender.SendMessagesAsync(batch);
        var number = await sender.ScheduleMessageAsync(new ServiceBusMessage("{}") { Subject = "scheduled" }, TimeProvider.System.GetUtcNow().AddHours(1));
        await sender.CancelScheduledMessageAsync(number);

        // Without prefetching, the client gives back what arrives between two calls, while later messages are on the way already: then they come in another order.
        var receiver = client.CreateReceiver(Queue, new ServiceBusReceiverOptions { PrefetchCount = 50 });
        var received = new List<ServiceBusReceivedMessage>();
        while (received.Count < 50)
        {
            received.AddRange(await receiver.ReceiveMessagesAsync(50 - received.Count, Patience));
        }

        Assert.Equal(50, batch.Count);
        Assert.Equal(Enumerable.Range(0, 50).Select(n => $"m{n}"), received.Select(m => m.MessageId));
        Assert.All(received, m => Assert.Equal("batched", m.Subject));
    }

    /// <summary>The forms of "AMQP Protocol Binding for CloudEvents" 1.0.2, and a body that is a text.</summary>
    [Fact]
    public async Task Take_events_in_every_form_of_the_binding()
    {
        const string Event = """{"specversion":"1.0","id":"e","source":"/s","type":"shopify.orders/create","data":{"id":1}}""";
        await using var client = Client();
        var sender = client.CreateSender(Queue);
        foreach (var prefix in new[] { "cloudEvents:", "cloudEvents_" })
        {
            await sender.SendMessageAsync(new ServiceBusMessage("""{"id":1}""")
            {
                ContentType = MediaTypeNames.Application.Json,
                ApplicationProperties = { [prefix + "specversion"] = "1.0", [prefix + "id"] = "e", [prefix + "source"] = "/s", [prefix + "type"] = "shopify.orders/create", ["own"] = 1 },
            });
        }

        await sender.SendMessageAsync(new ServiceBusMessage(Event) { ContentType = "application/cloudevents+json; charset=utf-8" });
        await sender.SendMessageAsync(new ServiceBusMessage($"[{Event},{Event}]") { ContentType = "application/cloudevents-batch+json", MessageId = "batch" });
        await sender.SendMessageAsync(new ServiceBusMessage(JsonSerializer.Serialize(Event)) { ContentType = MediaTypeNames.Application.Json });
        var text = new ServiceBusMessage();
        text.GetRawAmqpMessage().Body = AmqpMessageBody.FromValue(Event);
        await sender.SendMessageAsync(text);

        var stored = await Stored.ReceiveAsync(Queue, 20, TimeSpan.FromMinutes(1));
        await RestartAsync();
        await using var other = Client();
        var received = await other.CreateReceiver(Queue).PeekMessagesAsync(20);

        Assert.Equal(7, stored.Count);
        Assert.All(stored, m => Assert.Equal("e", JsonDocument.Parse(m.Body).RootElement.GetProperty("id").GetString()));
        Assert.All(received.Take(2), m => Assert.Equal(("application/cloudevents+json", "own"), (m.ContentType, string.Join(' ', m.ApplicationProperties.Keys))));
        Assert.Equal(["batch", "batch#1"], received.Skip(3).Take(2).Select(m => m.MessageId));
        Assert.All(received, m => Assert.NotEqual("application/cloudevents-batch+json", m.ContentType));
    }

    private ServiceBusClient Client() => new(
        QueueEndpoint.ConnectionString(Port), new ServiceBusClientOptions { RetryOptions = new ServiceBusRetryOptions { MaxRetries = 1, TryTimeout = TimeSpan.FromSeconds(30), Delay = TimeSpan.FromMilliseconds(100) } });

    private static async Task<ServiceBusReceivedMessage> OneAsync(ServiceBusReceiver receiver)
    {
        var message = await receiver.ReceiveMessageAsync(Patience);
        Assert.NotNull(message);
        return message;
    }

    private static async Task LockLostAsync(Func<Task> attempt) =>
        Assert.Equal(ServiceBusFailureReason.MessageLockLost, (await Assert.ThrowsAsync<ServiceBusException>(attempt)).Reason);

    // By one of the exceptions that the client has for what a namespace does not do.
    private static async Task RefusedAsync(string why, Func<Task> attempt)
    {
        var since = Stopwatch.StartNew();
        var refusal = await Assert.ThrowsAnyAsync<Exception>(attempt);
        Assert.True(refusal is NotSupportedException or InvalidOperationException or ServiceBusException, refusal.ToString());
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
        Assert.InRange(since.Elapsed, TimeSpan.Zero, AtOnce);
    }
}
