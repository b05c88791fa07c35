namespace CustomerPipeline.RocksDb.Native;

/// <summary>A value that was looked up, in the library's memory.</summary>
public readonly unsafe ref struct RocksValue
{
    private readonly nint _slice;

    internal RocksValue(nint slice) => _slice = slice;

    public bool IsFound => _slice != 0;

    /// <summary>The value; empty where there is none.</summary>
    public ReadOnlySpan<byte> Bytes => _slice == 0 ? default : new(RocksLibrary.ValueOf(_slice, out var length), checked((int)length));

    public void Dispose()
    {
        if (_slice != 0)
        {
            RocksLibrary.DestroySlice(_slice);
        }
    }
}
