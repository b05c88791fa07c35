using System.Collections.Concurrent;
using Azure.Messaging.ServiceBus;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain;

namespace CustomerPipeline.AzureServices.ServiceBus;

/// <summary>
/// Sends messages to queues of a namespace, in batches. A message's id is the hash of its bytes: what is sent again after a lost answer, the queue's duplicate
/// detection drops.
/// </summary>
/// <param name="client">Of the namespace. Its retry options say how long a send may take.</param>
public sealed class ServiceBusSenders(ServiceBusClient client) : IAsyncDisposable
{
    private const string ContentType = "application/cloudevents+json";

    private readonly ConcurrentDictionary<string, ServiceBusSender> _senders = new(StringComparer.Ordinal);

    /// <summary>Puts messages at the end of a queue; durable when it returns.</summary>
    /// <exception cref="QueueFullException">The queue takes no more for now. Some of the messages may have been taken.</exception>
    /// <exception cref="ServiceBusException">The namespace cannot be reached, or refuses.</exception>
    public async Task SendAsync(string queue, IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken)
    {
        var sender = _senders.GetOrAdd(queue, client.CreateSender);
        try
        {
            for (var next = 0; next < messages.Count;)
            {
                next = await SendBatchAsync(sender, messages, next, cancellationToken);
            }
        }
        catch (ServiceBusException e) when (e.Reason == ServiceBusFailureReason.QuotaExceeded)
        {
            throw new QueueFullException(queue, e);
        }
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();

    // As many as fit one transfer. Returns where the rest begins.
    private static async Task<int> SendBatchAsync(ServiceBusSender sender, IReadOnlyList<ReadOnlyMemory<byte>> messages, int first, CancellationToken cancellationToken)
    {
        using var batch = await sender.CreateMessageBatchAsync(cancellationToken);
        var next = first;
        while (next < messages.Count && batch.TryAddMessage(MessageOf(messages[next])))
        {
            next++;
        }

        if (batch.Count > 0)
        {
            await sender.SendMessagesAsync(batch, cancellationToken);
            return next;
        }

        // Too large for a batch, which takes room of its own. The service knows whether it is too large at all.
        await sender.SendMessageAsync(MessageOf(messages[first]), cancellationToken);
        return first + 1;
    }

    private static ServiceBusMessage MessageOf(ReadOnlyMemory<byte> body) => new(body) { MessageId = StableHash.Of(body.Span), ContentType = ContentType };
}
