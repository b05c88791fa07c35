using CustomerPipeline.Application.Documents;

namespace CustomerPipeline.Application.Report.Publish;

/// <summary>Who is told of events over HTTP.</summary>
/// <param name="Url">HTTPS; HTTP only on this machine.</param>
/// <param name="Secret">What deliveries are signed with, as the Standard Webhooks specification says: at least 24 bytes, base64.</param>
/// <param name="Types">The types of events it wants, of <see cref="EventTypes"/>; null for all.</param>
public sealed record EventSubscriber(Uri Url, byte[] Secret, IReadOnlyList<string>? Types = null)
{
    public bool Wants(OutgoingEvent @event) => Types is null || Types.Contains(@event.Type);
}

/// <summary>Who is told of what.</summary>
public sealed record PublishOptions
{
    public IReadOnlyList<EventSubscriber> Subscribers { get; init; } = [];
}
