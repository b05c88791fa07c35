using System.Text.Json;
using Azure.Core;
using Microsoft.Azure.Cosmos;

namespace CustomerPipeline.AzureServices.Cosmos;

/// <summary>Makes the client: one for the whole process, as it holds connections and knows where partitions are.</summary>
public static class CosmosClients
{
    private const int RetriesOfTooManyRequests = 9;
    private static readonly TimeSpan PatienceWithTooManyRequests = TimeSpan.FromSeconds(30);

    /// <summary>Makes a client.</summary>
    /// <param name="endpoint">Of the account.</param>
    /// <param name="credential">Of the app's identity; there are no keys.</param>
    /// <param name="mode">Direct is faster; Gateway needs only HTTPS.</param>
    /// <param name="isBulk">Single operations travel together, for throughput instead of quick answers.</param>
    public static CosmosClient Create(Uri endpoint, TokenCredential credential, ConnectionMode mode, bool isBulk = false) => new(endpoint.ToString(), credential, new CosmosClientOptions
    {
        AllowBulkExecution = isBulk,
        ApplicationName = "CustomerPipeline",
        ConnectionMode = mode,
        EnableContentResponseOnWrite = false,
        LimitToEndpoint = endpoint.IsLoopback,
        MaxRetryAttemptsOnRateLimitedRequests = RetriesOfTooManyRequests,
        MaxRetryWaitTimeOnRateLimitedRequests = PatienceWithTooManyRequests,
        UseSystemTextJsonSerializerWithOptions = new JsonSerializerOptions(JsonSerializerDefaults.Web),
        CosmosClientTelemetryOptions = new CosmosClientTelemetryOptions { DisableDistributedTracing = false, DisableSendingMetricsToService = true },
    });
}
