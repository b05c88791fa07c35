using System.Globalization;
using Microsoft.OData;
using Microsoft.OData.Edm;

namespace CustomerPipeline.Functions.OData;

/// <summary>
/// The values that expressions compute with: text, <c>decimal</c> for numbers of every kind, <c>bool</c>, <c>DateOnly</c>, <c>TimeOnly</c>,
/// <c>DateTimeOffset</c>, <c>TimeSpan</c>, and null, which makes null of every calculation ("OData Version 4.0 Part 2: URL Conventions", 5.1.1.2).
/// </summary>
internal static class FeedValue
{
    private const double LargestNumber = 1e28;

    /// <summary>Returns a value of the library or of a row as one of these.</summary>
    public static object? Of(object? value) => value switch
    {
        int number => (decimal)number,
        long number => (decimal)number,
        short number => (decimal)number,
        byte number => (decimal)number,
        sbyte number => (decimal)number,
        float number => OfDouble(number, static n => (decimal)(float)n),
        double number => OfDouble(number, static n => (decimal)n),
#pragma warning disable CS0618 // The library reads days and times as types of its own.
        Date day => new DateOnly(day.Year, day.Month, day.Day),
        TimeOfDay time => new TimeOnly(time.Ticks),
#pragma warning restore CS0618
        null or string or decimal or bool or DateOnly or TimeOnly or DateTimeOffset or TimeSpan => value,
        _ => throw new UnsupportedExpressionException($"values of the type {value.GetType().Name}"),
    };

    /// <summary>Returns the number, or null, that a text of a list is.</summary>
    public static object? Number(string text) =>
        text == "null" ? null
        : decimal.TryParse(text.TrimEnd('L', 'l', 'M', 'm', 'D', 'd', 'F', 'f'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
        : throw new ODataException($"'{text}' is not a number.");

    /// <summary>Returns the instant that a day begins in UTC; an instant as it is. The library promotes days so where it compares them with instants.</summary>
    public static object? ToInstant(object? value) => value is DateOnly day ? new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero) : value;

    public static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        _ => Compare(left, right) == 0,
    };

    /// <summary>Compares two values of one type.</summary>
    /// <exception cref="UnsupportedExpressionException">Their types cannot be compared.</exception>
    public static int Compare(object left, object right) => (left, right) switch
    {
        (string a, string b) => string.CompareOrdinal(a, b),
        (IComparable a, _) when left.GetType() == right.GetType() => a.CompareTo(right),
        (DateOnly, DateTimeOffset) or (DateTimeOffset, DateOnly) => Compare(ToInstant(left)!, ToInstant(right)!),
        _ => throw new UnsupportedExpressionException($"the comparison of {left.GetType().Name} with {right.GetType().Name}"),
    };

    public static object? Negate(object? value) => value switch
    {
        null => null,
        decimal number => -number,
        TimeSpan duration => Within(() => -duration),
        _ => throw new UnsupportedExpressionException($"the negation of {value.GetType().Name}"),
    };

    /// <summary>Adds numbers, or a duration to a day, an instant or a duration. The day of a sum is the one that the instant falls on.</summary>
    public static object? Add(object? left, object? right) => (left, right) switch
    {
        (DateOnly day, TimeSpan duration) => Within(() => DateOnly.FromDateTime(day.ToDateTime(TimeOnly.MinValue) + duration)),
        (DateTimeOffset at, TimeSpan duration) => Within(() => at + duration),
        (TimeSpan duration, TimeSpan more) => Within(() => duration + more),
        _ => Calculate(left, right, (a, b) => a + b),
    };

    /// <summary>Subtracts numbers, durations, a duration from a day or an instant, or an instant or day from another, which is a duration.</summary>
    public static object? Subtract(object? left, object? right) => (left, right) switch
    {
        (DateOnly day, DateOnly other) => TimeSpan.FromDays(day.DayNumber - other.DayNumber),
        (DateTimeOffset or DateOnly, DateTimeOffset or DateOnly) => (DateTimeOffset)ToInstant(left)! - (DateTimeOffset)ToInstant(right)!,
        (DateOnly or DateTimeOffset or TimeSpan, TimeSpan duration) => Add(left, Negate(duration)),
        _ => Calculate(left, right, (a, b) => a - b),
    };

    /// <summary>Divides; whole numbers to the whole number towards zero ("OData Version 4.01 Part 2: URL Conventions", 5.1.1.2.4: <c>div</c>).</summary>
    public static object? Divide(object? left, object? right, bool isWhole) =>
        Calculate(left, right, (a, b) => isWhole ? Math.Truncate(a / NotZero(b)) : a / NotZero(b));

    public static object? Remainder(object? left, object? right) => Calculate(left, right, (a, b) => a % NotZero(b));

    public static object? Calculate(object? left, object? right, Func<decimal, decimal, decimal> result) => (left, right) switch
    {
        (decimal a, decimal b) => Within(() => result(a, b)),
        (null, _) or (_, null) => null,
        _ => throw new UnsupportedExpressionException($"a calculation of {left.GetType().Name} with {right.GetType().Name}"),
    };

    // 5.1.1.2.4: where the right operand is zero, the request fails.
    private static decimal NotZero(decimal divisor) =>
        divisor != 0 ? divisor : throw new ODataException("A row divides by zero. Exclude such rows first: 'Whole ne 0 and Part div Whole gt 0.5'.");

    private static T Within<T>(Func<T> calculate)
    {
        try
        {
            return calculate();
        }
        catch (Exception e) when (e is OverflowException or ArgumentOutOfRangeException)
        {
            throw new ODataException("The result of a calculation is outside the range of its type.", e);
        }
    }

    private static decimal OfDouble(double number, Func<double, decimal> toDecimal) =>
        Math.Abs(number) < LargestNumber && (number == 0 || Math.Abs(number) > 1 / LargestNumber)
            ? toDecimal(number)
            : throw new UnsupportedExpressionException("numbers of 1e28 and more, and as close to zero");
}
