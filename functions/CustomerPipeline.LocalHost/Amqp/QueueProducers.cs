using System.Text;
using Amqp;
using Amqp.Framing;
using Amqp.Listener;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Embedded;
using CustomerPipeline.Flow.Receive;

namespace CustomerPipeline.LocalHost.Amqp;

/// <summary>A queue that producers send to: a message is durable before it is accepted.</summary>
internal sealed class QueueProducers(string queue, RocksQueues queues, ReceiveOptions options, TimeProvider clock)
{
    /// <summary>A batch: each data section is a message of its own (Service Bus's batched message format).</summary>
    private const uint BatchFormat = 0x80013700;

    // Messages that a link may have under way.
    private const int Credit = 1_000;

    private readonly RecentMessages _recent = new(clock);

    public void Attach(AttachContext context)
    {
        // Said in the answer: clients make their batches by it.
        context.Attach.MaxMessageSize = MessageEnvelope.LargestBytes;
        context.Complete(new ProducerLink(this), Credit);
    }

    private async Task TakeAsync(MessageContext context)
    {
        try
        {
            if (await queues.DepthAsync(queue, CancellationToken.None) >= options.DeepestQueue)
            {
                context.Complete(new Error(ErrorCode.ResourceLimitExceeded) { Description = "The queue is full. Send it again later." });
                return;
            }

            List<Message> messages = context.Message.Format == BatchFormat ? [.. Sections(context.Message).Select(s => Message.Decode(new ByteBuffer(s, 0, s.Length, s.Length)))] : [context.Message];
            var bodies = messages.Select(BodyOf).ToList();
            if (bodies.Any(b => b.Length > MessageEnvelope.LargestBytes))
            {
                context.Complete(new Error(ErrorCode.MessageSizeExceeded) { Description = $"A message may have {MessageEnvelope.LargestBytes} bytes." });
                return;
            }

            var news = messages.Zip(bodies).Where(m => IdOf(m.First) is not { } id || _recent.IsNew(id)).ToList();
            if (news.Count > 0)
            {
                await EnqueueAsync(news);
            }

            context.Complete();
        }
        catch (AmqpException e)
        {
            context.Complete(e.Error);
        }
        catch (Exception e) when (e is DataFolderException or ObjectDisposedException)
        {
            context.Complete(new Error(ErrorCode.InternalError) { Description = "The message was not stored. Send it again." });
        }
    }

    private async Task EnqueueAsync(List<(Message Message, byte[] Body)> messages)
    {
        try
        {
            await queues.SendAsync(queue, [.. messages.Select(m => (ReadOnlyMemory<byte>)m.Body)], CancellationToken.None);
        }
        catch
        {
            messages.ForEach(m => _recent.Forget(IdOf(m.Message) ?? ""));
            throw;
        }
    }

    private static string? IdOf(Message message) => message.Properties?.GetMessageId()?.ToString();

    private static byte[] BodyOf(Message message) => message.BodySection switch
    {
        AmqpValue { Value: string text } => Encoding.UTF8.GetBytes(text),
        AmqpValue { Value: byte[] bytes } => bytes,
        _ => [.. Sections(message).SelectMany(s => s)],
    };

    private static IEnumerable<byte[]> Sections(Message message) => message.BodySection switch
    {
        Data data => [data.Binary],
        DataList list => Enumerable.Range(0, list.Count).Select(i => list[i].Binary),
        _ => throw new AmqpException(ErrorCode.NotImplemented, "The body is neither bytes nor text: send a CloudEvent as JSON."),
    };

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
