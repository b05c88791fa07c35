namespace CustomerPipeline.RocksDb;

/// <summary>
/// Who holds which message of a queue, what comes next, and how often each was delivered. It is in memory, so that a crash frees all messages; <see cref="RocksQueue"/> has on disk what must survive it.
/// A lock's time is counted, not told by the clock: that may be set meanwhile.
/// </summary>
internal sealed class MessageLocks(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, MessageLock> _locks = [];
    private readonly SortedSet<long> _givenBack = [];

    // Earlier deliveries of the messages that had any.
    private readonly Dictionary<long, int> _deliveries = [];

    // Messages of each batch that are not settled.
    private readonly Dictionary<long, int> _inHand = [];

    // Everything before has been taken at least once since the start.
    private long _cursor;
    private long _lastBatch;

    /// <summary>Batches are numbered from here on.</summary>
    public void BeginAfter(long batch)
    {
        lock (_gate)
        {
            _lastBatch = Math.Max(_lastBatch, batch);
        }
    }

    public int DeliveriesOf(long sequenceNumber)
    {
        lock (_gate)
        {
            return _deliveries.GetValueOrDefault(sequenceNumber);
        }
    }

    public void Count(long sequenceNumber, int deliveries)
    {
        lock (_gate)
        {
            _deliveries[sequenceNumber] = deliveries;
        }
    }

    /// <summary>Locks messages that nobody else holds: those that were given back, then those that nobody has had.</summary>
    /// <param name="most">How many.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="find">Reads a message; null when it is not there any more.</param>
    /// <param name="from">Reads the messages from a number on.</param>
    public List<LockedMessage> Take(int most, TimeSpan duration, Func<long, StoredMessage?> find, Func<long, IEnumerable<StoredMessage>> from)
    {
        lock (_gate)
        {
            foreach (var expired in _locks.Where(l => IsOver(l.Value)).Select(l => l.Key).ToList())
            {
                _locks.Remove(expired, out var held);
                _deliveries[expired] = held.DeliveryCount;
                _givenBack.Add(expired);
            }

            var taken = new List<LockedMessage>();
            var batch = ++_lastBatch;
            foreach (var sequenceNumber in _givenBack.Take(most).ToList())
            {
                _givenBack.Remove(sequenceNumber);
                if (find(sequenceNumber) is { } message)
                {
                    taken.Add(Hold(message, duration, batch));
                }
            }

            foreach (var message in from(_cursor).Take(most - taken.Count))
            {
                taken.Add(Hold(message, duration, batch));
                _cursor = message.SequenceNumber + 1;
            }

            if (taken.Count > 0)
            {
                _inHand[batch] = taken.Count;
            }

            return taken;
        }
    }

    /// <summary>Holds a message for longer; false when its lock has expired, or it is settled.</summary>
    public bool Renew(LockedMessage message, TimeSpan duration)
    {
        lock (_gate)
        {
            if (!IsHeld(message))
            {
                return false;
            }

            _locks[message.SequenceNumber] = _locks[message.SequenceNumber] with { Since = clock.GetTimestamp(), For = duration };
            return true;
        }
    }

    /// <summary>Whether the lock that a message was taken with is still in force.</summary>
    public bool IsHeld(LockedMessage message)
    {
        lock (_gate)
        {
            return _locks.TryGetValue(message.SequenceNumber, out var held) && held.Batch == message.Batch && !IsOver(held);
        }
    }

    /// <summary>Forgets a message that is settled; false when it was settled before.</summary>
    public bool Forget(LockedMessage message)
    {
        lock (_gate)
        {
            var wasHere = _locks.Remove(message.SequenceNumber) | _givenBack.Remove(message.SequenceNumber);
            _deliveries.Remove(message.SequenceNumber);
            return wasHere;
        }
    }

    /// <summary>Lets others have messages, where they are still held by whoever gives them back.</summary>
    public void GiveBack(IReadOnlyList<LockedMessage> messages)
    {
        lock (_gate)
        {
            foreach (var message in messages)
            {
                if (_locks.TryGetValue(message.SequenceNumber, out var held) && held.Batch == message.Batch)
                {
                    _locks.Remove(message.SequenceNumber);
                    _givenBack.Add(message.SequenceNumber);
                }
            }
        }
    }

    /// <summary>Counts messages of their batches as settled.</summary>
    /// <returns>The batches of which none is in hand any more.</returns>
    public IReadOnlyList<long> Settle(IReadOnlyList<LockedMessage> messages)
    {
        lock (_gate)
        {
            List<long> done = [];
            foreach (var batch in messages.GroupBy(m => m.Batch))
            {
                if (_inHand.TryGetValue(batch.Key, out var left) && (_inHand[batch.Key] = left - batch.Count()) <= 0)
                {
                    _inHand.Remove(batch.Key);
                    done.Add(batch.Key);
                }
            }

            return done;
        }
    }

    /// <summary>Messages came into the queue with numbers of their own: those before the cursor would never be reached.</summary>
    public void Arrived(IEnumerable<long> sequenceNumbers)
    {
        lock (_gate)
        {
            _givenBack.UnionWith(sequenceNumbers.Where(n => n < _cursor && !_locks.ContainsKey(n)));
        }
    }

    private LockedMessage Hold(StoredMessage message, TimeSpan duration, long batch)
    {
        var deliveryCount = _deliveries.GetValueOrDefault(message.SequenceNumber) + 1;
        _locks[message.SequenceNumber] = new MessageLock(clock.GetTimestamp(), duration, deliveryCount, batch);
        return new LockedMessage(message.SequenceNumber, deliveryCount, message.Content, batch);
    }

    private bool IsOver(MessageLock held) => clock.GetElapsedTime(held.Since) >= held.For;

    private readonly record struct MessageLock(long Since, TimeSpan For, int DeliveryCount, long Batch);
}
