using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using CustomerPipeline.Domain;

namespace CustomerPipeline.Application.Receive.Import;

/// <summary>
/// A CSV file (RFC 4180, with a header) to payloads of the import shape, as it is read. Rows of one order, or one refund, stand together, and are taken
/// together or not at all: an order without one of its lines is another order.
/// </summary>
public static class CsvParts
{
    private const int LongestField = 64 * 1024;

    /// <summary>Splits a file. It is read twice: once to see what is wrong with it.</summary>
    /// <param name="body">Must be able to seek.</param>
    /// <param name="mapping">How the columns are to be read.</param>
    /// <param name="limit">How many rows it may have.</param>
    /// <exception cref="ImportMappingException">The file has no such columns, or is in another encoding.</exception>
    public static IEnumerable<PayloadPart> Of(Stream body, ImportMapping mapping, SplitLimit limit)
    {
        var bad = Examine(body, mapping, limit);
        using var reader = new CsvRows(body, mapping);
        var index = 0;
        var group = new RowGroup(mapping);
        foreach (var row in reader.All())
        {
            if (row.Problem is { } problem && bad.IsToldAlone(row))
            {
                yield return PayloadPart.Reject(index++, "invalid-csv", problem);
            }

            if (row.Problem is not null || !row.IsTaken)
            {
                continue;
            }

            if (!group.Takes(row.Id))
            {
                foreach (var part in Close(group, bad, index))
                {
                    index++;
                    yield return part;
                }
            }

            group.Add(row, reader.Row);
        }

        foreach (var part in Close(group, bad, index).Concat(bad.Untold().Select((told, i) => PayloadPart.Reject(index + i, told.Code, told.Detail))))
        {
            yield return part;
        }
    }

    private static IEnumerable<PayloadPart> Close(RowGroup group, BadEntities bad, int index)
    {
        if (group.IsEmpty)
        {
            return [];
        }

        var id = group.Id;
        var part = group.Close(index);
        return !bad.Has(id) ? [part] : bad.Tell(id) is { } told ? [PayloadPart.Reject(index, told.Code, told.Detail)] : [];
    }

    // Which orders must not be taken: those with a row that cannot be read, and those whose rows stand in two places.
    private static BadEntities Examine(Stream body, ImportMapping mapping, SplitLimit limit)
    {
        var bad = new BadEntities(mapping);
        try
        {
            using var reader = new CsvRows(body, mapping);
            var seen = new HashSet<ulong>();
            CsvRow? last = null;
            CsvRow? broken = null;
            var rows = 0;
            foreach (var row in reader.All())
            {
                limit.Count(++rows);
                if (row.Problem is not null)
                {
                    bad.AddBroken(row);
                    if (last is not null && !row.IsSure)
                    {
                        bad.Add(last.Id, "invalid-csv", $"Next to it, line {row.Line} cannot be read, and may belong to it.");
                    }

                    broken = row;
                    continue;
                }

                if (!row.IsTaken)
                {
                    continue;
                }

                if (broken is { IsSure: false })
                {
                    bad.Add(row.Id, "invalid-csv", $"Next to it, line {broken.Line} cannot be read, and may belong to it.");
                }

                broken = null;
                var isNew = last is null || last.Id != row.Id || !mapping.HasGroups;
                if (isNew && row.Id.Length > 0 && !mapping.HasVersions && !seen.Add(StableHash.Bits(row.Id)))
                {
                    bad.AddRepeated(row);
                }

                last = row;
            }
        }
        catch (DecoderFallbackException)
        {
            throw CsvText.Undecodable(body, mapping.Encoding);
        }

        return bad;
    }

    /// <summary>A row.</summary>
    /// <param name="Id">Of the order, or what else it is.</param>
    /// <param name="Line">Of the file, counted from 1.</param>
    /// <param name="Problem">Why it cannot be read.</param>
    /// <param name="IsSure">Whether the id of a row that cannot be read is certain.</param>
    /// <param name="IsTaken">Whether the mapping asks for it.</param>
    private sealed record CsvRow(string Id, int Line, string? Problem = null, bool IsSure = true, bool IsTaken = true);

    // The rows of a file, with those that cannot be read.
    private sealed class CsvRows : IDisposable
    {
        private readonly CsvReader _csv;
        private readonly ImportMapping _mapping;
        private readonly Func<string, string?> _column;
        private readonly ImportField _id;
        private readonly ImportField? _order;
        private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
        private readonly bool _isEmpty;
        private int _number;

        public CsvRows(Stream body, ImportMapping mapping)
        {
            (_mapping, _column) = (mapping, name => _csv!.GetField(_places[name]));
            _id = mapping.Fields["id"];
            _order = mapping.Kind == "refund" ? mapping.Fields["order"] : null;
            _csv = new CsvReader(CsvText.Read(body, mapping.Encoding), new CsvConfiguration(CultureInfo.InvariantCulture)
            {
                Delimiter = mapping.Delimiter,
                BadDataFound = null,
                MissingFieldFound = null,
                MaxFieldSize = LongestField,
            });
            _isEmpty = !_csv.Read() || !_csv.ReadHeader();
            if (!_isEmpty)
            {
                MustHaveColumns(_csv.HeaderRecord!, mapping);
            }
        }

        /// <summary>The row that was read last.</summary>
        public ImportRow Row => new(_column, _number);

        public IEnumerable<CsvRow> All()
        {
            while (!_isEmpty && Next() is { } row)
            {
                yield return row;
            }
        }

        public void Dispose() => _csv.Dispose();

        private CsvRow? Next()
        {
            var before = _csv.Parser.RawRow;
            _number++;
            try
            {
                if (!_csv.Read())
                {
                    return null;
                }
            }
            catch (MaxFieldSizeException)
            {
                return new CsvRow("", before + 1, $"Line {before + 1} has a field of more than {LongestField} characters: perhaps a quotation mark is not closed. Correct it and send the file again.", false);
            }

            var (line, columns, expected) = (_csv.Parser.RawRow, _csv.Parser.Count, _csv.HeaderRecord!.Length);
            if (columns == expected)
            {
                var isTaken = _mapping.Takes(_mapping.Where, Row, out var compared);
                return compared is null
                    ? new CsvRow(Id(), line, IsTaken: isTaken)
                    : new CsvRow(Id(), line, $"Line {line} has no number in '{compared}', which where of the mapping compares with one. Correct it and send the file again.");
            }

            // What stands before the column of the id may be what there is too much of.
            var place = _id.Columns.Select(column => _places[column]).DefaultIfEmpty(int.MaxValue).Max();
            return new CsvRow(
                place < columns ? Id() : "",
                line,
                $"Line {line} has {columns} columns, and the header has {expected}. Correct it and send the file again.",
                place == 0 && line == before + 1);
        }

        // Refunds may be numbered for each order.
        private string Id() => (_id.ValueFor(Row) ?? "") is var id && id.Length > 0 && _order is not null ? $"{id} of order {_order.ValueFor(Row)}" : id;

        private void MustHaveColumns(string[] header, ImportMapping mapping)
        {
            foreach (var column in mapping.Columns)
            {
                var places = header.Index().Where(h => h.Item == column).Select(h => h.Index).ToList();
                _places[column] = places.Count switch
                {
                    1 => places[0],
                    0 => throw new ImportMappingException($"The file has no column '{column}'. It has: {string.Join(", ", header.Take(100))}."),
                    _ => throw new ImportMappingException(
                        $"The file has {places.Count} columns named '{column}' (columns {string.Join(" and ", places.Select(p => p + 1))}), and the mapping asks for it. Give them different headings."),
                };
            }
        }
    }

    // The rows of one order that stand together.
    private sealed class RowGroup(ImportMapping mapping)
    {
        private readonly List<Dictionary<string, string>> _rows = [];
        private readonly List<Dictionary<string, string>> _lines = [];
        private readonly List<int> _places = [];
        private string? _unread;

        public string Id { get; private set; } = "";

        public bool IsEmpty => _rows.Count == 0;

        public bool Takes(string id) => IsEmpty || (id == Id && mapping.HasGroups);

        public void Add(CsvRow row, ImportRow values)
        {
            Id = row.Id;
            _places.Add(row.Line);
            var currency = mapping.CurrencyOf(values);
            var fields = ImportPayload.Fields(mapping.Fields, values, mapping, currency);
            _rows.Add(fields.Texts);
            var unread = fields.Unread;
            if (mapping.LineFields.Count > 0)
            {
                var line = ImportPayload.Fields(mapping.LineFields, values, mapping, currency);
                _lines.Add(line.Texts);
                unread ??= line.Unread;
            }

            _unread ??= unread is null ? null : ImportPlace.Of("line", row.Line, unread);
        }

        public PayloadPart Close(int index)
        {
            var fields = _rows[0];
            var part = _rows.Count > 1 && mapping.Fields.Keys.FirstOrDefault(f => !Settle(f, fields)) is { } differs
                ? PayloadPart.Reject(index, "rows-differ", Differ(differs))
                : PayloadPart.Of(ImportPayload.Write(mapping, fields, _lines), index) with { Place = _unread ?? ImportPlace.Of("line", _places[0], null) };
            _unread = null;
            _rows.Clear();
            _lines.Clear();
            _places.Clear();
            return part;
        }

        // One value of all rows; false where they contradict each other.
        private bool Settle(string field, Dictionary<string, string> settled)
        {
            var said = _rows.Select(r => r.GetValueOrDefault(field)).ToList();
            var (value, isSettled) = mapping.RowsOf(field) switch
            {
                ImportRows.Sum when said.TrueForAll(s => s is null) => (null, true),
                ImportRows.Sum => ImportText.Sum(said.OfType<string>()) is { } sum ? (sum, true) : (said[0], false),
                ImportRows.First => (said[0], true),
                ImportRows.Last => (said[^1], true),
                _ => (said[0], said.TrueForAll(s => s == said[0])),
            };
            if (value is not null)
            {
                settled[field] = value;
            }
            else
            {
                settled.Remove(field);
            }

            return isSettled;
        }

        private string Differ(string field) =>
            $"{Named(mapping, Id)} has rows (lines {_places[0]} to {_places[^1]}) that differ in {mapping.Fields[field].Named}, which is its {field}. "
            + "Say in the mapping which counts: \"rows\": \"sum\", \"first\" or \"last\" beside \"column\".";
    }

    // Orders that must not be taken, and why. Each is told once.
    private sealed class BadEntities(ImportMapping mapping)
    {
        private readonly Dictionary<string, (string Code, string Detail)> _bad = new(StringComparer.Ordinal);
        private readonly HashSet<string> _told = new(StringComparer.Ordinal);
        private readonly HashSet<int> _alone = [];

        public bool Has(string id) => _bad.ContainsKey(id);

        public bool IsToldAlone(CsvRow row) => _alone.Contains(row.Line);

        public void AddBroken(CsvRow row)
        {
            if (!mapping.HasGroups || row.Id.Length == 0)
            {
                _alone.Add(row.Line);
            }
            else
            {
                Add(row.Id, "invalid-csv", row.Problem!);
            }
        }

        public void AddRepeated(CsvRow row) => Add(
            row.Id,
            mapping.HasGroups ? "rows-not-together" : "repeated-id",
            mapping.HasGroups
                ? $"Its rows stand in two places of the file, the second at line {row.Line}. Sort the file by the column of its id and send it again."
                : $"It stands in the file again, at line {row.Line}, and nothing says which row is newer. Send one row for each, name the column updated_at, or map the columns of its lines as lines.");

        public void Add(string id, string code, string why) => _bad.TryAdd(id, (code, $"{Named(mapping, id)} is not taken. {why}"));

        /// <summary>Why an order is not taken; null when that has been told.</summary>
        public (string Code, string Detail)? Tell(string id) => _told.Add(id) ? _bad[id] : null;

        /// <summary>What no row that can be read belongs to.</summary>
        public IEnumerable<(string Code, string Detail)> Untold() => _bad.Where(b => _told.Add(b.Key)).Select(b => b.Value);
    }

    // An id is told where it is one: a column of addresses may have been mapped by mistake.
    private static string Named(ImportMapping mapping, string id) =>
        id.Length is > 0 and <= 40 && !id.Contains('@', StringComparison.Ordinal) && mapping.Kind is "order" or "refund" or "ticket"
            ? $"The {mapping.Kind} '{id}'"
            : $"A {mapping.Kind}";
}
