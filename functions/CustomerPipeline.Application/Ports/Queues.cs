namespace CustomerPipeline.Application.Ports;

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

    /// <summary>The queues, each with the one of what it gave up delivering.</summary>
    public static IReadOnlyList<string> AllWithDeadLetters { get; } = [.. All.SelectMany(queue => new[] { queue, DeadLettersOf(queue) })];

    /// <summary>The queue of what another queue gave up delivering.</summary>
    public static string DeadLettersOf(string queue) => queue + DeadLetterSuffix;

    public static string Of(Domain.Channel channel) => channel switch
    {
        Domain.Channel.Online => Online,
        Domain.Channel.InStore => InStore,
        _ => Service,
    };
}
