namespace CustomerPipeline.Flow.Receive;

/// <summary>Limits of what is taken in, and from whom.</summary>
public sealed record ReceiveOptions
{
    /// <summary>The largest upload, in bytes: many messages.</summary>
    public int LargestUpload { get; init; } = 32 * 1024 * 1024;

    /// <summary>A queue this deep takes no more until it has been worked down: callers are told to come back.</summary>
    public long DeepestQueue { get; init; } = 2_000_000;

    /// <summary>
    /// Secrets by source. Where a source has any, its webhooks must be signed with one of them; where it has none, signatures are not looked at, and the
    /// host's own key is all that protects the address.
    /// </summary>
    public IReadOnlyDictionary<string, WebhookSecrets> Webhooks { get; init; } = new Dictionary<string, WebhookSecrets>();
}
