using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace CustomerPipeline.Functions.Http;

/// <summary>Days and instants as callers write them.</summary>
internal static class DayText
{
    // Some days and months more must be a date.
    private const int LastYear = 9_000;

    /// <summary>A day; null for no text.</summary>
    public static bool TryRead(string? text, out DateOnly? day)
    {
        day = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed))
        {
            return false;
        }

        day = parsed;
        return true;
    }

    /// <summary>An instant, or a day, which means its end in UTC; null for no text.</summary>
    public static bool TryReadInstant(string? text, out DateTimeOffset? instant)
    {
        instant = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (TryRead(text, out var day))
        {
            if (day!.Value.Year > LastYear)
            {
                return false;
            }

            instant = new DateTimeOffset(day.Value.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero).AddTicks(-1);
            return true;
        }

        if (text.Length > 40 || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed) || parsed.Year > LastYear)
        {
            return false;
        }

        instant = parsed;
        return true;
    }

    public static IActionResult InvalidInstant() =>
        Problem.Result(StatusCodes.Status400BadRequest, "invalid-instant", "asOf is an instant such as 2026-01-31T12:00:00Z, or a day, which means its end in UTC.");
}
