using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace CustomerPipeline.Functions.Http;

/// <summary>Several decisions about suggestions: <c>{"accept": ["…"], "refuse": ["…"]}</c>.</summary>
internal static class SuggestionDecisionsBody
{
    public const string Advice = "Send ids of 1 to 200 suggestions, each once: {\"accept\": [\"…\"], \"refuse\": [\"…\"]}.";

    private const int Largest = 32 * 1024;
    private const int MostDecisions = 200;

    /// <summary>The decisions, in their order; null when the body holds none, too many, or two about one suggestion.</summary>
    public static async Task<IReadOnlyList<(string Id, bool IsAccepted)>?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            if (await RequestBody.ReadAsync(request, Largest, cancellationToken) is not { IsEmpty: false } body)
            {
                return null;
            }

            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 4 });
            var decisions = Ids(document.RootElement, "accept").Select(id => (id, true)).Concat(Ids(document.RootElement, "refuse").Select(id => (id, false))).ToList();
            return decisions.Count is > 0 and <= MostDecisions && decisions.DistinctBy(d => d.id).Count() == decisions.Count ? decisions : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Ids(JsonElement body, string name) =>
        body.TryGetProperty(name, out var ids) ? ids.EnumerateArray().Select(id => id.GetString() is { Length: > 0 } text ? text : throw new JsonException($"An id in '{name}' is empty.")) : [];
}
