using System.Globalization;
using System.Text.Json;

namespace CustomerPipeline.Application.Receive.Import;

/// <summary>JSON of a shape of its own to payloads of the import shape: a record is an entity, and its fields are named by their paths.</summary>
internal static class JsonRecords
{
    /// <summary>Reads each part of an upload by the mapping.</summary>
    public static IEnumerable<PayloadPart> Of(IEnumerable<PayloadPart> parts, ImportMapping mapping)
    {
        var index = 0;
        foreach (var part in parts)
        {
            if (part.Rejected is { } rejected)
            {
                yield return part with { Rejected = rejected with { Index = index++ } };
            }
            else if (Read(part.Payload, mapping, index) is { } read)
            {
                index++;
                yield return read;
            }
        }
    }

    // Null where the mapping passes the record over.
    private static PayloadPart? Read(ReadOnlyMemory<byte> payload, ImportMapping mapping, int index)
    {
        using var document = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = Domain.Normalize.MessageEnvelope.DeepestJson });
        try
        {
            var record = document.RootElement;
            if (!mapping.Takes(path => TextAt(record, path, mapping)))
            {
                return null;
            }

            var lines = mapping.LinesFrom is { } from ? At(record, from) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().ToList() : [] : [record];
            return PayloadPart.Of(
                ImportPayload.Write(
                    mapping,
                    ImportPayload.Fields(mapping.Fields, path => TextAt(record, path, mapping), mapping),
                    lines.Select(line => ImportPayload.Fields(mapping.LineFields, path => TextAt(line, path, mapping), mapping))),
                index);
        }
        catch (FormatException e)
        {
            return PayloadPart.Reject(index, "invalid-field", $"'{e.Message}' is a list or an object in this record. Name the path of a text, a number or a truth value in the mapping.");
        }
        catch (InvalidOperationException)
        {
            return PayloadPart.Reject(index, "invalid-encoding", "A text of this record is no well-formed UTF-8. Save the file as UTF-8 and send it again.");
        }
    }

    private static string? TextAt(JsonElement record, string path, ImportMapping mapping) => At(record, path) is not { } value ? null : value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        // A number of JSON has a point before its decimals (RFC 8259), however the texts of the file are written.
        JsonValueKind.Number => mapping.DecimalSeparator == "," ? value.GetRawText().Replace('.', ',') : value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null => null,
        _ => throw new FormatException(path),
    };

    // A field whose name is the whole path comes first: names may hold a full stop.
    private static JsonElement? At(JsonElement element, string path)
    {
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(path, out var whole))
        {
            return whole;
        }

        foreach (var step in path.Split('.'))
        {
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(step, out var field))
            {
                element = field;
            }
            else if (element.ValueKind == JsonValueKind.Array && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
                && place < element.GetArrayLength())
            {
                element = element[place];
            }
            else
            {
                return null;
            }
        }

        return element;
    }
}
