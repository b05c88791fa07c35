namespace CustomerPipeline.Flow.Ports;

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

/// <summary>The three queues, one a channel.</summary>
public static class Queues
{
    public const string Online = "channel-online";
    public const string InStore = "channel-instore";
    public const string Service = "channel-service";

    /// <summary>What follows a queue's name in that of its dead-letter queue.</summary>
    public const string DeadLetterSuffix = "/$deadletterqueue";

    public const string OnlineDeadLetters = Online + DeadLetterSuffix;
    public const string InStoreDeadLetters = InStore + DeadLetterSuffix;
    public const string ServiceDeadLetters = Service + DeadLetterSuffix;

    public static IReadOnlyList<string> All { get; } = [Online, InStore, Service];

    /// <summary>The queue of what another queue gave up delivering.</summary>
    public static string DeadLettersOf(string queue) => queue + DeadLetterSuffix;

    public static string Of(Domain.Channel channel) => channel switch
    {
        Domain.Channel.Online => Online,
        Domain.Channel.InStore => InStore,
        _ => Service,
    };
}
