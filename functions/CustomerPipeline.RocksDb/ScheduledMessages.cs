using System.Buffers.Binary;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.RocksDb.Native;

namespace CustomerPipeline.RocksDb;

/// <summary>Messages of a queue that are put aside until they are due. Changed on the writer thread only.</summary>
internal sealed class ScheduledMessages
{
    private readonly RocksEngine _engine;
    private readonly byte[] _prefix;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, long> _dueOf = [];
    private readonly SortedSet<(long Due, long Number)> _order = [];

    public ScheduledMessages(RocksEngine engine, byte queue)
    {
        (_engine, _prefix) = (engine, [RocksKeys.ScheduledOf(queue)]);
        foreach (var (key, _) in engine.Entries(engine.QueueFamily, _prefix))
        {
            var entry = key.AsSpan(_prefix.Length);
            Add(BinaryPrimitives.ReadInt64BigEndian(entry[8..]), BinaryPrimitives.ReadInt64BigEndian(entry));
        }
    }

    /// <summary>Writes the header before the messages of a store of format 1, where the body stands alone.</summary>
    public static void AddHeaders(RocksDatabase db, RocksFamily family, RocksBatch batch)
    {
        foreach (var prefix in Queues.All.Select(queue => RocksKeys.ScheduledOf(RocksKeys.QueueNumber(queue))))
        {
            using var iterator = db.Iterate(family);
            for (iterator.Seek([prefix]); iterator.IsOnEntry([prefix]); iterator.Next())
            {
                var due = new DateTimeOffset(BinaryPrimitives.ReadInt64BigEndian(iterator.Key[1..]), TimeSpan.Zero);
                batch.Put(family, iterator.Key, MessageEncoding.HeaderOf(new MessageContent(due, default)), iterator.Value);
            }
        }
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _order.Count;
            }
        }
    }

    /// <summary>When the first is due; null when there is none.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_gate)
            {
                return _order.Count == 0 ? null : new DateTimeOffset(_order.Min.Due, TimeSpan.Zero);
            }
        }
    }

    /// <summary>Puts a message aside until its time.</summary>
    public void Put(WriteGroup group, long number, MessageContent message)
    {
        var due = message.EnqueuedAt.UtcTicks;
        group.Batch.Put(_engine.QueueFamily, KeyOf(due, number), MessageEncoding.HeaderOf(message), message.Body.Span);
        Add(number, due);
    }

    /// <summary>Takes the first out.</summary>
    /// <returns>The message; null where it is about to be written: it is taken next time.</returns>
    public MessageContent? TakeNext(WriteGroup group)
    {
        (long Due, long Number) first;
        lock (_gate)
        {
            first = _order.Min;
        }

        if (_engine.Db.Get(_engine.QueueFamily, KeyOf(first.Due, first.Number)) is not { } stored)
        {
            return null;
        }

        Remove(group, first.Number);
        return MessageEncoding.Read(stored);
    }

    /// <summary>All messages with their numbers, and all that is kept of them.</summary>
    public IEnumerable<(long Number, MessageContent Message, ReadOnlyMemory<byte> Stored)> List() =>
        _engine.Entries(_engine.QueueFamily, _prefix).Select(e => (BinaryPrimitives.ReadInt64BigEndian(e.Key.AsSpan(_prefix.Length + sizeof(long))), MessageEncoding.Read(e.Value), (ReadOnlyMemory<byte>)e.Value));

    /// <summary>Removes a message, if it is still here.</summary>
    public bool Remove(WriteGroup group, long number)
    {
        if (!_dueOf.Remove(number, out var due))
        {
            return false;
        }

        lock (_gate)
        {
            _order.Remove((due, number));
        }

        group.Batch.Delete(_engine.QueueFamily, KeyOf(due, number));
        return true;
    }

    private void Add(long number, long due)
    {
        _dueOf[number] = due;
        lock (_gate)
        {
            _order.Add((due, number));
        }
    }

    // In order of time.
    private byte[] KeyOf(long due, long number) => [.. _prefix, .. RocksKeys.Number(due), .. RocksKeys.Number(number)];
}
