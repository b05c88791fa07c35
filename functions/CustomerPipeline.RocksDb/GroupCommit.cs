using CustomerPipeline.RocksDb.Native;

namespace CustomerPipeline.RocksDb;

/// <summary>A change of the store that waits for its turn. It runs on the one writer thread, so that it may read, decide and write without locks.</summary>
internal abstract class PendingChange
{
    /// <summary>Adds its writes to the group, or decides that it writes nothing.</summary>
    /// <exception cref="Application.Documents.CorruptDocumentException">A document it depends on is damaged; nothing was added.</exception>
    public abstract void Apply(WriteGroup group);

    /// <summary>The group is durable.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception exception);
}

/// <summary>The changes that one synced write makes durable together.</summary>
internal sealed class WriteGroup(RocksEngine engine) : IDisposable
{
    /// <summary>Sequence numbers of documents that this group wrote (0: deleted), by key: what a later change of the group has to see.</summary>
    private readonly Dictionary<byte[], long> _written = new(KeyComparer.Instance);

    public RocksBatch Batch { get; } = new();

    /// <summary>Whether anything in the group must survive a power cut at once. What may come back (an acknowledgement) need not.</summary>
    public bool MustSync { get; set; }

    public HashSet<object> Signals { get; } = [];

    public RocksEngine Engine => engine;

    /// <summary>The sequence number of a document as this group will leave it; 0 when there is none.</summary>
    public long SequenceOf(byte[] key) => _written.TryGetValue(key, out var sequence) ? sequence : engine.ReadSequence(key);

    public void Remember(byte[] key, long sequence) => _written[key] = sequence;

    public void Clear()
    {
        Batch.Clear();
        _written.Clear();
        Signals.Clear();
        MustSync = false;
    }

    public void Dispose() => Batch.Dispose();

    private sealed class KeyComparer : IEqualityComparer<byte[]>
    {
        public static KeyComparer Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] key)
        {
            var hash = default(HashCode);
            hash.AddBytes(key);
            return hash.ToHashCode();
        }
    }
}

/// <summary>Wakes whoever waits for new documents or messages.</summary>
internal sealed class CommitSignal
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next commit after this call.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Pulse() => Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
