using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace CustomerPipeline.Application.Receive.Import;

/// <summary>The rows of a CSV file (RFC 4180, with a header), with those that cannot be read. It is read as a stream.</summary>
internal sealed class CsvRows : IFileRows
{
    private const int LongestField = 64 * 1024;
    private const string Code = "invalid-csv";
    private const string Advice = "Correct it and send the file again.";

    private readonly Stream _body;
    private readonly CsvReader _csv;
    private readonly ImportMapping _mapping;
    private readonly Func<string, string?> _column;
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly bool _isEmpty;
    private int _number;

    private CsvRows(Stream body, ImportMapping mapping)
    {
        (_body, _mapping, _column) = (body, mapping, name => _csv!.GetField(_places[name]));
        _csv = new CsvReader(CsvText.Read(body, mapping.Encoding), new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = mapping.Delimiter,
            // CsvHelper looks at the quotation marks of a field when the field is asked for: here they are looked at row by row.
            BadDataFound = null,
            MissingFieldFound = null,
            MaxFieldSize = LongestField,
        });
        _isEmpty = !Advance() || !_csv.ReadHeader();
        if (!_isEmpty)
        {
            if (CsvQuotes.Problem(_csv.Parser.RawRecord, mapping.Delimiter) is { } problem)
            {
                throw new ImportMappingException($"The header of the file {problem}. {Advice}");
            }

            MustHaveColumns(_csv.HeaderRecord!, mapping);
        }
    }

    public string Unit => "line";

    public ImportRow Values => new(_column, _number);

    /// <summary>A CSV file to payloads of the import shape.</summary>
    /// <param name="body">Must be able to seek.</param>
    /// <param name="mapping">How the columns are to be read.</param>
    /// <param name="limit">How many rows it may have.</param>
    /// <exception cref="ImportMappingException">The file has no such columns, or is in another encoding.</exception>
    public static IEnumerable<PayloadPart> PartsOf(Stream body, ImportMapping mapping, SplitLimit limit) => RowParts.Of(() => new CsvRows(body, mapping), mapping, limit);

    public IEnumerable<FileRow> Read()
    {
        while (!_isEmpty && Next() is { } row)
        {
            yield return row;
        }
    }

    public void Dispose() => _csv.Dispose();

    private FileRow? Next()
    {
        var from = _csv.Parser.RawRow + 1;
        _number++;
        try
        {
            if (!Advance())
            {
                return null;
            }
        }
        catch (MaxFieldSizeException)
        {
            return Broken("", from, $"Line {from} has a field of more than {LongestField} characters: perhaps a quotation mark is not closed.", isSure: false);
        }

        var (line, columns, expected) = (_csv.Parser.RawRow, _csv.Parser.Count, _csv.HeaderRecord!.Length);
        if (CsvQuotes.Problem(_csv.Parser.RawRecord, _mapping.Delimiter) is { } quotes)
        {
            // Rows of any order may stand behind the mark.
            var to = from + _csv.Parser.RawRecord.AsSpan().TrimEnd("\r\n").Count('\n');
            return Broken("", from, from == to ? $"Line {from} {quotes}." : $"The row of lines {from} to {to} {quotes}.", isSure: false);
        }

        if (columns == expected)
        {
            var isTaken = _mapping.Takes(_mapping.Where, Values, out var compared);
            return compared is null
                ? new FileRow(Id(), line) { IsTaken = isTaken }
                : Broken(Id(), line, $"Line {line} has no number in '{compared}', which where of the mapping compares with one.", isSure: true);
        }

        // What stands before the column of the id may be what there is too much of.
        var place = _mapping.Fields["id"].Columns.Select(column => _places[column]).DefaultIfEmpty(int.MaxValue).Max();
        return Broken(place < columns ? Id() : "", line, $"Line {line} has {columns} columns, and the header has {expected}.", place == 0 && line == from);
    }

    private bool Advance()
    {
        try
        {
            return _csv.Read();
        }
        catch (DecoderFallbackException)
        {
            throw CsvText.Undecodable(_body, _mapping.Encoding);
        }
    }

    private string Id() => _mapping.IdOf(Values);

    private static FileRow Broken(string id, int line, string why, bool isSure) => new(id, line) { Problem = (Code, $"{why} {Advice}"), IsSure = isSure };

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
