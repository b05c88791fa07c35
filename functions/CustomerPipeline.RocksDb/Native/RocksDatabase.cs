using System.Runtime.InteropServices;

namespace CustomerPipeline.RocksDb.Native;

/// <summary>A column family: keys and values that share nothing with those of other families but the log.</summary>
/// <param name="Name">As it is called in the files.</param>
public sealed record RocksFamilyOptions(string Name)
{
    /// <summary>Bytes of new entries that are kept in memory before they become a file.</summary>
    public int WriteBuffer { get; init; } = 64 << 20;

    /// <summary>Keys are looked for that are often not there: filters say so without a search.</summary>
    public bool IsLookedUp { get; init; }
}

/// <summary>A family of an open database.</summary>
public readonly record struct RocksFamily(nint Handle);

/// <summary>What becomes of a log that is damaged. The numbers are those of RocksDB's WALRecoveryMode.</summary>
public enum LogRecovery
{
    /// <summary>It is refused, and so is one whose last entry is incomplete.</summary>
    Whole = 1,

    /// <summary>It ends before the damage.</summary>
    UpToDamage = 2,
}

/// <summary>How a database is kept.</summary>
public sealed record RocksOptions
{
    /// <summary>Bytes of new entries of all families together that are kept in memory; 0 for no limit but the families' own.</summary>
    public long AllWriteBuffers { get; init; }

    public IReadOnlyList<RocksFamilyOptions> Families { get; init; } = [];

    public LogRecovery Recovery { get; init; } = LogRecovery.UpToDamage;

    /// <summary>Whether a database is created where there is none.</summary>
    public bool MayCreate { get; init; } = true;
}

/// <summary>
/// A RocksDB database. Any number of threads may read; a read or an iterator must not outlive it. Its calls go straight to the library's C interface (docs/decisions/0028-rocksdb-binding.md).
/// </summary>
public sealed unsafe class RocksDatabase : IDisposable
{
    // The family that every database has.
    private const string Default = "default";
    private const int BlockSize = 8 << 10;
    private const int BlocksInMemory = 96 << 20;

    // The log may be this long before what it protects is written to files.
    private const int LongestLog = 256 << 20;
    private const int BloomBitsPerKey = 10;
    private const double FilterPartOfWriteBuffer = 0.01;

    // kLZ4Compression of RocksDB's CompressionType, and kForce of its BottommostLevelCompaction: files that nothing lies above are rewritten too.
    private const int Lz4 = 4;
    private const byte RewriteLastLevel = 2;

    private readonly nint _handle;
    private readonly Dictionary<string, RocksFamily> _families = new(StringComparer.Ordinal);
    private readonly nint _reading = RocksLibrary.CreateReadOptions();
    private readonly nint _unsynced = RocksLibrary.CreateWriteOptions();
    private readonly nint _synced = RocksLibrary.CreateWriteOptions();
    private bool _isClosed;

    private RocksDatabase(nint handle)
    {
        _handle = handle;
        RocksLibrary.SetSync(_unsynced, 0);
        RocksLibrary.SetSync(_synced, 1);
    }

    /// <summary>The family that is there without being asked for.</summary>
    public RocksFamily DefaultFamily => this[Default];

    /// <summary>An open family.</summary>
    /// <exception cref="KeyNotFoundException">It was not opened.</exception>
    public RocksFamily this[string family] => _families[family];

    /// <summary>Opens or creates a database.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="options">Must name every family that is there already.</param>
    /// <exception cref="RocksDbException">It cannot be opened.</exception>
    public static RocksDatabase Open(string folder, RocksOptions options) => Open(folder, options, isForReading: false);

    /// <summary>Opens a database without changing its files. Nothing can be written.</summary>
    /// <param name="folder">With a database.</param>
    /// <param name="options">Must name every family that is there already.</param>
    /// <exception cref="RocksDbException">It cannot be opened.</exception>
    public static RocksDatabase OpenForReading(string folder, RocksOptions options) => Open(folder, options, isForReading: true);

    private static RocksDatabase Open(string folder, RocksOptions options, bool isForReading)
    {
        List<RocksFamilyOptions> wanted = [new(Default), .. options.Families];
        var native = CreateOptions(options);
        var cache = RocksLibrary.CreateCache(BlocksInMemory);
        var names = stackalloc byte*[wanted.Count];
        var familyOptions = stackalloc nint[wanted.Count];
        var handles = stackalloc nint[wanted.Count];
        for (var i = 0; i < wanted.Count; i++)
        {
            names[i] = (byte*)Marshal.StringToCoTaskMemUTF8(wanted[i].Name);
            familyOptions[i] = CreateFamilyOptions(wanted[i], cache);
        }

        try
        {
            byte* error;
            var handle = isForReading
                ? RocksLibrary.OpenForReading(native, folder, wanted.Count, names, familyOptions, handles, 0, out error)
                : RocksLibrary.Open(native, folder, wanted.Count, names, familyOptions, handles, out error);
            RocksLibrary.Check(error);
            var database = new RocksDatabase(handle);
            for (var i = 0; i < wanted.Count; i++)
            {
                database._families[wanted[i].Name] = new RocksFamily(handles[i]);
            }

            return database;
        }
        finally
        {
            for (var i = 0; i < wanted.Count; i++)
            {
                Marshal.FreeCoTaskMem((nint)names[i]);
                RocksLibrary.DestroyOptions(familyOptions[i]);
            }

            // The open database holds on to the cache by itself.
            RocksLibrary.DestroyCache(cache);
            RocksLibrary.DestroyOptions(native);
        }
    }

    /// <summary>Looks a key up. The value is in the library's memory until it is disposed.</summary>
    /// <exception cref="RocksDbException">What is stored cannot be read.</exception>
    public RocksValue Find(RocksFamily family, ReadOnlySpan<byte> key)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        fixed (byte* first = key)
        {
            var slice = RocksLibrary.Get(_handle, _reading, family.Handle, first, (nuint)key.Length, out var error);
            RocksLibrary.Check(error);
            return new RocksValue(slice);
        }
    }

    /// <summary>A copy of a key's value; null when there is none.</summary>
    /// <exception cref="RocksDbException">What is stored cannot be read.</exception>
    public byte[]? Get(RocksFamily family, ReadOnlySpan<byte> key)
    {
        using var value = Find(family, key);
        return value.IsFound ? value.Bytes.ToArray() : null;
    }

    /// <summary>Writes all of a batch or nothing.</summary>
    /// <param name="batch">The changes.</param>
    /// <param name="isSynced">Whether they are on the disk when it returns; else they are after a later write that is.</param>
    /// <exception cref="RocksDbException">Nobody knows what is on the disk now.</exception>
    public void Write(RocksBatch batch, bool isSynced)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        RocksLibrary.Write(_handle, isSynced ? _synced : _unsynced, batch.Handle, out var error);
        RocksLibrary.Check(error);
    }

    /// <summary>Goes through a family as it is now, in order of keys.</summary>
    public RocksIterator Iterate(RocksFamily family)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        return new RocksIterator(RocksLibrary.CreateIterator(_handle, _reading, family.Handle));
    }

    /// <summary>Writes what is in memory to files.</summary>
    /// <exception cref="RocksDbException">It could not be written.</exception>
    public void Flush(params ReadOnlySpan<RocksFamily> families)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        var options = RocksLibrary.CreateFlushOptions();
        RocksLibrary.SetWait(options, 1);
        fixed (RocksFamily* first = families)
        {
            RocksLibrary.Flush(_handle, options, (nint*)first, families.Length, out var error);
            RocksLibrary.DestroyFlushOptions(options);
            RocksLibrary.Check(error);
        }
    }

    /// <summary>Makes a folder with a copy of the database as it is now: files that do not change any more are links, so that it takes little time and room. Writes go on meanwhile.</summary>
    /// <param name="folder">On the same file system, and not there yet.</param>
    /// <exception cref="RocksDbException">It could not be written.</exception>
    public void Checkpoint(string folder)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        var checkpoint = RocksLibrary.CreateCheckpoint(_handle, out var error);
        RocksLibrary.Check(error);
        RocksLibrary.WriteCheckpoint(checkpoint, folder, 0, out error);
        RocksLibrary.DestroyCheckpoint(checkpoint);
        RocksLibrary.Check(error);
    }

    /// <summary>Writes a family's files anew: what was deleted or replaced is in none of them any more.</summary>
    public void Compact(RocksFamily family)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        var options = RocksLibrary.CreateCompactOptions();
        RocksLibrary.SetBottommostLevelCompaction(options, RewriteLastLevel);
        RocksLibrary.CompactRange(_handle, family.Handle, options, null, 0, null, 0);
        RocksLibrary.DestroyCompactOptions(options);
    }

    public void Dispose()
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        foreach (var family in _families.Values)
        {
            RocksLibrary.DestroyFamily(family.Handle);
        }

        RocksLibrary.Close(_handle);
        RocksLibrary.DestroyReadOptions(_reading);
        RocksLibrary.DestroyWriteOptions(_unsynced);
        RocksLibrary.DestroyWriteOptions(_synced);
    }

    private static nint CreateOptions(RocksOptions options)
    {
        var native = RocksLibrary.CreateOptions();
        RocksLibrary.SetCreateIfMissing(native, options.MayCreate ? (byte)1 : (byte)0);
        RocksLibrary.SetLogRecovery(native, (int)options.Recovery);
        RocksLibrary.SetCreateMissingFamilies(native, 1);
        RocksLibrary.SetMaxBackgroundCompactions(native, 1);
        RocksLibrary.SetKeepLogFiles(native, 2);
        RocksLibrary.SetMaxLogSize(native, LongestLog);
        RocksLibrary.SetDatabaseWriteBuffer(native, (nuint)options.AllWriteBuffers);

        // A manifest names the first and last key of every file it ever knew: begun anew at each change of files, it knows only those that are there.
        RocksLibrary.SetMaxManifestSize(native, 1);
        RocksLibrary.SetMaxManifestSpaceAmplification(native, 0);
        return native;
    }

    private static nint CreateFamilyOptions(RocksFamilyOptions family, nint cache)
    {
        var table = RocksLibrary.CreateTableOptions();
        RocksLibrary.SetBlockCache(table, cache);
        RocksLibrary.SetBlockSize(table, BlockSize);
        var options = RocksLibrary.CreateOptions();
        RocksLibrary.SetWriteBuffer(options, (nuint)family.WriteBuffer);
        RocksLibrary.SetCompression(options, Lz4);
        if (family.IsLookedUp)
        {
            RocksLibrary.SetFilter(table, RocksLibrary.CreateBloomFilter(BloomBitsPerKey));
            RocksLibrary.SetWriteBufferFilter(options, FilterPartOfWriteBuffer);
            RocksLibrary.SetWriteBufferFilterOfWholeKeys(options, 1);
        }

        RocksLibrary.SetTableOptions(options, table);
        RocksLibrary.DestroyTableOptions(table);
        return options;
    }
}
