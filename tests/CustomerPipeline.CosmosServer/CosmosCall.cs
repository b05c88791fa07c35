using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CustomerPipeline.CosmosServer;

/// <summary>A request with the headers of the service's REST interface by their meaning.</summary>
internal sealed record CosmosCall(string Method, IReadOnlyList<string> Path, IHeaderDictionary Headers, byte[] Body)
{
    private const int UsualPage = 100;

    public string? PartitionKey => Header("x-ms-documentdb-partitionkey") is { } key ? JsonNode.Parse(key)!.ToJsonString() : null;

    public string? PartitionKeyRangeId => Header("x-ms-documentdb-partitionkeyrangeid");

    public bool IsUpsert => Is("x-ms-documentdb-is-upsert");

    public bool IsBatch => Is("x-ms-cosmos-is-batch-request");

    /// <summary>All or none; else the operations of a batch only travel together.</summary>
    public bool IsAtomic => Is("x-ms-cosmos-batch-atomic");

    public bool IsQueryPlan => Is("x-ms-cosmos-is-query-plan-request");

    public bool IsQuery => Is("x-ms-documentdb-isquery") || Header("Content-Type")?.StartsWith("application/query+json", StringComparison.OrdinalIgnoreCase) == true;

    public bool IsChangeFeed => Headers["A-IM"].Count > 0;

    public bool WantsNoContent => Header("Prefer")?.Contains("return=minimal", StringComparison.OrdinalIgnoreCase) == true;

    public string? IfMatch => Header("If-Match");

    public string? IfNoneMatch => Header("If-None-Match");

    public DateTimeOffset? IfModifiedSince => DateTimeOffset.TryParse(Header("If-Modified-Since"), System.Globalization.CultureInfo.InvariantCulture, out var since) ? since : null;

    public string? Continuation => Header("x-ms-continuation");

    /// <summary>The start of the range of effective partition keys that is asked for, if it is less than a physical partition.</summary>
    public string? StartEpk => Header("x-ms-start-epk");

    public string? EndEpk => Header("x-ms-end-epk");

    public int PageSize => int.TryParse(Header("x-ms-max-item-count"), System.Globalization.CultureInfo.InvariantCulture, out var size) && size > 0 ? size : UsualPage;

    public JsonObject Json()
    {
        try
        {
            return JsonNode.Parse(Body) as JsonObject ?? throw new CosmosRefusal(400, "The body is no JSON object.");
        }
        catch (JsonException e)
        {
            throw new CosmosRefusal(400, e.Message);
        }
    }

    public CosmosOperation Operation()
    {
        var container = Path.Count > 3 ? Path[3] : null;
        var name = Path.Count < 5 || Path[4] != "docs" || IsQueryPlan ? "metadata"
            : IsBatch ? "batch"
            : IsQuery ? "query"
            : Method == "GET" && Path.Count == 5 ? "feed"
            : Method == "GET" ? "read"
            : "write";
        return new CosmosOperation(name, container, Path.Count > 5 ? Path[5] : null);
    }

    private bool Is(string header) => string.Equals(Header(header), "true", StringComparison.OrdinalIgnoreCase);

    private string? Header(string name) => Headers.TryGetValue(name, out var value) ? (string?)value : null;
}

/// <summary>An answer with the service's headers by their meaning.</summary>
internal sealed record CosmosAnswer(int Status, byte[]? Body)
{
    public string? ETag { get; init; }

    public string? Continuation { get; init; }

    public int? ItemCount { get; init; }

    public int SubStatus { get; init; }

    public string? SessionToken { get; init; }

    public double Charge { get; init; } = 1;

    public static CosmosAnswer Of(int status, JsonNode? body) => new(status, body is null ? null : JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Default));

    /// <summary>A page of a feed or a query.</summary>
    public static CosmosAnswer Page(string resourceId, string property, IEnumerable<JsonNode?> items)
    {
        using var buffer = new MemoryStream();
        var count = 0;
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("_rid", resourceId);
            writer.WriteStartArray(property);
            foreach (var item in items)
            {
                count++;
                if (item is null)
                {
                    writer.WriteNullValue();
                }
                else
                {
                    item.WriteTo(writer);
                }
            }

            writer.WriteEndArray();
            writer.WriteNumber("_count", count);
            writer.WriteEndObject();
        }

        return new CosmosAnswer(200, buffer.ToArray()) { ItemCount = count, Charge = 2 + (buffer.Length / 1024.0) };
    }
}
