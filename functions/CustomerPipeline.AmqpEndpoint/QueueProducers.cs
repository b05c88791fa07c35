using Amqp;
using Amqp.Listener;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.AmqpEndpoint;

/// <summary>A queue that producers send to: a message is durable before it is accepted.</summary>
internal sealed class QueueProducers(string queue, RocksQueues queues, PeerConnections connections, PeerRights rights, ReceiveOptions options)
{
    /// <summary>A batch: each data section is a message of its own (Service Bus's batched message format).</summary>
    private const uint BatchFormat = 0x80013700;

    // Messages that a link may have under way.
    private const int Credit = 1_000;

    // Service Bus's quota of the properties of a message (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas).
    private const int LargestProperties = 64 * 1024;

    public void Attach(AttachContext context)
    {
        // Said in the answer: clients make their batches by it.
        context.Attach.MaxMessageSize = MessageEnvelope.LargestBytes + LargestProperties;
        context.Complete(new ProducerLink(this), Credit);
    }

    /// <summary>Puts messages into the queue, or aside until they are due, in one.</summary>
    /// <returns>The number of each.</returns>
    /// <exception cref="AmqpException">They cannot be taken; the sender is told by it.</exception>
    public async Task<IReadOnlyList<long>> EnqueueAsync(IEnumerable<Message> messages)
    {
        var news = messages.SelectMany(NewMessagesOf).ToList();
        if (await queues.DepthAsync(queue, CancellationToken.None) + queues.ScheduledOf(queue) >= options.DeepestQueue)
        {
            throw new AmqpException(ErrorCode.ResourceLimitExceeded, "The queue is full. Send it again later.");
        }

        if (news.Any(m => m.Body.Length > MessageEnvelope.LargestBytes || m.Properties.Length > LargestProperties))
        {
            throw new AmqpException(ErrorCode.MessageSizeExceeded,
                $"The body of a message may have {MessageEnvelope.LargestBytes} bytes, its properties {LargestProperties}.");
        }

        var bytes = news.Sum(m => (long)m.Body.Length + m.Properties.Length);
        if (!connections.TryTake(bytes))
        {
            throw new AmqpException(ErrorCode.ResourceLimitExceeded, "Too many messages come at once. Send it again later.");
        }

        try
        {
            return await queues.EnqueueAsync(queue, news);
        }
        catch (Exception e) when (e is DataFolderException or ObjectDisposedException)
        {
            throw new AmqpException(ErrorCode.InternalError, "The message was not stored. Send it again.");
        }
        finally
        {
            connections.GiveBack(bytes);
        }
    }

    private async Task TakeAsync(MessageContext context)
    {
        try
        {
            await await connections.InTurnAsync(context.Link.Session.Connection, () => BeginAsync(context));
            context.Complete();
        }
        catch (AmqpException e)
        {
            context.Complete(e.Error);
        }
    }

    // Its end is that of storing the message, whose place in the queue is known when this has returned.
    private async Task<Task> BeginAsync(MessageContext context)
    {
        if (await rights.RefusalAsync(context.Link.Session.Connection, PeerRights.ToSend) is { } refusal)
        {
            throw new AmqpException(refusal);
        }

        return EnqueueAsync(context.Message.Format == BatchFormat ? MessagesOf(context.Message) : [context.Message]);
    }

    private static IEnumerable<Message> MessagesOf(Message batch) => MessageParts.SectionsOf(batch).ToList() is { Count: > 0 } sections
        ? sections.Select(MessageParts.Decoded)
        : throw new AmqpException(ErrorCode.DecodeError, "A batch has its messages in data sections.");

    private static IEnumerable<NewMessage> NewMessagesOf(Message message)
    {
        var events = MessageParts.EventsOf(message) ?? throw new AmqpException(ErrorCode.NotImplemented,
            "The body is neither bytes nor text: send a CloudEvent as JSON.");
        var (id, due, life) = (MessageParts.IdOf(message), MessageParts.DueOf(message), MessageParts.TimeToLiveOf(message));
        if (due is not null && events.Count > 1)
        {
            // Its sender is given one number to cancel it by.
            throw new AmqpException(ErrorCode.NotImplemented, "A batch of events cannot be scheduled: send each in a message of its own.");
        }

        var isStructured = MessageParts.AreRewritten(message, events);
        return events.Select((body, index) =>
        {
            var own = MessageParts.IdOf(id, index);
            return new NewMessage(body, own, due) { Properties = MessageParts.PropertiesOf(message, isStructured, index == 0 ? null : own), TimeToLive = life };
        });
    }

    private sealed class ProducerLink(QueueProducers node) : LinkEndpoint
    {
        public override void OnMessage(MessageContext messageContext) => _ = node.TakeAsync(messageContext);

        public override void OnFlow(FlowContext flowContext)
        {
            // Messages come in here; nothing goes out.
        }

        public override void OnDisposition(DispositionContext dispositionContext) => dispositionContext.Complete();
    }
}
