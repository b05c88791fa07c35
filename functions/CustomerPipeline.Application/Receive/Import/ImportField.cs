using System.Text.Json;

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

/// <summary>Where a field's value comes from: a column (its values perhaps translated), or a constant.</summary>
public sealed record ImportField
{
    private static readonly string[] Known = ["column", "constant", "values", "otherwise", "factor", "timeFormat", "rows"];

    /// <summary>The heading of a CSV column, or the path of a JSON field, such as <c>customer.email</c>; null for a constant.</summary>
    public string? Column { get; private init; }

    public string? Constant { get; private init; }

    /// <summary>Translations of the column's values.</summary>
    public IReadOnlyDictionary<string, string>? Values { get; private init; }

    /// <summary>What all other values become.</summary>
    public string? Otherwise { get; private init; }

    /// <summary>What a number is multiplied by: 0.01 for cents, -1 for amounts written below zero.</summary>
    public decimal? Factor { get; private init; }

    /// <summary>A .NET format of the field's times, or <c>unix</c> or <c>unix-ms</c>; null: that of the mapping.</summary>
    public string? TimeFormat { get; private init; }

    /// <summary>What holds when the rows of one order differ.</summary>
    public ImportRows Rows { get; private init; }

    /// <summary>The value for a row; null when the row has none.</summary>
    /// <param name="column">Gives the text of a column.</param>
    public string? ValueFor(Func<string, string?> column)
    {
        if (Constant is not null)
        {
            return Constant;
        }

        var text = column(Column!)?.Trim();
        var translated = Values is null ? text : text is not null && Values.TryGetValue(text, out var value) ? value : Otherwise ?? text;
        return string.IsNullOrEmpty(translated) ? null : translated;
    }

    internal static ImportField Of(string name, JsonElement field)
    {
        if (field.ValueKind == JsonValueKind.String)
        {
            return new ImportField { Column = field.GetString() };
        }

        if (field.EnumerateObject().Select(p => p.Name).FirstOrDefault(n => !Known.Contains(n)) is { } unknown)
        {
            throw new ImportMappingException($"'{name}' has an unknown setting '{unknown}'. There are: {string.Join(", ", Known)}.");
        }

        string? Text(string setting) => field.TryGetProperty(setting, out var value) ? value.GetString() : null;
        var (column, constant) = (Text("column"), Text("constant"));
        if (column is null == constant is null)
        {
            throw new ImportMappingException($"'{name}' is the name of a column, or an object with either column or constant.");
        }

        var isNumber = ImportMapping.NumberFields.Contains(name);
        decimal? factor = field.TryGetProperty("factor", out var said) ? FactorOf(name, said) : null;
        var rows = RowsOf(name, Text("rows"));
        return (factor is not null || rows == ImportRows.Sum) && !isNumber
            ? throw new ImportMappingException($"'{name}' is no number: it has neither a factor nor a sum.")
            : new ImportField
            {
                Column = column,
                Constant = constant,
                Values = field.TryGetProperty("values", out var table)
                    ? table.EnumerateObject().ToDictionary(v => v.Name, v => v.Value.GetString() ?? "", StringComparer.Ordinal)
                    : null,
                Otherwise = Text("otherwise"),
                Factor = factor,
                TimeFormat = Text("timeFormat"),
                Rows = rows,
            };
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

/// <summary>Which rows are read: those whose column has one of the values, or none of them.</summary>
/// <param name="Column">The heading, or the path.</param>
/// <param name="In">The values that are read; null: all but <paramref name="NotIn"/>.</param>
/// <param name="NotIn">The values that are passed over.</param>
public sealed record ImportFilter(string Column, IReadOnlySet<string>? In, IReadOnlySet<string>? NotIn)
{
    internal bool Takes(Func<string, string?> column)
    {
        var value = column(Column)?.Trim() ?? "";
        return In?.Contains(value) ?? !NotIn!.Contains(value);
    }

    internal static ImportFilter Of(JsonElement filter)
    {
        HashSet<string>? Set(string name) => filter.TryGetProperty(name, out var values) ? [.. values.EnumerateArray().Select(v => v.GetString() ?? "")] : null;
        var column = filter.TryGetProperty("column", out var named) ? named.GetString() : null;
        var (taken, passed) = (Set("in"), Set("notIn"));
        return column is null || taken is null == passed is null || filter.EnumerateObject().Count() != 2
            ? throw new ImportMappingException("where is a list of objects with column and either in or notIn, each a list of values.")
            : new ImportFilter(column, taken, passed);
    }
}
