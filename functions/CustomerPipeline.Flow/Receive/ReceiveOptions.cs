namespace CustomerPipeline.Flow.Receive;

/// <summary>Limits of what is taken in.</summary>
public sealed record ReceiveOptions
{
    /// <summary>The largest upload, in bytes: many messages.</summary>
    public int LargestUpload { get; init; } = 32 * 1024 * 1024;

    /// <summary>A queue this deep takes no more until it has been worked down: callers are told to come back.</summary>
    public long DeepestQueue { get; init; } = 2_000_000;
}
