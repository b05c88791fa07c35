using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;

namespace CustomerPipeline.Contracts;

/// <summary>What the OpenAPI document says of an operation.</summary>
/// <param name="Id">Its name: that of its function, unless a function answers several.</param>
/// <param name="Function">The function that answers it.</param>
/// <param name="Method">GET, POST …</param>
/// <param name="Path">With the names of its parameters in braces.</param>
/// <param name="Scopes">What a caller needs; none for everybody.</param>
/// <param name="Json">The operation as it stands there.</param>
public sealed partial record DescribedOperation(string Id, string Function, string Method, string Path, IReadOnlyList<string> Scopes, JsonObject Json)
{
    private readonly Regex _matches = new($"^{Parameter().Replace(
        Regex.Escape(Path).Replace(@"\{", "{", StringComparison.Ordinal), Path.Contains("{file}", StringComparison.Ordinal) ? ".*" : "[^/]+")}$");

    /// <summary>The path with a value for each of its parameters, by name.</summary>
    public string PathWith(Func<string, string> valueOf) => Parameter().Replace(Path, match => valueOf(match.Value[1..^1]));

    public bool Answers(HttpRequestMessage request) => request.Method.Method == Method && _matches.IsMatch(request.RequestUri!.AbsolutePath);

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Parameter();
}

/// <summary>The OpenAPI document, and whether an answer is what it says.</summary>
public static class ApiDescription
{
    private static readonly JsonObject Document = JsonNode.Parse(File.ReadAllText(Repository.PathOf("functions", "CustomerPipeline.Functions", "OpenApi", "openapi.json")))!.AsObject();
    private static readonly JsonObject Definitions = Strict(Document["components"]!["schemas"]!).AsObject();
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, JsonSchema> Schemas = new();

    public static IReadOnlyList<DescribedOperation> Operations { get; } =
    [
        .. Document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => new DescribedOperation(
            operation.Value!["operationId"]!.GetValue<string>(),
            (operation.Value["x-function"] ?? operation.Value["operationId"])!.GetValue<string>(), operation.Key.ToUpperInvariant(), path.Key,
            [.. operation.Value["security"]!.AsArray().SelectMany(way => way!.AsObject().SelectMany(s => s.Value!.AsArray())).Select(s => s!.GetValue<string>()).Distinct()],
            operation.Value.AsObject()))),
    ];

    /// <summary>Fails if the answer is one that the document does not know of.</summary>
    public static async Task HoldAgainstAsync(HttpRequestMessage request, HttpResponseMessage answer)
    {
        // Answered before any function is reached: by a host that does not answer to that name.
        if (answer.StatusCode is HttpStatusCode.MisdirectedRequest
            || Operations.Where(o => o.Answers(request)).MinBy(o => o.Path.Count(c => c == '{')) is not { } operation)
        {
            return;
        }

        var status = ((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var described = Resolve(operation.Json["responses"]![status]);
        Assert.True(described is not null, $"{operation.Id} answered {status}, of which its description says nothing: {await answer.Content.ReadAsStringAsync()}");
        await answer.Content.LoadIntoBufferAsync();
        var body = await answer.Content.ReadAsStringAsync();
        if (body.Length == 0 || described["content"] is not JsonObject content)
        {
            Assert.True(body.Length == 0, $"{operation.Id} answered {status} with a body, of which its description says nothing.");
            return;
        }

        var mediaType = answer.Content.Headers.ContentType?.MediaType ?? "";
        if ((content[mediaType]?["schema"] ?? (content.Count == 1 ? content.First().Value!["schema"] : null)) is JsonObject { Count: > 0 } schema)
        {
            Assert.True(content.ContainsKey(mediaType), $"{operation.Id} answered {status} as {mediaType}; its description knows {string.Join(", ", content.Select(c => c.Key))}.");
            if (!mediaType.EndsWith("json", StringComparison.Ordinal))
            {
                return;
            }

            var evaluated = Schemas.GetOrAdd(schema.ToJsonString(), Read).Evaluate(JsonElement.Parse(body), new EvaluationOptions { OutputFormat = OutputFormat.List });
            Assert.True(evaluated.IsValid, $"{operation.Id} answered {status} with something else than its description says: {body}\n{Errors(evaluated)}");
        }
    }

    private static JsonObject? Resolve(JsonNode? response) =>
        response?["$ref"]?.GetValue<string>() is { } reference ? Document["components"]!["responses"]![reference.Split('/')[^1]]!.AsObject() : response?.AsObject();

    // The document lets answers have more than it says, as clients should expect; here they may not.
    private static JsonNode Strict(JsonNode schema)
    {
        var copy = schema.DeepClone();
        foreach (var inner in Everything(copy).OfType<JsonObject>().Where(o => o["properties"] is JsonObject && !o.ContainsKey("additionalProperties")).ToList())
        {
            inner["additionalProperties"] = false;
        }

        return copy;
    }

    private static JsonSchema Read(string schema)
    {
        var root = Strict(JsonNode.Parse(schema)!).AsObject();
        root["$defs"] = Definitions.DeepClone();
        return JsonSchema.FromText(root.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal));
    }

    private static IEnumerable<JsonNode> Everything(JsonNode node) => (node switch
    {
        JsonObject o => o.Select(p => p.Value).OfType<JsonNode>().SelectMany(Everything),
        JsonArray a => a.OfType<JsonNode>().SelectMany(Everything),
        _ => [],
    }).Prepend(node);

    private static string Errors(EvaluationResults results) =>
        string.Join('\n', (results.Details ?? []).Where(d => d.Errors is { Count: > 0 }).Select(d => $"{d.InstanceLocation}: {string.Join("; ", d.Errors!.Values)}"));
}

/// <summary>Holds every answer that a test gets against the description of the API.</summary>
internal sealed class DescribedAnswers() : DelegatingHandler(new SocketsHttpHandler())
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        await ApiDescription.HoldAgainstAsync(request, answer);
        return answer;
    }
}
