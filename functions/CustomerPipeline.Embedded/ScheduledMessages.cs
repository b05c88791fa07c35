using System.Buffers.Binary;

namespace CustomerPipeline.Embedded;

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

    public void Put(WriteGroup group, long number, DateTimeOffset due, ReadOnlyMemory<byte> body)
    {
        group.Batch.Put(_engine.QueueFamily, KeyOf(due.UtcTicks, number), body.Span);
        Add(number, due.UtcTicks);
    }

    /// <summary>Takes the first out.</summary>
    /// <returns>Its body; null where it is about to be written: it is taken next time.</returns>
    public byte[]? TakeNext(WriteGroup group)
    {
        (long Due, long Number) first;
        lock (_gate)
        {
            first = _order.Min;
        }

        var body = _engine.Db.Get(_engine.QueueFamily, KeyOf(first.Due, first.Number));
        if (body is not null)
        {
            Remove(group, first.Number);
        }

        return body;
    }

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
