using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.RocksDb;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.Cli.Brokers;

/// <summary>
/// Takes messages from the queues of a broker into those of this machine: a message is settled there when it is durable here. One that comes again because the settlement was lost is known by its number
/// (Service Bus) or by its sender's id.
/// </summary>
/// <param name="address">Of the broker.</param>
/// <param name="queues">Of this machine.</param>
/// <param name="options">How deep they may become.</param>
/// <param name="clock">For pauses.</param>
/// <param name="logger">Told when the broker is away.</param>
internal sealed partial class BrokerQueues(BrokerAddress address, RocksQueues queues, ReceiveOptions options, TimeProvider clock, ILogger<BrokerQueues> logger) : BackgroundService
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var broker = address.Open();
        await Task.WhenAll(Queues.All.Select(queue => Task.Run(() => TakeFromAsync(broker, queue, stoppingToken), CancellationToken.None)));
    }

    private async Task TakeFromAsync(IBroker broker, string queue, CancellationToken stopping)
    {
        var pause = ShortestPause;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                while (await queues.DepthAsync(queue, stopping) >= options.DeepestQueue)
                {
                    await Task.Delay(ShortestPause, clock, stopping);
                }

                await broker.TakeAsync(queue, messages => queues.EnqueueAsync(queue, messages), stopping);
                pause = ShortestPause;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is BrokerException or DataFolderException or ObjectDisposedException)
            {
                LogAway(logger, queue, address.Host, e.Message, pause);
                await Task.Delay(pause, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Nothing can be taken from {Queue} at {Host}: {Reason} Trying again in {Pause}")]
    private static partial void LogAway(ILogger logger, string queue, string host, string reason, TimeSpan pause);
}
