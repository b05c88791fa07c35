using CustomerPipeline.Application.Documents;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Ingest;

/// <summary>
/// Messages that the queue gave up delivering, into the quarantine: there they are seen, counted and tried again like any other. A message that had been
/// worked on after all (its host died between the last write and the completion) already has its outcome, and needs nothing.
/// </summary>
public sealed class DeadLetterHandler(Ports.IRawArchive archive, QuarantineStore quarantine, Ledger ledger)
{
    public const string Stage = "queue";

    private static readonly Reason GivenUp = new(
        "dead-lettered", "The queue gave the message up after its last delivery: the store failed each time, or the host died. See the host's log, and retry.");

    /// <summary>Works on messages of one queue's dead-letter queue; they kept their sequence numbers.</summary>
    public async Task HandleAsync(string queue, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        foreach (var delivery in deliveries)
        {
            if (await ledger.FindAsync(queue, delivery.SequenceNumber, cancellationToken) is null or Outcome.Quarantined)
            {
                await archive.StoreAsync([new Ports.RawMessage(delivery.IdIn(queue), delivery.Body)], cancellationToken);
                await quarantine.PutAsync(queue, delivery, Stage, GivenUp, cancellationToken);
                await ledger.RecordAsync(queue, [(delivery.SequenceNumber, Outcome.Quarantined)], cancellationToken);
            }
        }
    }
}
