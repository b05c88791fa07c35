using CustomerPipeline.Domain.Normalize.Sources;

namespace CustomerPipeline.Domain.Normalize;

/// <summary>A source system that the pipeline understands: its name, its queue and its mapping.</summary>
/// <param name="Name">As in <c>/api/ingest/{source}</c> and in the CloudEvent type.</param>
/// <param name="Channel">Which of the three queues its messages travel in.</param>
/// <param name="Headers">Which HTTP headers carry its event id, topic and sender.</param>
/// <param name="Normalize">Payload to records.</param>
public sealed record SourceSystem(string Name, Channel Channel, VendorHeaders Headers, Func<MessageEnvelope, NormalizationRules, Normalization> Normalize);

/// <summary>HTTP headers of a vendor's webhooks that are kept with the message; null where it sends none.</summary>
public sealed record VendorHeaders(string? EventId = null, string? Topic = null, string? Sender = null);

/// <summary>Vendor message to canonical records.</summary>
public static class Normalizer
{
    public static IReadOnlyList<SourceSystem> Sources { get; } =
    [
        new("segment", Channel.Online, new VendorHeaders(), Segment.Normalize),
        new("shopify", Channel.Online, new VendorHeaders("X-Shopify-Event-Id", "X-Shopify-Topic", "X-Shopify-Shop-Domain"), Shopify.Normalize),
        new("square", Channel.InStore, new VendorHeaders(), Square.Normalize),
        new("zendesk", Channel.Service, new VendorHeaders(), Zendesk.Normalize),
    ];

    public static SourceSystem? Find(string name) => Sources.FirstOrDefault(s => s.Name == name);

    /// <summary>Reads one queue message. Never throws on input.</summary>
    public static Normalization Normalize(ReadOnlyMemory<byte> message, NormalizationRules rules)
    {
        // The common case reads the payload once. What that cannot make sense of is read with care, to say exactly what is wrong.
        if (MessageEnvelope.ReadAhead(message) is { } ahead && Find(ahead.Vendor)?.Normalize(ahead, rules) is { } result and not Normalization.Quarantined)
        {
            return result;
        }

        if (!MessageEnvelope.TryRead(message, out var envelope, out var reason))
        {
            return new Normalization.Quarantined(reason!);
        }

        return Find(envelope!.Vendor) is { } source
            ? source.Normalize(envelope, rules)
            : Normalization.Reject("unknown-source", $"No mapping reads this type. Known sources: {string.Join(", ", Sources.Select(s => s.Name))}.");
    }
}
