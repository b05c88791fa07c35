using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace CustomerPipeline.AzureServices.Cosmos;

/// <summary>
/// Where a partition key lies among the ranges of a container, by version 2 of the service's hash (PartitionKeyInternal of azure-cosmos-dotnet-v3, which keeps it to itself): the key with a byte for its type before and 0xFF behind it,
/// MurmurHash3 (x64, 128 bits), bytes reversed, the upper two bits cleared, in hexadecimal digits.
/// </summary>
internal static class EffectivePartitionKey
{
    private const byte Text = 0x08;
    private const byte End = 0xFF;
    private const ulong C1 = 0x87c37b91114253d5;
    private const ulong C2 = 0x4cf5ad432745937f;

    /// <summary>The hash of a key that is one text.</summary>
    public static string Of(string partitionKey)
    {
        var hash = Murmur128([Text, .. Encoding.UTF8.GetBytes(partitionKey), End]);
        Array.Reverse(hash);
        hash[0] &= 0x3F;
        return Convert.ToHexString(hash);
    }

    private static byte[] Murmur128(ReadOnlySpan<byte> data)
    {
        ulong h1 = 0, h2 = 0;
        var rest = data;
        for (; rest.Length >= 16; rest = rest[16..])
        {
            h1 ^= First(BinaryPrimitives.ReadUInt64LittleEndian(rest));
            h1 = ((BitOperations.RotateLeft(h1, 27) + h2) * 5) + 0x52dce729;
            h2 ^= Second(BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]));
            h2 = ((BitOperations.RotateLeft(h2, 31) + h1) * 5) + 0x38495ab5;
        }

        // Zeros behind the end leave a half as it is.
        Span<byte> tail = stackalloc byte[16];
        tail.Clear();
        rest.CopyTo(tail);
        h1 ^= First(BinaryPrimitives.ReadUInt64LittleEndian(tail)) ^ (ulong)data.Length;
        h2 ^= Second(BinaryPrimitives.ReadUInt64LittleEndian(tail[8..])) ^ (ulong)data.Length;
        h1 += h2;
        h2 += h1;
        (h1, h2) = (Mix(h1), Mix(h2));
        h1 += h2;
        h2 += h1;
        var hash = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(hash, h1);
        BinaryPrimitives.WriteUInt64LittleEndian(hash.AsSpan(8), h2);
        return hash;
    }

    private static ulong First(ulong half) => BitOperations.RotateLeft(half * C1, 31) * C2;

    private static ulong Second(ulong half) => BitOperations.RotateLeft(half * C2, 33) * C1;

    private static ulong Mix(ulong k)
    {
        k = (k ^ (k >> 33)) * 0xff51afd7ed558ccd;
        k = (k ^ (k >> 33)) * 0xc4ceb9fe1a85ec53;
        return k ^ (k >> 33);
    }
}
