using System.Text.Json;

namespace CustomerPipeline.Domain.Normalize;

/// <summary>Bytes of one message to its envelope.</summary>
internal static class EnvelopeReader
{
    /// <summary>The extension attribute that says how <c>data_base64</c> is compressed.</summary>
    public const string Encoding = "contentencoding";

    public const string Gzip = "gzip";

    /// <summary>The envelope; null when the JSON is none.</summary>
    /// <exception cref="JsonException">The message is no JSON.</exception>
    public static MessageEnvelope? Read(ReadOnlyMemory<byte> message, bool untilPayload)
    {
        var reader = new Utf8JsonReader(message.Span, new JsonReaderOptions { MaxDepth = MessageEnvelope.DeepestJson + 1 });
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            // Event Grid delivers its own schema in arrays, to a queue of one event each.
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var only = message[start..(int)reader.BytesConsumed];
            return reader.Read() && reader.TokenType == JsonTokenType.EndArray && only.Length > 1 && !untilPayload ? Read(only, untilPayload) : null;
        }

        return reader.TokenType == JsonTokenType.StartObject ? ReadObject(ref reader, message, untilPayload) : null;
    }

    private static MessageEnvelope? ReadObject(ref Utf8JsonReader reader, ReadOnlyMemory<byte> message, bool untilPayload)
    {
        var attributes = new Attributes();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("data"u8))
            {
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                if (untilPayload && !(reader.TokenType == JsonTokenType.String && attributes.IsText))
                {
                    return attributes.ToEnvelope(message[start..^1]);
                }

                if (reader.TokenType == JsonTokenType.String)
                {
                    attributes.DataText = Unescaped(ref reader);
                }

                reader.Skip();
                attributes.Data = message[start..(int)reader.BytesConsumed];
            }
            else if (reader.ValueTextEquals("data_base64"u8))
            {
                reader.Read();
                attributes.Data = reader.GetBytesFromBase64();
                attributes.DataText = null;
            }
            else
            {
                ReadAttribute(ref reader, attributes);
            }
        }

        if (reader.TokenType != JsonTokenType.EndObject || reader.Read())
        {
            throw new JsonException();
        }

        return attributes.Data is { } data ? attributes.ToEnvelope(data) : null;
    }

    private static byte[] Unescaped(ref Utf8JsonReader reader)
    {
        var text = new byte[reader.ValueSpan.Length];
        var length = reader.CopyString(text);
        return length == text.Length ? text : text[..length];
    }

    private static void ReadAttribute(ref Utf8JsonReader reader, Attributes attributes)
    {
        // The common names are not copied.
        var name = reader.ValueTextEquals("id"u8) ? "id"
            : reader.ValueTextEquals("source"u8) ? "source"
            : reader.ValueTextEquals("type"u8) ? "type"
            : reader.ValueTextEquals("specversion"u8) ? "specversion"
            : reader.ValueTextEquals("time"u8) ? "time"
            : reader.ValueTextEquals("datacontenttype"u8) ? "datacontenttype"
            : reader.ValueTextEquals("contentid"u8) ? "contentid"
            : reader.GetString()!;
        reader.Read();
        if (name == "contentid")
        {
            attributes.IsContentId = reader.TokenType == JsonTokenType.True;
            reader.Skip();
            return;
        }

        var text = reader.TokenType != JsonTokenType.String ? null
            : reader.ValueTextEquals("1.0"u8) ? "1.0"
            : reader.ValueTextEquals("application/json"u8) ? MessageEnvelope.Json
            : reader.GetString();
        reader.Skip();
        switch (name)
        {
            case "id": attributes.Id = text; break;
            case "source": attributes.Source = text; break;
            case "type": attributes.Type = text; break;
            case "specversion": attributes.SpecVersion = text; break;
            case "time" or "eventTime": attributes.Time = text; break;
            case "datacontenttype": attributes.ContentType = text; break;
            case Encoding: attributes.Compression = text; break;
            case "eventType": attributes.EventType = text; break;
            case "topic": attributes.Topic = text; break;
            case "subject" or "dataschema" or "dataVersion" or "metadataVersion": break;
            default:
                if (text is not null)
                {
                    (attributes.Headers ??= []).Add(new(name, text));
                }

                break;
        }
    }

    private sealed class Attributes
    {
        public string? Id { get; set; }

        public string? Source { get; set; }

        public string? Type { get; set; }

        public string? SpecVersion { get; set; }

        public string? Time { get; set; }

        public string? ContentType { get; set; }

        /// <summary>How the data is compressed; null for not at all.</summary>
        public string? Compression { get; set; }

        /// <summary>Of the Event Grid schema.</summary>
        public string? EventType { get; set; }

        /// <summary>Of the Event Grid schema.</summary>
        public string? Topic { get; set; }

        public bool IsContentId { get; set; }

        public List<KeyValuePair<string, string>>? Headers { get; set; }

        public ReadOnlyMemory<byte>? Data { get; set; }

        public byte[]? DataText { get; set; }

        /// <summary>The data is declared as something else than JSON: a JSON string holds it.</summary>
        public bool IsText => MediaTypeOf(ContentType) != MessageEnvelope.Json;

        public MessageEnvelope? ToEnvelope(ReadOnlyMemory<byte> data)
        {
            if (SpecVersion is null && EventType is not null)
            {
                (Type, Source, SpecVersion) = (EventType, string.IsNullOrEmpty(Topic) ? "/eventgrid" : Topic, "1.0");
            }

            if (string.IsNullOrEmpty(Id) || string.IsNullOrEmpty(Source) || string.IsNullOrEmpty(Type) || SpecVersion != "1.0")
            {
                return null;
            }

            var contentType = MediaTypeOf(ContentType);
            var (vendor, topic) = MessageEnvelope.SplitType(Type);

            // A text that is not JSON travels as a JSON string (CloudEvents JSON format, 3.1.1).
            var payload = Compression == Gzip ? Decompressed(data)
                : DataText is not null && contentType != MessageEnvelope.Json ? DataText
                : data;
            return new MessageEnvelope(Source, Id, vendor, topic, !IsContentId, payload)
            {
                ContentType = contentType,
                Received = Time is not null && DateTimeOffset.TryParse(
                    Time, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var time) ? time : null,
                Headers = Headers is null ? [] : Headers,
            };
        }

        // A small message may unpack to very much: what is larger than any payload is none.
        private static byte[] Decompressed(ReadOnlyMemory<byte> data)
        {
            using var gzip = new System.IO.Compression.GZipStream(new MemoryStream(data.ToArray(), writable: false), System.IO.Compression.CompressionMode.Decompress);
            using var unpacked = new MemoryStream();
            var buffer = new byte[64 * 1024];
            try
            {
                for (int read; (read = gzip.Read(buffer)) > 0;)
                {
                    unpacked.Write(buffer, 0, read);
                    if (unpacked.Length > MessageEnvelope.LargestPayload)
                    {
                        throw new FormatException();
                    }
                }
            }
            catch (InvalidDataException e)
            {
                throw new FormatException("", e);
            }

            return unpacked.ToArray();
        }

        private static string MediaTypeOf(string? contentType)
        {
            if (contentType is null || contentType == MessageEnvelope.Json)
            {
                return MessageEnvelope.Json;
            }

            var semicolon = contentType.IndexOf(';', StringComparison.Ordinal);
            var mediaType = (semicolon < 0 ? contentType : contentType[..semicolon]).Trim().ToLowerInvariant();
            return mediaType is "text/json" || mediaType.EndsWith("+json", StringComparison.Ordinal) ? MessageEnvelope.Json
                : mediaType is "text/xml" || mediaType.EndsWith("+xml", StringComparison.Ordinal) ? MessageEnvelope.Xml
                : mediaType;
        }
    }
}
