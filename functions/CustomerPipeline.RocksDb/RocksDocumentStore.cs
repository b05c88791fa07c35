using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.RocksDb;

/// <summary>Documents on RocksDB. A document's ETag is the sequence number of the write that made it; the change feed is a key range by that number.</summary>
public sealed class RocksDocumentStore(RocksEngine engine) : IDocumentStore
{
    public ValueTask<Document?> ReadAsync(string container, string partition, string id, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Read(container, partition, id));

    public ValueTask<IReadOnlyList<Document?>> ReadManyAsync(string container, IReadOnlyList<DocumentKey> keys, CancellationToken cancellationToken)
    {
        var documents = new Document?[keys.Count];
        for (var i = 0; i < keys.Count; i++)
        {
            documents[i] = Read(container, keys[i].Partition, keys[i].Id);
        }

        return ValueTask.FromResult<IReadOnlyList<Document?>>(documents);
    }

    public async IAsyncEnumerable<Document> ReadPartitionAsync(
        string container, string partition, string idPrefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var document in Range(RocksKeys.Document(container, partition, idPrefix)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return document;
        }

        await Task.CompletedTask;
    }

    public async IAsyncEnumerable<Document> ReadPartitionAsync(
        string container, string partition, string idPrefix, string afterId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Where the id is none of the prefix, it stands before all of its documents or behind them.
        var isWithin = afterId.StartsWith(idPrefix, StringComparison.Ordinal);
        if (!isWithin && string.CompareOrdinal(afterId, idPrefix) > 0)
        {
            yield break;
        }

        var first = RocksKeys.Document(container, partition, isWithin ? afterId : idPrefix);
        foreach (var document in Range(first, RocksKeys.Document(container, partition, idPrefix)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (document.Id != afterId)
            {
                yield return document;
            }
        }

        await Task.CompletedTask;
    }

    public IAsyncEnumerable<Document> ScanAsync(string container, CancellationToken cancellationToken) => ScanAsync(container, "", cancellationToken);

    public async IAsyncEnumerable<Document> ScanAsync(string container, string fromPartition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var document in Range(RocksKeys.FirstOf(container, fromPartition), [RocksKeys.ContainerNumber(container)]))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return document;
        }

        await Task.CompletedTask;
    }

    public async IAsyncEnumerable<Document> ReadAcrossAsync(string container, string id, string from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (key, value) in engine.Entries(engine.DocumentsFamily, RocksKeys.FirstOf(container, from), [RocksKeys.ContainerNumber(container)], RocksKeys.EndOf(id)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return ToDocument(RocksKeys.PartitionAndId(key.AsSpan(1)).Partition, id, value);
        }

        await Task.CompletedTask;
    }

    public ValueTask<CommitResult> CommitAsync(string container, string partition, IReadOnlyList<Write> writes, CancellationToken cancellationToken)
    {
        CommitLimits.Check(writes);
        var commit = new DocumentCommit(engine, container, partition, writes);
        engine.Submit(commit);
        return new ValueTask<CommitResult>(commit.Result);
    }

    internal static Document ToDocument(string partition, string id, byte[] value) =>
        new(partition, id, ETagOf(BinaryPrimitives.ReadInt64BigEndian(value)), value.AsMemory(8));

    internal static string ETagOf(long sequence) => sequence.ToString(CultureInfo.InvariantCulture);

    private Document? Read(string container, string partition, string id) =>
        engine.ReadDocument(RocksKeys.Document(container, partition, id)) is { } value ? ToDocument(partition, id, value) : null;

    private IEnumerable<Document> Range(byte[] prefix) => Range(prefix, prefix);

    private IEnumerable<Document> Range(byte[] from, byte[] prefix)
    {
        foreach (var (key, value) in engine.Entries(engine.DocumentsFamily, from, prefix))
        {
            var (partition, id) = RocksKeys.PartitionAndId(key.AsSpan(1));
            yield return ToDocument(partition, id, value);
        }
    }

    /// <summary>Checks its conditions and writes, on the writer thread.</summary>
    private sealed class DocumentCommit(RocksEngine engine, string container, string partition, IReadOnlyList<Write> writes) : PendingChange
    {
        private readonly TaskCompletionSource<CommitResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private CommitResult _decision;

        public Task<CommitResult> Result => _result.Task;

        public override void Apply(WriteGroup group)
        {
            var keys = new byte[writes.Count][];
            Span<long> sequences = stackalloc long[writes.Count];
            for (var i = 0; i < writes.Count; i++)
            {
                keys[i] = RocksKeys.Document(container, partition, writes[i].Id);
                sequences[i] = group.SequenceOf(keys[i]);
                if (!Holds(writes[i], sequences[i]))
                {
                    _decision = CommitResult.Conflict(writes[i].Id);
                    return;
                }
            }

            var containerNumber = keys[0][0];
            var range = RocksKeys.RangeOf(partition);
            group.MustSync = true;
            var feeds = false;
            var described = Containers.Of(container);
            for (var i = 0; i < writes.Count; i++)
            {
                var isFed = described.HasChangeFeed && described.KindOf(partition, writes[i].Id) is { IsFed: true };
                feeds |= isFed;
                Put(group, containerNumber, range, keys[i], writes[i], sequences[i], isFed);
            }

            if (feeds)
            {
                group.Signals.Add(Feeds.Of(engine, container)!);
            }
        }

        public override void Complete() => _result.TrySetResult(_decision);

        public override void Fail(Exception exception) => _result.TrySetException(exception);

        private static bool Holds(Write write, long sequence) => write.Kind switch
        {
            WriteKind.Create => sequence == 0,
            WriteKind.Replace => sequence != 0 && ETagOf(sequence) == write.ETag,
            WriteKind.Delete => write.ETag is null || ETagOf(sequence) == write.ETag,
            _ => true,
        };

        private void Put(WriteGroup group, byte containerNumber, int range, byte[] key, Write write, long oldSequence, bool isFed)
        {
            if (isFed && oldSequence != 0)
            {
                group.Batch.Delete(engine.FeedFamily, RocksKeys.Feed(containerNumber, range, oldSequence));
            }

            if (write.Kind == WriteKind.Delete)
            {
                group.Batch.Delete(engine.DocumentsFamily, key);
                group.Remember(key, 0);
                return;
            }

            var sequence = ++engine.Sequence;
            group.Remember(key, sequence);
            Span<byte> number = stackalloc byte[8];
            BinaryPrimitives.WriteInt64BigEndian(number, sequence);
            group.Batch.Put(engine.DocumentsFamily, key, number, write.Body.Span);
            if (isFed)
            {
                // The entry: when it was written, and where the document is.
                BinaryPrimitives.WriteInt64BigEndian(number, engine.Clock.GetUtcNow().UtcTicks);
                group.Batch.Put(engine.FeedFamily, RocksKeys.Feed(containerNumber, range, sequence), number, key.AsSpan(1));
            }
        }
    }
}
