using System.Collections.Frozen;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using CustomerPipeline.Domain.Normalize.Sources;

namespace CustomerPipeline.Domain.Normalize;

/// <summary>A source system that the pipeline understands: its name, its queue and its mapping.</summary>
/// <param name="Name">As in <c>/api/ingest/{source}</c> and in the CloudEvent type.</param>
/// <param name="Channel">Which of the three queues its messages travel in.</param>
/// <param name="Format">What its payloads are written in.</param>
/// <param name="Headers">Which HTTP headers carry its event id, topic and sender.</param>
/// <param name="Normalize">Payload to records.</param>
public sealed record SourceSystem(string Name, Channel Channel, PayloadFormat Format, VendorHeaders Headers, Func<MessageEnvelope, NormalizationRules, Normalization> Normalize)
{
    /// <summary>
    /// Lists that answers of the vendor's API, and its batches, hold: the name of the list, and the name that an element of it is wrapped in to be a payload;
    /// null where it is one by itself, and
    /// <c>@FIELD</c> where a field of the element has the name.
    /// </summary>
    public IReadOnlyDictionary<string, string?> Lists { get; init; } = FrozenDictionary<string, string?>.Empty;

    /// <summary>What the mapping reads of a payload, by which a large one can be reduced; null where payloads are no JSON.</summary>
    internal JsonTypeInfo? Shape { get; init; }
}

/// <summary>What a source's payloads are written in.</summary>
public enum PayloadFormat
{
    /// <summary>JSON objects: one, an array, or one a line.</summary>
    Json,

    /// <summary>An XML document with any number of <c>Transaction</c> elements, each a payload.</summary>
    XmlTransactions,
}

/// <summary>HTTP headers of a vendor's webhooks that are kept with the message; null where it sends none.</summary>
/// <param name="EventId">The duplicate key.</param>
/// <param name="Topic">What happened.</param>
/// <param name="Sender">Which shop or account.</param>
/// <param name="Kept">More headers worth keeping.</param>
public sealed record VendorHeaders(string? EventId = null, string? Topic = null, string? Sender = null, params IReadOnlyList<string> Kept)
{
    /// <summary>The number of one delivery and its repetitions, where one event may be told in several: then it is the duplicate key, and the event id where it is missing.</summary>
    public string? Delivery { get; init; }

    /// <summary>All headers that are kept.</summary>
    public IEnumerable<string> All => new[] { Delivery, EventId, Topic, Sender }.OfType<string>().Concat(Kept);
}

/// <summary>Vendor message to canonical records.</summary>
public static class Normalizer
{
    public static IReadOnlyList<SourceSystem> Sources { get; } =
    [
        new("segment", Channel.Online, PayloadFormat.Json, new VendorHeaders(), Segment.Normalize)
        {
            Lists = Lists(("batch", null)), Shape = SourceShapes.Default.SegmentMessage,
        },
        new("shopify", Channel.Online, PayloadFormat.Json, new VendorHeaders("X-Shopify-Event-Id", "X-Shopify-Topic", "X-Shopify-Shop-Domain", "X-Shopify-Triggered-At", "X-Shopify-API-Version") { Delivery = "X-Shopify-Webhook-Id" }, Shopify.Normalize)
        {
            Lists = Lists(("orders", "order"), ("refunds", "refund"), ("customers", "customer")), Shape = SourceShapes.Default.ShopifyPayload,
        },
        new("square", Channel.InStore, PayloadFormat.Json, new VendorHeaders(Kept: "square-environment"), Square.Normalize)
        {
            Lists = Lists(("payments", "payment"), ("refunds", "refund"), ("customers", "customer"), ("orders", "order")), Shape = SourceShapes.Default.SquareEvent,
        },
        new("poslog", Channel.InStore, PayloadFormat.XmlTransactions, new VendorHeaders(), PosLog.Normalize),
        new("digital-receipt", Channel.InStore, PayloadFormat.XmlTransactions, new VendorHeaders(), DigitalReceipt.Normalize),
        new("zendesk", Channel.Service, PayloadFormat.Json, new VendorHeaders(Kept: ["X-Zendesk-Account-Id", "X-Zendesk-Webhook-Id"]), Zendesk.Normalize)
        {
            Lists = Lists(("tickets", "ticket"), ("users", "user"), ("satisfaction_ratings", "satisfaction_rating"),
                ("survey_responses", "survey_response"), ("results", "@result_type")),
            Shape = SourceShapes.Default.ZendeskMessage,
        },
        new("intercom", Channel.Service, PayloadFormat.Json, new VendorHeaders(), Intercom.Normalize)
        {
            Lists = Lists(("conversations", null), ("contacts", null), ("data", null)), Shape = SourceShapes.Default.IntercomObject,
        },
        new("import", Channel.Online, PayloadFormat.Json, new VendorHeaders(), Import.Normalize) { Shape = SourceShapes.Default.ImportedEntity },
    ];

    private static FrozenDictionary<string, string?> Lists(params (string List, string? Element)[] lists) => lists.ToFrozenDictionary(l => l.List, l => l.Element, StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, SourceSystem> ByName = Sources.ToFrozenDictionary(s => s.Name, StringComparer.Ordinal);

    // What the pipeline tells itself: it comes in through no door.
    private static readonly SourceSystem Decisions = new(IdentityDecision.Source, Channel.Service, PayloadFormat.Json, new VendorHeaders(), IdentityDecision.Normalize);

    /// <summary>The source of a name, of those that may send.</summary>
    public static SourceSystem? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>Whether a message decides about people: a request to erase or export them, or who is one customer. It counts only if who brought it may ask that.</summary>
    public static bool IsAboutPeople(MessageEnvelope message) =>
        message.Vendor == Decisions.Name || (message.Vendor == "shopify" && Shopify.IsAboutPeople(message));

    /// <summary>Reads one queue message. Never throws on input.</summary>
    public static Normalization Normalize(ReadOnlyMemory<byte> message, NormalizationRules rules)
    {
        // The common case reads the payload once. What that cannot make sense of is read with care, to say exactly what is wrong.
        if (MessageEnvelope.ReadAhead(message) is { } ahead && ReaderOf(ahead.Vendor) is { } reader
            && Read(reader, ahead, rules) is var result and not Normalization.Quarantined)
        {
            return Bounded(result, ahead, rules);
        }

        if (!MessageEnvelope.TryRead(message, out var envelope, out var reason))
        {
            return new Normalization.Quarantined(reason!);
        }

        return ReaderOf(envelope!.Vendor) is { } source
            ? Bounded(Read(source, envelope, rules), envelope, rules)
            : Normalization.Reject("unknown-source", $"No mapping reads this type. Known sources: {string.Join(", ", Sources.Select(s => s.Name))}.");
    }

    /// <summary>The instance of a message: that of the address it came to, or else the one that the vendor names.</summary>
    internal static SourceInstance? InstanceOf(string source, MessageEnvelope envelope, string? named) =>
        SourceInstance.NameOf(envelope.HeaderOf(SourceInstance.Attribute) ?? named) is { } name ? new SourceInstance(source, name) : null;

    private static Normalization Read(SourceSystem source, MessageEnvelope envelope, NormalizationRules rules)
    {
        if (envelope.ContentType == MessageEnvelope.Json && !Utf8.IsValid(envelope.Data.Span))
        {
            return NoUtf8(envelope.Data.Span);
        }

        try
        {
            var read = source.Normalize(envelope, rules);
            return read.Instance is null && source != Decisions && InstanceOf(source.Name, envelope, source.Headers.Sender is { } sender ? envelope.HeaderOf(sender) : null) is { } instance
                ? read with { Instance = instance }
                : read;
        }
        catch (OverflowException)
        {
            // Numbers that are no money may leave every range when they are multiplied or added up.
            return Normalization.Reject("invalid-number", "Prices and quantities are too large to be money. Correct the payload and retry.");
        }
    }

    // JSON between systems is UTF-8 (RFC 8259, 8.1). Characters that are put in place of other bytes would make one address of two.
    private static Normalization NoUtf8(ReadOnlySpan<byte> data)
    {
        var at = Utf8Text.LengthOfValid(data, out _);
        return Normalization.Reject(
            "invalid-utf8", $"The payload is no UTF-8: it has the byte 0x{data[at]:X2} at position {at}. Send JSON as UTF-8; from windows-1252 or Latin-1 it has to be converted.");
    }

    private static SourceSystem? ReaderOf(string vendor) => Find(vendor) ?? (vendor == Decisions.Name ? Decisions : null);

    private static Normalization Bounded(Normalization result, MessageEnvelope envelope, NormalizationRules rules)
    {
        if (result is not Normalization.Normalized normalized || envelope.Received is not { } received)
        {
            return result;
        }

        var latest = received + rules.FutureTolerance;
        foreach (var record in normalized.Records)
        {
            if (ClockSkew.IsAnyLater(record, latest))
            {
                return normalized with { Records = [.. normalized.Records.Select(r => ClockSkew.Bound(r, received, latest))] };
            }
        }

        return result;
    }
}
