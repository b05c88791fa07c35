using System.Globalization;
using System.Text.Json;

namespace CustomerPipeline.Application.Receive.Import;

/// <summary>JSON of a shape of its own to payloads of the import shape: a record is an entity, and its fields are named by their paths.</summary>
internal static class JsonRecords
{
    /// <summary>Leads from a record to the one that it stands in: <c>^.id</c> is the id of the order that a refund stands in.</summary>
    private const string Outer = "^.";

    /// <summary>Reads each part of an upload by the mapping.</summary>
    public static IEnumerable<PayloadPart> Of(IEnumerable<PayloadPart> parts, ImportMapping mapping, SplitLimit limit)
    {
        var (index, number) = (0, 0);
        foreach (var part in parts)
        {
            if (part.Rejected is { } rejected)
            {
                number++;
                yield return part with { Rejected = rejected with { Index = index++ } };
                continue;
            }

            if (part.Payload.Length > limit.LargestDocument)
            {
                number++;
                yield return PayloadPart.Reject(
                    index++, "document-too-large", $"A JSON document of an upload may have {limit.LargestDocument} bytes. Send it in pages, as NDJSON, or with the command line: `send` reads documents of any size.");
                continue;
            }

            using var document = JsonDocument.Parse(part.Payload, new JsonDocumentOptions { MaxDepth = Domain.Normalize.MessageEnvelope.DeepestJson });
            foreach (var record in Records(new Record(document.RootElement, null), mapping.RecordsFrom, 0))
            {
                number++;
                var read = record is null
                    ? PayloadPart.Reject(index, "no-records", $"Behind record {number - 1}, there is no list at '{string.Join(".*.", mapping.RecordsFrom)}'. Name in recordsFrom the path of the list of records.")
                    : Read(record, number, mapping, index);
                if (read is { } found)
                {
                    index++;
                    yield return found;
                }
            }
        }
    }

    // The record, the elements of its list, or those of lists within these. Null stands for a list that is missing.
    private static IEnumerable<Record?> Records(Record from, IReadOnlyList<string> lists, int level)
    {
        if (level == lists.Count)
        {
            return [from];
        }

        return ListAt(from, lists[level]) is { } list ? list.SelectMany(element => Records(new Record(element, from), lists, level + 1)) : [null];
    }

    // Null where the mapping passes the record over.
    private static PayloadPart? Read(Record record, int number, ImportMapping mapping, int index)
    {
        try
        {
            var row = RowOf(record, number, mapping);
            if (!mapping.Takes(mapping.Where, row, out var compared))
            {
                return compared is null ? null : NoNumber(index, number, compared, "where");
            }

            var lines = LinesOf(record, number, mapping, out compared);
            if (compared is not null)
            {
                return NoNumber(index, number, compared, "linesWhere");
            }

            var currency = mapping.CurrencyOf(row);
            var fields = ImportPayload.Fields(mapping.Fields, row, mapping, currency);
            if (mapping.Kind == "refund" && mapping.LineFields.Count > 0 && lines.Count == 0 && !fields.Texts.ContainsKey("net"))
            {
                // Without an amount it would be all that is left of the order.
                return PayloadPart.Reject(index, "missing-amount", $"Record {number} is a refund without lines at '{mapping.LinesFrom}' and without net. Map net, or correct linesFrom.");
            }

            var ofLines = lines.ConvertAll(line => ImportPayload.Fields(mapping.LineFields, RowOf(line, number, mapping), mapping, currency));
            return PayloadPart.Of(ImportPayload.Write(mapping, fields.Texts, ofLines.Select(l => l.Texts)), index) with
            {
                Place = ImportPlace.Of("record", number, fields.Unread ?? ofLines.Find(l => l.Unread is not null)?.Unread),
            };
        }
        catch (FormatException e)
        {
            return PayloadPart.Reject(index, "invalid-field", $"'{e.Message}' is a list or an object in record {number}. Name the path of a text, a number or a truth value in the mapping.");
        }
        catch (InvalidOperationException)
        {
            return PayloadPart.Reject(index, "invalid-encoding", $"A text of record {number} is no well-formed UTF-8. Save the file as UTF-8 and send it again.");
        }
    }

    private static PayloadPart NoNumber(int index, int number, string compared, string filter) => PayloadPart.Reject(
        index, "invalid-number", $"Record {number} has no number in '{compared}', which {filter} of the mapping compares with one. Correct it and send the file again.");

    private static List<Record> LinesOf(Record record, int number, ImportMapping mapping, out string? compared)
    {
        compared = null;
        var lines = new List<Record>();
        foreach (var element in mapping.LinesFrom is { } from ? ListAt(record, from) ?? default : default)
        {
            var line = new Record(element, record);
            if (mapping.Takes(mapping.LinesWhere, RowOf(line, number, mapping), out var inLine))
            {
                lines.Add(line);
            }

            compared ??= inLine;
        }

        return mapping.LinesFrom is null ? [record] : lines;
    }

    private static ImportRow RowOf(Record record, int number, ImportMapping mapping) => new(path => TextAt(record, path, mapping), number);

    private static string? TextAt(Record record, string path, ImportMapping mapping) => At(record, path) is not { } value ? null : value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        // A number of JSON has a point before its decimals (RFC 8259), however the texts of the file are written.
        JsonValueKind.Number => mapping.DecimalSeparator == "," ? value.GetRawText().Replace('.', ',') : value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null => null,
        _ => throw new FormatException(path),
    };

    private static JsonElement.ArrayEnumerator? ListAt(Record record, string path) => At(record, path) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : null;

    // A field whose name is the whole path comes first: names may hold a full stop.
    private static JsonElement? At(Record record, string path)
    {
        var from = record;
        var rest = path;
        while (rest.StartsWith(Outer, StringComparison.Ordinal))
        {
            (from, rest) = (from?.Outer, rest[Outer.Length..]);
        }

        if (from is null)
        {
            return null;
        }

        var element = from.Element;
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(rest, out var whole))
        {
            return whole;
        }

        foreach (var step in rest.Split('.'))
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

    private sealed record Record(JsonElement Element, Record? Outer);
}
