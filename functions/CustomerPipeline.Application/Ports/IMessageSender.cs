namespace CustomerPipeline.Application.Ports;

/// <summary>The queues that raw messages wait in.</summary>
public interface IMessageSender
{
    /// <summary>Puts messages (CloudEvents, UTF-8 JSON) at the end of a queue; durable when it returns.</summary>
    /// <exception cref="QueueFullException">The queue takes no more for now. Some of the messages may have been taken.</exception>
    ValueTask SendAsync(string queue, IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken);

    /// <summary>How many messages a queue holds, those being worked on included; null where that cannot be told now.</summary>
    ValueTask<long?> DepthAsync(string queue, CancellationToken cancellationToken);
}

/// <summary>A queue takes no more until it has been worked down.</summary>
public sealed class QueueFullException(string queue, Exception inner) : Exception($"The queue {queue} is full.", inner);
