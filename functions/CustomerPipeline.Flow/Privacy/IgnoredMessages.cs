using System.Globalization;
using System.Text.Json.Serialization;
using CustomerPipeline.Domain;
using CustomerPipeline.Flow.Ports;

namespace CustomerPipeline.Flow.Privacy;

/// <summary>Ignored messages of one hour, by their delivery ids.</summary>
public sealed record IgnoredDeliveries([property: JsonRequired] IReadOnlyList<string> Deliveries);

/// <summary>
/// Lists the ignored messages that the archive keeps by the hour of their receipt, so that retention reads those that are due and no others. Ingest lists a message before its outcome counts.
/// </summary>
public sealed class IgnoredMessages(IDocumentStore store, StageTelemetry telemetry)
{
    /// <summary>Of the privacy container.</summary>
    internal const string Partition = "ignored";

    private const string HourPrefix = "hour:";
    private const string HourFormat = "yyyyMMddHH";

    // Set once the messages that an earlier program ignored are listed.
    private const string CompleteId = "complete";
    private const int DeliveriesPerDocument = 500;

    /// <summary>Lists messages; nothing changes where they are listed already.</summary>
    public async Task ListAsync(IEnumerable<(string DeliveryId, DateTimeOffset Received)> messages, CancellationToken cancellationToken)
    {
        var writes = messages
            .GroupBy(m => IdOf(m.Received), m => m.DeliveryId, StringComparer.Ordinal)
            .SelectMany(hour => hour.Order(StringComparer.Ordinal).Chunk(DeliveriesPerDocument).Select(some => Write.Upsert($"{hour.Key}:{StableHash.Of(some)}", new IgnoredDeliveries(some).ToBody(FlowJson.Default.IgnoredDeliveries))));
        foreach (var some in writes.DistinctBy(w => w.Id).Chunk(CommitLimits.Writes))
        {
            await store.CommitAsync(Containers.Privacy, Partition, some, cancellationToken);
        }
    }

    /// <summary>The lists of the hours before that of an instant, oldest first. A damaged list is deleted: then the list is no longer complete.</summary>
    public async IAsyncEnumerable<(string Id, IReadOnlyList<string> Deliveries)> ReadAsync(DateTimeOffset before, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = IdOf(before);
        await foreach (var document in store.ReadPartitionAsync(Containers.Privacy, Partition, HourPrefix, cancellationToken))
        {
            if (string.CompareOrdinal(document.Id, end) >= 0)
            {
                yield break;
            }

            if (telemetry.Read(StageTelemetry.KeepFor, document, d => d.As(FlowJson.Default.IgnoredDeliveries)) is { } listed)
            {
                yield return (document.Id, listed.Deliveries);
            }
            else
            {
                await store.CommitAsync(Containers.Privacy, Partition, [Write.Delete(document.Id), Write.Delete(CompleteId)], cancellationToken);
            }
        }
    }

    /// <summary>Removes lists whose messages are gone.</summary>
    public async Task RemoveAsync(IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        foreach (var some in ids.Chunk(CommitLimits.Writes))
        {
            await store.CommitAsync(Containers.Privacy, Partition, [.. some.Select(id => Write.Delete(id))], cancellationToken);
        }
    }

    /// <summary>Whether every ignored message of the archive is listed.</summary>
    public async Task<bool> IsCompleteAsync(CancellationToken cancellationToken) => await store.ReadAsync(Containers.Privacy, Partition, CompleteId, cancellationToken) is not null;

    public async Task CompleteAsync(CancellationToken cancellationToken) => await store.CommitAsync(Containers.Privacy, Partition, [Write.Upsert(CompleteId, "{}"u8.ToArray())], cancellationToken);

    /// <summary>Reads a document of the lists.</summary>
    /// <exception cref="CorruptDocumentException">It is none.</exception>
    internal static object Read(Document document) => document.Id == CompleteId ? document : document.As(FlowJson.Default.IgnoredDeliveries);

    private static string IdOf(DateTimeOffset instant) => HourPrefix + instant.UtcDateTime.ToString(HourFormat, CultureInfo.InvariantCulture);
}
