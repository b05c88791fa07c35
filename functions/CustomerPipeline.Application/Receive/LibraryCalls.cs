using System.Text;
using System.Text.Json;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Receive;

/// <summary>
/// The calls of Segment's and RudderStack's libraries, as "HTTP Tracking API Source" (segment.com) and "HTTP API" (rudderstack.com) describe them:
/// <c>/v1/batch</c> has messages with their type, and each
/// other address has one message, of the type that the address says. The message may hold the write key, which is a secret and is left out.
/// </summary>
public static class LibraryCalls
{
    /// <summary>The address that takes many messages.</summary>
    public const string Batch = "batch";

    /// <summary>The largest body, before and after it is unpacked. The libraries send at most 500 KB (Segment) or 4 MB (RudderStack).</summary>
    public const int LargestBody = 8 * 1024 * 1024;

    private const string WriteKey = "writeKey";

    /// <summary>The last part of each address.</summary>
    public static IReadOnlyList<string> All { get; } = [Batch, "track", "identify", "page", "screen", "alias", "group"];

    /// <summary>Returns the body as a message or batch of the source <c>segment</c>; null where it is not JSON of the form that the address takes.</summary>
    /// <param name="call">One of <see cref="All"/>.</param>
    /// <param name="body">As it was sent.</param>
    public static ReadOnlyMemory<byte>? Read(string call, ReadOnlyMemory<byte> body)
    {
        body = MessageEnvelope.WithoutByteOrderMark(body);
        try
        {
            var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = MessageEnvelope.DeepestJson });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            var (hasBatch, hasType) = (false, false);
            var fields = new List<ReadOnlyMemory<byte>>();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (from, name) = ((int)reader.TokenStartIndex, reader.GetString());
                reader.Read();
                hasBatch |= name == Batch && reader.TokenType == JsonTokenType.StartArray;
                hasType |= name == "type";
                reader.Skip();
                if (name != WriteKey)
                {
                    fields.Add(body[from..(int)reader.BytesConsumed]);
                }
            }

            if (reader.Read() || (call == Batch && !hasBatch))
            {
                return null;
            }

            return Join(call == Batch || hasType ? fields : [Encoding.UTF8.GetBytes($"\"type\":\"{call}\""), .. fields]);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ReadOnlyMemory<byte> Join(IEnumerable<ReadOnlyMemory<byte>> fields)
    {
        using var message = new MemoryStream();
        var before = (byte)'{';
        foreach (var field in fields.DefaultIfEmpty())
        {
            message.WriteByte(before);
            message.Write(field.Span);
            before = (byte)',';
        }

        message.WriteByte((byte)'}');
        return message.ToArray();
    }
}
