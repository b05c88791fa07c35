using Azure.Core;
using Azure.Identity;
using Azure.Messaging.EventGrid;
using Azure.Messaging.ServiceBus;
using Azure.Storage.Blobs;
using CustomerPipeline.Application;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.AzureServices.Blobs;
using CustomerPipeline.AzureServices.Cosmos;
using CustomerPipeline.AzureServices.Entra;
using CustomerPipeline.AzureServices.EventGrid;
using CustomerPipeline.AzureServices.ServiceBus;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.AzureServices;

/// <summary>The ports on services of Azure, reached with the identity of whoever runs the program: there are no keys. A credential or a client that is registered already is used.</summary>
public static class AzureAdapters
{
    private static readonly Uri ResourceManager = new("https://management.azure.com");

    // A caller waits for the answer, and sends again when there is none.
    private static readonly ServiceBusRetryOptions SendPatience = new() { TryTimeout = TimeSpan.FromSeconds(10), MaxRetries = 3, Delay = TimeSpan.FromMilliseconds(200), MaxDelay = TimeSpan.FromSeconds(2) };

    private static int _instances;

    /// <summary>The whole pipeline as the deployed app runs it, from the app's settings.</summary>
    /// <exception cref="SettingsException">A setting is missing or has no sensible value; the message says which.</exception>
    public static IServiceCollection AddAzurePipeline(this IServiceCollection services, IConfiguration configuration)
    {
        var settings = AzureSettings.Read(configuration);
        return services
            .AddPipeline(settings.Pipeline)
            .AddAzureStores(settings.Stores)
            .AddAzureQueues(settings.Queues)
            .AddSingleton(s => new CosmosPositions(s.GetRequiredService<CosmosContainers>(), NewInstanceName(), s.GetRequiredService<TimeProvider>()))
            .AddSingleton<IChangeFeed>(s => s.GetRequiredService<CosmosPositions>()).AddSingleton<IFeedBacklog>(s => s.GetRequiredService<CosmosPositions>())
            .AddSingleton(s => new EventGridPublisherClient(settings.Events.Topic, s.GetRequiredService<TokenCredential>())).AddSingleton<IEventPublisher, EventGridPublisher>()
            .AddSingleton<IShredder, AzureShredder>()
            .AddSingleton<IAccessControl>(s => new EntraAccess(settings.Callers, s.GetRequiredService<ILogger<EntraAccess>>()))
            .AddAzureTelemetry(configuration)
            .AddHostedService<RulesCheck>();
    }

    /// <summary>Documents in Cosmos DB, the archive in Blob Storage.</summary>
    public static IServiceCollection AddAzureStores(this IServiceCollection services, AzureStores stores)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TokenCredential>(_ => new DefaultAzureCredential());
        services.TryAddSingleton(s => new BlobContainers(
            new BlobContainerClient(stores.RawArchive, s.GetRequiredService<TokenCredential>()), new BlobContainerClient(stores.FigureFiles, s.GetRequiredService<TokenCredential>())));
        return services
            .AddHostedService<CosmosCheck>()
            .AddSingleton(s => CosmosClients.Create(stores.Cosmos, s.GetRequiredService<TokenCredential>(), stores.Cosmos.IsLoopback ? ConnectionMode.Gateway : ConnectionMode.Direct))
            .AddSingleton(s => new CosmosContainers(s.GetRequiredService<CosmosClient>(), stores.Database))
            .AddSingleton<RequestCharges>()
            .AddSingleton<IDocumentStore, CosmosDocumentStore>()
            .AddSingleton<IRawArchive>(s => new BlobRawArchive(s.GetRequiredService<BlobContainers>().RawArchive, s.GetRequiredService<TimeProvider>()))
            .AddSingleton<IFigureFiles>(s => new BlobFigureFiles(s.GetRequiredService<BlobContainers>().FigureFiles))
            .AddSingleton<IStageBacklog, AzureBacklog>();
    }

    /// <summary>The change feeds of the documents for a host that keeps their positions itself.</summary>
    public static IServiceCollection AddChangeFeedProcessor(this IServiceCollection services) => services
        .AddSingleton(s => new CosmosChangeFeed(s.GetRequiredService<CosmosContainers>(), NewInstanceName(), s.GetRequiredService<ILogger<CosmosChangeFeed>>()))
        .AddSingleton<IFeedBacklog>(s => s.GetRequiredService<CosmosChangeFeed>());

    private static IServiceCollection AddAzureQueues(this IServiceCollection services, AzureQueues queues) => services
        .AddSingleton(s => new ServiceBusSenders(new ServiceBusClient(queues.Namespace, s.GetRequiredService<TokenCredential>(), new ServiceBusClientOptions { RetryOptions = SendPatience })))
        .AddSingleton(s => new ServiceBusDepths(
            new HttpClient { BaseAddress = ResourceManager }, queues.NamespaceId, s.GetRequiredService<TokenCredential>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<ServiceBusDepths>>()))
        .AddSingleton<IMessageSender, ServiceBusQueues>();

    // Two hosts in one process are two instances.
    private static string NewInstanceName() => $"{Environment.MachineName}-{Environment.ProcessId}-{Interlocked.Increment(ref _instances)}";
}
