using CustomerPipeline.LocalServices;
using CustomerPipeline.RocksDb;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.Cli.Hosting;

/// <summary>Offers events that were set aside once more: at start, and every hour.</summary>
internal sealed partial class UndeliveredEventsTimer(WebhookPublisher publisher, TimeProvider clock, ILogger<UndeliveredEventsTimer> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            try
            {
                await publisher.RetryAsync(stoppingToken);
            }
            catch (DataFolderException e)
            {
                LogFailed(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Events that were set aside could not be offered again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
