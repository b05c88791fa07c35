using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace CustomerPipeline.Functions.Http;

/// <summary>Rows as CSV (RFC 4180): UTF-8, a comma between fields, a heading, CR LF behind each row; a value that is not known is empty.</summary>
internal static class Csv
{
    public const string FormatParameter = "format";

    private const string MediaType = "text/csv";

    /// <summary>Whether the caller wants CSV: by the parameter <c>format=csv</c>, else by Accept where it prefers CSV to JSON. Null where <c>format</c> has another value than csv or json.</summary>
    public static bool? IsWanted(HttpRequest request) => request.Query[FormatParameter].ToString() switch
    {
        "csv" => true,
        "json" => false,
        "" => MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var ranges)
            && ranges.Where(r => r.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase)).Select(r => r.Quality ?? 1).DefaultIfEmpty(0).Max() is var csv and > 0
            && ranges.Where(r => r.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)).All(r => (r.Quality ?? 1) < csv),
        _ => null,
    };

    /// <summary>The answer to a caller who wants another format.</summary>
    public static IActionResult UnknownFormat() => Problem.Result(StatusCodes.Status400BadRequest, "unknown-format", $"{FormatParameter} is json or csv.");

    /// <summary>The answer of rows, and of where the next page is (RFC 8288).</summary>
    public static JsonBytesResult Result(HttpRequest request, IReadOnlyList<string> heading, IEnumerable<IReadOnlyList<object?>> rows, string? next)
    {
        if (next is not null)
        {
            request.HttpContext.Response.Headers.Link = $"<{next}>; rel=\"next\"";
        }

        var text = new StringBuilder();
        foreach (var row in rows.Prepend(heading))
        {
            text.AppendJoin(',', row.Select(Field)).Append("\r\n");
        }

        return new JsonBytesResult(StatusCodes.Status200OK, $"{MediaType}; charset=utf-8; header=present", Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static string Field(object? value)
    {
        var text = value switch
        {
            null => "",
            bool truth => truth ? "true" : "false",
            DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };
        return text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
