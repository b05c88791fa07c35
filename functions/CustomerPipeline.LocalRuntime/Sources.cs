namespace CustomerPipeline.LocalRuntime;

/// <summary>A queue message in the runtime's hand.</summary>
/// <param name="SequenceNumber">Its number in the queue.</param>
/// <param name="MessageId">The sender's id, or null.</param>
/// <param name="DeliveryCount">1 at the first delivery.</param>
/// <param name="Body">The bytes that were sent.</param>
/// <param name="Handle">The queue's own object, to settle it by.</param>
public sealed record QueueMessage(long SequenceNumber, string? MessageId, int DeliveryCount, ReadOnlyMemory<byte> Body, object Handle);

/// <summary>Where the runtime takes queue messages from, by peek-lock.</summary>
public interface IQueueSource
{
    /// <summary>Takes and locks messages, oldest first; waits until there is at least one.</summary>
    Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int most, CancellationToken cancellationToken);

    /// <summary>They are done.</summary>
    Task CompleteAsync(string queue, IReadOnlyList<QueueMessage> messages);

    /// <summary>They are to be delivered again; one delivered too often is dead-lettered by the queue.</summary>
    Task AbandonAsync(string queue, IReadOnlyList<QueueMessage> messages);
}

/// <summary>A function that reads a change feed.</summary>
/// <param name="Name">Under which its place is kept.</param>
/// <param name="Container">Whose changes.</param>
/// <param name="Most">How many documents it takes at once of each range that the feed is read by.</param>
public sealed record ChangeConsumer(string Name, string Container, int Most);

/// <summary>Where the runtime is given changed documents from.</summary>
public interface IChangeSource
{
    /// <summary>
    /// Hands over the changes that a consumer has not passed yet, those of one document in order, until it is stopped. A batch is passed when <paramref name="handle"/> has
    /// returned, and handed over again when it has thrown.
    /// </summary>
    Task RunAsync(ChangeConsumer consumer, Func<IReadOnlyList<ReadOnlyMemory<byte>>, CancellationToken, Task> handle, CancellationToken stopping);
}
