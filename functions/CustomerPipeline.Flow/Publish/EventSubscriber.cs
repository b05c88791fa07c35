namespace CustomerPipeline.Flow.Publish;

/// <summary>Who is told of events over HTTP.</summary>
/// <param name="Url">HTTPS; HTTP only on this machine.</param>
/// <param name="Secret">What deliveries are signed with, as the Standard Webhooks specification says: at least 24 bytes, base64.</param>
public sealed record EventSubscriber(Uri Url, byte[] Secret);

/// <summary>Who is told of what.</summary>
public sealed record PublishOptions
{
    public IReadOnlyList<EventSubscriber> Subscribers { get; init; } = [];
}
