namespace CustomerPipeline.LocalRuntime;

/// <summary>A queue message in the runtime's hand.</summary>
/// <param name="SequenceNumber">Its number in the queue.</param>
/// <param name="MessageId">The sender's id, or null.</param>
/// <param name="DeliveryCount">1 at the first delivery.</param>
/// <param name="Body">UTF-8.</param>
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

/// <summary>Changed documents of one range, and where to go on.</summary>
public sealed record ChangeBatch(IReadOnlyList<ReadOnlyMemory<byte>> Documents, long Place);

/// <summary>Where the runtime takes changed documents from.</summary>
public interface IChangeSource
{
    /// <summary>How many ranges a container's feed has; each is read by itself.</summary>
    int Ranges { get; }

    /// <summary>The changes of a range that a consumer has not passed yet, oldest first; waits until there is at least one.</summary>
    Task<ChangeBatch> ReadAsync(string consumer, string container, int range, int most, CancellationToken cancellationToken);

    /// <summary>The consumer has passed them.</summary>
    Task CheckpointAsync(string consumer, string container, int range, long place);
}
