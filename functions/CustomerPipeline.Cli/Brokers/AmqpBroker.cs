using System.Net.Sockets;
using System.Text;
using Amqp;
using Amqp.Framing;
using CustomerPipeline.AmqpEndpoint;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Domain;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.Cli.Brokers;

/// <summary>A broker that speaks AMQP 1.0, such as RabbitMQ. A message's id is the hash of its bytes, so that a broker that detects duplicates drops what is sent again after a lost answer.</summary>
internal sealed class AmqpBroker(AmqpConnection connection) : IBroker
{
    private const int Attempts = 2;
    private const int MostAtOnce = 200;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private static readonly HashSet<string> RefusedMessage = [ErrorCode.MessageSizeExceeded, ErrorCode.NotAllowed, ErrorCode.UnauthorizedAccess, ErrorCode.NotFound, ErrorCode.InvalidField];

    public async Task SendAsync(string queue, IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            SenderLink? sender = null;
            try
            {
                sender = await connection.SenderAsync(queue, cancellationToken);
                await Task.WhenAll(messages.Select(m => SendAsync(sender, m)));
                return;
            }
            catch (AmqpException e) when ((string?)e.Error?.Condition == ErrorCode.ResourceLimitExceeded)
            {
                throw new QueueFullException(queue, e);
            }
            catch (Exception e) when (IsFailure(e))
            {
                if (sender is null || IsRefusal(e) || attempt == Attempts)
                {
                    throw new BrokerException(e.Message, IsRefusal(e), e);
                }

                // Brokers close links that are idle or being moved: over a new one it works.
                await connection.DropAsync(queue, sender);
            }
        }
    }

    public async Task TakeAsync(string queue, Func<IReadOnlyList<NewMessage>, Task> keep, CancellationToken cancellationToken)
    {
        ReceiverLink? receiver = null;
        try
        {
            receiver = await connection.ReceiverAsync(queue, MostAtOnce, cancellationToken);
            await TakeAsync(receiver, keep, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (receiver is not null)
            {
                await connection.DropAsync(queue, receiver);
            }

            if (IsFailure(e))
            {
                throw new BrokerException(e.Message, IsRefusal(e), e);
            }

            throw;
        }
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    // What is there by now, if anything is.
    private static async Task TakeAsync(ReceiverLink receiver, Func<IReadOnlyList<NewMessage>, Task> keep, CancellationToken cancellationToken)
    {
        if (await receiver.ReceiveAsync(LongestWait).WaitAsync(cancellationToken) is not { } first)
        {
            if (receiver.IsClosed)
            {
                throw new AmqpException(receiver.Error ?? new Error(ErrorCode.DetachForced) { Description = "The broker ended the link." });
            }

            return;
        }

        List<Message> messages = [first];
        // Without waiting: the asynchronous one would wait for ever.
        while (messages.Count < MostAtOnce && receiver.Receive(TimeSpan.Zero) is { } next)
        {
            messages.Add(next);
        }

        await keep([.. messages.SelectMany(m => EventsOf(m).Select((body, index) => new NewMessage(body, MessageParts.IdOf(MessageParts.IdOf(m), index))))]);
        messages.ForEach(receiver.Accept);
    }

    private static async Task SendAsync(SenderLink sender, ReadOnlyMemory<byte> body)
    {
        using var message = new Message
        {
            BodySection = new Data { Binary = body.ToArray() },
            Properties = new Properties { MessageId = StableHash.Of(body.Span), ContentType = AmqpEvents.StructuredContentType },
            Header = new Header { Durable = true },
        };
        await sender.SendAsync(message, AmqpConnection.Patience);
    }

    // What nobody can read is kept as text: the quarantine says what is wrong with it.
    private static IReadOnlyList<ReadOnlyMemory<byte>> EventsOf(Message message) =>
        MessageParts.EventsOf(message) ?? [Encoding.UTF8.GetBytes(message.Body?.ToString() ?? "")];

    private static bool IsFailure(Exception e) => e is AmqpException or SocketException or IOException or TimeoutException or ObjectDisposedException;

    // About the message, not about the link: it would be refused again.
    private static bool IsRefusal(Exception e) => e is AmqpException { Error.Condition: { } condition } && RefusedMessage.Contains((string)condition);
}
