using System.Buffers.Text;
using System.Globalization;
using System.Text;
using CustomerPipeline.Application.Report.Tables;

namespace CustomerPipeline.Functions.OData;

/// <summary>
/// Where a page ended, as <c>$skiptoken</c>: the key of its last row, so that rows that come or go meanwhile make none appear twice; or, where a client asked for an order of its own, how many rows there were.
/// </summary>
internal sealed record FeedPosition(IReadOnlyList<object?>? Key, int Rows)
{
    private const char Separator = '\u001f';

    public static FeedPosition After(FigureTable table, object?[] last) => new([.. last.Take(table.KeyColumns)], 0);

    public static FeedPosition Behind(int rows) => new(null, rows);

    public string Write() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Key is null ? $"#{Rows.ToString(CultureInfo.InvariantCulture)}" : $"={string.Join(Separator, Key.Select(Text))}"));

    /// <summary>Reads a token; null for one that no page of the table has.</summary>
    public static FeedPosition? Read(FigureTable table, string token)
    {
        if (!Base64Url.IsValid(token) || token.Length == 0)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token));
        if (text.StartsWith('#'))
        {
            return int.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var rows) ? Behind(rows) : null;
        }

        var parts = text.Split(Separator);
        if (!text.StartsWith('=') || parts.Length != table.KeyColumns)
        {
            return null;
        }

        parts[0] = parts[0][1..];
        var key = table.Key.Zip(parts, (column, part) => Value(column.Type, part)).ToList();
        return key.Contains(null) ? null : new FeedPosition(key, 0);
    }

    private static string Text(object? value) => value switch
    {
        DateOnly day => day.ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset at => at.ToString("O", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static object? Value(ColumnType type, string text) => type switch
    {
        ColumnType.Text => text,
        ColumnType.WholeNumber => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
        ColumnType.Date => DateOnly.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null,
        ColumnType.Instant => DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at : null,
        _ => null,
    };
}
