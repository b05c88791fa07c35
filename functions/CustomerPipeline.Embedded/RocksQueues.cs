using System.Buffers.Binary;
using CustomerPipeline.Flow.Ports;

namespace CustomerPipeline.Embedded;

/// <summary>A message taken from a queue and locked until it is settled or its lock expires.</summary>
/// <param name="SequenceNumber">Given at enqueuing, rising by one.</param>
/// <param name="DeliveryCount">1 at the first delivery.</param>
/// <param name="EnqueuedAt">When it was enqueued.</param>
/// <param name="Body">The message.</param>
/// <param name="Batch">The receive it was taken in.</param>
public sealed record LockedMessage(long SequenceNumber, int DeliveryCount, DateTimeOffset EnqueuedAt, ReadOnlyMemory<byte> Body, long Batch);

/// <summary>A message on its way into a queue.</summary>
/// <param name="Body">The message.</param>
/// <param name="Id">The sender's id: while it is remembered, another message with it is dropped. Null for a message that is new in any case.</param>
/// <param name="NotBefore">Until then nobody is given it.</param>
public readonly record struct NewMessage(ReadOnlyMemory<byte> Body, string? Id = null, DateTimeOffset? NotBefore = null);

/// <summary>
/// Peek-lock queues, durable in the embedded store. Locks live in memory, so that a crash frees them; deliveries are counted on disk, a mark for each
/// batch in hand, so that a message that kills its host again and again ends in the dead-letter queue.
/// </summary>
public sealed class RocksQueues : IMessageSender
{
    /// <summary>Deliveries after which a message is dead-lettered instead of delivered once more (Service Bus's default).</summary>
    public const int MostDeliveries = 10;

    // Whoever waits looks again before that.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private readonly RocksEngine _engine;
    private readonly Dictionary<string, State> _queues = new(StringComparer.Ordinal);

    public RocksQueues(RocksEngine engine)
    {
        _engine = engine;
        foreach (var queue in Queues.AllWithDeadLetters)
        {
            _queues[queue] = Recover(queue);
        }
    }

    public ValueTask SendAsync(string queue, IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken) =>
        new(EnqueueAsync(queue, [.. messages.Select(m => new NewMessage(m))]));

    /// <summary>Puts messages at the end of a queue, or aside until they are due; durable when it returns.</summary>
    /// <returns>The number of each: its sequence number, or that of its schedule, to cancel it by. A repetition has the number of the first.</returns>
    public async Task<IReadOnlyList<long>> EnqueueAsync(string queue, IReadOnlyList<NewMessage> messages)
    {
        var state = _queues[queue];
        var numbers = new long[messages.Count];
        await _engine.SubmitAsync(group =>
        {
            group.MustSync = true;
            group.Signals.Add(state.Signal);
            var now = _engine.Clock.GetUtcNow();
            for (var i = 0; i < messages.Count; i++)
            {
                numbers[i] = Enqueue(group, state, messages[i], now);
            }

            group.Batch.Put(_engine.MetaFamily, NextKey(state), RocksKeys.Number(state.Next));
        });
        return numbers;
    }

    /// <summary>Takes back messages that were put aside; those that are in the queue by now stay.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="numbers">As they were given when the messages were put aside.</param>
    /// <returns>How many were taken back.</returns>
    public async Task<int> CancelAsync(string queue, IReadOnlyList<long> numbers)
    {
        var state = _queues[queue];
        var cancelled = 0;
        await _engine.SubmitAsync(group =>
        {
            group.MustSync = true;
            cancelled = numbers.Count(number => state.Scheduled.Remove(group, number));
        });
        return cancelled;
    }

    /// <summary>How many messages of a queue are put aside until they are due.</summary>
    public int ScheduledOf(string queue) => _queues[queue].Scheduled.Count;

    public ValueTask<long?> DepthAsync(string queue, CancellationToken cancellationToken) => ValueTask.FromResult<long?>(Interlocked.Read(ref _queues[queue].Depth));

    /// <summary>When the oldest message was enqueued; null when the queue is empty.</summary>
    public DateTimeOffset? Oldest(string queue)
    {
        var state = _queues[queue];
        if (Interlocked.Read(ref state.Depth) == 0)
        {
            return null;
        }

        lock (state)
        {
            using var iterator = _engine.Db.Iterate(_engine.QueueFamily);
            iterator.Seek(RocksKeys.Message(state.Number, state.Oldest));
            if (!_engine.IsOnEntry(iterator, [state.Number]))
            {
                return null;
            }

            // What was removed leaves tombstones behind: the next look starts here.
            state.Oldest = SequenceNumberOf(iterator.Key);
            return EnqueuedAt(iterator.Value);
        }
    }

    /// <summary>Completes when something is enqueued, given back or due after this call.</summary>
    public Task NextMessage(string queue)
    {
        var state = _queues[queue];
        return state.Scheduled.NextDue is { } due && due - _engine.Clock.GetUtcNow() is var wait && wait < LongestWait
            ? Task.WhenAny(state.Signal.Next, Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, _engine.Clock))
            : state.Signal.Next;
    }

    /// <summary>Takes messages that nobody else holds and locks them, oldest first. One delivered too often goes to the dead-letter queue instead.</summary>
    public async Task<IReadOnlyList<LockedMessage>> ReceiveAsync(string queue, int most, TimeSpan lockDuration)
    {
        var state = _queues[queue];
        var now = _engine.Clock.GetUtcNow();
        if (state.Scheduled.NextDue <= now)
        {
            await _engine.SubmitAsync(group => EnqueueDue(group, state, now));
        }

        var taken = Take(state, most, lockDuration);
        if (taken.Count == 0)
        {
            return [];
        }

        // Written before a handler sees them: if it kills the process, this delivery counts.
        byte[] inHand = [.. taken.SelectMany(m => RocksKeys.Number(m.SequenceNumber))];
        await _engine.SubmitAsync(group => group.Batch.Put(_engine.MetaFamily, BatchKey(state, taken[0].Batch), inHand));

        var exhausted = taken.Where(m => m.DeliveryCount > MostDeliveries).ToList();
        if (exhausted.Count > 0 && !queue.EndsWith(Queues.DeadLetterSuffix, StringComparison.Ordinal))
        {
            await DeadLetterAsync(queue, exhausted);
            return [.. taken.Except(exhausted)];
        }

        return taken;
    }

    /// <summary>Removes messages for good. Need not survive a power cut: then they are delivered once more.</summary>
    public async Task CompleteAsync(string queue, IReadOnlyList<LockedMessage> messages)
    {
        var state = _queues[queue];
        await _engine.SubmitAsync(group =>
        {
            Remove(group, state, messages);
            Settle(group, state, messages);
        });
        Unlock(state, messages);
    }

    /// <summary>Holds messages for longer.</summary>
    /// <returns>Until when; null for those whose lock has expired or that are settled.</returns>
    public IReadOnlyList<DateTimeOffset?> Renew(string queue, IReadOnlyList<LockedMessage> messages, TimeSpan lockDuration)
    {
        var state = _queues[queue];
        var now = _engine.Clock.GetUtcNow();
        lock (state)
        {
            return [.. messages.Select(m =>
            {
                if (!state.Locks.TryGetValue(m.SequenceNumber, out var held) || held.Batch != m.Batch || IsOver(held))
                {
                    return (DateTimeOffset?)null;
                }

                state.Locks[m.SequenceNumber] = held with { Since = _engine.Clock.GetTimestamp(), For = lockDuration };
                return now + lockDuration;
            })];
        }
    }

    /// <summary>Looks at messages, locked ones included, without taking them.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="from">The first sequence number.</param>
    /// <param name="most">How many.</param>
    public IReadOnlyList<(long SequenceNumber, DateTimeOffset EnqueuedAt, ReadOnlyMemory<byte> Body)> Peek(string queue, long from, int most)
    {
        var state = _queues[queue];
        return [.. _engine.Entries(_engine.QueueFamily, RocksKeys.Message(state.Number, Math.Max(0, from)), [state.Number]).Take(most)
            .Select(m => (SequenceNumberOf(m.Key), EnqueuedAt(m.Value), (ReadOnlyMemory<byte>)m.Value.AsMemory(8)))];
    }

    /// <summary>Gives messages back at once; they are delivered again.</summary>
    public async Task AbandonAsync(string queue, IReadOnlyList<LockedMessage> messages)
    {
        var state = _queues[queue];
        await _engine.SubmitAsync(group =>
        {
            foreach (var message in messages)
            {
                CountDelivery(group, state, message.SequenceNumber, message.DeliveryCount);
            }

            Settle(group, state, messages);
        });
        Unlock(state, messages, isBack: true);
        state.Signal.Pulse();
    }

    /// <summary>Moves messages to the queue's dead-letter queue, where they keep their sequence numbers.</summary>
    public async Task DeadLetterAsync(string queue, IReadOnlyList<LockedMessage> messages)
    {
        var state = _queues[queue];
        var dead = _queues[Queues.DeadLettersOf(queue)];
        await _engine.SubmitAsync(group =>
        {
            group.MustSync = true;
            group.Signals.Add(dead.Signal);
            foreach (var message in Remove(group, state, messages))
            {
                Put(group, dead, message.SequenceNumber, message.EnqueuedAt, message.Body.Span);
            }

            Settle(group, state, messages);
        });
        Unlock(state, messages);
        lock (dead)
        {
            // Numbers arrive here in any order: what lies before the cursor would never be reached, and what lies before the oldest never seen.
            dead.Oldest = messages.Select(m => m.SequenceNumber).Prepend(dead.Oldest).Min();
            dead.GivenBack.UnionWith(messages.Select(m => m.SequenceNumber).Where(n => n < dead.Cursor && !dead.Locks.ContainsKey(n)));
        }

        dead.Signal.Pulse();
    }

    // On the writer thread.
    private long Enqueue(WriteGroup group, State state, NewMessage message, DateTimeOffset now)
    {
        if (message.Id is null)
        {
            return Place(group, state, message, now);
        }

        var id = RecentMessages.HashOf(message.Id);
        if (state.Recent.Find(group, id, now) is { } first)
        {
            return first;
        }

        var number = Place(group, state, message, now);
        state.Recent.Remember(group, id, now, number);
        return number;
    }

    private long Place(WriteGroup group, State state, NewMessage message, DateTimeOffset now)
    {
        var number = state.Next++;
        if (message.NotBefore is { } due && due > now)
        {
            state.Scheduled.Put(group, number, due, message.Body);
        }
        else
        {
            Put(group, state, number, now, message.Body.Span);
        }

        return number;
    }

    // Those behind a number have been taken already: what is due comes at the end.
    private void EnqueueDue(WriteGroup group, State state, DateTimeOffset now)
    {
        while (state.Scheduled.NextDue <= now && state.Scheduled.TakeNext(group) is { } body)
        {
            Put(group, state, state.Next++, now, body);
        }

        group.Batch.Put(_engine.MetaFamily, NextKey(state), RocksKeys.Number(state.Next));
    }

    private State Recover(string queue)
    {
        var state = new State(_engine, RocksKeys.QueueNumber(queue));
        if (_engine.Db.Get(_engine.MetaFamily, NextKey(state)) is { } next)
        {
            state.Next = BinaryPrimitives.ReadInt64BigEndian(next);
        }

        foreach (var (key, value) in _engine.Entries(_engine.MetaFamily, [(byte)'d', state.Number]))
        {
            state.Deliveries[SequenceNumberOf(key.AsSpan(1))] = (int)BinaryPrimitives.ReadInt64BigEndian(value);
        }

        // Batches that were in hand when the process died: each message of them that is still here was delivered once more.
        var interrupted = _engine.Entries(_engine.MetaFamily, [(byte)'b', state.Number]).ToList();
        foreach (var (key, value) in interrupted)
        {
            state.LastBatch = Math.Max(state.LastBatch, SequenceNumberOf(key.AsSpan(1)));
        }

        _engine.SubmitAsync(group =>
        {
            foreach (var (key, value) in interrupted)
            {
                for (var i = 0; i < value.Length; i += 8)
                {
                    var sequenceNumber = BinaryPrimitives.ReadInt64BigEndian(value.AsSpan(i));
                    using var message = _engine.Db.Find(_engine.QueueFamily, RocksKeys.Message(state.Number, sequenceNumber));
                    if (message.IsFound)
                    {
                        CountDelivery(group, state, sequenceNumber, state.Deliveries.GetValueOrDefault(sequenceNumber) + 1);
                    }
                }

                group.Batch.Delete(_engine.MetaFamily, key);
            }
        }).GetAwaiter().GetResult();

        state.Depth = _engine.Entries(_engine.QueueFamily, [state.Number]).LongCount();
        return state;
    }

    private List<LockedMessage> Take(State state, int most, TimeSpan lockDuration)
    {
        lock (state)
        {
            foreach (var expired in state.Locks.Where(l => IsOver(l.Value)).Select(l => l.Key).ToList())
            {
                state.Locks.Remove(expired, out var held);
                state.Deliveries[expired] = held.DeliveryCount;
                state.GivenBack.Add(expired);
            }

            var taken = new List<LockedMessage>();
            var batch = ++state.LastBatch;
            foreach (var sequenceNumber in state.GivenBack.Take(most).ToList())
            {
                state.GivenBack.Remove(sequenceNumber);
                if (_engine.Db.Get(_engine.QueueFamily, RocksKeys.Message(state.Number, sequenceNumber)) is { } value)
                {
                    taken.Add(Lock(state, sequenceNumber, value, lockDuration, batch));
                }
            }

            foreach (var (key, value) in _engine.Entries(_engine.QueueFamily, RocksKeys.Message(state.Number, state.Cursor), [state.Number]).Take(most - taken.Count))
            {
                var sequenceNumber = SequenceNumberOf(key);
                taken.Add(Lock(state, sequenceNumber, value, lockDuration, batch));
                state.Cursor = sequenceNumber + 1;
            }

            if (taken.Count > 0)
            {
                state.InHand[batch] = taken.Count;
            }

            return taken;
        }
    }

    private bool IsOver(MessageLock held) => _engine.Clock.GetElapsedTime(held.Since) >= held.For;

    private LockedMessage Lock(State state, long sequenceNumber, byte[] value, TimeSpan lockDuration, long batch)
    {
        var deliveryCount = state.Deliveries.GetValueOrDefault(sequenceNumber) + 1;
        state.Locks[sequenceNumber] = new MessageLock(_engine.Clock.GetTimestamp(), lockDuration, deliveryCount, batch);
        return new LockedMessage(sequenceNumber, deliveryCount, EnqueuedAt(value), value.AsMemory(8), batch);
    }

    private void Put(WriteGroup group, State state, long sequenceNumber, DateTimeOffset enqueuedAt, ReadOnlySpan<byte> body)
    {
        Span<byte> at = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(at, enqueuedAt.UtcTicks);
        group.Batch.Put(_engine.QueueFamily, RocksKeys.Message(state.Number, sequenceNumber), at, body);
        Interlocked.Increment(ref state.Depth);
    }

    // A message may be settled twice (its lock expired, and both holders finish): the second time it is not there, and nothing happens.
    private List<LockedMessage> Remove(WriteGroup group, State state, IReadOnlyList<LockedMessage> messages)
    {
        var removed = new List<LockedMessage>(messages.Count);
        foreach (var message in messages)
        {
            lock (state)
            {
                if (!state.Removed(message))
                {
                    continue;
                }
            }

            removed.Add(message);
            group.Batch.Delete(_engine.QueueFamily, RocksKeys.Message(state.Number, message.SequenceNumber));
            Interlocked.Decrement(ref state.Depth);
            if (message.DeliveryCount > 1)
            {
                group.Batch.Delete(_engine.MetaFamily, CountKey(state, message.SequenceNumber));
            }
        }

        return removed;
    }

    private void Settle(WriteGroup group, State state, IReadOnlyList<LockedMessage> messages)
    {
        lock (state)
        {
            foreach (var batch in messages.GroupBy(m => m.Batch))
            {
                if (state.InHand.TryGetValue(batch.Key, out var left) && (state.InHand[batch.Key] = left - batch.Count()) <= 0)
                {
                    state.InHand.Remove(batch.Key);
                    group.Batch.Delete(_engine.MetaFamily, BatchKey(state, batch.Key));
                }
            }
        }
    }

    private void CountDelivery(WriteGroup group, State state, long sequenceNumber, int deliveries)
    {
        lock (state)
        {
            state.Deliveries[sequenceNumber] = deliveries;
        }

        group.Batch.Put(_engine.MetaFamily, CountKey(state, sequenceNumber), RocksKeys.Number(deliveries));
    }

    private static void Unlock(State state, IReadOnlyList<LockedMessage> messages, bool isBack = false)
    {
        lock (state)
        {
            foreach (var message in messages)
            {
                if (isBack && state.Locks.TryGetValue(message.SequenceNumber, out var held) && held.Batch == message.Batch)
                {
                    state.Locks.Remove(message.SequenceNumber);
                    state.GivenBack.Add(message.SequenceNumber);
                }
            }
        }
    }

    private static DateTimeOffset EnqueuedAt(ReadOnlySpan<byte> value) => new(BinaryPrimitives.ReadInt64BigEndian(value), TimeSpan.Zero);

    private static long SequenceNumberOf(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadInt64BigEndian(key[1..]);

    private static byte[] NextKey(State state) => [(byte)'n', state.Number];

    private static byte[] CountKey(State state, long sequenceNumber) => [(byte)'d', .. RocksKeys.Message(state.Number, sequenceNumber)];

    private static byte[] BatchKey(State state, long batch) => [(byte)'b', .. RocksKeys.Message(state.Number, batch)];

    /// <summary>A message in somebody's hand. Its time is counted, not told by the clock: that may be set meanwhile.</summary>
    private readonly record struct MessageLock(long Since, TimeSpan For, int DeliveryCount, long Batch);

    private sealed class State(RocksEngine engine, byte number)
    {
        public byte Number => number;

        public RecentMessages Recent { get; } = new(engine, number);

        public ScheduledMessages Scheduled { get; } = new(engine, number);

        public CommitSignal Signal { get; } = new();

        /// <summary>The next sequence number; changed on the writer thread.</summary>
        public long Next { get; set; }

        /// <summary>Messages in the queue, locked ones included.</summary>
        public long Depth;

        /// <summary>No message has a smaller number than this.</summary>
        public long Oldest { get; set; }

        /// <summary>Everything before has been taken at least once since the start.</summary>
        public long Cursor { get; set; }

        public long LastBatch { get; set; }

        /// <summary>Messages of each batch that are not settled.</summary>
        public Dictionary<long, int> InHand { get; } = [];

        public Dictionary<long, MessageLock> Locks { get; } = [];

        /// <summary>Earlier deliveries of the messages that had any.</summary>
        public Dictionary<long, int> Deliveries { get; } = [];

        public SortedSet<long> GivenBack { get; } = [];

        /// <summary>Forgets a message that is settled; false when it was settled before.</summary>
        public bool Removed(LockedMessage message)
        {
            var wasHere = Locks.Remove(message.SequenceNumber) | GivenBack.Remove(message.SequenceNumber);
            Deliveries.Remove(message.SequenceNumber);
            return wasHere;
        }
    }
}
