using System.Globalization;
using CustomerPipeline.Functions.Access;
using CustomerPipeline.Functions.Http.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace CustomerPipeline.Functions.Http;

/// <summary>What a caller wants of a list.</summary>
/// <param name="Size">How many entries at most.</param>
/// <param name="After">The position behind which the page begins; null for the first page.</param>
internal sealed record PageRequest(int Size, string? After);

/// <summary>Pages of lists, in one way for all: the entries as <c>value</c>, and the same question with a <see cref="PageToken"/> as <c>nextLink</c>.</summary>
internal static class Paging
{
    public const int Default = 50;
    public const int Largest = 1_000;
    public const string Top = "top";
    public const string Continuation = "continuation";

    /// <summary>What lists by id had in place of a token until November 2026, and still take: begin behind this id.</summary>
    public const string After = "after";

    /// <summary>Reads which page is asked for, or says what is wrong with it.</summary>
    /// <param name="request">Has <c>top</c> and <c>continuation</c>.</param>
    /// <param name="largest">The most entries of a page.</param>
    /// <param name="otherwise">The size of a page where the caller does not say.</param>
    /// <param name="isById">Whether a position in the list is an id, which the caller may give as <c>after</c> as well.</param>
    /// <param name="isPosition">Whether a text is a position in the list; null where any is.</param>
    public static (PageRequest? Page, IActionResult? Problem) Read(
        HttpRequest request, int largest = Largest, int otherwise = Default, bool isById = false, Func<string, bool>? isPosition = null)
    {
        if (SizeOf(request, largest, otherwise) is not { } size)
        {
            return (null, Invalid(largest));
        }

        if (request.Query[Continuation].ToString() is not { Length: > 0 } token)
        {
            return (new PageRequest(size, isById && request.Query[After].ToString() is { Length: > 0 } id ? id : null), null);
        }

        var (position, isOfAnother) = PageToken.Read(request, token);
        return position is not null && isPosition?.Invoke(position) is not false ? (new PageRequest(size, position), null)
            : isOfAnother ? (null, Problem.Result(
                StatusCodes.Status400BadRequest, "continuation-of-another-question",
                "This continuation belongs to another question: list, order or filters differ. Follow nextLink as it is, or leave continuation out."))
            : (null, Invalid(largest));
    }

    /// <summary>A page of a list whose entries are in order of their ids.</summary>
    /// <param name="request">Has <c>top</c>, and <c>continuation</c> or <c>after</c>.</param>
    /// <param name="list">Gives so many entries after an id.</param>
    /// <param name="shape">The shape of an entry.</param>
    /// <param name="idOf">The id of an entry.</param>
    public static async Task<IActionResult> AnswerAsync<T, TShape>(
        HttpRequest request, Func<int, string, Task<IReadOnlyList<T>>> list, Func<T, TShape> shape, Func<T, string> idOf)
    {
        var (asked, problem) = Read(request, isById: true);
        if (asked is null)
        {
            return problem!;
        }

        var page = await list(asked.Size, asked.After ?? "");
        return JsonBytesResult.Ok(new ListShape<TShape>(page.Select(shape), NextLink(request, page.Count == asked.Size ? idOf(page[^1]) : null)));
    }

    /// <summary>The address of the next page: the same question with a token. A key stands in no answer.</summary>
    /// <param name="request">The question.</param>
    /// <param name="position">The position behind which the next page begins; null where there is none.</param>
    public static string? NextLink(HttpRequest request, string? position)
    {
        if (position is null)
        {
            return null;
        }

        var asked = request.Query.Where(q => !(q.Key.ToLowerInvariant() is Continuation or After or GateAnswers.KeyParameter));
        var parameters = asked.SelectMany(q => q.Value.Select(value => $"{Uri.EscapeDataString(q.Key)}={Uri.EscapeDataString(value ?? "")}&"));
        return $"{request.Path}?{string.Concat(parameters)}{Continuation}={PageToken.Of(request, position)}";
    }

    /// <summary>Returns the answer to a request for a page of a list that has none; null for any other.</summary>
    public static IActionResult? RefuseContinuation(HttpRequest request) => request.Query.ContainsKey(Continuation)
        ? Problem.Result(StatusCodes.Status400BadRequest, "no-pages", "This list has no pages. Ask for it without continuation.")
        : null;

    public static IActionResult Invalid(int largest) =>
        Problem.Result(StatusCodes.Status400BadRequest, "invalid-page", $"top is 1 to {largest}; follow nextLink as it was given.");

    /// <summary>The number that <c>top</c> gives; null when that makes no sense.</summary>
    public static int? SizeOf(HttpRequest request, int largest, int otherwise)
    {
        var top = request.Query[Top].ToString();
        return top.Length == 0 ? otherwise
            : int.TryParse(top, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size >= 1 && size <= largest ? size
            : null;
    }
}
