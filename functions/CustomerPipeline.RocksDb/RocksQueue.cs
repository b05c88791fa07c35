using System.Buffers.Binary;

namespace CustomerPipeline.RocksDb;

/// <summary>One queue: its messages on disk, a mark for each batch in hand, and the count of deliveries, so that a message that kills its host again and again is found out.</summary>
internal sealed class RocksQueue
{
    // Whoever waits looks again before that.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly RocksEngine _engine;
    private readonly byte _number;
    private readonly RocksQueue? _deadLetters;
    private readonly MessageLocks _locks;
    private readonly RecentMessages _recent;
    private readonly ScheduledMessages _scheduled;
    private readonly CommitSignal _signal = new();
    private readonly Lock _oldestGate = new();

    // The next sequence number; changed on the writer thread.
    private long _next;
    private long _depth;

    // No message has a smaller number than this.
    private long _oldest;

    /// <param name="engine">Where it is kept.</param>
    /// <param name="number">The queue's number in keys.</param>
    /// <param name="deadLetters">Where messages go that were delivered too often; null for a queue that is such a one.</param>
    public RocksQueue(RocksEngine engine, byte number, RocksQueue? deadLetters)
    {
        (_engine, _number, _deadLetters) = (engine, number, deadLetters);
        _locks = new MessageLocks(engine.Clock);
        _recent = new RecentMessages(engine, number);
        _scheduled = new ScheduledMessages(engine, number);
        Recover();
    }

    /// <summary>Messages in the queue, locked ones included.</summary>
    public long Depth => Interlocked.Read(ref _depth);

    /// <summary>Messages that are put aside until they are due.</summary>
    public int Scheduled => _scheduled.Count;

    public IEnumerable<(long Number, MessageContent Message, ReadOnlyMemory<byte> Stored)> ListScheduled() => _scheduled.List();

    /// <summary>When the oldest message was enqueued; null when the queue is empty.</summary>
    public DateTimeOffset? OldestEnqueuedAt()
    {
        if (Depth == 0)
        {
            return null;
        }

        lock (_oldestGate)
        {
            using var iterator = _engine.Db.Iterate(_engine.QueueFamily);
            iterator.Seek(KeyOf(_oldest));
            if (!_engine.IsOnEntry(iterator, [_number]))
            {
                return null;
            }

            // What was removed leaves tombstones behind: the next look starts here.
            _oldest = SequenceNumberOf(iterator.Key);
            return MessageEncoding.TimeOf(iterator.Value);
        }
    }

    public async Task<IReadOnlyList<long>> EnqueueAsync(IReadOnlyList<NewMessage> messages)
    {
        var numbers = new long[messages.Count];
        await _engine.SubmitAsync(group =>
        {
            group.MustSync = true;
            group.Signals.Add(_signal);
            var now = _engine.Clock.GetUtcNow();
            for (var i = 0; i < messages.Count; i++)
            {
                numbers[i] = Enqueue(group, messages[i], now);
            }

            PutNext(group);
        });
        return numbers;
    }

    public async Task<int> CancelAsync(IReadOnlyList<long> numbers)
    {
        var cancelled = 0;
        await _engine.SubmitAsync(group =>
        {
            group.MustSync = true;
            cancelled = numbers.Count(number => _scheduled.Remove(group, number));
        });
        return cancelled;
    }

    /// <summary>Completes when something is enqueued, given back or due after this call.</summary>
    public Task NextMessage() => _scheduled.NextDue is { } due && due - _engine.Clock.GetUtcNow() is var wait && wait < LongestWait
        ? Task.WhenAny(_signal.Next, Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, _engine.Clock))
        : _signal.Next;

    public async Task<IReadOnlyList<LockedMessage>> ReceiveAsync(int most, TimeSpan lockDuration)
    {
        while (true)
        {
            var now = _engine.Clock.GetUtcNow();
            if (_scheduled.NextDue <= now)
            {
                await _engine.SubmitAsync(group => EnqueueDue(group, now));
            }

            var taken = _locks.Take(most, lockDuration, Find, From);
            if (taken.Count == 0)
            {
                return [];
            }

            // Written before a handler sees them: if it kills the process, this delivery counts.
            byte[] inHand = [.. taken.SelectMany(m => RocksKeys.Number(m.SequenceNumber))];
            await _engine.SubmitAsync(group => group.Batch.Put(_engine.MetaFamily, BatchKey(taken[0].Batch), inHand));

            var dead = _deadLetters is null ? [] : taken.Select(m => m with { Content = m.Content with { Cause = CauseOf(m, now) } })
                .Where(m => m.Content.Cause != DeadLetterCause.None).ToList();
            if (dead.Count > 0)
            {
                await DeadLetterAsync(dead);
                taken.RemoveAll(m => dead.Exists(d => d.SequenceNumber == m.SequenceNumber));
            }

            // A reader that is told of nothing waits, although there is more behind what it did not get.
            if (taken.Count > 0)
            {
                return taken;
            }
        }
    }

    public Task CompleteAsync(IReadOnlyList<LockedMessage> messages) => _engine.SubmitAsync(group =>
    {
        Remove(group, messages);
        Settle(group, messages);
    });

    public IReadOnlyList<DateTimeOffset?> Renew(IReadOnlyList<LockedMessage> messages, TimeSpan lockDuration)
    {
        var until = _engine.Clock.GetUtcNow() + lockDuration;
        return [.. messages.Select(m => _locks.Renew(m, lockDuration) ? until : (DateTimeOffset?)null)];
    }

    public bool IsHeld(LockedMessage message) => _locks.IsHeld(message);

    public IReadOnlyList<StoredMessage> Peek(long from, int most) =>
        [.. From(Math.Max(0, from)).Take(most).Select(m => m with { Deliveries = _locks.DeliveriesOf(m.SequenceNumber) })];

    public async Task AbandonAsync(IReadOnlyList<LockedMessage> messages)
    {
        await _engine.SubmitAsync(group =>
        {
            foreach (var message in messages)
            {
                CountDelivery(group, message.SequenceNumber, message.DeliveryCount);
            }

            Settle(group, messages);
        });
        _locks.GiveBack(messages);
        _signal.Pulse();
    }

    public async Task AbandonAsync(LockedMessage message, ReadOnlyMemory<byte> properties)
    {
        await _engine.SubmitAsync(group =>
        {
            // Another reader, or the end of the message, would be overwritten.
            if (_locks.IsHeld(message))
            {
                var changed = message.Content with { Properties = properties };
                group.Batch.Put(_engine.QueueFamily, KeyOf(message.SequenceNumber), MessageEncoding.HeaderOf(changed), changed.Body.Span);
            }
        });
        await AbandonAsync([message]);
    }

    public async Task ReleaseAsync(LockedMessage message)
    {
        await _engine.SubmitAsync(group => Settle(group, [message]));
        _locks.GiveBack([message]);
        _signal.Pulse();
    }

    public async Task DeadLetterAsync(IReadOnlyList<LockedMessage> messages)
    {
        var dead = _deadLetters ?? throw new InvalidOperationException("What a dead-letter queue has is given up already.");
        await _engine.SubmitAsync(group =>
        {
            group.MustSync = true;
            group.Signals.Add(dead._signal);
            foreach (var message in Remove(group, messages))
            {
                dead.Put(group, message.SequenceNumber, message.Content with { ExpiresAt = null });
            }

            Settle(group, messages);
        });
        dead.Arrived([.. messages.Select(m => m.SequenceNumber)]);
    }

    // Numbers arrive here in any order: smaller ones than the oldest, too.
    private void Arrived(IReadOnlyList<long> sequenceNumbers)
    {
        lock (_oldestGate)
        {
            _oldest = sequenceNumbers.Prepend(_oldest).Min();
        }

        _locks.Arrived(sequenceNumbers);
        _signal.Pulse();
    }

    // On the writer thread.
    private long Enqueue(WriteGroup group, NewMessage message, DateTimeOffset now)
    {
        if (message.Id is null)
        {
            return Place(group, message, now);
        }

        var id = RecentMessages.HashOf(message.Id);
        if (_recent.Find(group, id, now) is { } first)
        {
            return first;
        }

        var number = Place(group, message, now);
        _recent.Remember(group, id, now, number);
        return number;
    }

    private long Place(WriteGroup group, NewMessage message, DateTimeOffset now)
    {
        var number = _next++;
        var isDue = !(message.NotBefore > now);
        var at = isDue ? now : message.NotBefore!.Value;
        var content = new MessageContent(at, message.Body) { Properties = message.Properties, ExpiresAt = at + message.TimeToLive };
        if (isDue)
        {
            Put(group, number, content);
        }
        else
        {
            _scheduled.Put(group, number, content);
        }

        return number;
    }

    // Those behind a number have been taken already: what is due comes at the end.
    private void EnqueueDue(WriteGroup group, DateTimeOffset now)
    {
        while (_scheduled.NextDue <= now && _scheduled.TakeNext(group) is { } message)
        {
            Put(group, _next++, message with { EnqueuedAt = now });
        }

        PutNext(group);
    }

    private void Recover()
    {
        if (_engine.Db.Get(_engine.MetaFamily, NextKey) is { } next)
        {
            _next = BinaryPrimitives.ReadInt64BigEndian(next);
        }

        foreach (var (key, value) in _engine.Entries(_engine.MetaFamily, [(byte)'d', _number]))
        {
            _locks.Count(SequenceNumberOf(key.AsSpan(1)), (int)BinaryPrimitives.ReadInt64BigEndian(value));
        }

        // Batches that were in hand when the process died: each message of them that is still here was delivered once more.
        var interrupted = _engine.Entries(_engine.MetaFamily, [(byte)'b', _number]).ToList();
        foreach (var (key, _) in interrupted)
        {
            _locks.BeginAfter(SequenceNumberOf(key.AsSpan(1)));
        }

        _engine.SubmitAsync(group =>
        {
            foreach (var (key, value) in interrupted)
            {
                for (var i = 0; i < value.Length; i += 8)
                {
                    var sequenceNumber = BinaryPrimitives.ReadInt64BigEndian(value.AsSpan(i));
                    using var message = _engine.Db.Find(_engine.QueueFamily, KeyOf(sequenceNumber));
                    if (message.IsFound)
                    {
                        CountDelivery(group, sequenceNumber, _locks.DeliveriesOf(sequenceNumber) + 1);
                    }
                }

                group.Batch.Delete(_engine.MetaFamily, key);
            }
        }).GetAwaiter().GetResult();

        _depth = _engine.Entries(_engine.QueueFamily, [_number]).LongCount();
    }

    private StoredMessage? Find(long sequenceNumber) => _engine.Db.Get(_engine.QueueFamily, KeyOf(sequenceNumber)) is { } value ? Stored(sequenceNumber, value) : null;

    private IEnumerable<StoredMessage> From(long sequenceNumber) =>
        _engine.Entries(_engine.QueueFamily, KeyOf(sequenceNumber), [_number]).Select(entry => Stored(SequenceNumberOf(entry.Key), entry.Value));

    private void Put(WriteGroup group, long sequenceNumber, in MessageContent message)
    {
        group.Batch.Put(_engine.QueueFamily, KeyOf(sequenceNumber), MessageEncoding.HeaderOf(message), message.Body.Span);
        Interlocked.Increment(ref _depth);
    }

    private void PutNext(WriteGroup group) => group.Batch.Put(_engine.MetaFamily, NextKey, RocksKeys.Number(_next));

    // A message may be settled twice (its lock expired, and both holders finish): the second time it is not there, and nothing happens.
    private List<LockedMessage> Remove(WriteGroup group, IReadOnlyList<LockedMessage> messages)
    {
        var removed = messages.Where(_locks.Forget).ToList();
        foreach (var message in removed)
        {
            group.Batch.Delete(_engine.QueueFamily, KeyOf(message.SequenceNumber));
            Interlocked.Decrement(ref _depth);
            if (message.DeliveryCount > 1)
            {
                group.Batch.Delete(_engine.MetaFamily, CountKey(message.SequenceNumber));
            }
        }

        return removed;
    }

    private void Settle(WriteGroup group, IReadOnlyList<LockedMessage> messages)
    {
        foreach (var batch in _locks.Settle(messages))
        {
            group.Batch.Delete(_engine.MetaFamily, BatchKey(batch));
        }
    }

    private void CountDelivery(WriteGroup group, long sequenceNumber, int deliveries)
    {
        _locks.Count(sequenceNumber, deliveries);
        group.Batch.Put(_engine.MetaFamily, CountKey(sequenceNumber), RocksKeys.Number(deliveries));
    }

    private byte[] NextKey => [(byte)'n', _number];

    private byte[] KeyOf(long sequenceNumber) => RocksKeys.Message(_number, sequenceNumber);

    private byte[] CountKey(long sequenceNumber) => [(byte)'d', .. KeyOf(sequenceNumber)];

    private byte[] BatchKey(long batch) => [(byte)'b', .. KeyOf(batch)];

    private static StoredMessage Stored(long sequenceNumber, byte[] value) => new(sequenceNumber, MessageEncoding.Read(value), Deliveries: 0);

    private static DeadLetterCause CauseOf(LockedMessage message, DateTimeOffset now) =>
        message.Content.ExpiresAt <= now ? DeadLetterCause.Expired
        : message.DeliveryCount > RocksQueues.MostDeliveries ? DeadLetterCause.TooManyDeliveries
        : DeadLetterCause.None;

    private static long SequenceNumberOf(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadInt64BigEndian(key[1..]);
}
