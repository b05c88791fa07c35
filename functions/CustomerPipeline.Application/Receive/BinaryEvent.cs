using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Receive;

/// <summary>An event in CloudEvents' binary mode: its attributes beside the data, in headers (HTTP) or application properties (AMQP).</summary>
internal static class BinaryEvent
{
    private const int LongestName = 20;
    private const int LongestValue = 200;
    private const int LongestOfRequired = 2_000;

    private static readonly string[] Known = ["id", "source", "type", "specversion", "time", "subject", "dataschema", "datacontenttype", "data", "contentid"];

    /// <summary>Reads an event.</summary>
    /// <param name="attributes">Its attributes, by name without a prefix.</param>
    /// <param name="contentType">Of the data: a media type without parameters; null for JSON.</param>
    /// <param name="data">The data.</param>
    /// <returns>The event, or why there is none: without the attributes that every event has, null for both.</returns>
    public static (MessageEnvelope? Envelope, RejectedPayload? Problem) Read(IReadOnlyList<KeyValuePair<string, string>> attributes, string? contentType,
        ReadOnlyMemory<byte> data)
    {
        string? Attribute(string name) =>
            attributes.FirstOrDefault(a =>
            string.Equals(a.Key, name, StringComparison.OrdinalIgnoreCase)).Value is { Length: > 0 and <= LongestOfRequired } value ? value : null;
        var (id, source, type) = (Attribute("id"), Attribute("source"), Attribute("type"));
        if (id is null || source is null || type is null || Attribute("specversion") != "1.0")
        {
            return (null, null);
        }

        var mediaType = contentType?.ToLowerInvariant() switch
        {
            null or "text/json" => MessageEnvelope.Json,
            "text/xml" => MessageEnvelope.Xml,
            { } other => other.EndsWith("+json", StringComparison.Ordinal) ? MessageEnvelope.Json : other,
        };
        if (mediaType == MessageEnvelope.Json && !PayloadPart.IsJson(MessageEnvelope.WithoutByteOrderMark(data).Span))
        {
            return (null, PayloadPart.InvalidJson(0).Rejected);
        }

        var (vendor, topic) = MessageEnvelope.SplitType(type);
        return (new MessageEnvelope(source, id, vendor, topic, HasVendorId: true, mediaType == MessageEnvelope.Json
            ? MessageEnvelope.WithoutByteOrderMark(data) : data)
        {
            ContentType = mediaType,
            Headers = [.. attributes
                .Select(a => KeyValuePair.Create(MessageEnvelope.ExtensionName(a.Key), a.Value))
                .Where(a => a.Key.Length is > 0 and <= LongestName && !Known.Contains(a.Key) && a.Value.Length <= LongestValue)],
        }, null);
    }
}
