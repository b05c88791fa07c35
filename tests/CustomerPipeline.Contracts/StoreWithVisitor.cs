using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.Contracts;

/// <summary>A store in whose users' midst somebody else does something, once: just before a call of theirs.</summary>
/// <param name="store">The store.</param>
/// <param name="call">Before which of their calls, counted from 0.</param>
/// <param name="visit">What is done.</param>
public sealed class StoreWithVisitor(IDocumentStore store, int call, Func<Task> visit) : IDocumentStore
{
    private int _calls;

    public async ValueTask<Document?> ReadAsync(string container, string partition, string id, CancellationToken cancellationToken)
    {
        await VisitAsync();
        return await store.ReadAsync(container, partition, id, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<Document?>> ReadManyAsync(string container, IReadOnlyList<DocumentKey> keys, CancellationToken cancellationToken)
    {
        await VisitAsync();
        return await store.ReadManyAsync(container, keys, cancellationToken);
    }

    public async IAsyncEnumerable<Document> ReadPartitionAsync(string container, string partition, string idPrefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await VisitAsync();
        await foreach (var document in store.ReadPartitionAsync(container, partition, idPrefix, cancellationToken))
        {
            yield return document;
        }
    }

    public async IAsyncEnumerable<Document> ScanAsync(string container, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await VisitAsync();
        await foreach (var document in store.ScanAsync(container, cancellationToken))
        {
            yield return document;
        }
    }

    public async IAsyncEnumerable<Document> ReadAcrossAsync(string container, string id, string from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await VisitAsync();
        await foreach (var document in store.ReadAcrossAsync(container, id, from, cancellationToken))
        {
            yield return document;
        }
    }

    public async ValueTask<CommitResult> CommitAsync(string container, string partition, IReadOnlyList<Write> writes, CancellationToken cancellationToken)
    {
        await VisitAsync();
        return await store.CommitAsync(container, partition, writes, cancellationToken);
    }

    private Task VisitAsync() => Interlocked.Increment(ref _calls) == call + 1 ? visit() : Task.CompletedTask;
}
