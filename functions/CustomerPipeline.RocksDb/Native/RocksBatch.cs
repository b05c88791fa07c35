namespace CustomerPipeline.RocksDb.Native;

/// <summary>Changes that are written together. For one thread.</summary>
public sealed unsafe class RocksBatch : IDisposable
{
    internal nint Handle { get; private set; } = RocksLibrary.CreateBatch();

    /// <summary>How many changes it holds.</summary>
    public int Count => RocksLibrary.CountOf(Handle);

    public void Put(RocksFamily family, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Put(family, key, value, default);

    /// <summary>Puts a value that is in two pieces.</summary>
    public void Put(RocksFamily family, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ReadOnlySpan<byte> rest)
    {
        fixed (byte* keyPart = key, valuePart = value, restPart = rest)
        {
            var keyLength = (nuint)key.Length;
            var parts = stackalloc byte*[] { valuePart, restPart };
            var lengths = stackalloc nuint[] { (nuint)value.Length, (nuint)rest.Length };
            RocksLibrary.Put(Handle, family.Handle, 1, &keyPart, &keyLength, rest.IsEmpty ? 1 : 2, parts, lengths);
        }
    }

    public void Delete(RocksFamily family, ReadOnlySpan<byte> key)
    {
        fixed (byte* first = key)
        {
            RocksLibrary.Delete(Handle, family.Handle, first, (nuint)key.Length);
        }
    }

    /// <summary>Deletes every key from one on and before another.</summary>
    public void DeleteRange(RocksFamily family, ReadOnlySpan<byte> from, ReadOnlySpan<byte> before)
    {
        fixed (byte* first = from, end = before)
        {
            RocksLibrary.DeleteRange(Handle, family.Handle, first, (nuint)from.Length, end, (nuint)before.Length);
        }
    }

    public void Clear() => RocksLibrary.ClearBatch(Handle);

    public void Dispose()
    {
        if (Handle != 0)
        {
            RocksLibrary.DestroyBatch(Handle);
            Handle = 0;
        }
    }
}
