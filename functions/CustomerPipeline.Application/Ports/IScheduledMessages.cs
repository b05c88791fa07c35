namespace CustomerPipeline.Application.Ports;

/// <summary>Messages that queues hold back until they are due. No stage has seen them, and they are kept all the same: an erasure looks through them, and an export tells them.</summary>
public interface IScheduledMessages
{
    /// <summary>All of them, queue by queue.</summary>
    IAsyncEnumerable<ScheduledMessage> ListAsync(CancellationToken cancellationToken);

    /// <summary>Takes one back; nothing happens where it is due by now.</summary>
    ValueTask CancelAsync(ScheduledMessage message, CancellationToken cancellationToken);
}

/// <summary>A message that is not due yet.</summary>
/// <param name="Queue">The queue it will be in.</param>
/// <param name="Number">What it is cancelled by.</param>
/// <param name="Body">What a stage will be given.</param>
/// <param name="Stored">All that is kept of it: its properties, too.</param>
public readonly record struct ScheduledMessage(string Queue, long Number, ReadOnlyMemory<byte> Body, ReadOnlyMemory<byte> Stored);

/// <summary>Of queues that do not tell what they hold back, such as Azure Service Bus to a reader without rights to send: what is erased is refused when it is due.</summary>
public sealed class NoScheduledMessages : IScheduledMessages
{
    public IAsyncEnumerable<ScheduledMessage> ListAsync(CancellationToken cancellationToken) => AsyncEnumerable.Empty<ScheduledMessage>();

    public ValueTask CancelAsync(ScheduledMessage message, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
