using System.Text.Json.Nodes;

namespace CustomerPipeline.CosmosServer;

/// <summary>One version of an item: replaced, never changed.</summary>
/// <param name="Id">Unique within its partition.</param>
/// <param name="PartitionKey">As in the header.</param>
/// <param name="ResourceId">The service's own id, which an item keeps.</param>
/// <param name="ETag">Of this version.</param>
/// <param name="Lsn">Its place in the change feed of its physical partition.</param>
/// <param name="Json">With the system properties.</param>
internal sealed record Item(string Id, string PartitionKey, string ResourceId, string ETag, long Lsn, JsonObject Json);
