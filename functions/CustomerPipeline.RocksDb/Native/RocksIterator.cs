namespace CustomerPipeline.RocksDb.Native;

/// <summary>Goes through a family as it was when it was made. For one thread.</summary>
public sealed unsafe class RocksIterator : IDisposable
{
    private nint _handle;

    internal RocksIterator(nint handle) => _handle = handle;

    /// <summary>The entry's key, until the next move; nothing where <see cref="IsOnEntry"/> said no.</summary>
    public ReadOnlySpan<byte> Key => new(RocksLibrary.KeyOf(_handle, out var length), checked((int)length));

    /// <summary>The entry's value, until the next move; nothing where <see cref="IsOnEntry"/> said no.</summary>
    public ReadOnlySpan<byte> Value => new(RocksLibrary.IteratorValueOf(_handle, out var length), checked((int)length));

    /// <summary>Whether it stands on an entry whose key begins so. Where it met damage it stands on none, too, but that is not the end.</summary>
    /// <exception cref="RocksDbException">A file is damaged there.</exception>
    public bool IsOnEntry(ReadOnlySpan<byte> prefix)
    {
        if (RocksLibrary.IsValid(_handle) != 0)
        {
            return Key.StartsWith(prefix);
        }

        RocksLibrary.GetError(_handle, out var error);
        RocksLibrary.Check(error);
        return false;
    }

    /// <summary>Goes to the first entry from a key on.</summary>
    public void Seek(ReadOnlySpan<byte> key)
    {
        fixed (byte* first = key)
        {
            RocksLibrary.Seek(_handle, first, (nuint)key.Length);
        }
    }

    public void Next() => RocksLibrary.Next(_handle);

    public void Dispose()
    {
        if (_handle != 0)
        {
            RocksLibrary.DestroyIterator(_handle);
            _handle = 0;
        }
    }
}
