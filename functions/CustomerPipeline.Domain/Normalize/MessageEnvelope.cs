using System.Buffers;
using System.Text;
using System.Text.Json;

namespace CustomerPipeline.Domain.Normalize;

/// <summary>
/// What travels in the queues: a CloudEvent 1.0 (structured JSON) whose data is the vendor's payload, untouched. The type is
/// <c>source</c> or <c>source.topic</c>; source + id is the duplicate key of the vendor.
/// </summary>
/// <param name="Source">URI reference of the sender, for example <c>/shopify/shop.example</c>.</param>
/// <param name="Id">The vendor's event id, or the hash of the payload where it has none.</param>
/// <param name="Vendor">The first part of the type: which mapping reads the payload.</param>
/// <param name="Topic">The rest of the type, or null: the vendor's own name for what happened.</param>
/// <param name="HasVendorId">Whether the id came from the vendor.</param>
/// <param name="Data">The payload: UTF-8 JSON, or whatever <see cref="ContentType"/> says.</param>
public sealed record MessageEnvelope(string Source, string Id, string Vendor, string? Topic, bool HasVendorId, ReadOnlyMemory<byte> Data)
{
    /// <summary>The largest message a queue takes (Service Bus Standard), envelope included.</summary>
    public const int LargestBytes = 256 * 1024;

    /// <summary>The largest payload, before it is compressed to fit a message.</summary>
    public const int LargestPayload = 8 * 1024 * 1024;

    /// <summary>How deep JSON may be nested.</summary>
    public const int DeepestJson = 64;

    public const string Json = "application/json";

    public const string Xml = "application/xml";

    // It travels as JSON and is never put into a page: only what JSON itself demands is escaped, or XML would be several times as long.
    private static readonly JsonWriterOptions Readable = new() { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Media type of <see cref="Data"/>.</summary>
    public string ContentType { get; init; } = Json;

    /// <summary>When the pipeline received the message; null where its sender did not say. Other than what happened, it comes from a clock of our own.</summary>
    public DateTimeOffset? Received { get; init; }

    /// <summary>Headers the vendor sent along, as CloudEvents extension attributes: lower-case letters and digits.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>What a header of the vendor's says; null where it did not come along.</summary>
    /// <param name="header">Its name over HTTP.</param>
    public string? HeaderOf(string header)
    {
        var name = ExtensionName(header);
        return Headers.FirstOrDefault(h => h.Key == name).Value;
    }

    /// <summary>The CloudEvents type.</summary>
    public string Type => Topic is null ? Vendor : $"{Vendor}.{Topic}";

    /// <summary>The parts of a CloudEvents type.</summary>
    public static (string Vendor, string? Topic) SplitType(string type)
    {
        var dot = type.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? (type, null) : (type[..dot], type[(dot + 1)..]);
    }

    /// <summary>A header's name as an extension attribute: <c>X-Shopify-Topic</c> is <c>xshopifytopic</c>.</summary>
    public static string ExtensionName(string header) => string.Concat(header.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    /// <summary>
    /// Writes the envelope. A JSON payload must be valid and is copied as it is; other text becomes a JSON string, and bytes that are no UTF-8 base64. A payload that does not fit a
    /// message is compressed; one that does not fit even so is reduced to what its mapping reads, and then compressed. If it still does not fit, the result is larger than <see cref="LargestBytes"/>.
    /// </summary>
    public byte[] Wrap()
    {
        var plain = Data.Length <= LargestBytes ? Wrap(compress: false) : null;
        if (plain?.Length <= LargestBytes)
        {
            return plain;
        }

        var compressed = Wrap(compress: true);
        return compressed.Length > LargestBytes && ContentType == Json && Normalizer.Find(Vendor)?.Shape is { } shape
            ? (this with { Data = PayloadReducer.Reduce(Data, shape) }).Wrap(compress: true)
            : compressed;
    }

    private byte[] Wrap(bool compress)
    {
        var buffer = new ArrayBufferWriter<byte>(Data.Length + 320);
        using (var writer = new Utf8JsonWriter(buffer, Readable))
        {
            writer.WriteStartObject();
            writer.WriteString("specversion"u8, "1.0"u8);
            writer.WriteString("id"u8, Id);
            writer.WriteString("source"u8, Source);
            writer.WriteString("type"u8, Type);
            if (Received is { } received)
            {
                writer.WriteString("time"u8, received.UtcDateTime);
            }

            writer.WriteString("datacontenttype"u8, ContentType);
            if (!HasVendorId)
            {
                writer.WriteBoolean("contentid"u8, true);
            }

            foreach (var (name, value) in Headers)
            {
                writer.WriteString(name, value);
            }

            if (compress)
            {
                writer.WriteString(EnvelopeReader.Encoding, EnvelopeReader.Gzip);
                writer.WriteBase64String("data_base64"u8, Compressed(Data.Span));
            }
            else if (ContentType == Json)
            {
                writer.WritePropertyName("data"u8);
                writer.WriteRawValue(Data.Span, skipInputValidation: true);
            }
            else if (System.Text.Unicode.Utf8.IsValid(Data.Span))
            {
                writer.WriteString("data"u8, Data.Span);
            }
            else
            {
                writer.WriteBase64String("data_base64"u8, Data.Span);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Compressed(ReadOnlySpan<byte> data)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(compressed, System.IO.Compression.CompressionLevel.Optimal))
        {
            gzip.Write(data);
        }

        return compressed.ToArray();
    }

    /// <summary>
    /// Reads an envelope as <see cref="Wrap()"/> writes it, with the payload last, without reading the payload itself: whether that is JSON shows when it is
    /// mapped. Null for any other message; then <see cref="TryRead"/> has the answer.
    /// </summary>
    public static MessageEnvelope? ReadAhead(ReadOnlyMemory<byte> message)
    {
        try
        {
            return message.Length > LargestBytes || message.IsEmpty || message.Span[^1] != (byte)'}' ? null : EnvelopeReader.Read(message, untilPayload: true);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Reads an envelope: a CloudEvent, or an event of the Event Grid schema, alone or in an array of one. On failure says why, and the message goes to quarantine.</summary>
    /// <param name="message">The bytes.</param>
    /// <param name="envelope">What they say.</param>
    /// <param name="reason">Why they say nothing.</param>
    /// <param name="largest">How many bytes there may be: what is not in a queue yet may be compressed on its way there.</param>
    public static bool TryRead(ReadOnlyMemory<byte> message, out MessageEnvelope? envelope, out Reason? reason, int largest = LargestBytes)
    {
        envelope = null;
        reason = null;
        if (message.Length > largest)
        {
            reason = new Reason("message-too-large", $"A message may have {largest} bytes. Send the payload in parts.");
            return false;
        }

        try
        {
            envelope = EnvelopeReader.Read(WithoutByteOrderMark(message), untilPayload: false);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            reason = new Reason("invalid-json", "The message is not valid JSON. Send a CloudEvent 1.0 in structured JSON.");
            return false;
        }

        if (envelope is null)
        {
            reason = new Reason("not-a-cloudevent",
                "The message is not one CloudEvent 1.0 with id, source, type and data. Wrap the payload, or send it to /api/ingest/{source}.");
            return false;
        }

        return true;
    }

    /// <summary>The bytes after a UTF-8 byte order mark, if there is one.</summary>
    public static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> text) => text.Span.StartsWith(Encoding.UTF8.Preamble) ? text[3..] : text;
}
