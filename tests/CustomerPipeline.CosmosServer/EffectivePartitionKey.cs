using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;

namespace CustomerPipeline.CosmosServer;

/// <summary>
/// Where a partition key lies among the physical partitions: version 2 of the service's hash, which clients compute as well. The key with a byte for its type
/// before and 0xFF behind it, MurmurHash3 (x64, 128 bits), bytes reversed, the upper two bits cleared, in hexadecimal digits.
/// </summary>
internal static class EffectivePartitionKey
{
    public const string Minimum = "";
    public const string Maximum = "FF";

    private const byte StringMark = 0x08;
    private const byte End = 0xFF;

    /// <param name="partitionKey">As in the header: an array of one string.</param>
    public static string Of(string partitionKey)
    {
        if (JsonNode.Parse(partitionKey) is not JsonArray { Count: 1 } keys || keys[0] is not JsonValue value || !value.TryGetValue<string>(out var text))
        {
            throw new CosmosRefusal(400, "This server has partition keys of one text only.");
        }

        var hash = Murmur128([StringMark, .. Encoding.UTF8.GetBytes(text), End]);
        Array.Reverse(hash);
        hash[0] &= 0x3F;
        return Convert.ToHexString(hash);
    }

    /// <summary>A key between two others, to split a partition at.</summary>
    public static string Between(string minimum, string maximum)
    {
        var low = Number(minimum.PadRight(32, '0'));
        var high = maximum == Maximum ? BigInteger.One << 126 : Number(maximum);
        return ((low + high) / 2).ToString("X32", System.Globalization.CultureInfo.InvariantCulture)[^32..];
    }

    private static BigInteger Number(string hexadecimal) =>
        BigInteger.Parse("0" + hexadecimal, System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);

    private static byte[] Murmur128(ReadOnlySpan<byte> data)
    {
        const ulong c1 = 0x87c37b91114253d5, c2 = 0x4cf5ad432745937f;
        ulong h1 = 0, h2 = 0;
        var rest = data;
        for (; rest.Length >= 16; rest = rest[16..])
        {
            h1 ^= BitOperations.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(rest) * c1, 31) * c2;
            h1 = ((BitOperations.RotateLeft(h1, 27) + h2) * 5) + 0x52dce729;
            h2 ^= BitOperations.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]) * c2, 33) * c1;
            h2 = ((BitOperations.RotateLeft(h2, 31) + h1) * 5) + 0x38495ab5;
        }

        Span<byte> tail = stackalloc byte[16];
        tail.Clear();
        rest.CopyTo(tail);
        if (rest.Length > 8)
        {
            h2 ^= BitOperations.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(tail[8..]) * c2, 33) * c1;
        }

        if (rest.Length > 0)
        {
            h1 ^= BitOperations.RotateLeft(BinaryPrimitives.ReadUInt64LittleEndian(tail) * c1, 31) * c2;
        }

        h1 ^= (ulong)data.Length;
        h2 ^= (ulong)data.Length;
        h1 += h2;
        h2 += h1;
        h1 = Mix(h1);
        h2 = Mix(h2);
        h1 += h2;
        h2 += h1;
        var hash = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(hash, h1);
        BinaryPrimitives.WriteUInt64LittleEndian(hash.AsSpan(8), h2);
        return hash;
    }

    private static ulong Mix(ulong k)
    {
        k = (k ^ (k >> 33)) * 0xff51afd7ed558ccd;
        k = (k ^ (k >> 33)) * 0xc4ceb9fe1a85ec53;
        return k ^ (k >> 33);
    }
}
