using System.Buffers;
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
/// <param name="Data">The payload, UTF-8 JSON.</param>
public sealed record MessageEnvelope(string Source, string Id, string Vendor, string? Topic, bool HasVendorId, ReadOnlyMemory<byte> Data)
{
    /// <summary>The largest message a queue takes (Service Bus Standard), envelope included.</summary>
    public const int LargestBytes = 256 * 1024;

    /// <summary>How deep JSON may be nested.</summary>
    public const int DeepestJson = 64;

    /// <summary>Wraps a payload. The payload must be valid JSON; it is copied as it is.</summary>
    public static byte[] Wrap(string source, string id, bool hasVendorId, string vendor, string? topic, DateTimeOffset received, ReadOnlySpan<byte> payload)
    {
        var buffer = new ArrayBufferWriter<byte>(payload.Length + 320);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("specversion"u8, "1.0"u8);
            writer.WriteString("id"u8, id);
            writer.WriteString("source"u8, source);
            writer.WriteString("type"u8, topic is null ? vendor : $"{vendor}.{topic}");
            writer.WriteString("time"u8, received.UtcDateTime);
            writer.WriteString("datacontenttype"u8, "application/json"u8);
            if (!hasVendorId)
            {
                writer.WriteBoolean("contentid"u8, true);
            }

            writer.WritePropertyName("data"u8);
            writer.WriteRawValue(payload, skipInputValidation: true);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reads an envelope as <see cref="Wrap"/> writes it, with the payload last, without reading the payload itself: whether that is JSON shows when it is
    /// mapped. Null for any other message; then <see cref="TryRead"/> has the answer.
    /// </summary>
    public static MessageEnvelope? ReadAhead(ReadOnlyMemory<byte> message)
    {
        try
        {
            return message.Length > LargestBytes || message.IsEmpty || message.Span[^1] != (byte)'}' ? null : Read(message, untilPayload: true);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Reads an envelope. On failure says why, and the message goes to quarantine.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> message, out MessageEnvelope? envelope, out Reason? reason)
    {
        envelope = null;
        reason = null;
        if (message.Length > LargestBytes)
        {
            reason = new Reason("message-too-large", $"A message may have {LargestBytes} bytes. Send the payload in parts.");
            return false;
        }

        try
        {
            envelope = Read(message, untilPayload: false);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            reason = new Reason("invalid-json", "The message is not valid JSON. Send a CloudEvent 1.0 in structured JSON.");
            return false;
        }

        if (envelope is null)
        {
            reason = new Reason("not-a-cloudevent", "The message is no CloudEvent 1.0 with id, source, type and data. Wrap the payload, or send it to /api/ingest/{source}.");
            return false;
        }

        return true;
    }

    private static MessageEnvelope? Read(ReadOnlyMemory<byte> message, bool untilPayload)
    {
        var reader = new Utf8JsonReader(message.Span, new JsonReaderOptions { MaxDepth = DeepestJson + 1 });
        string? id = null, source = null, type = null, version = null;
        var contentId = false;
        ReadOnlyMemory<byte>? data = null;
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("data"u8))
            {
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                if (untilPayload)
                {
                    return Of(id, source, type, version, contentId, message[start..^1]);
                }

                reader.Skip();
                data = message[start..(int)reader.BytesConsumed];
                continue;
            }

            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "id": id = Text(ref reader); break;
                case "source": source = Text(ref reader); break;
                case "type": type = Text(ref reader); break;
                case "specversion": version = Text(ref reader); break;
                case "contentid": contentId = reader.TokenType == JsonTokenType.True; break;
                default: reader.Skip(); break;
            }
        }

        // Bytes behind the closing brace make the reader throw here.
        reader.Read();
        return Of(id, source, type, version, contentId, data);
    }

    private static MessageEnvelope? Of(string? id, string? source, string? type, string? version, bool contentId, ReadOnlyMemory<byte>? data)
    {
        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(source) || string.IsNullOrEmpty(type) || version != "1.0" || data is null)
        {
            return null;
        }

        var dot = type.IndexOf('.', StringComparison.Ordinal);
        return dot < 0
            ? new MessageEnvelope(source, id, type, null, !contentId, data.Value)
            : new MessageEnvelope(source, id, type[..dot], type[(dot + 1)..], !contentId, data.Value);
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        reader.Skip();
        return text;
    }
}
