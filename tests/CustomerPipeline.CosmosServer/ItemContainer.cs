using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerPipeline.CosmosServer.Sql;

namespace CustomerPipeline.CosmosServer;

/// <summary>One container: its items over some physical partitions, with the limits of the service.</summary>
internal sealed class ItemContainer(string name, string resourceId, string self, JsonObject properties, int partitions, TimeProvider clock)
{
    private const int MostBytes = 2 * 1024 * 1024;
    private const int MostOperations = 100;
    private const int MostIdBytes = 1023;
    private const int MostPartitionKeyBytes = 2048;
    private const int MostFeedBytes = 4 * 1024 * 1024;
    private const int PartitionKeyMismatch = 1001;
    private const int PartitionKeyRangeGone = 1002;
    private const int CrossPartitionQueryNotServable = 1004;

    private readonly Lock _gate = new();
    private readonly string _partitionKeyProperty = ((string)properties["partitionKey"]!["paths"]![0]!).TrimStart('/');
    private List<PhysicalPartition> _partitions = InitialPartitions(partitions);
    private byte _nextPartition = (byte)partitions;
    private int _splits;
    private ulong _nextItem = 1;
    private long _nextETag = 1;

    public string Name => name;

    public string ResourceId => resourceId;

    public JsonObject Properties => properties;

    /// <summary>Splits every physical partition in two, as the service does when one grows too large.</summary>
    public void Split()
    {
        lock (_gate)
        {
            var halves = new List<PhysicalPartition>();
            foreach (var partition in _partitions)
            {
                var (left, right) = partition.Split(_nextPartition);
                _nextPartition += 2;
                halves.AddRange([left, right]);
            }

            _partitions = halves;
            _splits++;
        }
    }

    public CosmosAnswer Ranges(CosmosCall call)
    {
        lock (_gate)
        {
            var etag = $"\"{_splits + 1}\"";
            if (call.IfNoneMatch == etag)
            {
                return new CosmosAnswer(304, null) { ETag = etag, ItemCount = 0 };
            }

            return CosmosAnswer.Page(resourceId, "PartitionKeyRanges", _partitions.Select(RangeOf)) with { ETag = etag };
        }
    }

    public CosmosAnswer Handle(CosmosCall call)
    {
        lock (_gate)
        {
            return call switch
            {
                { Path.Count: 6, Method: "GET" } => Read(call),
                { Path.Count: 6, Method: "PUT" } => Answer(call, BatchOperationKind.Replace, call.Path[5]),
                { Path.Count: 6, Method: "DELETE" } => Answer(call, BatchOperationKind.Delete, call.Path[5]),
                { Path.Count: 5, Method: "GET", IsChangeFeed: true } => Changes(call),
                { Path.Count: 5, Method: "GET" } => QueryOf(call, SqlParser.Parse("SELECT * FROM c"), new Dictionary<string, JsonNode?>()),
                { Path.Count: 5, Method: "POST", IsQuery: true } => QueryOf(call),
                { Path.Count: 5, Method: "POST", IsBatch: true, IsAtomic: true } => Batch(call),
                { Path.Count: 5, Method: "POST", IsBatch: true } => Bulk(call),
                { Path.Count: 5, Method: "POST" } => Answer(call, call.IsUpsert ? BatchOperationKind.Upsert : BatchOperationKind.Create, null),
                _ => throw new CosmosRefusal(405, "This server does not do that with items."),
            };
        }
    }

    private static List<PhysicalPartition> InitialPartitions(int count)
    {
        var cuts = new List<string> { EffectivePartitionKey.Minimum, EffectivePartitionKey.Maximum };
        while (cuts.Count <= count)
        {
            // Halves of halves: partitions need not be alike.
            cuts.Insert(1, EffectivePartitionKey.Between(cuts[0], cuts[1]));
        }

        return [.. cuts.Zip(cuts.Skip(1)).Select((range, i) => new PhysicalPartition((byte)i, range.First, range.Second, [], 0))];
    }

    private JsonNode RangeOf(PhysicalPartition partition)
    {
        var rid = ResourceIds.PartitionRange(resourceId, partition.Number);
        return new JsonObject
        {
            ["_rid"] = rid,
            ["id"] = partition.Id,
            ["_etag"] = "\"1\"",
            ["minInclusive"] = partition.Minimum,
            ["maxExclusive"] = partition.Maximum,
            ["ridPrefix"] = partition.Number,
            ["_self"] = $"{self}pkranges/{rid}/",
            ["throughputFraction"] = 1.0 / _partitions.Count,
            ["status"] = "online",
            ["parents"] = new JsonArray([.. partition.Parents.Select(p => JsonValue.Create(p))]),
            ["_ts"] = Timestamp(),
        };
    }

    private CosmosAnswer Read(CosmosCall call)
    {
        var partition = PartitionOf(call, out var partitionKey);
        var item = partition.Find(partitionKey, call.Path[5]) ?? throw CosmosRefusal.NotFound();
        return call.IfNoneMatch == item.ETag
            ? new CosmosAnswer(304, null) { ETag = item.ETag, SessionToken = partition.SessionToken }
            : CosmosAnswer.Of(200, item.Json) with { ETag = item.ETag, SessionToken = partition.SessionToken };
    }

    private CosmosAnswer Answer(CosmosCall call, BatchOperationKind kind, string? id)
    {
        var partition = PartitionOf(call, out var partitionKey);
        var result = Apply(partition, partitionKey, new BatchOperation { Kind = kind, Id = id, Body = call.Body, IfMatch = call.IfMatch, WantsNoContent = call.WantsNoContent });
        return new CosmosAnswer(result.Status, result.Body) { ETag = result.ETag, SessionToken = partition.SessionToken, Charge = ChargeOfWrite(call.Body.Length) };
    }

    private CosmosAnswer Batch(CosmosCall call)
    {
        var partition = PartitionOf(call, out var partitionKey);
        var operations = BatchWire.ReadOperations(call.Body);
        if (operations.Count > MostOperations)
        {
            throw new CosmosRefusal(400, $"Batch request has more operations than what is supported: {MostOperations}.");
        }

        if (call.Body.Length > MostBytes)
        {
            throw new CosmosRefusal(413, "Request size is too large.");
        }

        var results = new List<BatchResult>();
        var before = new Dictionary<string, Item?>(StringComparer.Ordinal);
        foreach (var operation in operations)
        {
            try
            {
                var id = operation.Id ?? IdOf(Parse(operation.Body));
                before.TryAdd(id, partition.Find(partitionKey, id));
                results.Add(Apply(partition, partitionKey, operation));
            }
            catch (CosmosRefusal refusal)
            {
                Restore(partition, partitionKey, before);
                var failed = results.Count;
                results = [.. operations.Select((_, i) => new BatchResult(i == failed ? refusal.Status : BatchResult.FailedDependency))];
                return new CosmosAnswer(207, BatchWire.WriteResults(results)) { SessionToken = partition.SessionToken };
            }
        }

        return new CosmosAnswer(200, BatchWire.WriteResults(results)) { SessionToken = partition.SessionToken, Charge = operations.Sum(o => ChargeOfWrite(o.Body?.Length ?? 0)) };
    }

    // Each operation for itself, all of them in the range of partition keys that the call is for.
    private CosmosAnswer Bulk(CosmosCall call)
    {
        var range = RangeById(call.PartitionKeyRangeId ?? throw new CosmosRefusal(400, "The range of partition keys is missing."));
        var results = BatchWire.ReadOperations(call.Body).Select(operation =>
        {
            try
            {
                var partition = Owner(operation.PartitionKey!);
                return partition == range ? Apply(partition, operation.PartitionKey!, operation) : throw new CosmosRefusal(410, "The partition key is in another range.", PartitionKeyRangeGone);
            }
            catch (CosmosRefusal refusal)
            {
                return new BatchResult(refusal.Status);
            }
        }).ToList();
        return new CosmosAnswer(results.All(r => r.Status < 300) ? 200 : 207, BatchWire.WriteResults(results)) { SessionToken = range.SessionToken, Charge = results.Count };
    }

    private static void Restore(PhysicalPartition partition, string partitionKey, Dictionary<string, Item?> before)
    {
        foreach (var (id, item) in before)
        {
            if (partition.Find(partitionKey, id) == item)
            {
                continue;
            }

            partition.Remove(partitionKey, id);
            if (item is not null)
            {
                partition.Put(item);
            }
        }
    }

    private BatchResult Apply(PhysicalPartition partition, string partitionKey, BatchOperation operation)
    {
        var body = operation.Kind is BatchOperationKind.Delete or BatchOperationKind.Read ? null : Parse(operation.Body);
        var id = operation.Id ?? IdOf(body);
        var old = partition.Find(partitionKey, id);
        if (old is null && operation.Kind is (BatchOperationKind.Replace or BatchOperationKind.Delete or BatchOperationKind.Read))
        {
            throw CosmosRefusal.NotFound();
        }

        if (old is not null && operation.Kind == BatchOperationKind.Create)
        {
            throw new CosmosRefusal(409, "Resource with specified id or name already exists.");
        }

        if (old is not null && operation.IfMatch is { } wanted && wanted != "*" && wanted != old.ETag)
        {
            throw new CosmosRefusal(412, "One of the specified pre-condition is not met.");
        }

        switch (operation.Kind)
        {
            case BatchOperationKind.Read:
                return new BatchResult(200, old!.ETag, Bytes(old.Json));
            case BatchOperationKind.Delete:
                partition.Remove(partitionKey, id);
                partition.NextLsn();
                return new BatchResult(204);
            case BatchOperationKind.Create or BatchOperationKind.Replace or BatchOperationKind.Upsert:
                var item = NewVersion(partition, partitionKey, id, old, body!);
                return new BatchResult(old is null ? 201 : 200, item.ETag, operation.WantsNoContent ? null : Bytes(item.Json));
            default:
                throw new CosmosRefusal(400, $"This server does not do {operation.Kind}.");
        }
    }

    private Item NewVersion(PhysicalPartition partition, string partitionKey, string id, Item? old, JsonObject body)
    {
        Check(partitionKey, id, body);
        var rid = old?.ResourceId ?? ResourceIds.Item(resourceId, _nextItem++);
        var etag = $"\"{_nextETag++:x8}-0000-0100-0000-{Timestamp():x12}\"";
        body["_rid"] = rid;
        body["_self"] = $"{self}docs/{rid}/";
        body["_etag"] = etag;
        body["_attachments"] = "attachments/";
        body["_ts"] = Timestamp();
        var item = new Item(id, partitionKey, rid, etag, partition.NextLsn(), body);
        partition.Put(item);
        return item;
    }

    private void Check(string partitionKey, string id, JsonObject body)
    {
        if (IdOf(body) != id || Encoding.UTF8.GetByteCount(id) is 0 or > MostIdBytes || id.AsSpan().ContainsAny("/\\?#"))
        {
            throw new CosmosRefusal(400, "The id is missing, too long, has a character that no id may have, or is not that of the address.");
        }

        if (new JsonArray(body[_partitionKeyProperty]?.DeepClone()).ToJsonString() != partitionKey)
        {
            throw new CosmosRefusal(400, "PartitionKey extracted from document doesn't match the one specified in the header.", PartitionKeyMismatch);
        }

        if (Encoding.UTF8.GetByteCount(partitionKey) > MostPartitionKeyBytes)
        {
            throw new CosmosRefusal(400, "The partition key is too long.");
        }

        if (Bytes(body).Length > MostBytes)
        {
            throw new CosmosRefusal(413, "Request size is too large.");
        }

        CheckNumbers(body);
    }

    // The service keeps numbers as IEEE 754 doubles and rounds without a word what does not fit. Here that is an error, so that it is noticed.
    private static void CheckNumbers(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject json:
                foreach (var (_, value) in json)
                {
                    CheckNumbers(value);
                }

                break;
            case JsonArray array:
                foreach (var value in array)
                {
                    CheckNumbers(value);
                }

                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.Number:
                var text = value.ToJsonString();
                if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)
                    || !decimal.TryParse(double.Parse(text, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture, out var kept)
                    || exact != kept)
                {
                    throw new CosmosRefusal(400, $"The number {text} at {value.GetPath()} would be rounded: the service keeps doubles.");
                }

                break;
        }
    }

    private CosmosAnswer QueryOf(CosmosCall call)
    {
        var question = call.Json();
        var parameters = (question["parameters"] as JsonArray)?.ToDictionary(p => (string)p!["name"]!, p => p!["value"]) ?? [];
        return QueryOf(call, SqlParser.Parse((string)question["query"]!), parameters);
    }

    private CosmosAnswer QueryOf(CosmosCall call, SqlQuery query, IReadOnlyDictionary<string, JsonNode?> parameters)
    {
        if (call.PartitionKey is null && call.PartitionKeyRangeId is null && _partitions.Count > 1)
        {
            throw new CosmosRefusal(400, "The provided cross partition query can not be directly served by the gateway.", CrossPartitionQueryNotServable) { AdditionalInfo = query.Plan().ToJsonString() };
        }

        var partition = call.PartitionKey is { } key ? Owner(key) : RangeById(call.PartitionKeyRangeId ?? _partitions[0].Id);
        var items = partition.Items(call.PartitionKey).Where(i => call.PartitionKey is not null || IsWithin(call, i));
        var (rows, continuation) = query.Page(items, parameters, call.PageSize, call.Continuation);
        return CosmosAnswer.Page(resourceId, "Documents", rows) with { Continuation = continuation, SessionToken = partition.SessionToken };
    }

    private CosmosAnswer Changes(CosmosCall call)
    {
        var partition = call.PartitionKey is { } key ? Owner(key) : RangeById(call.PartitionKeyRangeId ?? throw new CosmosRefusal(400, "Whose changes?"));
        var since = call.IfModifiedSince?.ToUnixTimeSeconds() ?? 0;
        var after = call.IfNoneMatch is not { } place ? 0 : place == "*" ? partition.Lsn : long.Parse(place.Trim('"'), CultureInfo.InvariantCulture);
        var page = new List<Item>();
        var bytes = 0;
        foreach (var item in partition.ChangesAfter(after).Where(i => (long)i.Json["_ts"]! >= since && (call.PartitionKey is null ? IsWithin(call, i) : i.PartitionKey == call.PartitionKey)))
        {
            bytes += Bytes(item.Json).Length;
            if (page.Count == call.PageSize || (bytes > MostFeedBytes && page.Count > 0))
            {
                break;
            }

            page.Add(item);
        }

        if (page.Count == 0)
        {
            return new CosmosAnswer(304, null) { ETag = $"\"{Math.Max(after, partition.Lsn)}\"", ItemCount = 0, SessionToken = partition.SessionToken };
        }

        var documents = page.Select(i =>
        {
            var json = (JsonObject)i.Json.DeepClone();
            json["_lsn"] = i.Lsn;
            return json;
        });
        return CosmosAnswer.Page(resourceId, "Documents", documents) with { ETag = $"\"{page[^1].Lsn}\"", SessionToken = partition.SessionToken };
    }

    private static bool IsWithin(CosmosCall call, Item item)
    {
        if (call.StartEpk is null && call.EndEpk is null)
        {
            return true;
        }

        var key = EffectivePartitionKey.Of(item.PartitionKey);
        return string.CompareOrdinal(key, call.StartEpk ?? "") >= 0 && (call.EndEpk is null || string.CompareOrdinal(key, call.EndEpk) < 0);
    }

    private PhysicalPartition PartitionOf(CosmosCall call, out string partitionKey)
    {
        partitionKey = call.PartitionKey ?? throw new CosmosRefusal(400, "The partition key is missing.");
        return Owner(partitionKey);
    }

    private PhysicalPartition Owner(string partitionKey)
    {
        var key = EffectivePartitionKey.Of(partitionKey);
        return _partitions.Single(p => p.Holds(key));
    }

    // A header may name the container too: container,range.
    private PhysicalPartition RangeById(string id) =>
        _partitions.Find(p => p.Id == id[(id.LastIndexOf(',') + 1)..]) ?? throw new CosmosRefusal(410, "The requested resource is no longer available at the server.", PartitionKeyRangeGone);

    private static JsonObject Parse(byte[]? body) => JsonNode.Parse(body ?? "{}"u8.ToArray()) as JsonObject ?? throw new CosmosRefusal(400, "The body is no JSON object.");

    private static string IdOf(JsonObject? body) => (string?)body?["id"] ?? throw new CosmosRefusal(400, "The input content is invalid because the required property 'id' is missing.");

    private static byte[] Bytes(JsonObject json) => JsonSerializer.SerializeToUtf8Bytes(json, JsonSerializerOptions.Default);

    // An estimate after the documented rule of thumb: some five units for a write of one KB.
    private static double ChargeOfWrite(int bytes) => 5 * Math.Max(1, bytes / 1024.0);

    private long Timestamp() => clock.GetUtcNow().ToUnixTimeSeconds();
}
