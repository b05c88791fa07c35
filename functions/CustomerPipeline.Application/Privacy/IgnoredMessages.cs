using System.Globalization;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain;

namespace CustomerPipeline.Application.Privacy;

/// <summary>
/// Lists the ignored messages that the archive keeps by the hour of their receipt, so that retention reads those that are due and no others. Ingest lists a message before its outcome counts.
/// </summary>
public sealed class IgnoredMessages(IDocumentStore store, StageTelemetry telemetry)
{
    private const string HourPrefix = "hour:";
    private const string HourFormat = "yyyyMMddHH";

    private const int DeliveriesPerDocument = 500;

    /// <summary>Lists messages; nothing changes where they are listed already.</summary>
    public async Task ListAsync(IEnumerable<(string DeliveryId, DateTimeOffset Received)> messages, CancellationToken cancellationToken)
    {
        var writes = messages
            .GroupBy(m => IdOf(m.Received), m => m.DeliveryId, StringComparer.Ordinal)
            .SelectMany(hour => hour.Order(StringComparer.Ordinal).Chunk(DeliveriesPerDocument).Select(some => Write.Upsert($"{hour.Key}:{StableHash.Of(some)}", new IgnoredDeliveries(some).ToBody(DocumentJson.Default.IgnoredDeliveries))));
        foreach (var some in writes.DistinctBy(w => w.Id).Chunk(CommitLimits.Writes))
        {
            await store.CommitAsync(Containers.Privacy, IgnoredDeliveries.Partition, some, cancellationToken);
        }
    }

    /// <summary>The lists of the hours before that of an instant, oldest first. A damaged list is deleted: then the list is no longer complete.</summary>
    public async IAsyncEnumerable<(string Id, IReadOnlyList<string> Deliveries)> ReadAsync(DateTimeOffset before, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = IdOf(before);
        await foreach (var document in store.ReadPartitionAsync(Containers.Privacy, IgnoredDeliveries.Partition, HourPrefix, cancellationToken))
        {
            if (string.CompareOrdinal(document.Id, end) >= 0)
            {
                yield break;
            }

            if (telemetry.Read(StageTelemetry.KeepFor, document, d => d.As(DocumentJson.Default.IgnoredDeliveries)) is { } listed)
            {
                yield return (document.Id, listed.Deliveries);
            }
            else
            {
                await store.CommitAsync(Containers.Privacy, IgnoredDeliveries.Partition, [Write.Delete(document.Id), Write.Delete(IgnoredDeliveries.CompleteId)], cancellationToken);
            }
        }
    }

    /// <summary>Removes lists whose messages are gone.</summary>
    public async Task RemoveAsync(IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        foreach (var some in ids.Chunk(CommitLimits.Writes))
        {
            await store.CommitAsync(Containers.Privacy, IgnoredDeliveries.Partition, [.. some.Select(id => Write.Delete(id))], cancellationToken);
        }
    }

    /// <summary>Whether every ignored message of the archive is listed.</summary>
    public async Task<bool> IsCompleteAsync(CancellationToken cancellationToken) => await store.ReadAsync(Containers.Privacy, IgnoredDeliveries.Partition, IgnoredDeliveries.CompleteId, cancellationToken) is not null;

    public async Task CompleteAsync(CancellationToken cancellationToken) => await store.CommitAsync(Containers.Privacy, IgnoredDeliveries.Partition, [Write.Upsert(IgnoredDeliveries.CompleteId, "{}"u8.ToArray())], cancellationToken);

    private static string IdOf(DateTimeOffset instant) => HourPrefix + instant.UtcDateTime.ToString(HourFormat, CultureInfo.InvariantCulture);
}
