using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Ingest;

/// <summary>A record and the delivery that brought it.</summary>
public readonly record struct DeliveredRecord(InteractionRecord Record, string DeliveryId);

/// <summary>
/// Puts records into their entity's partition: each record once, and the entity's state in the same atomic batch. Two messages under one duplicate key
/// that differ all the same (a vendor's retry with another sent-at) leave the smaller one, bytewise, so that arrival order cannot matter.
/// </summary>
public sealed class EntityRecords(IDocumentStore store)
{
    // One write of a commit is the state; the bytes leave room for it.
    private const int RecordsPerCommit = CommitLimits.Writes - 1;
    private const int BytesPerCommit = CommitLimits.Bytes / 2;

    /// <summary>Stores records of one entity.</summary>
    /// <returns>The deliveries whose records were stored first, now or in an earlier delivery of the same message; the others are duplicates.</returns>
    public async Task<IReadOnlySet<string>> StoreAsync(EntityKey entity, IReadOnlyList<DeliveredRecord> delivered, CancellationToken cancellationToken)
    {
        var first = new HashSet<string>(StringComparer.Ordinal);
        var candidates = delivered.GroupBy(d => d.Record.Id, StringComparer.Ordinal)
            .Select(same => new Candidate(same.First().DeliveryId, SmallestRendering([.. same.Select(d => d.Record)])))
            .ToList();
        while (candidates.Count > 0)
        {
            var chunk = TakeChunk(candidates);
            var state = await StoreChunkAsync(entity.Text, chunk, first, cancellationToken);
            if (chunk.Exists(c => c.Record.Part is null) && state is { PartOf: { } whole, Order: { Refunds.Count: > 0 } or { Parts: not null } })
            {
                await PassOnAsync(entity, whole, cancellationToken);
            }
        }

        return first;
    }

    // A refund names its payment, and counts in the order that the payment is a part of. Whichever of the two came later finds the other one here, and after a crash the
    // message comes again: so the order has all of them, whatever came first. What was passed on to here is not passed on again: payments that name each other would never end.
    private async Task PassOnAsync(EntityKey part, EntityKey whole, CancellationToken cancellationToken)
    {
        var refunds = await store.ReadPartitionAsync(Containers.Interactions, part.Text, Containers.RecordPrefix, cancellationToken)
            .Select(d => d.AsInteraction()).Where(d => d.Record is { Part: null, Refunds.Count: > 0 })
            .Select(d => new DeliveredRecord(OrderParts.InWhole(d.Record!, whole), d.By!)).ToListAsync(cancellationToken);
        await StoreAsync(whole, refunds, cancellationToken);
    }

    /// <summary>The payments that are parts of an order; of all else none.</summary>
    public async Task<IReadOnlyList<EntityKey>> PartsOfAsync(EntityKey order, CancellationToken cancellationToken) =>
        (await store.ReadAsync(Containers.Interactions, order.Text, Containers.StateId, cancellationToken))?.ReadOrNull(StoredInteractions.AsInteraction)?.State?.Order?.Parts is { } parts
            ? [.. parts.Keys.Select(k => new EntityKey(k)).Where(k => k != order)]
            : [];

    /// <summary>Takes identifiers out of what records of an entity once said. What holds of it by its latest version stays as it is.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="gone">Which identifiers are to go from a record.</param>
    /// <param name="cancellationToken">Stops the work; what was rewritten stays so.</param>
    public async Task ForgetAsync(EntityKey entity, Func<InteractionRecord, IReadOnlyCollection<Identifier>> gone, CancellationToken cancellationToken)
    {
        while (true)
        {
            var documents = await store.ReadPartitionAsync(Containers.Interactions, entity.Text, Containers.RecordPrefix, cancellationToken)
                .Select(d => (Document: d, Content: d.AsInteraction())).ToListAsync(cancellationToken);
            var stored = await store.ReadAsync(Containers.Interactions, entity.Text, Containers.StateId, cancellationToken);
            var state = stored?.AsInteraction();
            var changes = documents
                .Select(d => (d.Document, d.Content, Gone: gone(d.Content.Record!).Where(i => state?.State?.Identifiers.Contains(i) != true).ToHashSet()))
                .Where(d => d.Gone.Count > 0)
                .Take(RecordsPerCommit)
                .Select(d => (d.Document, d.Content.By, Record: d.Content.Record! with { Identifiers = [.. d.Content.Record!.Identifiers.Where(i => !d.Gone.Contains(i))] }))
                .ToDictionary(d => d.Document.Id, StringComparer.Ordinal);
            if (changes.Count == 0)
            {
                return;
            }

            var folded = EntityFold.Of(documents.Select(d => changes.TryGetValue(d.Document.Id, out var change) ? change.Record : d.Content.Record!));
            var next = new InteractionDocument { State = folded, Revision = (state?.Revision ?? 0) + 1, Trace = StageTelemetry.Trace };
            List<Write> writes =
            [
                .. changes.Values.Select(c => Write.Replace(c.Document.Id, BodyOf(c.Record, c.By!), c.Document.ETag)),
                Write.CreateOrReplace(Containers.StateId, next.ToBody(DocumentJson.Default.InteractionDocument), stored?.ETag),
            ];
            await store.CommitAsync(Containers.Interactions, entity.Text, writes, cancellationToken);
        }
    }

    // Gives back the state afterwards.
    private async Task<EntityState?> StoreChunkAsync(string partition, List<Candidate> chunk, HashSet<string> first, CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, Document>(StringComparer.Ordinal);
        EntityState? after;

        // Every event of a payment says which order it is a part of, and all but one say what is known.
        foreach (var said in chunk.Where(c => c.Record.PartOf is not null))
        {
            if (await store.ReadAsync(Containers.Interactions, partition, said.DocumentId, cancellationToken) is { } record)
            {
                known[said.DocumentId] = record;
            }
        }

        while (true)
        {
            var stored = await store.ReadAsync(Containers.Interactions, partition, Containers.StateId, cancellationToken);
            var state = stored?.AsInteraction();
            var (writes, added, replaced) = Decide(chunk, known);
            if (writes.Count == 0)
            {
                after = state?.State;
                break;
            }

            var folded = !replaced && (state is null || added.All(r => EntityFold.PositionOf(r) > state.State!.Last))
                ? added.OrderBy(EntityFold.PositionOf).Aggregate(state?.State, EntityFold.Apply)
                : await RefoldAsync(partition, added, cancellationToken);
            var next = new InteractionDocument { State = folded, Revision = (state?.Revision ?? 0) + 1, Trace = StageTelemetry.Trace };
            writes.Add(Write.CreateOrReplace(Containers.StateId, next.ToBody(DocumentJson.Default.InteractionDocument), stored?.ETag));
            var result = await store.CommitAsync(Containers.Interactions, partition, writes, cancellationToken);
            if (result.IsCommitted)
            {
                after = folded;
                break;
            }

            // Somebody stored this record before (a duplicate), or changed the state meanwhile: look again.
            if (result.ConflictingId!.StartsWith(Containers.RecordPrefix, StringComparison.Ordinal)
                && await store.ReadAsync(Containers.Interactions, partition, result.ConflictingId, cancellationToken) is { } record)
            {
                known[result.ConflictingId] = record;
            }
        }

        foreach (var candidate in chunk)
        {
            var by = known.TryGetValue(candidate.DocumentId, out var record) ? record.AsInteraction().By! : candidate.DeliveryId;
            first.Add(by);
        }

        return after;
    }

    // What is not known to be stored is created; what is known is replaced by a smaller rendering under the same key, or left.
    private static (List<Write> Writes, List<InteractionRecord> Changed, bool Replaced) Decide(List<Candidate> chunk, Dictionary<string, Document> known)
    {
        var writes = new List<Write>(chunk.Count + 1);
        var changed = new List<InteractionRecord>(chunk.Count);
        var replaced = false;
        foreach (var candidate in chunk)
        {
            if (!known.TryGetValue(candidate.DocumentId, out var stored))
            {
                writes.Add(Write.Create(candidate.DocumentId, candidate.Body));
                changed.Add(candidate.Record);
                continue;
            }

            var document = stored.AsInteraction();
            if (Rendering(candidate.Record).SequenceCompareTo(Rendering(document.Record!)) < 0)
            {
                writes.Add(Write.Replace(candidate.DocumentId, BodyOf(candidate.Record, document.By!), stored.ETag));
                changed.Add(candidate.Record);
                replaced = true;
            }
        }

        return (writes, changed, replaced);
    }

    private async Task<EntityState?> RefoldAsync(string partition, List<InteractionRecord> changed, CancellationToken cancellationToken)
    {
        var records = new Dictionary<string, InteractionRecord>(StringComparer.Ordinal);
        await foreach (var document in store.ReadPartitionAsync(Containers.Interactions, partition, Containers.RecordPrefix, cancellationToken))
        {
            var record = document.AsInteraction().Record!;
            records[record.Id] = record;
        }

        foreach (var record in changed)
        {
            records[record.Id] = record;
        }

        return EntityFold.Of(records.Values);
    }

    private static List<Candidate> TakeChunk(List<Candidate> candidates)
    {
        var bytes = 0;
        var count = candidates.Take(RecordsPerCommit).TakeWhile((c, i) => (bytes += c.Body.Length) <= BytesPerCommit || i == 0).Count();
        var chunk = candidates.GetRange(0, count);
        candidates.RemoveRange(0, count);
        return chunk;
    }

    private static InteractionRecord SmallestRendering(List<InteractionRecord> same) => same.Count == 1
        ? same[0]
        : same.Aggregate((smallest, other) => Rendering(other).SequenceCompareTo(Rendering(smallest)) < 0 ? other : smallest);

    private static ReadOnlySpan<byte> Rendering(InteractionRecord record) => record.ToBody(DocumentJson.Default.InteractionRecord).Span;

    private static ReadOnlyMemory<byte> BodyOf(InteractionRecord record, string by) =>
        new InteractionDocument { Record = record, By = by }.ToBody(DocumentJson.Default.InteractionDocument);

    private sealed class Candidate(string deliveryId, InteractionRecord record)
    {
        public string DeliveryId => deliveryId;

        public InteractionRecord Record => record;

        public string DocumentId { get; } = Containers.RecordPrefix + record.Id;

        public ReadOnlyMemory<byte> Body { get; } = BodyOf(record, deliveryId);
    }
}
