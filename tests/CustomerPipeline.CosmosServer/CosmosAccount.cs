using System.Text.Json.Nodes;
using CustomerPipeline.CosmosServer.Sql;

namespace CustomerPipeline.CosmosServer;

/// <summary>Databases and their containers, by name or by resource id.</summary>
internal sealed class CosmosAccount(int partitions, string consistency, TimeProvider clock)
{
    private const string ETag = "\"1\"";

    private readonly Lock _gate = new();
    private readonly List<Database> _databases = [];

    public CosmosAnswer Handle(CosmosCall call, Uri endpoint)
    {
        if (call.Path.Count == 0)
        {
            return CosmosAnswer.Of(200, Describe(endpoint));
        }

        if (call.Path[0] != "dbs")
        {
            throw CosmosRefusal.NotFound();
        }

        return call switch
        {
            { Path.Count: 1, Method: "POST" } => CreateDatabase(call),
            { Path.Count: 2, Method: "GET" } => CosmosAnswer.Of(200, DatabaseOf(call).Properties) with { ETag = ETag },
            { Path.Count: 2, Method: "DELETE" } => DeleteDatabase(DatabaseOf(call)),
            { Path.Count: 3, Method: "POST" } => CreateContainer(DatabaseOf(call), call),
            { Path.Count: 4, Method: "GET" } => CosmosAnswer.Of(200, ContainerOf(call).Properties) with { ETag = ETag },
            { Path.Count: >= 5 } when call.Path[4] == "pkranges" => ContainerOf(call).Ranges(call),
            { Path.Count: 5, IsQueryPlan: true } when call.Path[4] == "docs" => CosmosAnswer.Of(200, SqlParser.Parse((string)call.Json()["query"]!).Plan()),
            { Path.Count: >= 5 } when call.Path[4] == "docs" => ContainerOf(call).Handle(call),
            _ => throw new CosmosRefusal(405, $"This server does not do {call.Method} {string.Join('/', call.Path)}."),
        };
    }

    public ItemContainer Container(string database, string name)
    {
        lock (_gate)
        {
            return _databases.Find(d => d.Name == database || d.ResourceId == database)?.Containers.Find(c => c.Name == name || c.ResourceId == name) ?? throw CosmosRefusal.NotFound();
        }
    }

    private ItemContainer ContainerOf(CosmosCall call) => Container(call.Path[1], call.Path[3]);

    private Database DatabaseOf(CosmosCall call)
    {
        lock (_gate)
        {
            return _databases.Find(d => d.Name == call.Path[1] || d.ResourceId == call.Path[1]) ?? throw CosmosRefusal.NotFound();
        }
    }

    private CosmosAnswer CreateDatabase(CosmosCall call)
    {
        var properties = call.Json();
        var name = (string)properties["id"]!;
        lock (_gate)
        {
            if (_databases.Exists(d => d.Name == name))
            {
                throw new CosmosRefusal(409, "Resource with specified id or name already exists.");
            }

            var rid = ResourceIds.Database((uint)_databases.Count + 1);
            Add(properties, rid, $"dbs/{rid}/");
            properties["_colls"] = "colls/";
            properties["_users"] = "users/";
            _databases.Add(new Database(name, rid, properties, []));
            return CosmosAnswer.Of(201, properties) with { ETag = ETag };
        }
    }

    private CosmosAnswer DeleteDatabase(Database database)
    {
        lock (_gate)
        {
            _databases.Remove(database);
            return new CosmosAnswer(204, null);
        }
    }

    private CosmosAnswer CreateContainer(Database database, CosmosCall call)
    {
        var properties = call.Json();
        var name = (string)properties["id"]!;
        lock (_gate)
        {
            if (database.Containers.Exists(c => c.Name == name))
            {
                throw new CosmosRefusal(409, "Resource with specified id or name already exists.");
            }

            var rid = ResourceIds.Container(database.ResourceId, (uint)database.Containers.Count + 1);
            var self = $"dbs/{database.ResourceId}/colls/{rid}/";
            Add(properties, rid, self);
            foreach (var part in new[] { "docs", "sprocs", "triggers", "udfs", "conflicts" })
            {
                properties["_" + part] = part + "/";
            }

            properties["indexingPolicy"] ??= new JsonObject { ["indexingMode"] = "consistent", ["automatic"] = true };
            properties["partitionKey"]!.AsObject()["version"] ??= 2;
            database.Containers.Add(new ItemContainer(name, rid, self, properties, partitions, clock));
            return CosmosAnswer.Of(201, properties) with { ETag = ETag };
        }
    }

    private void Add(JsonObject properties, string resourceId, string self)
    {
        properties["_rid"] = resourceId;
        properties["_self"] = self;
        properties["_etag"] = ETag;
        properties["_ts"] = clock.GetUtcNow().ToUnixTimeSeconds();
    }

    // What clients ask before anything else: where to write and to read, and what the query engine can.
    private JsonObject Describe(Uri endpoint)
    {
        JsonArray Here() => new(new JsonObject { ["name"] = "Here", ["databaseAccountEndpoint"] = endpoint.ToString() });
        JsonObject Replicas() => new() { ["asyncReplication"] = false, ["minReplicaSetSize"] = 1, ["maxReplicasetSize"] = 4 };
        return new JsonObject
        {
            ["_self"] = "",
            ["id"] = "test",
            ["_rid"] = "test",
            ["media"] = "//media/",
            ["addresses"] = "//addresses/",
            ["_dbs"] = "//dbs/",
            ["writableLocations"] = Here(),
            ["readableLocations"] = Here(),
            ["enableMultipleWriteLocations"] = false,
            ["userReplicationPolicy"] = Replicas(),
            ["systemReplicationPolicy"] = Replicas(),
            ["userConsistencyPolicy"] = new JsonObject { ["defaultConsistencyLevel"] = consistency },
            ["readPolicy"] = new JsonObject { ["primaryReadCoefficient"] = 1, ["secondaryReadCoefficient"] = 1 },
            ["queryEngineConfiguration"] = """{"maxSqlQueryInputLength":524288,"maxJoinsPerSqlQuery":10,"maxLogicalAndPerSqlQuery":2000,"maxLogicalOrPerSqlQuery":2000,"sqlAllowTop":true,"sqlAllowLike":true}""",
        };
    }

    private sealed record Database(string Name, string ResourceId, JsonObject Properties, List<ItemContainer> Containers);
}
