using System.Buffers.Binary;
using System.Text;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.RocksDb;

/// <summary>How keys are written. The numbers are on disk: append, never renumber.</summary>
internal static class RocksKeys
{
    private static readonly string[] QueueNumbers = [Queues.Online, Queues.InStore, Queues.Service];

    private const byte DeadLetter = 128;

    private const byte Scheduled = 64;

    /// <summary>How many independent parts a change feed has.</summary>
    public const int Ranges = 4;

    public static byte ContainerNumber(string container) => Containers.Of(container).Number;

    public static byte QueueNumber(string queue) => queue.EndsWith(Queues.DeadLetterSuffix, StringComparison.Ordinal)
        ? (byte)(DeadLetter + QueueNumber(queue[..^Queues.DeadLetterSuffix.Length]))
        : Array.IndexOf(QueueNumbers, queue) is >= 0 and var number ? (byte)number
        : throw new ArgumentException($"There is no queue '{queue}'.", nameof(queue));

    /// <summary>What a queue's messages are kept under until they are due: like a queue of its own.</summary>
    public static byte ScheduledOf(byte queue) => (byte)(Scheduled + queue);

    public static int RangeOf(string partition) => Domain.StableHash.Bucket(partition, Ranges);

    /// <summary>container, partition, 0, id.</summary>
    public static byte[] Document(string container, string partition, string id)
    {
        var key = new byte[2 + Encoding.UTF8.GetByteCount(partition) + Encoding.UTF8.GetByteCount(id)];
        key[0] = ContainerNumber(container);
        var length = 1 + Encoding.UTF8.GetBytes(partition, key.AsSpan(1));
        key[length++] = 0;
        Encoding.UTF8.GetBytes(id, key.AsSpan(length));
        return key;
    }

    /// <summary>What the keys of a partition's documents, and of those of all partitions behind it, are not less than.</summary>
    public static byte[] FirstOf(string container, string partition) => [ContainerNumber(container), .. Encoding.UTF8.GetBytes(partition)];

    /// <summary>What the keys of the documents of an id end with, and no others.</summary>
    public static byte[] EndOf(string id) => [0, .. Encoding.UTF8.GetBytes(id)];

    public static (string Partition, string Id) PartitionAndId(ReadOnlySpan<byte> partitionAndId)
    {
        var zero = partitionAndId.IndexOf((byte)0);
        return (Encoding.UTF8.GetString(partitionAndId[..zero]), Encoding.UTF8.GetString(partitionAndId[(zero + 1)..]));
    }

    /// <summary>container, range, sequence.</summary>
    public static byte[] Feed(byte container, int range, long sequence)
    {
        var key = new byte[10];
        key[0] = container;
        key[1] = (byte)range;
        BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(2), sequence);
        return key;
    }

    /// <summary>queue, sequence number.</summary>
    public static byte[] Message(byte queue, long sequenceNumber)
    {
        var key = new byte[9];
        key[0] = queue;
        BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(1), sequenceNumber);
        return key;
    }

    /// <summary>Where a consumer of a change feed is.</summary>
    public static byte[] Place(string consumer, string container, int range) => Text($"place:{consumer}:{container}:{range}");

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] Number(long number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }
}
