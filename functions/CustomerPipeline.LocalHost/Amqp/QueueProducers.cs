using Amqp;
using Amqp.Listener;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Embedded;
using CustomerPipeline.Flow.Receive;

namespace CustomerPipeline.LocalHost.Amqp;

/// <summary>A queue that producers send to: a message is durable before it is accepted.</summary>
internal sealed class QueueProducers(string queue, RocksQueues queues, PeerRights rights, ReceiveOptions options)
{
    /// <summary>A batch: each data section is a message of its own (Service Bus's batched message format).</summary>
    private const uint BatchFormat = 0x80013700;

    // Messages that a link may have under way.
    private const int Credit = 1_000;

    public void Attach(AttachContext context)
    {
        // Said in the answer: clients make their batches by it.
        context.Attach.MaxMessageSize = MessageEnvelope.LargestBytes;
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

        if (news.Any(m => m.Body.Length > MessageEnvelope.LargestBytes))
        {
            throw new AmqpException(ErrorCode.MessageSizeExceeded, $"A message may have {MessageEnvelope.LargestBytes} bytes.");
        }

        try
        {
            return await queues.EnqueueAsync(queue, news);
        }
        catch (Exception e) when (e is DataFolderException or ObjectDisposedException)
        {
            throw new AmqpException(ErrorCode.InternalError, "The message was not stored. Send it again.");
        }
    }

    private async Task TakeAsync(MessageContext context)
    {
        try
        {
            if (await rights.RefusalAsync(context.Link.Session.Connection, PeerRights.ToSend) is { } refusal)
            {
                context.Complete(refusal);
                return;
            }

            await EnqueueAsync(context.Message.Format == BatchFormat ? MessagesOf(context.Message) : [context.Message]);
            context.Complete();
        }
        catch (AmqpException e)
        {
            context.Complete(e.Error);
        }
    }

    /// <summary>Reads a message that is sent inside another.</summary>
    /// <exception cref="AmqpException">It is none.</exception>
    public static Message Decoded(byte[] bytes)
    {
        try
        {
            return Message.Decode(new ByteBuffer(bytes, 0, bytes.Length, bytes.Length));
        }
        catch (Exception e) when (e is not (AmqpException or OutOfMemoryException))
        {
            throw new AmqpException(ErrorCode.DecodeError, "What was sent as a message is none.");
        }
    }

    private static IEnumerable<Message> MessagesOf(Message batch) => MessageParts.SectionsOf(batch).ToList() is { Count: > 0 } sections
        ? sections.Select(Decoded)
        : throw new AmqpException(ErrorCode.DecodeError, "A batch has its messages in data sections.");

    private static IEnumerable<NewMessage> NewMessagesOf(Message message)
    {
        var events = MessageParts.EventsOf(message) ?? throw new AmqpException(ErrorCode.NotImplemented,
            "The body is neither bytes nor text: send a CloudEvent as JSON.");
        var (id, due) = (MessageParts.IdOf(message), MessageParts.DueOf(message));

        // Its sender is given one number to cancel it by.
        return due is null || events.Count == 1
            ? events.Select((body, index) => new NewMessage(body, MessageParts.IdOf(id, index), due))
            : throw new AmqpException(ErrorCode.NotImplemented, "A batch of events cannot be scheduled: send each in a message of its own.");
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
