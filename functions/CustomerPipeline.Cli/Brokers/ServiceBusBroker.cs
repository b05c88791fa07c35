using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Azure.Messaging.ServiceBus;
using CustomerPipeline.AmqpEndpoint;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.AzureServices.ServiceBus;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.Cli.Brokers;

/// <summary>A Service Bus namespace, by its official client, which connects, authorizes and tries again by itself.</summary>
internal sealed class ServiceBusBroker(ServiceBusClient client) : IBroker
{
    private const int MostAtOnce = 200;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly ServiceBusSenders _senders = new(client);
    private readonly Dictionary<string, ServiceBusReceiver> _receivers = new(StringComparer.Ordinal);

    /// <summary>Gets options that wait about a minute for a namespace that is away.</summary>
    public static ServiceBusClientOptions Options => new()
    {
        RetryOptions = new ServiceBusRetryOptions
        {
            Mode = ServiceBusRetryMode.Exponential,
            MaxRetries = 8,
            Delay = TimeSpan.FromMilliseconds(250),
            MaxDelay = TimeSpan.FromSeconds(15),
            TryTimeout = TimeSpan.FromSeconds(30),
        },
    };

    public async Task SendAsync(string queue, IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken)
    {
        try
        {
            await _senders.SendAsync(queue, messages, cancellationToken);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw new BrokerException(e.Message, isFinal: true, e);
        }
    }

    public async Task TakeAsync(string queue, Func<IReadOnlyList<NewMessage>, Task> keep, CancellationToken cancellationToken)
    {
        try
        {
            var receiver = ReceiverOf(queue);
            var messages = await receiver.ReceiveMessagesAsync(MostAtOnce, LongestWait, cancellationToken);
            if (messages.Count > 0)
            {
                await keep([.. messages.SelectMany(NewMessagesOf)]);
                await Task.WhenAll(messages.Select(m => CompleteAsync(receiver, m)));
            }
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw new BrokerException(e.Message, isFinal: true, e);
        }
    }

    public ValueTask DisposeAsync() => _senders.DisposeAsync();

    private ServiceBusReceiver ReceiverOf(string queue)
    {
        lock (_receivers)
        {
            return _receivers.TryGetValue(queue, out var receiver) ? receiver : _receivers[queue] = client.CreateReceiver(queue);
        }
    }

    // One whose lock is lost comes again, and is known by its number.
    private static async Task CompleteAsync(ServiceBusReceiver receiver, ServiceBusReceivedMessage message)
    {
        try
        {
            await receiver.CompleteMessageAsync(message, CancellationToken.None);
        }
        catch (ServiceBusException e) when (e.Reason == ServiceBusFailureReason.MessageLockLost)
        {
        }
    }

    private static IEnumerable<NewMessage> NewMessagesOf(ServiceBusReceivedMessage message)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"at {message.SequenceNumber}");
        return AmqpEvents.Read(message.ContentType, message.ApplicationProperties.Select(p => KeyValuePair.Create(p.Key, (object?)p.Value)), BodyOf(message))
            .Select((body, index) => new NewMessage(body, MessageParts.IdOf(id, index)));
    }

    // What nobody can read is kept as text: the quarantine says what is wrong with it.
    private static ReadOnlyMemory<byte> BodyOf(ServiceBusReceivedMessage message)
    {
        var body = message.GetRawAmqpMessage().Body;
        return body.TryGetData(out _) ? message.Body.ToMemory()
            : body.TryGetValue(out var value) && value is byte[] bytes ? bytes
            : Encoding.UTF8.GetBytes(value?.ToString() ?? "");
    }

    private static bool IsFailure(Exception e) =>
        e is ServiceBusException or SocketException or TimeoutException or UnauthorizedAccessException or NotSupportedException or InvalidOperationException or Azure.RequestFailedException
            or Azure.Identity.AuthenticationFailedException;
}
