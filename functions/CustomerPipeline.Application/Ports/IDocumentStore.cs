using CustomerPipeline.Application.Documents;

namespace CustomerPipeline.Application.Ports;

/// <summary>
/// Documents in containers and partitions, with the semantics that Cosmos DB and the embedded store share. Bodies are UTF-8 JSON objects.
/// Ids and partition keys have none of <c>/ \ ? #</c> and no control characters. Infrastructure faults are exceptions; races are values.
/// </summary>
public interface IDocumentStore
{
    /// <summary>The latest version of a document; null when there is none.</summary>
    ValueTask<Document?> ReadAsync(string container, string partition, string id, CancellationToken cancellationToken);

    /// <summary>The latest versions of several documents, in the order of the keys; null where there is none. Not a snapshot: something may be written between one and the next.</summary>
    ValueTask<IReadOnlyList<Document?>> ReadManyAsync(string container, IReadOnlyList<DocumentKey> keys, CancellationToken cancellationToken);

    /// <summary>The documents of a partition whose ids start with a prefix, in ordinal order of id. Not a snapshot: writes may be seen midway.</summary>
    IAsyncEnumerable<Document> ReadPartitionAsync(string container, string partition, string idPrefix, CancellationToken cancellationToken);

    /// <summary>
    /// The documents of a partition whose ids start with a prefix and come behind an id, in ordinal order of id. An adapter begins at that id, so that the
    /// cost is that of the documents that are taken; a store that does not implement this reads those before as well.
    /// </summary>
    /// <param name="container">The container.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="idPrefix">What the ids start with.</param>
    /// <param name="afterId">The id, whether there is such a document or not; empty for all.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    IAsyncEnumerable<Document> ReadPartitionAsync(string container, string partition, string idPrefix, string afterId, CancellationToken cancellationToken) =>
        ReadPartitionAsync(container, partition, idPrefix, cancellationToken).Where(d => string.CompareOrdinal(d.Id, afterId) > 0);

    /// <summary>Every document of a container, partition by partition, in order of id within each.</summary>
    IAsyncEnumerable<Document> ScanAsync(string container, CancellationToken cancellationToken);

    /// <summary>
    /// Every document of a container from a partition on, in ordinal order of partition and id. The cost is that of the documents that are taken, as above.
    /// </summary>
    /// <param name="container">The container.</param>
    /// <param name="fromPartition">The first partition, whether there is such a one or not; empty for all.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    IAsyncEnumerable<Document> ScanAsync(string container, string fromPartition, CancellationToken cancellationToken) =>
        ScanAsync(container, cancellationToken).Where(d => string.CompareOrdinal(d.Partition, fromPartition) >= 0);

    /// <summary>The documents of one id, of which each partition has one or none, in ordinal order of partition.</summary>
    /// <param name="container">The container.</param>
    /// <param name="id">The id.</param>
    /// <param name="from">The first partition to look at, whether there is such a one or not; empty for all.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    IAsyncEnumerable<Document> ReadAcrossAsync(string container, string id, string from, CancellationToken cancellationToken);

    /// <summary>
    /// All writes or none, durable when it returns. At most <see cref="CommitLimits.Writes"/> writes of <see cref="CommitLimits.Bytes"/> together, each id at most once.
    /// </summary>
    /// <returns>Committed, or the first write whose condition did not hold: a create of what exists, a replace or delete of another version.</returns>
    ValueTask<CommitResult> CommitAsync(string container, string partition, IReadOnlyList<Write> writes, CancellationToken cancellationToken);
}

public static class CommitLimits
{
    public const int Writes = 100;

    public const int Bytes = 2 * 1024 * 1024;

    /// <summary>Refuses what no adapter could commit.</summary>
    /// <exception cref="ArgumentException">There are no writes, or too many, or they are too large.</exception>
    public static void Check(IReadOnlyList<Write> writes)
    {
        if (writes.Count is 0 or > Writes || writes.Sum(w => (long)w.Body.Length) > Bytes)
        {
            throw new ArgumentException($"A commit has 1 to {Writes} writes of {Bytes} bytes together.", nameof(writes));
        }
    }
}

public enum WriteKind
{
    Create,
    Replace,
    Upsert,
    Delete,
}

/// <summary>One write of a commit. A replace has the ETag it expects; a delete may have one.</summary>
public readonly record struct Write(WriteKind Kind, string Id, ReadOnlyMemory<byte> Body, string? ETag)
{
    public static Write Create(string id, ReadOnlyMemory<byte> body) => new(WriteKind.Create, id, body, null);

    public static Write Replace(string id, ReadOnlyMemory<byte> body, string etag) => new(WriteKind.Replace, id, body, etag);

    public static Write Upsert(string id, ReadOnlyMemory<byte> body) => new(WriteKind.Upsert, id, body, null);

    public static Write Delete(string id, string? etag = null) => new(WriteKind.Delete, id, default, etag);

    /// <summary>Create where nothing was read, replace of the version that was read.</summary>
    public static Write CreateOrReplace(string id, ReadOnlyMemory<byte> body, string? etag) => etag is null ? Create(id, body) : Replace(id, body, etag);
}

/// <summary>What became of a commit.</summary>
/// <param name="ConflictingId">Null when committed; else the id of the write whose condition did not hold.</param>
public readonly record struct CommitResult(string? ConflictingId)
{
    public bool IsCommitted => ConflictingId is null;

    public static CommitResult Committed => default;

    public static CommitResult Conflict(string id) => new(id);
}
