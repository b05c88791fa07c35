using CustomerPipeline.Flow.Ports;
using global::Azure.Core;
using global::Azure.Identity;
using global::Azure.Storage.Blobs;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.Azure;

/// <summary>Where documents and raw messages are kept in Azure.</summary>
/// <param name="Cosmos">The account's endpoint.</param>
/// <param name="Database">In the account.</param>
/// <param name="RawArchive">The blob container.</param>
public sealed record AzureStores(Uri Cosmos, string Database, Uri RawArchive);

/// <summary>The ports on services of Azure, reached with the identity of whoever runs the program: there are no keys.</summary>
public static class AzureAdapters
{
    private static int _instances;

    /// <summary>Documents in Cosmos DB, the archive in Blob Storage. A credential or a client that is registered already is used.</summary>
    public static IServiceCollection AddAzureStores(this IServiceCollection services, AzureStores stores)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TokenCredential>(_ => new DefaultAzureCredential());
        services.TryAddSingleton(s => new BlobContainerClient(stores.RawArchive, s.GetRequiredService<TokenCredential>()));
        return services
            .AddHostedService<CosmosCheck>()
            .AddSingleton(s => CosmosClients.Create(stores.Cosmos, s.GetRequiredService<TokenCredential>(), stores.Cosmos.IsLoopback ? ConnectionMode.Gateway : ConnectionMode.Direct))
            .AddSingleton(s => new CosmosContainers(s.GetRequiredService<CosmosClient>(), stores.Database))
            .AddSingleton(s => new CosmosChangeFeed(s.GetRequiredService<CosmosContainers>(), NewInstanceName(), s.GetRequiredService<ILogger<CosmosChangeFeed>>()))
            .AddSingleton<RequestCharges>()
            .AddSingleton<IDocumentStore, CosmosDocumentStore>()
            .AddSingleton<IRawArchive, BlobRawArchive>()
            .AddSingleton<IStageBacklog, AzureBacklog>();
    }

    // Two hosts in one process are two instances.
    private static string NewInstanceName() => $"{Environment.MachineName}-{Environment.ProcessId}-{Interlocked.Increment(ref _instances)}";
}
