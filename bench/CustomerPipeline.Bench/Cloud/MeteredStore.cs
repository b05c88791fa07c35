using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.Bench.Cloud;

/// <summary>What was asked of one container.</summary>
internal sealed class ContainerUse
{
    public long Calls { get; set; }

    public long Reads { get; set; }

    public long Writes { get; set; }

    public double Units { get; set; }

    /// <summary>Documents that came into the change feed.</summary>
    public long Changed { get; set; }

    /// <summary>Of the partition that was charged most.</summary>
    public Dictionary<string, double> UnitsByPartition { get; } = new(StringComparer.Ordinal);
}

/// <summary>A store that counts what Cosmos DB would charge for the same calls.</summary>
internal sealed class MeteredStore(IDocumentStore store) : IDocumentStore
{
    private readonly ConcurrentDictionary<(string Container, string Partition, string Id), byte> _known = new();
    private readonly Lock _gate = new();
    private Dictionary<string, ContainerUse> _uses = new(StringComparer.Ordinal);

    /// <summary>What was asked since the last time, by container.</summary>
    public Dictionary<string, ContainerUse> Take()
    {
        lock (_gate)
        {
            var taken = _uses;
            _uses = new(StringComparer.Ordinal);
            return taken;
        }
    }

    public async ValueTask<Document?> ReadAsync(string container, string partition, string id, CancellationToken cancellationToken)
    {
        var document = await store.ReadAsync(container, partition, id, cancellationToken);
        Count(container, partition, 1, 1, 0, RequestUnits.Read(document?.Body.Length ?? 0));
        return document;
    }

    public async ValueTask<IReadOnlyList<Document?>> ReadManyAsync(string container, IReadOnlyList<DocumentKey> keys, CancellationToken cancellationToken)
    {
        var documents = await store.ReadManyAsync(container, keys, cancellationToken);
        foreach (var partition in keys.Zip(documents).GroupBy(k => k.First.Partition))
        {
            Count(container, partition.Key, 0, partition.Count(), 0, partition.Sum(k => RequestUnits.Read(k.Second?.Body.Length ?? 0)));
        }

        Count(container, "", 1, 0, 0, 0);
        return documents;
    }

    public async IAsyncEnumerable<Document> ReadPartitionAsync(string container, string partition, string idPrefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (count, units) = (0, 0.0);
        await foreach (var document in store.ReadPartitionAsync(container, partition, idPrefix, cancellationToken))
        {
            count++;
            units += RequestUnits.Read(document.Body.Length);
            yield return document;
        }

        Count(container, partition, 1, count, 0, Math.Max(units, RequestUnits.Read(0)));
    }

    public IAsyncEnumerable<Document> ScanAsync(string container, CancellationToken cancellationToken) => store.ScanAsync(container, cancellationToken);

    public IAsyncEnumerable<Document> ReadAcrossAsync(string container, string id, string from, CancellationToken cancellationToken) => store.ReadAcrossAsync(container, id, from, cancellationToken);

    public async ValueTask<CommitResult> CommitAsync(string container, string partition, IReadOnlyList<Write> writes, CancellationToken cancellationToken)
    {
        var units = writes.Sum(w => UnitsOf(container, partition, w));
        var result = await store.CommitAsync(container, partition, writes, cancellationToken);
        if (result.IsCommitted)
        {
            foreach (var write in writes)
            {
                _known[(container, partition, write.Id)] = 0;
            }
        }

        Count(container, partition, 1, 0, writes.Count, units);
        if (result.IsCommitted && Containers.Of(container).HasChangeFeed)
        {
            // Every changed document is read twice, whether the next stage works on it or not: by the trigger that calls the stage, and by the stage (docs/decisions/0038).
            Count(container, "", 0, 2 * writes.Count, 0, 2 * writes.Sum(w => RequestUnits.Read(w.Body.Length)), writes.Count);
        }

        return result;
    }

    private double UnitsOf(string container, string partition, Write write) => write.Kind switch
    {
        WriteKind.Create => RequestUnits.Create(write.Body.Length),
        WriteKind.Upsert when !_known.ContainsKey((container, partition, write.Id)) => RequestUnits.Create(write.Body.Length),
        WriteKind.Delete => RequestUnits.Create(0),
        _ => RequestUnits.Replace(write.Body.Length),
    };

    private void Count(string container, string partition, int calls, int reads, int writes, double units, int changed = 0)
    {
        lock (_gate)
        {
            if (!_uses.TryGetValue(container, out var use))
            {
                _uses[container] = use = new ContainerUse();
            }

            use.Calls += calls;
            use.Reads += reads;
            use.Writes += writes;
            use.Units += units;
            use.Changed += changed;
            use.UnitsByPartition[partition] = use.UnitsByPartition.GetValueOrDefault(partition) + units;
        }
    }
}
