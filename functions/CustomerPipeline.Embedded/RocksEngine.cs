using System.Buffers.Binary;
using System.Text;
using RocksDbSharp;

namespace CustomerPipeline.Embedded;

/// <summary>
/// One RocksDB for documents, change feed, queues and archive, and the one thread that writes to it. Changes that arrive while a write is being synced
/// are made durable together by the next one (group commit): fast, and a kill loses nothing that was acknowledged.
/// </summary>
public sealed class RocksEngine : IDisposable, Flow.Ports.IShredder
{
    private const string Documents = "documents";
    private const string Feed = "feed";
    private const string Queue = "queue";
    private const string Archive = "archive";
    private const string Meta = "meta";
    private const int LargestGroup = 4_096;

    // Of all families together: each by itself may hold as much as its share of the work needs.
    private const ulong MostUnwritten = 128UL << 20;

    // kForce of RocksDB's BottommostLevelCompaction: files that nothing lies above are rewritten too.
    private const byte RewriteLastLevel = 2;

    // One more whenever keys or values are written in a way that an earlier program would misread.
    private const long Format = 1;

    private static readonly TimeSpan TrimEvery = TimeSpan.FromSeconds(30);

    private static readonly byte[] FormatKey = Encoding.UTF8.GetBytes("format");
    private static readonly byte[] PurgedKey = Encoding.UTF8.GetBytes("purged");
    private static readonly byte[] SequenceKey = Encoding.UTF8.GetBytes("sequence");

    private readonly string _folder;
    private readonly RocksDb _db;
    private readonly WriteOptions _synced = new WriteOptions().SetSync(true);
    private readonly WriteOptions _unsynced = new WriteOptions().SetSync(false);
    private readonly Thread _writer;
    private readonly Timer _trim;
    private readonly object _gate = new();
    private List<PendingChange> _pending = [];
    private bool _isStopping;
    private DataFolderException? _fault;

    private RocksEngine(string folder, RocksDb db, TimeProvider clock)
    {
        _folder = folder;
        _db = db;
        Clock = clock;
        DocumentsFamily = db.GetColumnFamily(Documents);
        FeedFamily = db.GetColumnFamily(Feed);
        QueueFamily = db.GetColumnFamily(Queue);
        ArchiveFamily = db.GetColumnFamily(Archive);
        MetaFamily = db.GetColumnFamily(Meta);
        Sequence = db.Get(SequenceKey, MetaFamily) is { } stored ? BinaryPrimitives.ReadInt64BigEndian(stored) : 0;
        _writer = new Thread(WriteGroups) { IsBackground = true, Name = "store-writer" };
        _writer.Start();
        _trim = new Timer(_ => NativeMemory.Trim(), null, TrimEvery, TrimEvery);
    }

    internal TimeProvider Clock { get; }

    internal RocksDb Db => _db;

    internal ColumnFamilyHandle DocumentsFamily { get; }

    internal ColumnFamilyHandle FeedFamily { get; }

    internal ColumnFamilyHandle QueueFamily { get; }

    internal ColumnFamilyHandle ArchiveFamily { get; }

    internal ColumnFamilyHandle MetaFamily { get; }

    /// <summary>The last sequence number given to a document version. Only the writer thread changes it.</summary>
    internal long Sequence { get; set; }

    /// <summary>Loads the native library, which takes longer than to open a store: a program that will need it begins with this while it does other things.</summary>
    public static void Prepare() => System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(Native).TypeHandle);

    /// <summary>Opens or creates a store.</summary>
    /// <exception cref="DataFolderException">The folder cannot be used; the message says why and what to do.</exception>
    public static RocksEngine Open(string folder, TimeProvider clock)
    {
        NativeMemory.ShareHeaps();
        try
        {
            Directory.CreateDirectory(folder);
            var db = OpenDatabase(folder);
            try
            {
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

    // A store of an earlier program opens here; one of a later program must not be written to by this one.
    private static void CheckFormat(string folder, RocksDb db)
    {
        var meta = db.GetColumnFamily(Meta);
        if (db.Get(FormatKey, meta) is not { } stored)
        {
            db.Put(FormatKey, RocksKeys.Number(Format), meta, new WriteOptions().SetSync(true));
        }
        else if (BinaryPrimitives.ReadInt64BigEndian(stored) is > Format and var later)
        {
            throw DataFolderException.OfNewerProgram(folder, later, Format);
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

    /// <summary>The sequence number of a document's stored version; 0 when there is none.</summary>
    /// <exception cref="Flow.Ports.CorruptDocumentException">The file that it is in is damaged there.</exception>
    internal long ReadSequence(byte[] key)
    {
        try
        {
            return _db.Get(key, SequenceReader.Instance, DocumentsFamily);
        }
        catch (RocksDbException e) when (DataFolderException.IsDamage(e))
        {
            throw Damaged(key, e);
        }
    }

    /// <summary>A stored document; null when there is none.</summary>
    /// <exception cref="Flow.Ports.CorruptDocumentException">The file that it is in is damaged there.</exception>
    internal byte[]? ReadDocument(byte[] key)
    {
        try
        {
            return _db.Get(key, DocumentsFamily);
        }
        catch (RocksDbException e) when (DataFolderException.IsDamage(e))
        {
            throw Damaged(key, e);
        }
    }

    /// <summary>All entries whose keys begin so, in order.</summary>
    internal IEnumerable<(byte[] Key, byte[] Value)> Entries(ColumnFamilyHandle family, byte[] prefix) => Entries(family, prefix, prefix);

    /// <summary>The entries from a key on whose keys begin so, in order.</summary>
    internal IEnumerable<(byte[] Key, byte[] Value)> Entries(ColumnFamilyHandle family, byte[] from, byte[] prefix)
    {
        using var iterator = _db.NewIterator(family);
        for (iterator.Seek(from); IsOnEntry(iterator, prefix); iterator.Next())
        {
            yield return (iterator.Key(), iterator.Value());
        }
    }

    /// <summary>Whether an iterator stands on an entry whose key begins so. One that met damage stands on none, too, but that is not the end.</summary>
    /// <exception cref="DataFolderException">A file is damaged there.</exception>
    internal bool IsOnEntry(Iterator iterator, ReadOnlySpan<byte> prefix)
    {
        if (iterator.Valid())
        {
            return iterator.GetKeySpan().StartsWith(prefix);
        }

        try
        {
            Native.Instance.rocksdb_iter_get_error(iterator.Handle);
            return false;
        }
        catch (RocksDbException e)
        {
            throw DataFolderException.From(_folder, e);
        }
    }

    /// <summary>
    /// Drops whole containers, and sends consumers of change feeds back to the beginning, in one atomic write. Nothing else may use the store meanwhile.
    /// </summary>
    public Task ResetAsync(IReadOnlyList<string> containers, IReadOnlyList<(string Consumer, string Container)> consumers)
    {
        var change = new PlainChange(group =>
        {
            group.MustSync = true;
            foreach (var number in containers.Select(RocksKeys.ContainerNumber))
            {
                byte[] from = [number];
                byte[] to = [(byte)(number + 1)];
                group.Batch.DeleteRange(from, 1, to, 1, DocumentsFamily);
                group.Batch.DeleteRange(from, 1, to, 1, FeedFamily);
            }

            foreach (var (consumer, container) in consumers)
            {
                for (var range = 0; range < RocksKeys.Ranges; range++)
                {
                    group.Batch.Delete(RocksKeys.Place(consumer, container, range), MetaFamily);
                }
            }
        });
        Submit(change);
        return change.Done;
    }

    /// <summary>
    /// Writes out what is in memory, so that its log goes, and compacts every file. The names of the files' first and last keys are in the manifest, which is
    /// begun anew with every change (<see cref="OpenDatabase"/>).
    /// </summary>
    public Task ShredAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            nint[] families = [.. new[] { DocumentsFamily, FeedFamily, QueueFamily, ArchiveFamily, MetaFamily }.Select(f => f.Handle)];
            var native = Native.Instance;
            var wait = new FlushOptions().SetWaitForFlush(true);
            native.rocksdb_flush_cfs(_db.Handle, wait.Handle, families, families.Length);
            var options = native.rocksdb_compactoptions_create();
            native.rocksdb_compactoptions_set_bottommost_level_compaction(options, RewriteLastLevel);
            foreach (var family in families)
            {
                native.rocksdb_compact_range_cf_opt(_db.Handle, family, options, (byte[]?)null, 0, null, 0);
            }

            native.rocksdb_compactoptions_destroy(options);

            // The manifest that the last compaction began still tells what it replaced: one more change, and it is begun without.
            _db.Put(PurgedKey, RocksKeys.Number(Clock.GetUtcNow().UtcTicks), MetaFamily);
            native.rocksdb_flush_cfs(_db.Handle, wait.Handle, [MetaFamily.Handle], 1);
        },
        cancellationToken);

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
        _db.Dispose();
    }

    private static RocksDb OpenDatabase(string folder)
    {
        var options = new DbOptions()
            .SetCreateIfMissing(true)
            .SetCreateMissingColumnFamilies(true)
            .SetMaxBackgroundCompactions(1)
            .SetKeepLogFileNum(2)
            .SetMaxManifestFileSize(1)
            .SetMaxTotalWalSize(256UL << 20)
            .SetDbWriteBufferSize(MostUnwritten);

        // A manifest names the first and last key of every file it ever knew: begun anew at each change of files, it knows only those that are there.
        Native.Instance.rocksdb_options_set_max_manifest_space_amp_pct(options.Handle, 0);
        var cache = Cache.CreateLru(96UL << 20);
        var families = new ColumnFamilies
        {
            { Documents, Family(cache, hasBloomFilter: true, writeBuffer: 64) },
            { Feed, Family(cache, hasBloomFilter: false, writeBuffer: 16) },
            { Queue, Family(cache, hasBloomFilter: false, writeBuffer: 64) },
            { Archive, Family(cache, hasBloomFilter: false, writeBuffer: 64) },
            { Meta, Family(cache, hasBloomFilter: false, writeBuffer: 8) },
        };
        return RocksDb.Open(options, folder, families);
    }

    private static ColumnFamilyOptions Family(Cache cache, bool hasBloomFilter, ulong writeBuffer)
    {
        var table = new BlockBasedTableOptions().SetBlockCache(cache).SetBlockSize(8 * 1024UL);
        if (hasBloomFilter)
        {
            table.SetFilterPolicy(BloomFilterPolicy.Create(10, false));
        }

        return new ColumnFamilyOptions()
            .SetBlockBasedTableFactory(table)
            .SetWriteBufferSize(writeBuffer << 20)
            .SetCompression(Compression.Lz4);
    }

    private static Flow.Ports.CorruptDocumentException Damaged(byte[] documentKey, RocksDbException cause)
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
                group.Batch.Put(SequenceKey, RocksKeys.Number(Sequence), MetaFamily);
            }

            if (group.Batch.Count() > 0)
            {
                _db.Write(group.Batch, group.MustSync ? _synced : _unsynced);
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
        catch (Flow.Ports.CorruptDocumentException e)
        {
            change.Fail(e);
            return false;
        }
    }

    private sealed class SequenceReader : ISpanDeserializer<long>
    {
        public static SequenceReader Instance { get; } = new();

        public long Deserialize(ReadOnlySpan<byte> buffer) => BinaryPrimitives.ReadInt64BigEndian(buffer);
    }
}
