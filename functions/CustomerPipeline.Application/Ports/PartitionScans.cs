using CustomerPipeline.Application.Documents;

namespace CustomerPipeline.Application.Ports;

/// <summary>A container, a partition at a time.</summary>
public static class PartitionScans
{
    /// <summary>Every document of a container: those of a partition together, in order of id.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<Document>> ScanByPartitionAsync(
        this IDocumentStore store, string container, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var partition = new List<Document>();
        await foreach (var document in store.ScanAsync(container, cancellationToken))
        {
            if (partition.Count > 0 && partition[0].Partition != document.Partition)
            {
                yield return partition;
                partition = [];
            }

            partition.Add(document);
        }

        if (partition.Count > 0)
        {
            yield return partition;
        }
    }

    /// <summary>Deletes the documents of a partition whose ids start with a prefix, some at a time.</summary>
    public static async Task DeleteAsync(this IDocumentStore store, string container, string partition, string idPrefix, CancellationToken cancellationToken)
    {
        var ids = store.ReadPartitionAsync(container, partition, idPrefix, cancellationToken).Select(d => d.Id);
        await foreach (var chunk in ids.Chunk(CommitLimits.Writes).WithCancellation(cancellationToken))
        {
            await store.CommitAsync(container, partition, [.. chunk.Select(id => Write.Delete(id))], cancellationToken);
        }
    }
}
