using CustomerPipeline.Functions.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace CustomerPipeline.Functions.Http;

/// <summary>The parameters of a request: one that is not known would be an answer to another question.</summary>
internal static class QueryParameters
{
    private const int LongestTold = 40;

    /// <summary>Returns the answer to a request with a parameter that is not known; null for any other.</summary>
    /// <param name="request">The request.</param>
    /// <param name="what">What was asked, as the subject of a sentence.</param>
    /// <param name="known">Its parameters; a key and a version can be sent with every request.</param>
    public static IActionResult? RefuseUnknown(HttpRequest request, string what, IReadOnlyList<string> known) =>
        request.Query.Keys.FirstOrDefault(k => !known.Append(GateAnswers.KeyParameter).Append(GateAnswers.VersionParameter).Contains(k, StringComparer.OrdinalIgnoreCase)) is { } unknown
            ? Problem.Result(
                StatusCodes.Status400BadRequest, "unknown-parameter",
                $"{what} has no parameter '{unknown[..Math.Min(unknown.Length, LongestTold)]}'. It has: {string.Join(", ", known.Append(GateAnswers.VersionParameter))}.")
            : null;

    /// <summary>The values of a parameter that can be sent several times, or with commas.</summary>
    public static IReadOnlyList<string> ValuesOf(HttpRequest request, string name) =>
        [.. request.Query[name].OfType<string>().SelectMany(v => v.Split(',', StringSplitOptions.TrimEntries)).Distinct(StringComparer.Ordinal)];
}
