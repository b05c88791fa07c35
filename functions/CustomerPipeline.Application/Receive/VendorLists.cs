using System.Text;
using System.Text.Json;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Receive;

/// <summary>Answers of vendors' APIs, and batches, to the payloads in them: <c>{"orders": [...]}</c>, <c>{"batch": [...]}</c> and the like.</summary>
internal static class VendorLists
{
    // An object that has one of these is a payload itself, whatever lists it has.
    private static readonly string[] OfPayloads = ["id", "admin_graphql_api_id", "event_id", "messageId"];

    // What a batch says once for all of its messages.
    private static readonly string[] OfBatches = ["sentAt", "receivedAt", "context"];

    // An instant has some thirty characters, and a context some hundred. A text of megabytes would be written into each of the messages.
    private const int LongestCommon = 4_096;

    /// <summary>The payloads of each part, numbered from 0.</summary>
    /// <param name="source">Whose.</param>
    /// <param name="parts">The parts of an upload.</param>
    /// <param name="limit">How many a list may have.</param>
    public static IEnumerable<PayloadPart> Expand(SourceSystem source, IEnumerable<PayloadPart> parts, SplitLimit limit)
    {
        var index = 0;
        foreach (var part in parts)
        {
            foreach (var payload in part.Rejected is null && source.Lists.Count > 0 ? Elements(source, part.Payload, limit) : [part])
            {
                yield return payload.Rejected is { } rejected ? payload with { Rejected = rejected with { Index = index++ } } : PayloadPart.Of(payload.Payload, index++);
            }
        }
    }

    private static List<PayloadPart> Elements(SourceSystem source, ReadOnlyMemory<byte> payload, SplitLimit limit)
    {
        var reader = new Utf8JsonReader(payload.Span, new JsonReaderOptions { MaxDepth = MessageEnvelope.DeepestJson });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return [new PayloadPart(payload, null)];
        }

        var elements = new List<PayloadPart>();
        var common = new Dictionary<string, string>(StringComparer.Ordinal);
        var (hasList, count) = (false, 0);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (OfPayloads.Contains(name))
            {
                return [new PayloadPart(payload, null)];
            }

            if (OfBatches.Contains(name) && reader.TokenType is JsonTokenType.String or JsonTokenType.StartObject)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                var said = payload.Span[start..(int)reader.BytesConsumed];
                if (said.Length <= LongestCommon)
                {
                    common[name] = Encoding.UTF8.GetString(said);
                }
            }
            else if (reader.TokenType == JsonTokenType.StartArray && source.Lists.TryGetValue(name, out var wrapper))
            {
                hasList = true;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    if (++count <= limit.MostMessages)
                    {
                        elements.Add(new PayloadPart(Wrapped(payload[start..(int)reader.BytesConsumed], wrapper), null));
                    }
                }
            }

            reader.Skip();
        }

        // Only now, as an id behind the list says that this is one payload.
        limit.Count(count);
        return !hasList ? [new PayloadPart(payload, null)] : common.Count == 0 ? elements : [.. elements.Select(e => new PayloadPart(WithCommon(e.Payload, common), null))];
    }

    private static ReadOnlyMemory<byte> Wrapped(ReadOnlyMemory<byte> element, string? wrapper) =>
        wrapper?.StartsWith('@') == true ? Wrapped(element, NamedBy(element, wrapper[1..]))
        : wrapper is null ? element : (byte[])[.. Encoding.UTF8.GetBytes($"{{\"{wrapper}\":"), .. element.Span, (byte)'}'];

    // Of a search over several kinds each element says its own; one that does not is left as it is, for the quarantine to say so.
    private static string? NamedBy(ReadOnlyMemory<byte> element, string field)
    {
        using var json = JsonDocument.Parse(element, new JsonDocumentOptions { MaxDepth = MessageEnvelope.DeepestJson });
        return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(field, out var name)
            && name.ValueKind == JsonValueKind.String
            && name.GetString() is { Length: > 0 and <= 40 } text && text.All(c => char.IsAsciiLetter(c) || c == '_') ? text : null;
    }

    // Before the fields of the element: what it says itself comes later, and counts.
    private static ReadOnlyMemory<byte> WithCommon(ReadOnlyMemory<byte> element, Dictionary<string, string> common) => element.Span is not [(byte)'{', .. var rest] || rest.TrimStart(" \t\r\n"u8) is [(byte)'}', ..]
        ? element
        : (byte[])[.. Encoding.UTF8.GetBytes("{" + string.Concat(common.Select(c => $"\"{c.Key}\":{c.Value},"))), .. rest];
}
