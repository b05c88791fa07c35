using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace CustomerPipeline.Domain;

/// <summary>Deterministic ids from parts: the same parts give the same id in every process, for ever.</summary>
public static class StableHash
{
    // Crockford's base 32: no letters that are read as digits, sorts like the bits it encodes.
    private const string Base32 = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>32 hexadecimal characters (128 bits of SHA-256) over the parts and their lengths.</summary>
    public static string Of(params ReadOnlySpan<string?> parts)
    {
        Span<byte> digest = stackalloc byte[32];
        Digest(parts, digest);
        return Convert.ToHexStringLower(digest[..16]);
    }

    /// <summary>The hash of raw bytes, 32 hexadecimal characters.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(bytes, digest);
        return Convert.ToHexStringLower(digest[..16]);
    }

    /// <summary>A number in [0, <paramref name="count"/>) that spreads keys evenly: shards, feed ranges, ledger partitions.</summary>
    public static int Bucket(string key, int count)
    {
        // FNV-1a over UTF-16 units: fast, stable across processes (string.GetHashCode is not).
        var hash = 2166136261u;
        foreach (var character in key)
        {
            hash = (hash ^ character) * 16777619u;
        }

        hash ^= hash >> 16;
        return (int)(hash % (uint)count);
    }

    /// <summary>Fixed-width base 32 of the lowest <paramref name="characters"/> x 5 bits; ordinal order is numeric order.</summary>
    public static string ToBase32(ulong value, int characters) => string.Create(characters, value, static (span, bits) =>
    {
        for (var i = span.Length - 1; i >= 0; i--)
        {
            span[i] = Base32[(int)(bits & 31)];
            bits >>= 5;
        }
    });

    /// <summary>64 bits of the hash over the parts.</summary>
    public static ulong Bits(params ReadOnlySpan<string?> parts)
    {
        Span<byte> digest = stackalloc byte[32];
        Digest(parts, digest);
        return BitConverter.ToUInt64(digest);
    }

    private static void Digest(ReadOnlySpan<string?> parts, Span<byte> digest)
    {
        var size = 0;
        foreach (var part in parts)
        {
            size += 4 + (part is null ? 0 : Encoding.UTF8.GetMaxByteCount(part.Length));
        }

        var buffer = ArrayPool<byte>.Shared.Rent(size);
        var length = 0;
        foreach (var part in parts)
        {
            // The length before each part keeps ("ab","c") and ("a","bc") apart; null differs from empty.
            var written = part is null ? 0 : Encoding.UTF8.GetBytes(part, buffer.AsSpan(length + 4));
            BitConverter.TryWriteBytes(buffer.AsSpan(length), part is null ? -1 : written);
            length += 4 + written;
        }

        SHA256.HashData(buffer.AsSpan(0, length), digest);
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
