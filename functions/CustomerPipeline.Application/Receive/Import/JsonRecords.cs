using System.Text.Json;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Receive.Import;

/// <summary>The records of a JSON upload of a shape of its own, in their order.</summary>
internal static class JsonRecords
{
    /// <summary>A record, or why there is none.</summary>
    /// <param name="Record">Valid until the next one is asked for; null where there is none.</param>
    /// <param name="Number">Counted from 1.</param>
    /// <param name="Problem">Why there is none.</param>
    internal readonly record struct Found(JsonRecord? Record, int Number, (string Code, string Detail) Problem);

    /// <summary>Payloads of the import shape: a record is an entity, or a line of one where the mapping has lines and no list of them.</summary>
    /// <param name="parts">Gives the documents of the upload from its beginning.</param>
    /// <param name="mapping">How they are to be read.</param>
    /// <param name="limit">How large a document, and how many rows there may be.</param>
    public static IEnumerable<PayloadPart> PartsOf(Func<IEnumerable<PayloadPart>> parts, ImportMapping mapping, SplitLimit limit) =>
        mapping.HasRowsOfLines ? RowParts.Of(() => new JsonRows(parts(), mapping, limit), mapping, limit) : EntitiesOf(parts(), mapping, limit);

    /// <summary>Reads each document of an upload.</summary>
    public static IEnumerable<Found> In(IEnumerable<PayloadPart> parts, ImportMapping mapping, SplitLimit limit)
    {
        var number = 0;
        var lists = mapping.RecordsFrom.ToArray();
        foreach (var part in parts)
        {
            if (part.Rejected is { } rejected)
            {
                yield return new Found(null, ++number, (rejected.Code, rejected.Detail));
                continue;
            }

            if (part.Payload.Length > limit.LargestDocument)
            {
                yield return new Found(null, ++number, (
                    "document-too-large", $"A JSON document of an upload may have {limit.LargestDocument} bytes. Send it in pages, as NDJSON, or with the command line: `send` reads documents of any size."));
                continue;
            }

            using var document = JsonDocument.Parse(part.Payload, new JsonDocumentOptions { MaxDepth = MessageEnvelope.DeepestJson });
            foreach (var record in new JsonRecord(document.RootElement, null).Within(lists))
            {
                number++;
                yield return record is not null ? new Found(record, number, default) : new Found(null, number, (
                    "no-records", $"Behind record {number - 1}, there is no list at '{string.Join(".*.", lists)}'. Name in recordsFrom the path of the list of records."));
            }
        }
    }

    /// <summary>Reads a record, and says why it cannot be read.</summary>
    /// <param name="number">Its number in the file.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="problem">Says what is wrong.</param>
    public static T Try<T>(int number, Func<T> read, Func<string, string, T> problem)
    {
        try
        {
            return read();
        }
        catch (FormatException e)
        {
            return problem("invalid-field", $"'{e.Message}' is a list or an object in record {number}. Name the path of a text, a number or a truth value in the mapping.");
        }
        catch (InvalidOperationException)
        {
            return problem("invalid-encoding", $"A text of record {number} is no well-formed UTF-8. Save the file as UTF-8 and send it again.");
        }
    }

    /// <summary>A condition of the mapping that compares with a number found none.</summary>
    public static (string Code, string Detail) NoNumber(int number, string compared, string filter) =>
        ("invalid-number", $"Record {number} has no number in '{compared}', which {filter} of the mapping compares with one. Correct it and send the file again.");

    private static IEnumerable<PayloadPart> EntitiesOf(IEnumerable<PayloadPart> parts, ImportMapping mapping, SplitLimit limit)
    {
        var index = 0;
        foreach (var found in In(parts, mapping, limit))
        {
            var part = found.Record is { } record
                ? Try(found.Number, () => EntityOf(record, found.Number, mapping, index), (code, detail) => PayloadPart.Reject(index, code, detail))
                : PayloadPart.Reject(index, found.Problem.Code, found.Problem.Detail);
            if (part is { } read)
            {
                index++;
                yield return read;
            }
        }
    }

    // Null where the mapping passes the record over.
    private static PayloadPart? EntityOf(JsonRecord record, int number, ImportMapping mapping, int index)
    {
        PayloadPart Reject((string Code, string Detail) problem) => PayloadPart.Reject(index, problem.Code, problem.Detail);
        var row = record.ToRow(number, mapping);
        if (!mapping.Takes(mapping.Where, row, out var compared))
        {
            return compared is null ? null : Reject(NoNumber(number, compared, "where"));
        }

        var lines = LinesOf(record, number, mapping, out compared);
        if (compared is not null)
        {
            return Reject(NoNumber(number, compared, "linesWhere"));
        }

        var currency = mapping.CurrencyOf(row);
        var fields = ImportPayload.Fields(mapping.Fields, row, mapping, currency);
        if (mapping.LinesFrom is { } from && !record.HasList(from))
        {
            return Reject(("no-lines", $"Record {number} has no list at '{from}', where linesFrom of the mapping looks for its lines. Correct linesFrom; an order without lines has an empty list."));
        }

        if (mapping.Kind == "refund" && mapping.LineFields.Count > 0 && lines.Count == 0 && !fields.Texts.ContainsKey("net"))
        {
            // Without an amount it would be all that is left of the order.
            return Reject(("missing-amount", $"Record {number} is a refund without lines at '{mapping.LinesFrom}' and without net. Map net, or correct linesFrom."));
        }

        var ofLines = lines.ConvertAll(line => ImportPayload.Fields(mapping.LineFields, line.ToRow(number, mapping), mapping, currency));
        return PayloadPart.Of(ImportPayload.Write(mapping, fields.Texts, ofLines.Select(l => l.Texts)), index) with
        {
            Place = ImportPlace.Of("record", number, fields.Unread ?? ofLines.Find(l => l.Unread is not null)?.Unread),
        };
    }

    private static List<JsonRecord> LinesOf(JsonRecord record, int number, ImportMapping mapping, out string? compared)
    {
        compared = null;
        var lines = new List<JsonRecord>();
        foreach (var element in mapping.LinesFrom is { } from ? record.ListAt(from) ?? default : default)
        {
            var line = new JsonRecord(element, record);
            if (mapping.Takes(mapping.LinesWhere, line.ToRow(number, mapping), out var inLine))
            {
                lines.Add(line);
            }

            compared ??= inLine;
        }

        return lines;
    }
}
