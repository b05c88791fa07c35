using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CustomerPipeline.RocksDb;

/// <summary>
/// Ids of messages that a queue was sent in the last ten minutes, as Service Bus remembers them, also over a restart: a sender that repeats itself is heard once. Under a flood the oldest are
/// forgotten sooner. Of an id its hash is kept. Used on the writer thread only.
/// </summary>
internal sealed class RecentMessages
{
    private const int MostRemembered = 500_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly RocksEngine _engine;
    private readonly byte[] _prefix;
    private readonly Dictionary<UInt128, long> _numbers = [];
    private readonly Queue<(long Ticks, long Number, UInt128 Id)> _order = new();

    public RecentMessages(RocksEngine engine, byte queue)
    {
        (_engine, _prefix) = (engine, [(byte)'i', queue]);
        foreach (var (key, value) in engine.Entries(engine.MetaFamily, _prefix))
        {
            var entry = key.AsSpan(_prefix.Length);
            Add(BinaryPrimitives.ReadInt64BigEndian(entry), BinaryPrimitives.ReadInt64BigEndian(entry[8..]), BinaryPrimitives.ReadUInt128BigEndian(value));
        }
    }

    /// <summary>What an id is remembered by.</summary>
    public static UInt128 HashOf(string id) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(id)));

    /// <summary>The number of the message that had the id; null for a new id.</summary>
    public long? Find(WriteGroup group, UInt128 id, DateTimeOffset now)
    {
        while (_order.TryPeek(out var oldest) && (Math.Abs(now.UtcTicks - oldest.Ticks) > Window.Ticks || _order.Count >= MostRemembered))
        {
            _order.Dequeue();
            _numbers.Remove(oldest.Id);
            group.Batch.Delete(_engine.MetaFamily, KeyOf(oldest.Ticks, oldest.Number));
        }

        return _numbers.TryGetValue(id, out var number) ? number : null;
    }

    public void Remember(WriteGroup group, UInt128 id, DateTimeOffset now, long number)
    {
        var value = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(value, id);
        group.Batch.Put(_engine.MetaFamily, KeyOf(now.UtcTicks, number), value);
        Add(now.UtcTicks, number, id);
    }

    private void Add(long ticks, long number, UInt128 id)
    {
        _numbers[id] = number;
        _order.Enqueue((ticks, number, id));
    }

    // In order of time.
    private byte[] KeyOf(long ticks, long number) => [.. _prefix, .. RocksKeys.Number(ticks), .. RocksKeys.Number(number)];
}
