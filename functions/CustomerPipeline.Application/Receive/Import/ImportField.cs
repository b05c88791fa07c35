using System.Globalization;
using System.Text.Json;
using CustomerPipeline.Domain;

namespace CustomerPipeline.Application.Receive.Import;

/// <summary>What an order's field is when its rows say different things.</summary>
public enum ImportRows
{
    /// <summary>The rows must agree.</summary>
    Same,

    /// <summary>The first row speaks.</summary>
    First,

    /// <summary>The last row speaks.</summary>
    Last,

    /// <summary>The rows are added up.</summary>
    Sum,
}

/// <summary>A row of a CSV file, or a record of JSON, as a mapping reads it.</summary>
/// <param name="Column">Gives the text of a column, or of a path; null where there is none.</param>
/// <param name="Number">The row's number in the file, counted from 1 without the header.</param>
internal readonly record struct ImportRow(Func<string, string?> Column, int Number);

/// <summary>
/// Where a field's value comes from: a column, a constant, the number of the row, or several of these joined. The value may be translated, and a number may be calculated
/// with other columns: (value + <see cref="Plus"/> - <see cref="Minus"/>) x <see cref="Times"/> / <see cref="DividedBy"/> x <see cref="Factor"/>, in this order.
/// </summary>
public sealed record ImportField
{
    private const int MostParts = 16;
    private const int MostFormats = 8;
    private const int LongestColumn = 200;
    private const int LongestFormat = 64;

    private static readonly string[] Arithmetic = ["plus", "minus", "times", "dividedBy"];
    private static readonly string[] OfParts = ["column", "constant", "rowNumber", "values", "otherwise"];
    private static readonly string[] OfFields = [.. OfParts, "join", "separator", .. Arithmetic, "factor", "minorUnits", "timeFormat", "rows"];

    /// <summary>The heading of a CSV column, or the path of a JSON field, such as <c>customer.email</c>; null where the value comes from elsewhere.</summary>
    public string? Column { get; private init; }

    /// <summary>The same text for all rows.</summary>
    public string? Constant { get; private init; }

    /// <summary>The value is the number of the row in the file, counted from 1 without the header.</summary>
    public bool IsRowNumber { get; private init; }

    /// <summary>The parts of a value that stands in several columns; empty parts are left out.</summary>
    public IReadOnlyList<ImportField> Join { get; private init; } = [];

    /// <summary>Between the parts of <see cref="Join"/>.</summary>
    public string Separator { get; private init; } = " ";

    /// <summary>Translations of values; the empty text stands for a value that is missing.</summary>
    public IReadOnlyDictionary<string, string>? Values { get; private init; }

    /// <summary>What all other values become.</summary>
    public string? Otherwise { get; private init; }

    /// <summary>Numbers that are added to the value.</summary>
    public IReadOnlyList<ImportField> Plus { get; private init; } = [];

    /// <summary>Numbers that are subtracted from it.</summary>
    public IReadOnlyList<ImportField> Minus { get; private init; } = [];

    /// <summary>Numbers that the result is multiplied by.</summary>
    public IReadOnlyList<ImportField> Times { get; private init; } = [];

    /// <summary>Numbers that the result is divided by.</summary>
    public IReadOnlyList<ImportField> DividedBy { get; private init; } = [];

    /// <summary>What a number is multiplied by at the end: 0.01 for percentages, -1 for amounts written below zero.</summary>
    public decimal? Factor { get; private init; }

    /// <summary>The amount is in minor units of the record's currency (ISO 4217): cents of USD, whole yen, a thousandth of KWD.</summary>
    public bool IsMinorUnits { get; private init; }

    /// <summary>Decimals of currencies whose minor unit is another one for the system than in ISO 4217, by code: Stripe writes whole ariary (MGA).</summary>
    public IReadOnlyDictionary<string, int> MinorUnitDigits { get; private init; } = new Dictionary<string, int>();

    /// <summary>.NET formats of the field's times, or <c>unix</c> or <c>unix-ms</c>; empty: those of the mapping.</summary>
    public IReadOnlyList<string> TimeFormats { get; private init; } = [];

    /// <summary>What holds when the rows of one order differ.</summary>
    public ImportRows Rows { get; private init; }

    /// <summary>Whether the number is calculated: what cannot be calculated is refused.</summary>
    internal bool IsCalculated => Factor is not null || IsMinorUnits || Plus.Count + Minus.Count + Times.Count + DividedBy.Count > 0;

    /// <summary>Every column that the value is read from.</summary>
    internal IEnumerable<string> Columns =>
        (Column is null ? [] : (string[])[Column]).Concat(Join.Concat(Plus).Concat(Minus).Concat(Times).Concat(DividedBy).SelectMany(f => f.Columns));

    /// <summary>The field as messages name it.</summary>
    internal string Named => string.Join(", ", Columns.Distinct(StringComparer.Ordinal).Select(c => $"'{c}'")) is { Length: > 0 } columns ? columns : $"'{Constant}'";

    /// <summary>The text for a row, translated, before it is read as a number or a time; null when the row has none.</summary>
    internal string? ValueFor(ImportRow row)
    {
        var text = Column is not null ? row.Column(Column)?.Trim()
            : Constant is not null ? Constant
            : IsRowNumber ? row.Number.ToString(CultureInfo.InvariantCulture)
            : string.Join(Separator, Join.Select(part => part.ValueFor(row)).Where(part => part is not null));
        var translated = Values is null ? text : Values.TryGetValue(text ?? "", out var value) ? value : Otherwise ?? text;
        return string.IsNullOrEmpty(translated) ? null : translated;
    }

    internal static ImportField Of(string name, JsonElement field)
    {
        var read = Read(name, field, OfFields);
        var isNumber = ImportMapping.NumberFields.Contains(name);
        return read.Rows == ImportRows.Sum && !isNumber ? throw new ImportMappingException($"'{name}' is no number: it has neither a factor nor a sum.")
            : read.IsCalculated && !isNumber ? throw new ImportMappingException($"'{name}' is no number: it has no factor, no minorUnits, and none of {string.Join(", ", Arithmetic)}.")
            : read.IsMinorUnits && !ImportMapping.MoneyFields.Contains(name) ? throw new ImportMappingException($"'{name}' is no amount of money: it has no minorUnits. Use factor.")
            : read.TimeFormats.Count > 0 && !ImportMapping.TimeFields.Contains(name) ? throw new ImportMappingException($"'{name}' is no time: it has no timeFormat.")
            : read;
    }

    // One or several formats.
    internal static IReadOnlyList<string> FormatsOf(JsonElement formats) =>
        formats.ValueKind == JsonValueKind.String ? FormatsOf([formats.GetString()!]) : FormatsOf([.. formats.EnumerateArray().Select(f => f.GetString() ?? "")]);

    private static string[] FormatsOf(string[] formats) =>
        formats.Length is 0 or > MostFormats || formats.Any(f => f.Length is 0 or > LongestFormat)
            ? throw new ImportMappingException($"timeFormat is one format, or a list of up to {MostFormats}, each of up to {LongestFormat} characters.")
            : formats.FirstOrDefault(f => !ImportText.IsTimeFormat(f)) is { } wrong
                ? throw new ImportMappingException($"timeFormat '{wrong}' is neither unix nor unix-ms, nor a .NET format of year, month and day, such as dd.MM.yyyy HH:mm; hours from 1 to 12 (hh) need tt.")
            : formats;

    private static ImportField Read(string name, JsonElement field, string[] known)
    {
        if (field.ValueKind == JsonValueKind.String)
        {
            return new ImportField { Column = ColumnOf(name, field.GetString()) };
        }

        if (field.EnumerateObject().Select(p => p.Name).FirstOrDefault(n => !known.Contains(n)) is { } unknown)
        {
            throw new ImportMappingException($"'{name}' has an unknown setting '{unknown}'. There are: {string.Join(", ", known)}.");
        }

        string? Text(string setting) => field.TryGetProperty(setting, out var value) ? value.GetString() : null;
        bool IsTrue(string setting) => field.TryGetProperty(setting, out var value) && value.GetBoolean();
        IReadOnlyList<ImportField> Parts(string setting) => field.TryGetProperty(setting, out var parts) ? PartsOf(name, setting, parts) : [];
        var read = new ImportField
        {
            Column = ColumnOf(name, Text("column")),
            Constant = Text("constant"),
            IsRowNumber = IsTrue("rowNumber"),
            Join = Parts("join"),
            Separator = Text("separator") ?? " ",
            Values = field.TryGetProperty("values", out var table)
                ? table.EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString() ?? "", StringComparer.Ordinal)
                : null,
            Otherwise = Text("otherwise"),
            Plus = Parts("plus"),
            Minus = Parts("minus"),
            Times = Parts("times"),
            DividedBy = Parts("dividedBy"),
            Factor = field.TryGetProperty("factor", out var factor) ? FactorOf(name, factor) : null,
            IsMinorUnits = field.TryGetProperty("minorUnits", out var minor) && (minor.ValueKind == JsonValueKind.Object || minor.GetBoolean()),
            MinorUnitDigits = minor.ValueKind == JsonValueKind.Object ? DigitsOf(name, minor) : new Dictionary<string, int>(),
            TimeFormats = field.TryGetProperty("timeFormat", out var formats) ? FormatsOf(formats) : [],
            Rows = RowsOf(name, Text("rows")),
        };
        var sources = (read.Column is null ? 0 : 1) + (read.Constant is null ? 0 : 1) + (read.IsRowNumber ? 1 : 0) + (read.Join.Count == 0 ? 0 : 1);
        return sources != 1
            ? throw new ImportMappingException($"'{name}' is the name of a column, or an object with either column or constant, rowNumber or join.")
            : read;
    }

    private static IReadOnlyList<ImportField> PartsOf(string name, string setting, JsonElement parts) =>
        parts.ValueKind == JsonValueKind.Array && parts.GetArrayLength() is > 0 and <= MostParts
            ? [.. parts.EnumerateArray().Select(part => Read(name, part, OfParts))]
            : throw new ImportMappingException($"{setting} of '{name}' is a list of 1 to {MostParts} columns, each a name or an object with {string.Join(", ", OfParts)}.");

    private static string? ColumnOf(string name, string? column) =>
        column?.Length > LongestColumn ? throw new ImportMappingException($"The column of '{name}' may have {LongestColumn} characters.") : column;

    private static Dictionary<string, int> DigitsOf(string name, JsonElement exceptions)
    {
        var digits = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var exception in exceptions.EnumerateObject())
        {
            digits[Currency.TryParse(exception.Name, out var currency) ? currency.Code : throw Wrong()] =
                exception.Value.ValueKind == JsonValueKind.Number && exception.Value.TryGetInt32(out var count) && count is >= 0 and <= 4 ? count : throw Wrong();
        }

        return digits;

        ImportMappingException Wrong() => new($"minorUnits of '{name}' is true, or the decimals of currencies that differ from ISO 4217, such as {{\"MGA\": 0}}.");
    }

    private static decimal FactorOf(string name, JsonElement factor) =>
        (factor.ValueKind == JsonValueKind.Number ? factor.TryGetDecimal(out var value) : ImportText.TryRead(factor.GetString(), out value)) && value != 0
            ? value
            : throw new ImportMappingException($"The factor of '{name}' is a number other than zero, such as 0.01 or -1.");

    private static ImportRows RowsOf(string name, string? rows) => rows switch
    {
        null or "same" => ImportRows.Same,
        "first" => ImportRows.First,
        "last" => ImportRows.Last,
        "sum" => ImportRows.Sum,
        _ => throw new ImportMappingException($"rows of '{name}' is one of same, first, last and sum."),
    };
}
