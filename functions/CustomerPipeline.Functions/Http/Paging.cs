using System.Globalization;
using CustomerPipeline.Functions.Access;
using CustomerPipeline.Functions.Http.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace CustomerPipeline.Functions.Http;

/// <summary>How many entries a caller wants at once.</summary>
internal static class Paging
{
    public const int Default = 50;
    public const int Largest = 1_000;
    public const string Continuation = "continuation";

    /// <summary>The size of the page, by <c>top</c>; null when that makes no sense.</summary>
    public static int? SizeOf(HttpRequest request, int largest, int otherwise = Default)
    {
        var top = request.Query["top"].ToString();
        return top.Length == 0 ? otherwise
            : int.TryParse(top, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size >= 1 && size <= largest ? size
            : null;
    }

    /// <summary>A page of a list whose entries have ids, after the id that <c>after</c> names; the next page begins after its last.</summary>
    /// <param name="request">Has <c>top</c> and <c>after</c>.</param>
    /// <param name="list">Gives so many entries after an id.</param>
    /// <param name="shape">The shape of an entry.</param>
    /// <param name="idOf">The id of an entry.</param>
    /// <param name="link">The list's address with its query, to which <c>top</c> and <c>after</c> are added.</param>
    public static async Task<IActionResult> AnswerAsync<T, TShape>(
        HttpRequest request, Func<int, string, Task<IReadOnlyList<T>>> list, Func<T, TShape> shape, Func<T, string> idOf, string link)
    {
        if (SizeOf(request, Largest) is not { } size)
        {
            return Invalid(Largest);
        }

        var page = await list(size, request.Query["after"].ToString());
        var next = page.Count == size ? $"{link}{(link.Contains('?', StringComparison.Ordinal) ? '&' : '?')}top={size}&after={idOf(page[^1])}" : null;
        return JsonBytesResult.Ok(new ListShape<TShape>(page.Select(shape), next));
    }

    /// <summary>The address of the next page: the same question with a continuation. A key stands in no answer.</summary>
    public static string NextLink(HttpRequest request, string continuation) =>
        $"{request.Path}?{string.Concat(request.Query.Where(q => q.Key is not (Continuation or GateAnswers.KeyParameter)).Select(q => $"{Uri.EscapeDataString(q.Key)}={Uri.EscapeDataString(q.Value.ToString())}&"))}{Continuation}={Uri.EscapeDataString(continuation)}";

    public static IActionResult Invalid(int largest) =>
        Problem.Result(StatusCodes.Status400BadRequest, "invalid-page", $"top is 1 to {largest}; follow nextLink as it was given.");
}
