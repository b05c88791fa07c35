using System.Text.Json;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Domain.Snapshots;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace CustomerPipeline.Functions.Http;

/// <summary>
/// The definition of an audience in the body of a request, with the parameters of the list of customers:
/// <c>{"title": "…", "filter": {"stage": "at-risk", "leastFrequency": 3}}</c>.
/// </summary>
/// <param name="Title">What people call it; null where the body has none.</param>
/// <param name="Filter">Which customers are members.</param>
internal sealed record AudienceBody(string? Title, CustomerFilter Filter)
{
    private const int Largest = 8 * 1024;
    private const string TitleName = "title";
    private const string FilterName = "filter";

    private const string Example =
        "Send {\"title\": \"Loyal, at risk\", \"filter\": {\"stage\": \"at-risk\", \"leastFrequency\": 3}}. The conditions are texts, numbers, true or false.";

    /// <summary>Reads a definition, or says what is wrong with it.</summary>
    public static async Task<(AudienceBody? Body, IActionResult? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (await RequestBody.ReadAsync(request, Largest, cancellationToken) is not { } bytes)
        {
            var tooLarge = $"The definition of an audience may have {Largest} bytes.";
            return (null, Http.Problem.Result(StatusCodes.Status413PayloadTooLarge, "audience-too-large", tooLarge));
        }

        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 4 });
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(document.RootElement) : Refuse("invalid-audience", Example);
        }
        catch (JsonException)
        {
            return Refuse("invalid-audience", $"The body is not JSON. {Example}");
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair is JSON, and no text.
            return Refuse("invalid-audience", $"A text of the body is no well-formed Unicode. {Example}");
        }
    }

    private static (AudienceBody?, IActionResult?) Read(JsonElement body)
    {
        if (body.EnumerateObject().Any(p => p.Name is not (TitleName or FilterName)))
        {
            return Refuse("invalid-audience", $"An audience has title and filter, and nothing else. {Example}");
        }

        var title = body.TryGetProperty(TitleName, out var given) ? given : default;
        if (title.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.String)
            || (title.ValueKind == JsonValueKind.String && title.GetString() is { } text && (text.Length > Audience.LongestTitle || text.Any(char.IsControl))))
        {
            return Refuse("invalid-title", $"title is a text of at most {Audience.LongestTitle} characters without line breaks.");
        }

        if (!body.TryGetProperty(FilterName, out var filter) || filter.ValueKind != JsonValueKind.Object
            || filter.EnumerateObject().Any(p => TextOf(p.Value) is null))
        {
            return Refuse("invalid-audience", $"filter is an object. {Example} An empty object means all customers.");
        }

        var conditions = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var condition in filter.EnumerateObject())
        {
            if (!conditions.TryAdd(condition.Name, TextOf(condition.Value)!))
            {
                return Refuse("invalid-audience", "filter has a condition twice. Several values of one condition are one text with commas.");
            }
        }

        var (read, fault) = CustomerFilter.Read(conditions);
        var name = title.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(title.GetString()) ? title.GetString() : null;
        return read is null ? Refuse(fault!.Code, fault.Detail) : (new AudienceBody(name, read), null);
    }

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };

    private static (AudienceBody?, IActionResult?) Refuse(string code, string detail) =>
        (null, Http.Problem.Result(StatusCodes.Status400BadRequest, code, detail));
}
