namespace CustomerPipeline.RocksDb;

/// <summary>A message on its way into a queue.</summary>
/// <param name="Body">The message.</param>
/// <param name="Id">The sender's id: while it is remembered, another message with it is dropped. Null for a message that is new in any case.</param>
/// <param name="NotBefore">Until then nobody is given it.</param>
public readonly record struct NewMessage(ReadOnlyMemory<byte> Body, string? Id = null, DateTimeOffset? NotBefore = null)
{
    /// <summary>What the sender wrote beside the body, in an encoding of its own; kept as it is.</summary>
    public ReadOnlyMemory<byte> Properties { get; init; }

    /// <summary>How long after it was enqueued the message expires; null for never.</summary>
    public TimeSpan? TimeToLive { get; init; }
}

/// <summary>Why a queue moved a message to its dead-letter queue by itself. The numbers are on disk: append, never renumber.</summary>
public enum DeadLetterCause : byte
{
    /// <summary>The message is in its queue, or its reader moved it.</summary>
    None = 0,

    /// <summary>It was delivered more than <see cref="RocksQueues.MostDeliveries"/> times.</summary>
    TooManyDeliveries = 1,

    /// <summary>Its time to live was over before a reader took it.</summary>
    Expired = 2,
}

/// <summary>What is on disk of a message.</summary>
/// <param name="EnqueuedAt">When it was enqueued; of a scheduled message, when it is due.</param>
/// <param name="Body">The message.</param>
public readonly record struct MessageContent(DateTimeOffset EnqueuedAt, ReadOnlyMemory<byte> Body)
{
    /// <summary>What the sender wrote beside the body, in an encoding of its own.</summary>
    public ReadOnlyMemory<byte> Properties { get; init; }

    /// <summary>From when on no reader is given the message; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Why it is in a dead-letter queue.</summary>
    public DeadLetterCause Cause { get; init; }
}

/// <summary>A message in a queue.</summary>
/// <param name="SequenceNumber">Given at enqueuing, rising by one.</param>
/// <param name="Content">The message.</param>
/// <param name="Deliveries">Counted so far.</param>
public readonly record struct StoredMessage(long SequenceNumber, MessageContent Content, int Deliveries);

/// <summary>A message taken from a queue and locked until it is settled or its lock expires.</summary>
/// <param name="SequenceNumber">Given at enqueuing, rising by one.</param>
/// <param name="DeliveryCount">1 at the first delivery.</param>
/// <param name="Content">The message.</param>
/// <param name="Batch">The receive it was taken in.</param>
public sealed record LockedMessage(long SequenceNumber, int DeliveryCount, MessageContent Content, long Batch)
{
    /// <summary>When it was enqueued.</summary>
    public DateTimeOffset EnqueuedAt => Content.EnqueuedAt;

    /// <summary>The message.</summary>
    public ReadOnlyMemory<byte> Body => Content.Body;
}
