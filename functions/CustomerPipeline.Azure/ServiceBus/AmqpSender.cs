using Amqp;
using Amqp.Framing;
using CustomerPipeline.Domain;
using CustomerPipeline.Flow.Ports;

namespace CustomerPipeline.Azure.ServiceBus;

/// <summary>Sends messages to queues over AMQP. A message's id is the hash of its bytes: what is sent again after a lost answer, the queue's duplicate detection drops.</summary>
public sealed class AmqpSender(ServiceBusConnection connection)
{
    private const string ContentType = "application/cloudevents+json";
    private const int Attempts = 2;

    private static readonly HashSet<string> RefusedMessage = [ErrorCode.MessageSizeExceeded, ErrorCode.NotAllowed, ErrorCode.UnauthorizedAccess, ErrorCode.NotFound, ErrorCode.InvalidField];

    /// <summary>Puts messages at the end of a queue; durable when it returns.</summary>
    /// <exception cref="QueueFullException">The queue takes no more for now.</exception>
    /// <exception cref="AmqpException">The broker cannot be reached, or refuses.</exception>
    public async Task SendAsync(string queue, IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var sender = await connection.SenderAsync(queue, cancellationToken);
            try
            {
                await Task.WhenAll(messages.Select(m => SendAsync(sender, m)));
                return;
            }
            catch (AmqpException e) when ((string?)e.Error?.Condition == ErrorCode.ResourceLimitExceeded)
            {
                throw new QueueFullException(queue, e);
            }
            catch (Exception e) when (attempt < Attempts && (e is ObjectDisposedException or TimeoutException || (e is AmqpException amqp && !IsRefusal(amqp))))
            {
                // The service closes links that are idle or being moved: over a new one it works.
                await connection.DropAsync(queue, sender);
            }
        }
    }

    /// <summary>Whether it is about the message, not about the link: it would be refused again.</summary>
    public static bool IsRefusal(AmqpException e) => e.Error?.Condition is { } condition && RefusedMessage.Contains((string)condition);

    private static async Task SendAsync(SenderLink sender, ReadOnlyMemory<byte> body)
    {
        using var message = new Message
        {
            BodySection = new Data { Binary = body.ToArray() },
            Properties = new Properties { MessageId = StableHash.Of(body.Span), ContentType = ContentType },
            Header = new Header { Durable = true },
        };
        await sender.SendAsync(message, ServiceBusConnection.Patience);
    }
}
