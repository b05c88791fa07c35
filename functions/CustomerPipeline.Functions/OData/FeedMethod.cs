using Microsoft.OData;

namespace CustomerPipeline.Functions.OData;

/// <summary>The canonical functions of OData ("OData Version 4.0 Part 2: URL Conventions", 5.1.1.4 to 5.1.1.8). A function of null is null.</summary>
internal static class FeedMethod
{
    private static readonly Dictionary<string, Func<object, object>> OfOne = new(StringComparer.Ordinal)
    {
        ["length"] = text => (decimal)((string)text).Length,
        ["tolower"] = text => ((string)text).ToLowerInvariant(),
        ["toupper"] = text => ((string)text).ToUpperInvariant(),
        ["trim"] = text => ((string)text).Trim(),
        ["round"] = number => Math.Round((decimal)number, MidpointRounding.AwayFromZero),
        ["floor"] = number => Math.Floor((decimal)number),
        ["ceiling"] = number => Math.Ceiling((decimal)number),
        ["year"] = value => (decimal)DayOf(value).Year,
        ["month"] = value => (decimal)DayOf(value).Month,
        ["day"] = value => (decimal)DayOf(value).Day,
        ["date"] = value => DayOf(value),
        ["hour"] = value => (decimal)TimeOf(value).Hour,
        ["minute"] = value => (decimal)TimeOf(value).Minute,
        ["second"] = value => (decimal)TimeOf(value).Second,
        ["fractionalseconds"] = value => (decimal)(TimeOf(value).Ticks % TimeSpan.TicksPerSecond) / TimeSpan.TicksPerSecond,
        ["time"] = value => TimeOf(value),
        ["totaloffsetminutes"] = at => (decimal)((DateTimeOffset)at).Offset.TotalMinutes,
        ["totalseconds"] = duration => (decimal)((TimeSpan)duration).Ticks / TimeSpan.TicksPerSecond,
    };

    private static readonly Dictionary<string, Func<string, string, object>> OfTwoTexts = new(StringComparer.Ordinal)
    {
        ["contains"] = (text, part) => text.Contains(part, StringComparison.Ordinal),
        ["startswith"] = (text, part) => text.StartsWith(part, StringComparison.Ordinal),
        ["endswith"] = (text, part) => text.EndsWith(part, StringComparison.Ordinal),
        ["indexof"] = (text, part) => (decimal)text.IndexOf(part, StringComparison.Ordinal),
        ["concat"] = string.Concat,
    };

    /// <summary>Returns what computes a function from the values of its arguments in a row.</summary>
    /// <exception cref="UnsupportedExpressionException">There is no such function here.</exception>
    public static Func<object?[], object?> Compile(string name, Func<object?[], object?>[] arguments) => (name, arguments) switch
    {
        ("mindatetime", []) => _ => DateTimeOffset.MinValue,
        ("maxdatetime", []) => _ => DateTimeOffset.MaxValue,
        ("substring", [var text, var from]) => row => (text(row), from(row)) is (string t, decimal f) ? Part(t, f, t.Length) : null,
        ("substring", [var text, var from, var count]) => row => (text(row), from(row), count(row)) is (string t, decimal f, decimal n) ? Part(t, f, n) : null,
        (_, [var argument]) when OfOne.TryGetValue(name, out var apply) => row => argument(row) is { } value ? apply(value) : null,
        (_, [var text, var other]) when OfTwoTexts.TryGetValue(name, out var apply) => row => (text(row), other(row)) is (string a, string b) ? apply(a, b)
            : null,
        _ => throw new UnsupportedExpressionException($"the function {name}"),
    };

    // From behind the end on there is nothing.
    private static string Part(string text, decimal from, decimal count)
    {
        if (from < 0 || count < 0)
        {
            throw new ODataException("substring takes a start and a length of 0 or more.");
        }

        var start = (int)Math.Min(from, text.Length);
        return text.Substring(start, (int)Math.Min(count, text.Length - start));
    }

    // In the time zone of the value (5.1.1.5); the feed's own instants are in UTC.
    private static DateOnly DayOf(object value) => value is DateOnly day ? day : DateOnly.FromDateTime(((DateTimeOffset)value).DateTime);

    private static TimeOnly TimeOf(object value) => value is TimeOnly time ? time : TimeOnly.FromDateTime(((DateTimeOffset)value).DateTime);
}
