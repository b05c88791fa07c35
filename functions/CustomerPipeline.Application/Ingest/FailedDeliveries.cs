using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Ingest;

/// <summary>Deliveries that failed too often, into the quarantine. One that has its outcome already (only its completion failed) needs nothing.</summary>
public sealed class FailedDeliveries(IRawArchive archive, QuarantineStore quarantine, Ledger ledger)
{
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
}
