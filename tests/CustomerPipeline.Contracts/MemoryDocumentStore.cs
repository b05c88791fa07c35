using System.Globalization;
using System.Runtime.CompilerServices;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.Contracts;

/// <summary>
/// The document port in memory, for tests that run a protocol thousands of times from the beginning. It passes the same contract as the real adapters.
/// </summary>
public sealed class MemoryDocumentStore : IDocumentStore
{
    private readonly SortedDictionary<(string Container, string Partition, string Id), Document> _documents = new(Comparer<(string Container, string Partition, string Id)>.Create(Compare));
    private readonly Dictionary<(string Container, string Partition, string Id), int> _versions = [];

    public ValueTask<Document?> ReadAsync(string container, string partition, string id, CancellationToken cancellationToken)
    {
        lock (_documents)
        {
            return ValueTask.FromResult(_documents.GetValueOrDefault((container, partition, id)));
        }
    }

    public ValueTask<IReadOnlyList<Document?>> ReadManyAsync(string container, IReadOnlyList<DocumentKey> keys, CancellationToken cancellationToken)
    {
        lock (_documents)
        {
            return ValueTask.FromResult<IReadOnlyList<Document?>>([.. keys.Select(k => _documents.GetValueOrDefault((container, k.Partition, k.Id)))]);
        }
    }

    public IAsyncEnumerable<Document> ReadPartitionAsync(string container, string partition, string idPrefix, CancellationToken cancellationToken) =>
        Some(d => d.Key.Container == container && d.Key.Partition == partition && d.Key.Id.StartsWith(idPrefix, StringComparison.Ordinal), cancellationToken);

    public IAsyncEnumerable<Document> ScanAsync(string container, CancellationToken cancellationToken) => Some(d => d.Key.Container == container, cancellationToken);

    public IAsyncEnumerable<Document> ReadAcrossAsync(string container, string id, string from, CancellationToken cancellationToken) =>
        Some(d => d.Key.Container == container && d.Key.Id == id && string.CompareOrdinal(d.Key.Partition, from) >= 0, cancellationToken);

    public ValueTask<CommitResult> CommitAsync(string container, string partition, IReadOnlyList<Write> writes, CancellationToken cancellationToken)
    {
        CommitLimits.Check(writes);
        lock (_documents)
        {
            foreach (var write in writes)
            {
                var known = _documents.GetValueOrDefault((container, partition, write.Id));
                var holds = write.Kind switch
                {
                    WriteKind.Create => known is null,
                    WriteKind.Replace => known is not null && known.ETag == write.ETag,
                    WriteKind.Delete => write.ETag is null || known?.ETag == write.ETag,
                    _ => true,
                };
                if (!holds)
                {
                    return ValueTask.FromResult(CommitResult.Conflict(write.Id));
                }
            }

            foreach (var write in writes)
            {
                if (write.Kind == WriteKind.Delete)
                {
                    _documents.Remove((container, partition, write.Id));
                }
                else
                {
                    // Versions are counted by document, so that a state does not depend on the order of writes that have nothing to do with each other.
                    var version = _versions[(container, partition, write.Id)] = _versions.GetValueOrDefault((container, partition, write.Id)) + 1;
                    _documents[(container, partition, write.Id)] = new Document(partition, write.Id, version.ToString(CultureInfo.InvariantCulture), write.Body);
                }
            }

            return ValueTask.FromResult(CommitResult.Committed);
        }
    }

    /// <summary>Everything in the store, in the order of its places.</summary>
    public IReadOnlyDictionary<(string Container, string Partition, string Id), Document> Documents => _documents;

    private static int Compare((string Container, string Partition, string Id) left, (string Container, string Partition, string Id) right)
    {
        var container = string.CompareOrdinal(left.Container, right.Container);
        var partition = container != 0 ? container : string.CompareOrdinal(left.Partition, right.Partition);
        return partition != 0 ? partition : string.CompareOrdinal(left.Id, right.Id);
    }

    private async IAsyncEnumerable<Document> Some(Func<KeyValuePair<(string Container, string Partition, string Id), Document>, bool> which, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<Document> documents;
        lock (_documents)
        {
            documents = [.. _documents.Where(which).Select(d => d.Value)];
        }

        foreach (var document in documents)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return document;
        }

        await Task.CompletedTask;
    }
}
