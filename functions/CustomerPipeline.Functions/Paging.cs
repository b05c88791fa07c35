using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace CustomerPipeline.Functions;

/// <summary>How many entries a caller wants at once.</summary>
internal static class Paging
{
    public const int Default = 50;
    public const int Largest = 1_000;

    /// <summary>The size of the page, by <c>top</c>; null when that makes no sense.</summary>
    public static int? SizeOf(HttpRequest request, int largest, int otherwise = Default)
    {
        var top = request.Query["top"].ToString();
        return top.Length == 0 ? otherwise
            : int.TryParse(top, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size >= 1 && size <= largest ? size
            : null;
    }

    public static IActionResult Invalid(int largest) =>
        Problem.Result(StatusCodes.Status400BadRequest, "invalid-page", $"top is 1 to {largest}; follow nextLink as it was given.");
}
