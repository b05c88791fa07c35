using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Maintenance.Erasing;

/// <summary>Takes the messages of people out of the archive, the quarantine and the queues.</summary>
public sealed class EraseMessages(
    IRawArchive archive, IScheduledMessages scheduled, QuarantineStore quarantine, ErasedDeliveries ledger, MessageReader reader)
{
    /// <summary>Erases every message that is about one of the people, or that holds anything distinctive of them: also one that was ignored, or that nothing could read.</summary>
    /// <param name="people">Who.</param>
    /// <param name="values">What is distinctive of them.</param>
    /// <param name="deliveries">Messages that records of theirs come from.</param>
    /// <param name="cancellationToken">Stops it; it can be repeated.</param>
    public async Task EraseAsync(ErasedPeople people, PersonalValues values, HashSet<string> deliveries, CancellationToken cancellationToken)
    {
        await reader.LoadInstancesAsync(cancellationToken);
        var entities = people.Entities;
        bool IsAbout(ReadOnlyMemory<byte> body) =>
            values.AreIn(body)
            || (reader.ReadStored(body) is Normalization.Normalized normalized
                && normalized.Records.Any(r => entities.Contains(r.Entity) || r.Identifiers.Any(i => people.Identifiers.TryGetValue(i, out var at) && r.OccurredAt <= at)));

        // What somebody did who came back.
        bool IsOfReturn(ReadOnlyMemory<byte> body) =>
            reader.ReadStored(body) is Normalization.Normalized normalized && normalized.Records.All(r => !entities.Contains(r.Entity) && r.OccurredAt > people.Until);

        // A message that tells of others, too, such as a decision about two customers, still is where their records come from.
        bool IsAboutOthers(ReadOnlyMemory<byte> body) => reader.ReadStored(body) is Normalization.Normalized normalized && normalized.Records.Any(r => !entities.Contains(r.Entity));

        // Counted by now, so that all of their records are there.
        var counted = await ledger.CountedAsync(deliveries, cancellationToken);
        var archived = new Dictionary<string, bool>(StringComparer.Ordinal);
        await foreach (var message in archive.ScanAsync(cancellationToken))
        {
            if (deliveries.Contains(message.DeliveryId) || (IsAbout(message.Body) && !IsOfReturn(message.Body)))
            {
                archived[message.DeliveryId] = IsAboutOthers(message.Body);
            }
        }

        counted.UnionWith(await ledger.CountedAsync(archived.Keys.Except(deliveries, StringComparer.Ordinal), cancellationToken));
        var others = await ledger.OfOthersAsync(counted.Where(d => !archived.ContainsKey(d)).ToHashSet(StringComparer.Ordinal), entities, cancellationToken);
        foreach (var delivery in counted.Where(d => !archived.GetValueOrDefault(d) && !others.Contains(d)))
        {
            await ledger.SetErasedAsync(delivery, cancellationToken);
        }

        await foreach (var message in quarantine.ListAsync(from: "", cancellationToken))
        {
            if (IsAbout(message.Message))
            {
                await ledger.SetErasedAsync(message.Queue, message.SequenceNumber, cancellationToken);
                await quarantine.RemoveAsync(message.Queue, message.SequenceNumber, cancellationToken);
            }
        }

        await foreach (var message in scheduled.ListAsync(cancellationToken))
        {
            if (values.AreIn(message.Stored) || (IsAbout(message.Body) && !IsOfReturn(message.Body)))
            {
                await scheduled.CancelAsync(message, cancellationToken);
            }
        }

        await archive.DeleteAsync([.. archived.Keys], cancellationToken);
    }
}
