namespace CustomerPipeline.Embedded;

/// <summary>A message on its way into a queue.</summary>
/// <param name="Body">The message.</param>
/// <param name="Id">The sender's id: while it is remembered, another message with it is dropped. Null for a message that is new in any case.</param>
/// <param name="NotBefore">Until then nobody is given it.</param>
public readonly record struct NewMessage(ReadOnlyMemory<byte> Body, string? Id = null, DateTimeOffset? NotBefore = null);

/// <summary>A message in a queue.</summary>
/// <param name="SequenceNumber">Given at enqueuing, rising by one.</param>
/// <param name="EnqueuedAt">When it was enqueued.</param>
/// <param name="Body">The message.</param>
public readonly record struct StoredMessage(long SequenceNumber, DateTimeOffset EnqueuedAt, ReadOnlyMemory<byte> Body);

/// <summary>A message taken from a queue and locked until it is settled or its lock expires.</summary>
/// <param name="SequenceNumber">Given at enqueuing, rising by one.</param>
/// <param name="DeliveryCount">1 at the first delivery.</param>
/// <param name="EnqueuedAt">When it was enqueued.</param>
/// <param name="Body">The message.</param>
/// <param name="Batch">The receive it was taken in.</param>
public sealed record LockedMessage(long SequenceNumber, int DeliveryCount, DateTimeOffset EnqueuedAt, ReadOnlyMemory<byte> Body, long Batch);
