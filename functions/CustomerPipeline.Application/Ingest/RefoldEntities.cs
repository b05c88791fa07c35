using System.Collections.Concurrent;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Ingest;

/// <summary>What became of the states of all entities.</summary>
/// <param name="Mended">How many states were not what follows from their records; they are now.</param>
/// <param name="Left">Documents in the way: records that cannot be read, or a state whose records are gone. Their states stay as they are.</param>
public sealed record Refolded(long Mended, IReadOnlyList<string> Left);

/// <summary>
/// Every entity's state as this program folds it from the records. A state is stored with its entity, and stays what the program made of it that took the last record in:
/// where records are read or folded otherwise now, where a state is damaged, or a record was put back by hand, it is to be made anew.
/// </summary>
public sealed class RefoldEntities(IDocumentStore store)
{
    private const int EntitiesAtOnce = 200;

    /// <param name="each">Is given every state as it is then, several at once.</param>
    /// <param name="progress">Is told how many documents have been looked at.</param>
    /// <param name="cancellationToken">Stops the work; what was mended stays.</param>
    public async Task<Refolded> RunAsync(Action<EntityState> each, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var left = new ConcurrentBag<string>();
        var (mended, seen) = (0L, 0L);
        await Parallel.ForEachAsync(
            store.ScanByPartitionAsync(Containers.Interactions, cancellationToken).Chunk(EntitiesAtOnce), cancellationToken,
            async (entities, token) =>
            {
                foreach (var entity in entities)
                {
                    var (state, isMended) = await RefoldAsync(entity, left, token);
                    if (state is not null)
                    {
                        each(state);
                    }

                    Interlocked.Add(ref mended, isMended ? 1 : 0);
                }

                progress?.Report(Interlocked.Add(ref seen, entities.Sum(e => e.Count)));
            });
        return new Refolded(mended, [.. left.Order(StringComparer.Ordinal)]);
    }

    /// <summary>The same of one entity.</summary>
    /// <returns>Whether its state was not what follows from its records, and is now.</returns>
    public async Task<bool> RefoldAsync(string partition, CancellationToken cancellationToken)
    {
        var entity = await ReadAsync(partition, cancellationToken);
        return entity.Count > 0 && (await RefoldAsync(entity, [], cancellationToken)).IsMended;
    }

    private async Task<(EntityState? State, bool IsMended)> RefoldAsync(IReadOnlyList<Document> entity, ConcurrentBag<string> left, CancellationToken cancellationToken)
    {
        var partition = entity[0].Partition;
        while (true)
        {
            var document = entity.FirstOrDefault(d => d.Id == Containers.StateId);
            var stored = document?.ReadOrNull(StoredInteractions.AsInteraction);
            if (TryFold(entity, left) is not { } state || (stored?.State is { } before && TypedDocuments.AreAlike(before, state, DocumentJson.Default.EntityState)))
            {
                return (stored?.State, false);
            }

            var next = new InteractionDocument { State = state, Revision = (stored?.Revision ?? 0) + 1, Trace = StageTelemetry.Trace };
            var write = Write.CreateOrReplace(Containers.StateId, next.ToBody(DocumentJson.Default.InteractionDocument), document?.ETag);
            if ((await store.CommitAsync(Containers.Interactions, partition, [write], cancellationToken)).IsCommitted)
            {
                return (state, true);
            }

            // Somebody put a record in meanwhile, onto a state that may not be right either.
            entity = await ReadAsync(partition, cancellationToken);
        }
    }

    private ValueTask<List<Document>> ReadAsync(string partition, CancellationToken cancellationToken) =>
        store.ReadPartitionAsync(Containers.Interactions, partition, "", cancellationToken).ToListAsync(cancellationToken);

    // Null where the records do not tell.
    private static EntityState? TryFold(IReadOnlyList<Document> entity, ConcurrentBag<string> left)
    {
        var records = new List<InteractionRecord>(entity.Count);
        foreach (var document in entity.Where(d => d.Id != Containers.StateId))
        {
            if (document.ReadOrNull(StoredInteractions.AsInteraction)?.Record is not { } record)
            {
                left.Add($"{Containers.Interactions}/{document.Partition}/{document.Id}");
                return null;
            }

            records.Add(record);
        }

        if (records.Count == 0)
        {
            left.Add($"{Containers.Interactions}/{entity[0].Partition}/{entity[0].Id}");
        }

        return EntityFold.Of(records);
    }
}
