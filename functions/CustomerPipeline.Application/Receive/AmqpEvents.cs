using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CustomerPipeline.Application.Receive;

/// <summary>
/// CloudEvents in AMQP messages ("AMQP Protocol Binding for CloudEvents", 1.0.2): binary mode, whose attributes are application properties, and structured
/// mode. Two more forms come from clients: a batch, as HTTP
/// has it, and an event that the client wrote as a JSON string.
/// </summary>
public static class AmqpEvents
{
    // Far more than fit a message of a queue, as an event needs some sixty bytes for its attributes alone.
    private static readonly SplitLimit EventsOfABatch = new(20_000, long.MaxValue);

    /// <summary>The media type of an event in structured mode.</summary>
    public const string StructuredContentType = "application/cloudevents+json";

    private const string Structured = "application/cloudevents";
    private const string Batch = "application/cloudevents-batch";

    // The binding says the colon; since 1.0.2 the underscore too, for brokers (JMS) that take no colon in a name.
    private static readonly string[] Prefixes = ["cloudEvents:", "cloudEvents_"];

    /// <summary>Whether an application property has an attribute of an event in binary mode.</summary>
    public static bool IsAttribute(string property) => Prefixes.Any(prefix => property.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a message has an array of events.</summary>
    /// <param name="contentType">The message's <c>content-type</c>; null where it has none.</param>
    public static bool IsBatch(string? contentType) => contentType?.TrimStart().StartsWith(Batch, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Returns the events of a message, each as structured JSON; the body as it is where there is none to be seen, so that the quarantine has
    /// it.</summary>
    /// <param name="contentType">The message's <c>content-type</c>; null where it has none.</param>
    /// <param name="properties">Its application properties, in AMQP's types or as JSON.</param>
    /// <param name="body">Its data.</param>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Read(string? contentType, IEnumerable<KeyValuePair<string, object?>> properties,
        ReadOnlyMemory<byte> body)
    {
        var mediaType = contentType?.Split(';')[0].Trim();
        if (IsBatch(contentType))
        {
            return BatchOf(Plain(body)) is { Count: > 0 } parts && parts.All(p => p.Rejected is null) ? [.. parts.Select(p => p.Payload)] : [body];
        }

        if (mediaType is null || !mediaType.StartsWith(Structured, StringComparison.OrdinalIgnoreCase))
        {
            var attributes = properties
                .Select(p => (Prefix: Prefixes.FirstOrDefault(prefix => p.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)), p.Key, p.Value))
                .Where(p => p.Prefix is not null && p.Value is not null)
                .Select(p => KeyValuePair.Create(p.Key[p.Prefix!.Length..], TextOf(p.Value!)))
                .ToList();
            if (attributes.Count > 0 && BinaryEvent.Read(attributes, mediaType, Plain(body)).Envelope is { } envelope)
            {
                return [(envelope with { Received = TimeOf(attributes) }).Wrap()];
            }
        }

        return [Plain(body)];
    }

    private static IReadOnlyList<PayloadPart> BatchOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonParts.OfDocument(body, EventsOfABatch);
        }
        catch (TooManyMessagesException)
        {
            return [];
        }
    }

    private static DateTimeOffset? TimeOf(IEnumerable<KeyValuePair<string, string>> attributes) =>
        DateTimeOffset.TryParse(attributes.FirstOrDefault(a => a.Key == "time").Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
            out var time) ? time : null;

    // A receiver reads AMQP's own types and their canonical text (3.1.3.2). JSON is what a host of functions makes of either.
    private static string TextOf(object value) => value switch
    {
        bool truth => truth ? "true" : "false",
        DateTime time => time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture),
        byte[] bytes => Convert.ToBase64String(bytes),
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        JsonElement json => json.GetRawText(),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    // The official client of Service Bus writes every body as JSON, a text as a JSON string too.
    private static ReadOnlyMemory<byte> Plain(ReadOnlyMemory<byte> body)
    {
        if (body.Span is not [(byte)'"', ..])
        {
            return body;
        }

        try
        {
            var reader = new Utf8JsonReader(body.Span);
            reader.Read();
            var text = Encoding.UTF8.GetBytes(reader.GetString()!);
            return !reader.Read() && text is [(byte)'{' or (byte)'<' or (byte)'[', ..] ? text : body;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return body;
        }
    }
}
