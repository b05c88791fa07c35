using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Entities;

namespace CustomerPipeline.Application.Maintenance.Erasing;

/// <summary>What the ledger says of messages of people who are erased.</summary>
public sealed class ErasedDeliveries(IDocumentStore store, Ledger ledger, StageTelemetry telemetry)
{
    /// <summary>Those of some deliveries that are counted as stored or as quarantined.</summary>
    public async Task<HashSet<string>> CountedAsync(IEnumerable<string> deliveries, CancellationToken cancellationToken)
    {
        var counted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var delivery in deliveries)
        {
            var (queue, sequenceNumber, _) = DeliveryId.Parse(delivery);
            if (await ledger.FindAsync(queue, sequenceNumber, cancellationToken) is Outcome.Stored or Outcome.Quarantined)
            {
                counted.Add(delivery);
            }
        }

        return counted;
    }

    /// <summary>Deliveries that others have records from. Where the archive has let go of a message, or an earlier run took it out, only its records tell.</summary>
    public async Task<HashSet<string>> OfOthersAsync(HashSet<string> deliveries, HashSet<EntityKey> entities, CancellationToken cancellationToken)
    {
        var others = new HashSet<string>(StringComparer.Ordinal);
        if (deliveries.Count == 0)
        {
            return others;
        }

        var records = store.ScanAsync(Containers.Interactions, cancellationToken).Where(d => d.Id.StartsWith(Containers.RecordPrefix, StringComparison.Ordinal));
        await foreach (var (_, content) in telemetry.ReadableAsync(StageTelemetry.Erase, records, StoredInteractions.AsInteraction))
        {
            if (content is { By: { } delivery, Record: { } record } && deliveries.Contains(delivery) && !entities.Contains(record.Entity))
            {
                others.Add(delivery);
            }
        }

        return others;
    }

    /// <summary>Counts a message as erased.</summary>
    public Task SetErasedAsync(string delivery, CancellationToken cancellationToken)
    {
        var (queue, sequenceNumber, _) = DeliveryId.Parse(delivery);
        return SetErasedAsync(queue, sequenceNumber, cancellationToken);
    }

    /// <summary>Counts a message as erased.</summary>
    public Task SetErasedAsync(string queue, long sequenceNumber, CancellationToken cancellationToken) =>
        ledger.RecordAsync(queue, [(sequenceNumber, Outcome.Erased)], cancellationToken);
}
