using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.RocksDb;

/// <summary>
/// Peek-lock queues, durable in the embedded store. Locks live in memory, so that a crash frees them; deliveries are counted on disk, so that a message that kills its host again and again ends in the
/// dead-letter queue.
/// </summary>
public sealed class RocksQueues : IMessageSender, IScheduledMessages
{
    /// <summary>Deliveries after which a message is dead-lettered instead of delivered once more (Service Bus's default).</summary>
    public const int MostDeliveries = 10;

    private readonly Dictionary<string, RocksQueue> _queues = new(StringComparer.Ordinal);

    public RocksQueues(RocksEngine engine)
    {
        foreach (var queue in Queues.All)
        {
            var deadLetters = Queues.DeadLettersOf(queue);
            _queues[deadLetters] = new RocksQueue(engine, RocksKeys.QueueNumber(deadLetters), deadLetters: null);
            _queues[queue] = new RocksQueue(engine, RocksKeys.QueueNumber(queue), _queues[deadLetters]);
        }
    }

    public ValueTask SendAsync(string queue, IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken) =>
        new(EnqueueAsync(queue, [.. messages.Select(m => new NewMessage(m))]));

    /// <summary>Puts messages at the end of a queue, or aside until they are due; durable when it returns.</summary>
    /// <returns>The number of each: its sequence number, or that of its schedule, to cancel it by. A repetition has the number of the first.</returns>
    public Task<IReadOnlyList<long>> EnqueueAsync(string queue, IReadOnlyList<NewMessage> messages) => _queues[queue].EnqueueAsync(messages);

    /// <summary>Takes back messages that were put aside; those that are in the queue by now stay.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="numbers">As they were given when the messages were put aside.</param>
    /// <returns>How many were taken back.</returns>
    public Task<int> CancelAsync(string queue, IReadOnlyList<long> numbers) => _queues[queue].CancelAsync(numbers);

    /// <summary>How many messages of a queue are put aside until they are due.</summary>
    public int ScheduledOf(string queue) => _queues[queue].Scheduled;

    public IAsyncEnumerable<ScheduledMessage> ListAsync(CancellationToken cancellationToken) =>
        _queues.SelectMany(q => q.Value.ListScheduled().Select(m => new ScheduledMessage(q.Key, m.Number, m.Message.Body, m.Stored))).ToAsyncEnumerable();

    public async ValueTask CancelAsync(ScheduledMessage message, CancellationToken cancellationToken) => await CancelAsync(message.Queue, [message.Number]);

    public ValueTask<long?> DepthAsync(string queue, CancellationToken cancellationToken) => ValueTask.FromResult<long?>(_queues[queue].Depth);

    /// <summary>When the oldest message was enqueued; null when the queue is empty.</summary>
    public DateTimeOffset? Oldest(string queue) => _queues[queue].OldestEnqueuedAt();

    /// <summary>Completes when something is enqueued, given back or due after this call.</summary>
    public Task NextMessage(string queue) => _queues[queue].NextMessage();

    /// <summary>Takes messages that nobody else holds and locks them, oldest first. One delivered too often, or expired, goes to the dead-letter queue instead.</summary>
    public Task<IReadOnlyList<LockedMessage>> ReceiveAsync(string queue, int most, TimeSpan lockDuration) => _queues[queue].ReceiveAsync(most, lockDuration);

    /// <summary>Removes messages for good. Need not survive a power cut: then they are delivered once more.</summary>
    public Task CompleteAsync(string queue, IReadOnlyList<LockedMessage> messages) => _queues[queue].CompleteAsync(messages);

    /// <summary>Holds messages for longer.</summary>
    /// <returns>Until when; null for those whose lock has expired or that are settled.</returns>
    public IReadOnlyList<DateTimeOffset?> Renew(string queue, IReadOnlyList<LockedMessage> messages, TimeSpan lockDuration) => _queues[queue].Renew(messages, lockDuration);

    /// <summary>Whether the lock that a message was taken with is still in force.</summary>
    public bool IsHeld(string queue, LockedMessage message) => _queues[queue].IsHeld(message);

    /// <summary>Looks at messages, locked ones included, without taking them.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="from">The first sequence number.</param>
    /// <param name="most">How many.</param>
    public IReadOnlyList<StoredMessage> Peek(string queue, long from, int most) => _queues[queue].Peek(from, most);

    /// <summary>Gives messages back at once; they are delivered again.</summary>
    public Task AbandonAsync(string queue, IReadOnlyList<LockedMessage> messages) => _queues[queue].AbandonAsync(messages);

    /// <summary>Gives a message back at once with other properties; it is delivered again.</summary>
    public Task AbandonAsync(string queue, LockedMessage message, ReadOnlyMemory<byte> properties) => _queues[queue].AbandonAsync(message, properties);

    /// <summary>Gives back a message that was not looked at: it is delivered again at once, and this delivery does not count.</summary>
    public Task ReleaseAsync(string queue, LockedMessage message) => _queues[queue].ReleaseAsync(message);

    /// <summary>Moves messages to the queue's dead-letter queue, where they keep their sequence numbers.</summary>
    public Task DeadLetterAsync(string queue, IReadOnlyList<LockedMessage> messages) => _queues[queue].DeadLetterAsync(messages);
}
