namespace CustomerPipeline.AmqpEndpoint;

/// <summary>What peers may take of this process, one by one and all together.</summary>
public sealed record PeerLimits
{
    /// <summary>Connections at one time. Where there are as many, one more takes the place of the oldest that is not open yet, or is refused.</summary>
    public int Connections { get; init; } = 250;

    /// <summary>Links of a connection at one time.</summary>
    public int LinksPerConnection { get; init; } = 250;

    /// <summary>How long a connection may take to open and, once API keys exist, to show one.</summary>
    public TimeSpan Introduction { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes of a message that has not ended. The library keeps them, however many there are. More than a message may have, so that a peer is told so.</summary>
    public long UnfinishedBytesPerMessage { get; init; } = 8 * 1024 * 1024;

    /// <summary>The same of all messages of a connection.</summary>
    public long UnfinishedBytesPerConnection { get; init; } = 16 * 1024 * 1024;

    /// <summary>The same of all connections.</summary>
    public long UnfinishedBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Bytes of whole messages that are not stored yet, of all connections.</summary>
    public long BytesInHand { get; init; } = 64 * 1024 * 1024;

    /// <summary>Messages that a connection may hand in in a second; more of them wait.</summary>
    public int MessagesPerSecond { get; init; } = 10_000;
}
