using System.Globalization;

namespace CustomerPipeline.Application.Receive.Import;

/// <summary>
/// Numbers and times as a file writes them, to those of the import shape: a point before the decimals, ISO 8601. What does not fit the mapping is left so
/// that it is refused when it is normalized, and kept in quarantine: nothing is guessed.
/// </summary>
internal static class ImportText
{
    private const decimal Largest = 1_000_000_000_000_000_000m;
    private const string NoBreakSpaces = "\u00A0\u202F";

    public static string Of(string field, ImportField how, string text, ImportMapping mapping) =>
        ImportMapping.NumberFields.Contains(field) ? Number(text, how.Factor, mapping)
        : ImportMapping.TimeFields.Contains(field) && (how.TimeFormat ?? mapping.TimeFormat) is { } format ? Time(text, format, field == "business_day")
        : text;

    /// <summary>A number, multiplied by the factor.</summary>
    internal static string Number(string text, decimal? factor, ImportMapping mapping)
    {
        var plain = mapping.ThousandsSeparator is { } thousands ? WithoutThousands(text, thousands[0], mapping.DecimalSeparator[0]) : text;

        // A comma for a point, and a point for a comma: 1.234 of a file with decimal commas is no 1.234.
        plain = mapping.DecimalSeparator == "," ? string.Create(plain.Length, plain, (to, from) => from.AsSpan().CopyToSwapped(to)) : plain;
        if (factor is not { } by)
        {
            return plain;
        }

        // What cannot be multiplied is no number any more: it is refused, instead of counting as what it was before.
        return TryRead(plain, out var number) && Math.Abs(number) < Largest && Math.Abs(by) < 1_000_000m
            ? (number * by).ToString(CultureInfo.InvariantCulture)
            : $"{plain} x {by.ToString(CultureInfo.InvariantCulture)}";
    }

    /// <summary>The sum of numbers in their plain form; null when one is none.</summary>
    internal static string? Sum(IEnumerable<string> numbers)
    {
        var sum = 0m;
        foreach (var text in numbers)
        {
            if (!TryRead(text, out var number) || Math.Abs(number) > 1_000_000_000_000m)
            {
                return null;
            }

            sum += number;
        }

        return sum.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A number in its plain form: a sign, digits, a point before the decimals.</summary>
    internal static bool TryRead(string? text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);

    // A day stays a day, and an offset stays an offset.
    private static string Time(string text, string format, bool isDay)
    {
        var unit = format switch { "unix" => 1_000L, "unix-ms" => 1L, _ => 0L };
        if (unit > 0)
        {
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) && Math.Abs(count) < 100_000_000_000_000 / unit
                ? DateTimeOffset.FromUnixTimeMilliseconds(count * unit).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture)
                : text;
        }

        if (format.AsSpan().ContainsAny('z', 'K'))
        {
            return DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
                ? instant.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture)
                : text;
        }

        return DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
            ? local.ToString(isDay || !format.AsSpan().ContainsAny('H', 'h') ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)
            : text;
    }

    // 1.234.567,89 with a point between thousands; a text whose groups are not of three digits is left as it is.
    private static string WithoutThousands(string text, char thousands, char decimals)
    {
        var from = text.Length > 0 && text[0] is '-' or '+' ? 1 : 0;
        var end = text.IndexOf(decimals, StringComparison.Ordinal) is >= 0 and var found ? found : text.Length;
        var whole = text[from..end];
        if (thousands == ' ')
        {
            whole = whole.Replace(NoBreakSpaces[0], ' ').Replace(NoBreakSpaces[1], ' ');
        }

        var groups = whole.Split(thousands);
        return groups.Length > 1 && groups[0].Length is > 0 and <= 3 && groups.Skip(1).All(g => g.Length == 3) && groups.All(g => g.All(char.IsAsciiDigit))
            ? string.Concat(text.AsSpan(0, from), string.Concat(groups), text.AsSpan(end))
            : text;
    }

    private static void CopyToSwapped(this ReadOnlySpan<char> from, Span<char> to)
    {
        for (var i = 0; i < from.Length; i++)
        {
            to[i] = from[i] switch { ',' => '.', '.' => ',', var other => other };
        }
    }
}
