using System.Buffers.Binary;

namespace CustomerPipeline.CosmosServer;

/// <summary>The service's own ids (<c>_rid</c>): 4 bytes of database, 4 of container, 8 of an item, in base 64. Clients read the parents out of them.</summary>
internal static class ResourceIds
{
    private const uint DatabaseMark = 0xA0000000;
    private const uint ContainerMark = 0x80000000;
    private const byte PartitionRangeMark = 0x50;

    public static string Database(uint number) => Text(BigEndian(DatabaseMark | number));

    public static string Container(string database, uint number) => Text([.. Bytes(database), .. BigEndian(ContainerMark | number)]);

    public static string Item(string container, ulong number) => Text([.. Bytes(container), .. LittleEndian(number)]);

    public static string PartitionRange(string container, byte number) => Text([.. Bytes(container), number, 0, 0, 0, 0, 0, 0, PartitionRangeMark]);

    private static string Text(byte[] bytes) => Convert.ToBase64String(bytes).Replace('/', '-');

    private static byte[] Bytes(string text) => Convert.FromBase64String(text.Replace('-', '/'));

    private static byte[] BigEndian(uint number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }

    private static byte[] LittleEndian(ulong number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
        return bytes;
    }
}
