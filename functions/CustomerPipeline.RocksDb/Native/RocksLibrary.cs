using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CustomerPipeline.RocksDb.Native;

/// <summary>
/// The functions of RocksDB's C interface that are used here: https://github.com/facebook/rocksdb/blob/main/include/rocksdb/c.h. Handles are addresses;
/// a call that can fail leaves a text in its last argument, which <see cref="Check"/> turns into an exception.
/// </summary>
internal static unsafe partial class RocksLibrary
{
    private const string Name = "rocksdb";

    // Of the package's builds for Linux: for musl's C library, where the usual one does not load.
    private const string NameWithMusl = "rocksdb-musl";

    static RocksLibrary() => NativeLibrary.SetDllImportResolver(typeof(RocksLibrary).Assembly, Resolve);

    /// <summary>Loads the library.</summary>
    public static void Load() => Free(0);

    /// <exception cref="RocksDbException">There is an error.</exception>
    public static void Check(byte* error)
    {
        if (error is not null)
        {
            throw Failed(error);
        }
    }

    [LibraryImport(Name, EntryPoint = "rocksdb_free")]
    public static partial void Free(nint memory);

    [LibraryImport(Name, EntryPoint = "rocksdb_options_create")]
    public static partial nint CreateOptions();

    [LibraryImport(Name, EntryPoint = "rocksdb_options_destroy")]
    public static partial void DestroyOptions(nint options);

    [LibraryImport(Name, EntryPoint = "rocksdb_options_set_create_if_missing")]
    public static partial void SetCreateIfMissing(nint options, byte create);

    [LibraryImport(Name, EntryPoint = "rocksdb_options_set_create_missing_column_families")]
    public static partial void SetCreateMissingFamilies(nint options, byte create);

    [LibraryImport(Name, EntryPoint = "rocksdb_options_set_max_background_compactions")]
    public static partial void SetMaxBackgroundCompactions(nint options, int count);

    [LibraryImport(Name, EntryPoint = "rocksdb_options_set_keep_log_file_num")]
    public static partial void SetKeepLogFiles(nint options, nuint count);

    [LibraryImport(Name, EntryPoint = "rocksdb_options_set_max_manifest_file_size")]
    public static partial void SetMaxManifestSize(nint options, nuint bytes);

    [LibraryImport(Name, EntryPoint = "rocksdb_options_set_max_manifest_space_amp_pct")]
    public static partial void SetMaxManifestSpaceAmplification(nint options, int percent);

    [LibraryImport(Name, EntryPoint = "rocksdb_options_set_max_total_wal_size")]
    public static partial void SetMaxLogSize(nint options, ulong bytes);

    [LibraryImport(Name, EntryPoint = "rocksdb_options_set_db_write_buffer_size")]
    public static partial void SetDatabaseWriteBuffer(nint options, nuint bytes);

    [LibraryImport(Name, EntryPoint = "rocksdb_options_set_write_buffer_size")]
    public static partial void SetWriteBuffer(nint options, nuint bytes);

    [LibraryImport(Name, EntryPoint = "rocksdb_options_set_memtable_prefix_bloom_size_ratio")]
    public static partial void SetWriteBufferFilter(nint options, double ratio);

    [LibraryImport(Name, EntryPoint = "rocksdb_options_set_memtable_whole_key_filtering")]
    public static partial void SetWriteBufferFilterOfWholeKeys(nint options, byte whole);

    [LibraryImport(Name, EntryPoint = "rocksdb_options_set_compression")]
    public static partial void SetCompression(nint options, int compression);

    [LibraryImport(Name, EntryPoint = "rocksdb_options_set_block_based_table_factory")]
    public static partial void SetTableOptions(nint options, nint table);

    [LibraryImport(Name, EntryPoint = "rocksdb_block_based_options_create")]
    public static partial nint CreateTableOptions();

    [LibraryImport(Name, EntryPoint = "rocksdb_block_based_options_destroy")]
    public static partial void DestroyTableOptions(nint table);

    [LibraryImport(Name, EntryPoint = "rocksdb_block_based_options_set_block_size")]
    public static partial void SetBlockSize(nint table, nuint bytes);

    [LibraryImport(Name, EntryPoint = "rocksdb_block_based_options_set_block_cache")]
    public static partial void SetBlockCache(nint table, nint cache);

    /// <summary>The table options own the filter from here on.</summary>
    [LibraryImport(Name, EntryPoint = "rocksdb_block_based_options_set_filter_policy")]
    public static partial void SetFilter(nint table, nint filter);

    [LibraryImport(Name, EntryPoint = "rocksdb_filterpolicy_create_bloom_full")]
    public static partial nint CreateBloomFilter(double bitsPerKey);

    [LibraryImport(Name, EntryPoint = "rocksdb_cache_create_lru")]
    public static partial nint CreateCache(nuint bytes);

    [LibraryImport(Name, EntryPoint = "rocksdb_cache_destroy")]
    public static partial void DestroyCache(nint cache);

    [LibraryImport(Name, EntryPoint = "rocksdb_open_column_families", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint Open(nint options, string folder, int count, byte** names, nint* familyOptions, nint* families, out byte* error);

    [LibraryImport(Name, EntryPoint = "rocksdb_open_for_read_only_column_families", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint OpenForReading(
        nint options, string folder, int count, byte** names, nint* familyOptions, nint* families, byte failIfLogExists, out byte* error);

    [LibraryImport(Name, EntryPoint = "rocksdb_options_set_wal_recovery_mode")]
    public static partial void SetLogRecovery(nint options, int mode);

    [LibraryImport(Name, EntryPoint = "rocksdb_close")]
    public static partial void Close(nint database);

    [LibraryImport(Name, EntryPoint = "rocksdb_column_family_handle_destroy")]
    public static partial void DestroyFamily(nint family);

    [LibraryImport(Name, EntryPoint = "rocksdb_readoptions_create")]
    public static partial nint CreateReadOptions();

    [LibraryImport(Name, EntryPoint = "rocksdb_readoptions_destroy")]
    public static partial void DestroyReadOptions(nint options);

    [LibraryImport(Name, EntryPoint = "rocksdb_writeoptions_create")]
    public static partial nint CreateWriteOptions();

    [LibraryImport(Name, EntryPoint = "rocksdb_writeoptions_destroy")]
    public static partial void DestroyWriteOptions(nint options);

    [LibraryImport(Name, EntryPoint = "rocksdb_writeoptions_set_sync")]
    public static partial void SetSync(nint options, byte sync);

    [LibraryImport(Name, EntryPoint = "rocksdb_get_pinned_cf")]
    public static partial nint Get(nint database, nint options, nint family, byte* key, nuint keyLength, out byte* error);

    [LibraryImport(Name, EntryPoint = "rocksdb_pinnableslice_value")]
    public static partial byte* ValueOf(nint slice, out nuint length);

    [LibraryImport(Name, EntryPoint = "rocksdb_pinnableslice_destroy")]
    public static partial void DestroySlice(nint slice);

    [LibraryImport(Name, EntryPoint = "rocksdb_write")]
    public static partial void Write(nint database, nint options, nint batch, out byte* error);

    [LibraryImport(Name, EntryPoint = "rocksdb_writebatch_create")]
    public static partial nint CreateBatch();

    [LibraryImport(Name, EntryPoint = "rocksdb_writebatch_destroy")]
    public static partial void DestroyBatch(nint batch);

    [LibraryImport(Name, EntryPoint = "rocksdb_writebatch_clear")]
    public static partial void ClearBatch(nint batch);

    [LibraryImport(Name, EntryPoint = "rocksdb_writebatch_count")]
    public static partial int CountOf(nint batch);

    [LibraryImport(Name, EntryPoint = "rocksdb_writebatch_putv_cf")]
    public static partial void Put(nint batch, nint family, int keyParts, byte** keys, nuint* keyLengths, int valueParts, byte** values, nuint* valueLengths);

    [LibraryImport(Name, EntryPoint = "rocksdb_writebatch_delete_cf")]
    public static partial void Delete(nint batch, nint family, byte* key, nuint keyLength);

    [LibraryImport(Name, EntryPoint = "rocksdb_writebatch_delete_range_cf")]
    public static partial void DeleteRange(nint batch, nint family, byte* from, nuint fromLength, byte* to, nuint toLength);

    [LibraryImport(Name, EntryPoint = "rocksdb_create_iterator_cf")]
    public static partial nint CreateIterator(nint database, nint options, nint family);

    [LibraryImport(Name, EntryPoint = "rocksdb_iter_destroy")]
    public static partial void DestroyIterator(nint iterator);

    [LibraryImport(Name, EntryPoint = "rocksdb_iter_valid")]
    public static partial byte IsValid(nint iterator);

    [LibraryImport(Name, EntryPoint = "rocksdb_iter_seek")]
    public static partial void Seek(nint iterator, byte* key, nuint keyLength);

    [LibraryImport(Name, EntryPoint = "rocksdb_iter_next")]
    public static partial void Next(nint iterator);

    [LibraryImport(Name, EntryPoint = "rocksdb_iter_key")]
    public static partial byte* KeyOf(nint iterator, out nuint length);

    [LibraryImport(Name, EntryPoint = "rocksdb_iter_value")]
    public static partial byte* IteratorValueOf(nint iterator, out nuint length);

    [LibraryImport(Name, EntryPoint = "rocksdb_iter_get_error")]
    public static partial void GetError(nint iterator, out byte* error);

    [LibraryImport(Name, EntryPoint = "rocksdb_flushoptions_create")]
    public static partial nint CreateFlushOptions();

    [LibraryImport(Name, EntryPoint = "rocksdb_flushoptions_destroy")]
    public static partial void DestroyFlushOptions(nint options);

    [LibraryImport(Name, EntryPoint = "rocksdb_flushoptions_set_wait")]
    public static partial void SetWait(nint options, byte wait);

    [LibraryImport(Name, EntryPoint = "rocksdb_flush_cfs")]
    public static partial void Flush(nint database, nint options, nint* families, int count, out byte* error);

    [LibraryImport(Name, EntryPoint = "rocksdb_checkpoint_object_create")]
    public static partial nint CreateCheckpoint(nint database, out byte* error);

    [LibraryImport(Name, EntryPoint = "rocksdb_checkpoint_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void WriteCheckpoint(nint checkpoint, string folder, ulong logSizeForFlush, out byte* error);

    [LibraryImport(Name, EntryPoint = "rocksdb_checkpoint_object_destroy")]
    public static partial void DestroyCheckpoint(nint checkpoint);

    [LibraryImport(Name, EntryPoint = "rocksdb_compactoptions_create")]
    public static partial nint CreateCompactOptions();

    [LibraryImport(Name, EntryPoint = "rocksdb_compactoptions_destroy")]
    public static partial void DestroyCompactOptions(nint options);

    [LibraryImport(Name, EntryPoint = "rocksdb_compactoptions_set_bottommost_level_compaction")]
    public static partial void SetBottommostLevelCompaction(nint options, byte value);

    [LibraryImport(Name, EntryPoint = "rocksdb_compact_range_cf_opt")]
    public static partial void CompactRange(nint database, nint family, nint options, byte* from, nuint fromLength, byte* to, nuint toLength);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static RocksDbException Failed(byte* error)
    {
        var text = Marshal.PtrToStringUTF8((nint)error);
        Free((nint)error);
        return new RocksDbException(text ?? "RocksDB failed without a reason.");
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name != Name ? 0
        : NativeLibrary.TryLoad(Name, assembly, path, out var library) || NativeLibrary.TryLoad(NameWithMusl, assembly, path, out library) ? library : 0;
}
