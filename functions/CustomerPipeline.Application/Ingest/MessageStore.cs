using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Ingest;

/// <summary>Makes messages durable: as they came, their records, what has to wait, and what they ask for.</summary>
public sealed class MessageStore(
    IRawArchive archive, EntityRecords records, QuarantineStore quarantine, PrivacyRequests requests, IgnoredMessages ignored, StageTelemetry telemetry)
{
    /// <summary>Stores messages of one queue.</summary>
    /// <returns>The messages with what they turned out to be, and the deliveries whose records were stored first.</returns>
    internal async Task<(List<ReadMessage> Read, HashSet<string> First)> StoreAsync(string queue, List<ReadMessage> read, CancellationToken cancellationToken)
    {
        var archived = archive.StoreAsync([.. read.Where(m => m.IsKept).Select(m => new RawMessage(m.DeliveryId, m.Delivery.Body))], cancellationToken).AsTask();
        var stored = StoreRecordsAsync(read, cancellationToken);
        var quarantined = QuarantineAsync(queue, read, cancellationToken);
        var requested = Task.WhenAll(read.Where(m => m.Result is Normalization.Requested)
            .Select(m => requests.ForwardAsync((Normalization.Requested)m.Result, m.Caller!, cancellationToken)));
        await Task.WhenAll(archived, stored, quarantined, requested, ignored.ListAsync(read.SelectMany(m => m.Ignored), cancellationToken));

        var (first, blocked) = await stored;
        if (blocked.Count > 0)
        {
            read = [.. read.Select(m => blocked.Contains(m.DeliveryId) ? m with { Result = ReadMessage.Blocked } : m)];
            await QuarantineAsync(queue, read.Where(m => ReferenceEquals(m.Result, ReadMessage.Blocked)), cancellationToken);
        }

        return (read, first);
    }

    private Task QuarantineAsync(string queue, IEnumerable<ReadMessage> read, CancellationToken cancellationToken) =>
        Task.WhenAll(read.Where(m => m.Result is Normalization.Quarantined).Select(m =>
            quarantine.PutAsync(queue, m.Delivery, StageTelemetry.Ingest, ((Normalization.Quarantined)m.Result).Reason, cancellationToken)));

    // The deliveries whose records were stored first, and those that a damaged document is in the way of.
    private async Task<(HashSet<string> First, HashSet<string> Blocked)> StoreRecordsAsync(List<ReadMessage> read, CancellationToken cancellationToken)
    {
        var delivered = read
            .Where(m => m.Result is Normalization.Normalized)
            .SelectMany(m => ((Normalization.Normalized)m.Result).Records.Select(r => new DeliveredRecord(r, m.DeliveryId)))
            .GroupBy(d => d.Record.Entity);
        var first = new HashSet<string>(StringComparer.Ordinal);
        var blocked = new HashSet<string>(StringComparer.Ordinal);
        await Task.WhenAll(delivered.Select(async entity =>
        {
            IReadOnlySet<string>? storedFirst = null;
            await telemetry.TryAsync(StageTelemetry.Ingest, entity.Count(), async () => storedFirst = await records.StoreAsync(entity.Key, [.. entity], cancellationToken));
            lock (first)
            {
                (storedFirst is null ? blocked : first).UnionWith(storedFirst ?? entity.Select(d => d.DeliveryId));
            }
        }));
        return (first, blocked);
    }
}
