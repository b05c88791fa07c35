namespace CustomerPipeline.Application.Ports;

/// <summary>Keeps every message as it came, so that everything can be worked out again.</summary>
public interface IRawArchive
{
    /// <summary>Keeps messages under their delivery ids; durable when it returns, and idempotent.</summary>
    ValueTask StoreAsync(IReadOnlyList<RawMessage> messages, CancellationToken cancellationToken);

    /// <summary>All messages, in no particular order. Messages stored or deleted meanwhile may be among them or not.</summary>
    IAsyncEnumerable<RawMessage> ScanAsync(CancellationToken cancellationToken);

    /// <summary>Lets messages go; nothing happens where there is none.</summary>
    ValueTask DeleteAsync(IReadOnlyList<string> deliveryIds, CancellationToken cancellationToken);

    /// <summary>One message as it came; null when it was never kept.</summary>
    ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string deliveryId, CancellationToken cancellationToken);
}

/// <param name="DeliveryId">Queue and sequence number: one enqueued message, however often it is delivered.</param>
/// <param name="Body">The message, byte for byte.</param>
public readonly record struct RawMessage(string DeliveryId, ReadOnlyMemory<byte> Body);
