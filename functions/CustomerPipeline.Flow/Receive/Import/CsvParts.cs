using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using CustomerPipeline.Domain;

namespace CustomerPipeline.Flow.Receive.Import;

/// <summary>A CSV file (RFC 4180, with a header) to payloads of the import shape, as it is read. The rows of one order stand together.</summary>
public static class CsvParts
{
    private const int LongestField = 64 * 1024;

    /// <summary>Splits a file.</summary>
    /// <exception cref="ImportMappingException">The file has no such columns.</exception>
    public static IEnumerable<PayloadPart> Of(Stream body, ImportMapping mapping)
    {
        var settings = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = mapping.Delimiter,
            BadDataFound = null,
            MissingFieldFound = null,
            DetectColumnCountChanges = true,
            MaxFieldSize = LongestField,
        };
        using var csv = new CsvReader(new StreamReader(body, Encoding.UTF8, leaveOpen: true), settings);
        if (!csv.Read() || !csv.ReadHeader())
        {
            yield break;
        }

        MustHaveColumns(csv.HeaderRecord!, mapping);
        var rows = new RowReader(csv);
        var index = 0;
        var seen = new HashSet<long>();
        var order = new List<Dictionary<string, string?>>();
        while (rows.Next() is { } row)
        {
            if (row.Problem is { } problem)
            {
                yield return PayloadPart.Reject(index++, "invalid-csv", problem);
                continue;
            }

            var fields = Fields(mapping.Fields, csv, mapping);
            if (mapping.LineFields.Count == 0)
            {
                yield return PayloadPart.Of(Write(mapping, fields, []), index++);
                continue;
            }

            var line = Fields(mapping.LineFields, csv, mapping);
            if (order.Count > 0 && order[0]["id"] != fields["id"])
            {
                yield return Order(mapping, order, seen, index++);
                order.Clear();
            }

            if (order.Count == 0)
            {
                order.Add(fields);
            }

            order.Add(line);
        }

        if (order.Count > 0)
        {
            yield return Order(mapping, order, seen, index);
        }
    }

    // An order in two places of the file would count as its last rows: the file must be mended, not half of it believed.
    private static PayloadPart Order(ImportMapping mapping, List<Dictionary<string, string?>> order, HashSet<long> seen, int index) =>
        seen.Add(BitConverter.ToInt64(Encoding.ASCII.GetBytes(StableHash.Of(order[0]["id"] ?? ""))))
            ? PayloadPart.Of(Write(mapping, order[0], order.Skip(1)), index)
            : PayloadPart.Reject(index, "rows-not-together", "An order's rows stand in two places of the file. Sort the file by the order's column and send it again.");

    private static void MustHaveColumns(string[] header, ImportMapping mapping)
    {
        var columns = mapping.Fields.Values.Concat(mapping.LineFields.Values).Select(f => f.Column).OfType<string>();
        if (columns.FirstOrDefault(c => !header.Contains(c)) is { } missing)
        {
            throw new ImportMappingException($"The file has no column '{missing}'. It has: {string.Join(", ", header.Take(100))}.");
        }
    }

    private static Dictionary<string, string?> Fields(IReadOnlyDictionary<string, ImportField> fields, CsvReader csv, ImportMapping mapping) =>
        fields.ToDictionary(f => f.Key, f => Plain(f.Key, f.Value.ValueFor(column => csv.GetField(column)), mapping), StringComparer.Ordinal);

    // Numbers with a point and times in ISO 8601, whatever the file writes. What cannot be read stays as it is, and is named when it is mapped.
    private static string? Plain(string field, string? text, ImportMapping mapping) =>
        text is null ? null
        : mapping.DecimalSeparator != "." && ImportMapping.NumberFields.Contains(field) ? text.Replace(mapping.DecimalSeparator, ".", StringComparison.Ordinal)
        : mapping.TimeFormat is { } format && ImportMapping.TimeFields.Contains(field) && DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time.ToString(field == "business_day" ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)
        : text;

    private static ReadOnlyMemory<byte> Write(ImportMapping mapping, Dictionary<string, string?> fields, IEnumerable<Dictionary<string, string?>> lines)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", mapping.Kind);
            writer.WriteString("system", mapping.System);
            WriteFields(writer, fields);
            if (mapping.LineFields.Count > 0)
            {
                writer.WriteStartArray("lines");
                foreach (var line in lines)
                {
                    writer.WriteStartObject();
                    WriteFields(writer, line);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteFields(Utf8JsonWriter writer, Dictionary<string, string?> fields)
    {
        foreach (var (name, value) in fields)
        {
            if (value is not null)
            {
                writer.WriteString(name, value);
            }
        }
    }

    private readonly record struct Row(string? Problem);

    private sealed class RowReader(CsvReader csv)
    {
        /// <summary>The next row, or what is wrong with it; null at the end.</summary>
        public Row? Next()
        {
            try
            {
                return csv.Read() ? new Row(null) : null;
            }
            catch (CsvHelperException e)
            {
                var row = e.Context?.Parser?.Row ?? 0;
                return new Row(e is MaxFieldSizeException
                    ? $"Row {row} has a field of more than {LongestField} characters. Mend it and send the file again."
                    : $"Row {row} has not as many columns as the header. Mend it and send the file again.");
            }
        }
    }
}
