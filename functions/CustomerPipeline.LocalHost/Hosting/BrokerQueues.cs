using System.Net.Sockets;
using System.Text;
using Amqp;
using CustomerPipeline.Azure.ServiceBus;
using CustomerPipeline.Embedded;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Receive;
using CustomerPipeline.LocalHost.Amqp;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.LocalHost.Hosting;

/// <summary>
/// Takes messages from the queues of a broker into those of this machine: a message is settled there when it is durable here. One that comes again because the settlement was lost is known by its number
/// (Service Bus) or by its sender's id.
/// </summary>
/// <param name="address">Of the broker.</param>
/// <param name="queues">Of this machine.</param>
/// <param name="options">How deep they may become.</param>
/// <param name="clock">For pauses.</param>
/// <param name="logger">Told when the broker is away.</param>
internal sealed partial class BrokerQueues(QueueAddress address, RocksQueues queues, ReceiveOptions options, TimeProvider clock, ILogger<BrokerQueues> logger) : BackgroundService
{
    private const int MostAtOnce = 200;
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var connection = new ServiceBusConnection(address, clock);
        await Task.WhenAll(Queues.All.Select(queue => Task.Run(() => TakeFromAsync(connection, queue, stoppingToken), CancellationToken.None)));
    }

    private async Task TakeFromAsync(ServiceBusConnection connection, string queue, CancellationToken stopping)
    {
        var pause = ShortestPause;
        while (!stopping.IsCancellationRequested)
        {
            ReceiverLink? receiver = null;
            try
            {
                receiver = await connection.ReceiverAsync(queue, MostAtOnce, stopping);
                await TransferAsync(receiver, queue, stopping);
                pause = ShortestPause;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is AmqpException or SocketException or IOException or TimeoutException or ObjectDisposedException or DataFolderException)
            {
                LogAway(logger, queue, address.Endpoint.Host, e.Message, pause);
                if (receiver is not null)
                {
                    await connection.DropAsync(queue, receiver);
                }

                await Task.Delay(pause, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    // What is there by now, if anything is.
    private async Task TransferAsync(ReceiverLink receiver, string queue, CancellationToken stopping)
    {
        while (await queues.DepthAsync(queue, stopping) >= options.DeepestQueue)
        {
            await Task.Delay(ShortestPause, clock, stopping);
        }

        if (await receiver.ReceiveAsync(LookAgainAfter).WaitAsync(stopping) is not { } first)
        {
            if (receiver.IsClosed)
            {
                throw new AmqpException(receiver.Error ?? new global::Amqp.Framing.Error(ErrorCode.DetachForced) { Description = "The broker ended the link." });
            }

            return;
        }

        List<Message> messages = [first];
        // Without waiting: the asynchronous one would wait for ever.
        while (messages.Count < MostAtOnce && receiver.Receive(TimeSpan.Zero) is { } next)
        {
            messages.Add(next);
        }

        await queues.EnqueueAsync(queue,
            [.. messages.SelectMany(m => EventsOf(m).Select((body, index) => new NewMessage(body, MessageParts.IdOf(IdOf(m), index))))]);
        messages.ForEach(receiver.Accept);
    }

    // What nobody can read is kept as text: the quarantine says what is wrong with it.
    private static IReadOnlyList<ReadOnlyMemory<byte>> EventsOf(Message message) =>
        MessageParts.EventsOf(message) ?? [Encoding.UTF8.GetBytes(message.Body?.ToString() ?? "")];

    private static string? IdOf(Message message) => MessageParts.SequenceNumberOf(message) is { } number ? $"at {number}" : MessageParts.IdOf(message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nothing can be taken from {Queue} at {Host}: {Reason} Trying again in {Pause}")]
    private static partial void LogAway(ILogger logger, string queue, string host, string reason, TimeSpan pause);
}
