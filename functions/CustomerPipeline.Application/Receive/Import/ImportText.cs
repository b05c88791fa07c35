using System.Globalization;
using CustomerPipeline.Domain;

namespace CustomerPipeline.Application.Receive.Import;

/// <summary>A field of a row as the import shape writes it.</summary>
/// <param name="Text">The value; null when the row has none.</param>
/// <param name="IsRead">False where the value is not what the mapping says: the text is kept so that it is refused when it is normalized.</param>
internal readonly record struct ImportValue(string? Text, bool IsRead = true);

/// <summary>
/// Numbers and times as a file writes them, to those of the import shape: a point before the decimals, ISO 8601. What does not fit the mapping is left so
/// that it is refused when it is normalized, and kept in quarantine: nothing is guessed.
/// </summary>
internal static class ImportText
{
    private const decimal Largest = 1_000_000_000_000_000_000m;

    // The first moment of the year 1, and one of the year 5138: milliseconds since 1970.
    private const long EarliestMoment = -62_135_596_800_000;
    private const long LatestMoment = 100_000_000_000_000;

    private static readonly string[] Iso8601 = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK"];

    private const string NoBreakSpaces = "\u00A0\u202F";

    /// <summary>Reads a field.</summary>
    /// <param name="field">Its name in the import shape.</param>
    /// <param name="how">Where it comes from.</param>
    /// <param name="row">The row.</param>
    /// <param name="mapping">How the file writes numbers and times.</param>
    /// <param name="currency">The record's currency, for amounts in minor units.</param>
    public static ImportValue Of(string field, ImportField how, ImportRow row, ImportMapping mapping, string? currency) =>
        how.ValueFor(row) is not { } text ? Missing(how, row)
        : ImportMapping.NumberFields.Contains(field) ? Number(text, how, row, mapping, currency)
        : ImportMapping.TimeFields.Contains(field) && (how.TimeFormats.Count > 0 ? how.TimeFormats : mapping.TimeFormats) is { Count: > 0 } formats ? Time(text, formats, field is "business_day" or "day")
        : new ImportValue(text);

    // Where the others of a sum are there, the one that is missing is not nothing.
    private static ImportValue Missing(ImportField how, ImportRow row) =>
        how.Plus.Concat(how.Minus).Any(part => part.Columns.Any() && part.ValueFor(row) is not null) ? new ImportValue("not calculated, for the first number is missing", IsRead: false) : new ImportValue(null);

    /// <summary>Whether a format says the whole day, and the time of day or none: what it leaves out would be guessed, such as the year, or morning and afternoon.</summary>
    internal static bool IsTimeFormat(string format)
    {
        var sample = new DateTimeOffset(2001, 2, 3, 16, 5, 0, TimeSpan.Zero);
        try
        {
            return format is "unix" or "unix-ms"
                || (Time(sample.ToString(format, CultureInfo.InvariantCulture), format, isDay: false) is { } read
                    && ((read == "2001-02-03" && (format.Length > 1 || format is "d" or "D")) || read.StartsWith("2001-02-03T16:", StringComparison.Ordinal)));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>A number in its plain form, as far as it has the form that the mapping says.</summary>
    internal static string Plain(string text, ImportMapping mapping)
    {
        var plain = mapping.ThousandsSeparator is { } thousands ? WithoutThousands(text, thousands[0], mapping.DecimalSeparator[0]) : text;

        // A comma for a point, and a point for a comma: 1.234 of a file with decimal commas is no 1.234.
        return mapping.DecimalSeparator == "," ? string.Create(plain.Length, plain, (to, from) => from.AsSpan().CopyToSwapped(to)) : plain;
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

    private static ImportValue Number(string text, ImportField how, ImportRow row, ImportMapping mapping, string? currency)
    {
        var plain = Plain(text, mapping);
        if (!how.IsCalculated)
        {
            return new ImportValue(plain, decimal.TryParse(plain, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out _));
        }

        // What cannot be calculated is no number any more: it is refused, instead of counting as what it was before.
        return TryRead(plain, out var number) && TryCalculate(number, how, row, mapping, currency, out var result)
            ? new ImportValue(result.ToString(CultureInfo.InvariantCulture))
            : new ImportValue($"not calculated from {plain}", IsRead: false);
    }

    private static bool TryCalculate(decimal number, ImportField how, ImportRow row, ImportMapping mapping, string? currency, out decimal result)
    {
        result = number;
        if (how.IsMinorUnits)
        {
            // Half a cent is no amount in cents.
            if (!TryInMajor(number, how, currency, out result))
            {
                return false;
            }
        }

        return Each(how.Plus, ref result, (sum, next) => sum + next)
            && Each(how.Minus, ref result, (sum, next) => sum - next)
            && Each(how.Times, ref result, (product, next) => product * next)
            && Each(how.DividedBy, ref result, (quotient, next) => next == 0 ? null : quotient / next)
            && (how.Factor is not { } factor || Apply(ref result, factor, (product, next) => product * next));

        bool Each(IReadOnlyList<ImportField> parts, ref decimal value, Func<decimal, decimal, decimal?> apply)
        {
            var isMoney = ReferenceEquals(parts, how.Plus) || ReferenceEquals(parts, how.Minus);
            foreach (var part in parts)
            {
                if (part.ValueFor(row) is not { } text || !TryRead(Plain(text, mapping), out var next)
                    || (how.IsMinorUnits && isMoney && !TryInMajor(next, how, currency, out next))
                    || !Apply(ref value, next, apply))
                {
                    return false;
                }
            }

            return true;
        }
    }

    private static bool TryInMajor(decimal minor, ImportField how, string? code, out decimal major)
    {
        major = minor;
        if (!Currency.TryParse(code, out var currency) || minor != decimal.Truncate(minor))
        {
            return false;
        }

        for (var digit = 0; digit < how.MinorUnitDigits.GetValueOrDefault(currency.Code, currency.Digits); digit++)
        {
            major /= 10;
        }

        return true;
    }

    // Within bounds that no product of two numbers leaves the range of decimal.
    private static bool Apply(ref decimal value, decimal next, Func<decimal, decimal, decimal?> apply)
    {
        if (Math.Abs(value) >= Largest || Math.Abs(next) >= 1_000_000_000_000_000m)
        {
            return false;
        }

        try
        {
            var result = apply(value, next);
            value = result ?? value;
            return result is { } within && Math.Abs(within) < Largest;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    // Where formats read the same text as different times, none of them is taken.
    private static ImportValue Time(string text, IReadOnlyList<string> formats, bool isDay)
    {
        string? read = null;
        foreach (var format in formats)
        {
            if (Time(text, format, isDay) is not { } time || time == read)
            {
                continue;
            }

            if (read is not null)
            {
                return new ImportValue($"{text} fits several formats", IsRead: false);
            }

            read = time;
        }

        // ISO 8601 is read in any case, and so is one of the formats that may read the text differently.
        if (read is not null && Iso8601.Select(format => Time(text, format, isDay)).FirstOrDefault(time => time is not null) is { } iso && iso != read)
        {
            return new ImportValue($"{text} fits several formats", IsRead: false);
        }

        // A text in ISO 8601 is read when it is normalized, and refused there if it is none.
        return new ImportValue(read ?? text, IsRead: read is not null || (text.Length >= "yyyy-MM-dd".Length && text[4] == '-'));
    }

    // A day stays a day, and an offset stays an offset.
    private static string? Time(string text, string format, bool isDay)
    {
        var unit = format switch { "unix" => 1_000L, "unix-ms" => 1L, _ => 0L };
        if (unit > 0)
        {
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) && count >= EarliestMoment / unit && count < LatestMoment / unit
                ? DateTimeOffset.FromUnixTimeMilliseconds(count * unit).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture)
                : null;
        }

        if (!DateTime.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var local))
        {
            return null;
        }

        // A format may have an offset that the text has not (K), and a z that is a letter.
        return local.Kind != DateTimeKind.Unspecified && DateTimeOffset.TryParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant)
            ? instant.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture)
            : local.ToString(isDay || !format.AsSpan().ContainsAny('H', 'h') ? "yyyy-MM-dd" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
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
