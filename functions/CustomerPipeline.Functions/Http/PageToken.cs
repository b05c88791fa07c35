using System.Buffers.Text;
using System.Text;
using CustomerPipeline.Domain;
using CustomerPipeline.Functions.Access;
using Microsoft.AspNetCore.Http;

namespace CustomerPipeline.Functions.Http;

/// <summary>
/// A position in a list as callers see it: an opaque text, with a fingerprint of the question that it continues. Behind the same position, another order or
/// another filter has other entries: a page of them would leave some out, and nothing would show it.
/// </summary>
internal static class PageToken
{
    private const int FingerprintLength = 12;

    // What changes how much of an answer is told, by whom and how it is written, and not which entries there are.
    private static readonly string[] NoPartOfTheQuestion =
        [Paging.Top, Paging.Continuation, Paging.After, Csv.FormatParameter, GateAnswers.KeyParameter, GateAnswers.VersionParameter];

    /// <summary>The token of a position in what the request asked for.</summary>
    public static string Of(HttpRequest request, string position) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(FingerprintOf(request) + position));

    /// <summary>The position that a token means for a request; with null, whether it is one of another question.</summary>
    public static (string? Position, bool IsOfAnother) Read(HttpRequest request, string token)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(token.Length)];
        if (!Base64Url.IsValid(token) || !Base64Url.TryDecodeFromChars(token, bytes, out var length) || length <= FingerprintLength)
        {
            return (null, false);
        }

        var text = Encoding.UTF8.GetString(bytes, 0, length);
        return text.StartsWith(FingerprintOf(request), StringComparison.Ordinal)
            ? (text[FingerprintLength..], false)
            : (null, text.Length > FingerprintLength && text[..FingerprintLength].All(char.IsAsciiHexDigitLower));
    }

    private static string FingerprintOf(HttpRequest request) => StableHash.Of(
        [
            request.Path.Value?.TrimEnd('/').ToLowerInvariant(),
            .. request.Query
                .Where(q => !NoPartOfTheQuestion.Contains(q.Key, StringComparer.OrdinalIgnoreCase))
                .OrderBy(q => q.Key, StringComparer.OrdinalIgnoreCase)
                .SelectMany(q => q.Value.Select(value => $"{q.Key.ToLowerInvariant()}={value}")),
        ])[..FingerprintLength];
}
