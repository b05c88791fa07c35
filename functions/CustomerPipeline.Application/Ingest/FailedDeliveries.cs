using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Normalize;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.Application.Ingest;

/// <summary>Deliveries that failed too often, into the quarantine. One that has its outcome already (only its completion failed) needs nothing.</summary>
public sealed partial class FailedDeliveries(IRawArchive archive, QuarantineStore quarantine, Ledger ledger, ILogger<FailedDeliveries> logger)
{
    /// <summary>In which delivery a message that failed by itself goes into the quarantine. Service Bus gives a message up after ten, and its whole batch with it.</summary>
    public const int Last = 9;

    private static readonly Reason Failed = new(
        "ingest-failed", $"Storing what the message says failed in {Last} deliveries, in the last five by itself. The host's log says how. Report it; retry after an update.");

    /// <summary>Keeps a message that Ingest failed on, each time.</summary>
    public Task KeepAsync(string queue, Delivery delivery, Exception failure, CancellationToken cancellationToken)
    {
        LogMessageFailed(logger, delivery.IdIn(queue), failure.GetType().Name);
        return KeepAsync(queue, delivery, StageTelemetry.Ingest, Failed, cancellationToken);
    }

    /// <summary>Keeps a message, unless it was worked on after all.</summary>
    public async Task KeepAsync(string queue, Delivery delivery, string stage, Reason reason, CancellationToken cancellationToken)
    {
        if (await ledger.FindAsync(queue, delivery.SequenceNumber, cancellationToken) is null or Outcome.Quarantined)
        {
            await archive.StoreAsync([new RawMessage(delivery.IdIn(queue), delivery.Body)], cancellationToken);
            await quarantine.PutAsync(queue, delivery, stage, reason, cancellationToken);
            await ledger.RecordAsync(queue, [(delivery.SequenceNumber, Outcome.Quarantined)], cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The message {Delivery} failed by itself with {Exception}; it is in quarantine under ingest-failed")]
    private static partial void LogMessageFailed(ILogger logger, string delivery, string exception);
}
