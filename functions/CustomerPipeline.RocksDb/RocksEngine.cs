using System.Buffers.Binary;
using System.Text;
using CustomerPipeline.RocksDb.Native;

namespace CustomerPipeline.RocksDb;

/// <summary>
/// One RocksDB for documents, change feed, queues and archive, and the one thread that writes to it. Changes that arrive while a write is being synced
/// are made durable together by the next one (group commit): fast, and a kill loses nothing that was acknowledged.
/// </summary>
public sealed class RocksEngine : IDisposable, Application.Ports.IShredder
{
    private const string Documents = "documents";
    private const string Feed = "feed";
    private const string Queue = "queue";
    private const string Archive = "archive";
    private const string Meta = "meta";
    private const int LargestGroup = 4_096;
    private const string CheckpointFolder = "checkpoint";

    // New entries of a family are kept in memory up to its size, and up to the first number by all together: each may hold as much as its share of the work needs.
    private static readonly RocksOptions Layout = new()
    {
        AllWriteBuffers = 128 << 20,
        Families =
        [
            new(Documents) { IsLookedUp = true, WriteBuffer = 64 << 20 },
            new(Feed) { WriteBuffer = 16 << 20 },
            new(Queue) { WriteBuffer = 64 << 20 },
            new(Archive) { WriteBuffer = 64 << 20 },
            new(Meta) { WriteBuffer = 8 << 20 },
        ],
    };

    // One more whenever keys or values are written in a way that an earlier program would misread.
    private const long Format = 2;

    private static readonly TimeSpan TrimEvery = TimeSpan.FromSeconds(30);

    private static readonly byte[] FormatKey = Encoding.UTF8.GetBytes("format");
    private static readonly byte[] PurgedKey = Encoding.UTF8.GetBytes("purged");
    private static readonly byte[] SequenceKey = Encoding.UTF8.GetBytes("sequence");

    private static readonly byte[] WritesKey = Encoding.UTF8.GetBytes("writes");

    private readonly string _folder;
    private readonly RocksDatabase _db;
    private readonly AcknowledgedWrites _acknowledged;
    private readonly Thread _writer;
    private readonly Timer _trim;
    private readonly object _gate = new();
    private List<PendingChange> _pending = [];
    private long _writes;
    private bool _isStopping;
    private DataFolderException? _fault;

    private RocksEngine(string folder, RocksDatabase db, TimeProvider clock)
    {
        _folder = folder;
        _db = db;
        Clock = clock;
        DocumentsFamily = db[Documents];
        FeedFamily = db[Feed];
        QueueFamily = db[Queue];
        ArchiveFamily = db[Archive];
        MetaFamily = db[Meta];
        Sequence = db.Get(MetaFamily, SequenceKey) is { } stored ? BinaryPrimitives.ReadInt64BigEndian(stored) : 0;
        _writes = WritesOf(db);
        _acknowledged = AcknowledgedWrites.Open(folder);
        _writer = new Thread(WriteGroups) { IsBackground = true, Name = "store-writer" };
        _writer.Start();
        _trim = new Timer(_ => NativeMemory.Trim(), null, TrimEvery, TrimEvery);
    }

    internal TimeProvider Clock { get; }

    internal RocksDatabase Db => _db;

    internal RocksFamily DocumentsFamily { get; }

    internal RocksFamily FeedFamily { get; }

    internal RocksFamily QueueFamily { get; }

    internal RocksFamily ArchiveFamily { get; }

    internal RocksFamily MetaFamily { get; }

    /// <summary>The last sequence number given to a document version. Only the writer thread changes it.</summary>
    internal long Sequence { get; set; }

    /// <summary>Loads the native library, which takes longer than to open a store: a program that will need it begins with this while it does other things.</summary>
    public static void Prepare() => RocksLibrary.Load();

    /// <summary>Whether a folder holds a store, whatever its state.</summary>
    public static bool IsStore(string folder) => StoreFolder.IsStore(folder);

    /// <summary>Where a copy of a folder's store is made (<see cref="CheckpointAsync"/>).</summary>
    public static string CheckpointOf(string folder) => Path.Combine(folder, CheckpointFolder);

    private static void DeleteCheckpoint(string folder)
    {
        if (Directory.Exists(CheckpointOf(folder)))
        {
            Directory.Delete(CheckpointOf(folder), recursive: true);
        }
    }

    /// <summary>Opens or creates a store.</summary>
    /// <exception cref="DataFolderException">The folder cannot be used; the message says why and what to do.</exception>
    public static RocksEngine Open(string folder, TimeProvider clock)
    {
        NativeMemory.ShareHeaps();
        try
        {
            var options = Layout with { MayCreate = StoreFolder.Prepare(folder), Recovery = LogRecovery.Whole };
            var acknowledged = AcknowledgedWrites.Read(folder);
            var db = OpenAcknowledged(folder, options, acknowledged);
            try
            {
                if (WritesOf(db) is var writes && writes < acknowledged)
                {
                    throw DataFolderException.OfLostWrites(folder, acknowledged - writes, AcknowledgedWrites.FileName, null);
                }

                CheckFormat(folder, db);
                return new RocksEngine(folder, db, clock);
            }
            catch
            {
                db.Dispose();
                throw;
            }
        }
        catch (Exception e) when (DataFolderException.IsStorageFault(e))
        {
            throw DataFolderException.From(folder, e);
        }
    }

    // A kill, or a power cut, may leave an incomplete entry at the end of the log. That is a write which was not acknowledged, or the log is damaged: the
    // number of acknowledged writes decides, before any file is changed.
    private static RocksDatabase OpenAcknowledged(string folder, RocksOptions options, long acknowledged)
    {
        try
        {
            return RocksDatabase.Open(folder, options);
        }
        catch (RocksDbException e) when (DataFolderException.IsDamage(e) && !options.MayCreate)
        {
            var upToDamage = options with { Recovery = LogRecovery.UpToDamage };
            using (var readable = RocksDatabase.OpenForReading(folder, upToDamage))
            {
                if (WritesOf(readable) is var writes && writes < acknowledged)
                {
                    throw DataFolderException.OfLostWrites(folder, acknowledged - writes, AcknowledgedWrites.FileName, e);
                }
            }

            return RocksDatabase.Open(folder, upToDamage);
        }
    }

    private static long WritesOf(RocksDatabase db) => db.Get(db[Meta], WritesKey) is { } stored ? BinaryPrimitives.ReadInt64BigEndian(stored) : 0;

    // A store of an earlier program opens here; one of a later program must not be written to by this one.
    private static void CheckFormat(string folder, RocksDatabase db)
    {
        var meta = db[Meta];
        var stored = db.Get(meta, FormatKey) is { } bytes ? BinaryPrimitives.ReadInt64BigEndian(bytes) : 0;
        if (stored > Format)
        {
            throw DataFolderException.OfNewerProgram(folder, stored, Format);
        }

        if (stored < Format)
        {
            using var batch = new RocksBatch();
            ScheduledMessages.AddHeaders(db, db[Queue], batch);
            batch.Put(meta, FormatKey, RocksKeys.Number(Format));
            db.Write(batch, isSynced: true);
        }
    }

    /// <summary>Hands a change to the writer.</summary>
    internal void Submit(PendingChange change)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isStopping, this);
            if (_fault is null)
            {
                _pending.Add(change);
                if (_pending.Count == 1)
                {
                    Monitor.Pulse(_gate);
                }

                return;
            }
        }

        change.Fail(_fault);
    }

    /// <summary>Makes a change without conditions.</summary>
    internal Task SubmitAsync(Action<WriteGroup> apply)
    {
        var change = new PlainChange(apply);
        Submit(change);
        return change.Done;
    }

    /// <summary>The sequence number of a document's stored version; 0 when there is none.</summary>
    /// <exception cref="Application.Documents.CorruptDocumentException">The file that it is in is damaged there.</exception>
    internal long ReadSequence(byte[] key)
    {
        try
        {
            using var value = _db.Find(DocumentsFamily, key);
            return value.IsFound ? BinaryPrimitives.ReadInt64BigEndian(value.Bytes) : 0;
        }
        catch (RocksDbException e) when (DataFolderException.IsDamage(e))
        {
            throw Damaged(key, e);
        }
    }

    /// <summary>A stored document; null when there is none.</summary>
    /// <exception cref="Application.Documents.CorruptDocumentException">The file that it is in is damaged there.</exception>
    internal byte[]? ReadDocument(byte[] key)
    {
        try
        {
            return _db.Get(DocumentsFamily, key);
        }
        catch (RocksDbException e) when (DataFolderException.IsDamage(e))
        {
            throw Damaged(key, e);
        }
    }

    /// <summary>All entries whose keys begin so, in order.</summary>
    internal IEnumerable<(byte[] Key, byte[] Value)> Entries(RocksFamily family, byte[] prefix) => Entries(family, prefix, prefix);

    /// <summary>The entries from a key on whose keys begin so, and end so where that matters, in order.</summary>
    internal IEnumerable<(byte[] Key, byte[] Value)> Entries(RocksFamily family, byte[] from, byte[] prefix, byte[]? suffix = null)
    {
        using var iterator = _db.Iterate(family);
        for (iterator.Seek(from); IsOnEntry(iterator, prefix); iterator.Next())
        {
            if (iterator.Key.EndsWith(suffix))
            {
                yield return (iterator.Key.ToArray(), iterator.Value.ToArray());
            }
        }
    }

    /// <summary>Whether an iterator stands on an entry whose key begins so.</summary>
    /// <exception cref="DataFolderException">A file is damaged there.</exception>
    internal bool IsOnEntry(RocksIterator iterator, ReadOnlySpan<byte> prefix)
    {
        try
        {
            return iterator.IsOnEntry(prefix);
        }
        catch (RocksDbException e)
        {
            throw DataFolderException.From(_folder, e);
        }
    }

    /// <summary>
    /// Drops whole containers, writes some documents into them, and sends consumers of change feeds back to the beginning, in one atomic write. Nothing else may use the store meanwhile.
    /// </summary>
    internal Task ResetAsync(IReadOnlyList<string> containers, IReadOnlyList<(string Container, string Partition, Application.Ports.Write Write)> first, IReadOnlyList<(string Consumer, string Container)> consumers) => SubmitAsync(group =>
    {
        group.MustSync = true;
        foreach (var number in containers.Select(RocksKeys.ContainerNumber))
        {
            group.Batch.DeleteRange(DocumentsFamily, [number], [(byte)(number + 1)]);
            group.Batch.DeleteRange(FeedFamily, [number], [(byte)(number + 1)]);
        }

        foreach (var (container, partition, write) in first)
        {
            group.Batch.Put(DocumentsFamily, RocksKeys.Document(container, partition, write.Id), RocksKeys.Number(++Sequence), write.Body.Span);
        }

        foreach (var (consumer, container) in consumers)
        {
            for (var range = 0; range < RocksKeys.Ranges; range++)
            {
                group.Batch.Delete(MetaFamily, RocksKeys.Place(consumer, container, range));
            }
        }
    });

    /// <summary>
    /// Writes out what is in memory, so that its log goes, and compacts every file. The names of the files' first and last keys are in the manifest, which is
    /// begun anew with every change (<see cref="RocksDatabase"/>).
    /// </summary>
    public Task ShredAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            // A copy that a backup left behind, because it was stopped, holds what is to go.
            DeleteCheckpoint(_folder);
            RocksFamily[] families = [DocumentsFamily, FeedFamily, QueueFamily, ArchiveFamily, MetaFamily];
            _db.Flush(families);
            foreach (var family in families)
            {
                _db.Compact(family);
            }

            // The manifest that the last compaction began still tells what it replaced: one more change, and it is begun without.
            Put(_db, MetaFamily, PurgedKey, Clock.GetUtcNow().UtcTicks);
            _db.Flush(MetaFamily);
        },
        cancellationToken);

    /// <summary>
    /// Makes a copy of the store as it is now, beside it: all that was acknowledged, and perhaps some more. Work goes on meanwhile. The copy of before is deleted.
    /// </summary>
    /// <returns>When it is in the folder that <see cref="CheckpointOf"/> names. Files that do not change any more are links to those of the store, and keep their names.</returns>
    /// <exception cref="DataFolderException">It cannot be written.</exception>
    public async Task CheckpointAsync(CancellationToken cancellationToken)
    {
        var acknowledged = 0L;
        await SubmitAsync(_ => acknowledged = _writes);
        await Task.Run(
            () =>
            {
                try
                {
                    DeleteCheckpoint(_folder);
                    var folder = CheckpointOf(_folder);
                    _db.Checkpoint(folder);
                    using var number = AcknowledgedWrites.Open(folder);
                    number.Set(acknowledged);
                }
                catch (Exception e) when (DataFolderException.IsStorageFault(e))
                {
                    throw DataFolderException.From(_folder, e);
                }
            },
            cancellationToken);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isStopping)
            {
                return;
            }

            _isStopping = true;
            Monitor.Pulse(_gate);
        }

        _trim.Dispose();
        _writer.Join();
        _acknowledged.Dispose();
        _db.Dispose();
    }

    private static void Put(RocksDatabase db, RocksFamily family, byte[] key, long number)
    {
        using var batch = new RocksBatch();
        batch.Put(family, key, RocksKeys.Number(number));
        db.Write(batch, isSynced: true);
    }

    private static Application.Documents.CorruptDocumentException Damaged(byte[] documentKey, RocksDbException cause)
    {
        var (partition, id) = RocksKeys.PartitionAndId(documentKey.AsSpan(1));
        return new(partition, id, cause);
    }

    private void WriteGroups()
    {
        using var group = new WriteGroup(this);
        var changes = new List<PendingChange>();
        while (TakePending(ref changes))
        {
            foreach (var chunk in changes.Chunk(LargestGroup))
            {
                Write(group, chunk);
            }

            changes.Clear();
        }
    }

    private bool TakePending(ref List<PendingChange> changes)
    {
        lock (_gate)
        {
            while (_pending.Count == 0)
            {
                if (_isStopping)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            (_pending, changes) = (changes, _pending);
            return true;
        }
    }

    private void Write(WriteGroup group, PendingChange[] changes)
    {
        try
        {
            if (_fault is not null)
            {
                throw _fault;
            }

            var before = Sequence;
            changes = [.. changes.Where(change => TryApply(change, group))];

            if (Sequence != before)
            {
                group.Batch.Put(MetaFamily, SequenceKey, RocksKeys.Number(Sequence));
            }

            if (group.Batch.Count > 0)
            {
                group.Batch.Put(MetaFamily, WritesKey, RocksKeys.Number(++_writes));
                _db.Write(group.Batch, group.MustSync);
                if (group.MustSync)
                {
                    _acknowledged.Set(_writes);
                }
            }
        }
        catch (Exception e)
        {
            // After a failed write nobody knows what is on the disk: no further write may be acknowledged until the store is opened again.
            lock (_gate)
            {
                _fault ??= e as DataFolderException ?? DataFolderException.From(_folder, e);
            }

            foreach (var change in changes)
            {
                change.Fail(_fault);
            }

            group.Clear();
            return;
        }

        foreach (var change in changes)
        {
            change.Complete();
        }

        foreach (var signal in group.Signals)
        {
            ((CommitSignal)signal).Pulse();
        }

        group.Clear();
    }

    // A change that has to look at a damaged document fails by itself, before it has added anything to the group.
    private static bool TryApply(PendingChange change, WriteGroup group)
    {
        try
        {
            change.Apply(group);
            return true;
        }
        catch (Application.Documents.CorruptDocumentException e)
        {
            change.Fail(e);
            return false;
        }
    }
}
