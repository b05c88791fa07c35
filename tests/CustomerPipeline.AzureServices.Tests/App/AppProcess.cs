using System.Diagnostics;
using Azure.Storage.Blobs;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.AzureServices.Blobs;
using CustomerPipeline.AzureServices.Cosmos;
using CustomerPipeline.AzureServices.Tests.Entra;
using CustomerPipeline.Contracts;
using CustomerPipeline.FunctionsHost;
using Microsoft.Azure.Cosmos;

namespace CustomerPipeline.AzureServices.Tests.App;

/// <summary>
/// The app as the worker process that ships, with a Functions host of the tests around it: documents in the Cosmos test server, tokens of a managed identity, an Event Grid topic, and Azurite where a test has it. Requests come with the function key.
/// </summary>
internal sealed class AppProcess : RunningHost
{
    // Nothing listens there: for what a test does not reach.
    private static readonly Uri Nowhere = new("https://127.0.0.1:1/nowhere");

    private static readonly TimeSpan MostWork = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder;
    private readonly bool _ownsPlatform;
    private readonly BlobContainers? _blobs;
    private readonly HttpFront _front;

    private AppProcess(TemporaryFolder folder, PlatformServices platform, bool ownsPlatform, CosmosTestAccount account, BlobContainers? blobs, FunctionsTestHost host, HttpFront front)
    {
        (_folder, Platform, _ownsPlatform, Account, _blobs, Host, _front) = (folder, platform, ownsPlatform, account, blobs, host, front);
        Http.BaseAddress = front.Address;
        Http.DefaultRequestHeaders.Add("x-functions-key", HttpFront.Key);
    }

    /// <summary>Names the folder that the app was published to; unset for the app as it was built beside the tests.</summary>
    private const string PublishedTo = "CUSTOMER_PIPELINE_APP";

    private static readonly string Assembly = Path.Combine(Environment.GetEnvironmentVariable(PublishedTo) ?? AppContext.BaseDirectory, "CustomerPipeline.Functions.dll");

    public CosmosTestAccount Account { get; }

    /// <summary>Where the app keeps raw messages.</summary>
    public BlobRawArchive RawArchive => new(_blobs!.RawArchive, TimeProvider.System);

    /// <summary>The handlers of this process on what the app has stored, to look at it.</summary>
    public TestPipeline Look() => new(adapters: AzureTestAdapters.Of(Account, _blobs!.RawArchive));

    public FunctionsTestHost Host { get; }

    /// <summary>What the app finds around itself.</summary>
    public PlatformServices Platform { get; }

    public override string Output => Host.Output;

    /// <summary>Starts one on an account of its own.</summary>
    /// <param name="azurite">For raw messages and figures; null for none.</param>
    /// <param name="issuer">Whose tokens are accepted; null for none.</param>
    /// <param name="more">Other settings.</param>
    public static async Task<AppProcess> StartAsync(AzuriteWithTokens? azurite = null, TestIssuer? issuer = null, IReadOnlyDictionary<string, string>? more = null)
    {
        var folder = new TemporaryFolder();
        var platform = azurite?.Platform ?? await PlatformServices.StartAsync(folder.Path);
        var blobs = azurite is null ? null : await azurite.NewContainersAsync();
        var account = await CosmosTestAccount.CreateAsync();
        var settings = new Dictionary<string, string>(platform.Environment)
        {
            ["CosmosConnection__accountEndpoint"] = account.Server.Endpoint.ToString(),
            ["CosmosDatabase"] = CosmosTestAccount.Database,
            ["ServiceBusConnection__fullyQualifiedNamespace"] = "localhost",
            ["ServiceBusResourceId"] = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ServiceBus/namespaces/shop",
            ["FigureFiles"] = AddressOf(blobs?.FigureFiles),
            ["RawArchive"] = AddressOf(blobs?.RawArchive),
            ["EventTopic"] = platform.Topic.ToString(),
            ["EraseSchedule"] = "*/5 * * * * *",
            ["MetricEventsSchedule"] = "*/5 * * * * *",
        };
        if (issuer is not null)
        {
            (settings[AzureSettings.EntraAuthority], settings[AzureSettings.EntraTenantId], settings[AzureSettings.EntraClientId]) = (issuer.Authority.ToString(), TestIssuer.Tenant, TestIssuer.Api);
        }

        foreach (var (name, value) in more ?? new Dictionary<string, string>())
        {
            settings[name] = value;
        }

        var host = await FunctionsTestHost.StartAsync(Assembly, settings);
        return new AppProcess(folder, platform, ownsPlatform: azurite is null, account, blobs, host, await HttpFront.StartAsync(host, Path.Combine(Path.GetDirectoryName(Assembly)!, "host.json")));
    }

    /// <summary>The database of the pipeline's containers.</summary>
    public Database Database => Account.Containers.Of(Application.Documents.Containers.Interactions).Database;

    /// <summary>
    /// Waits until the queues are empty and Resolve and Value have read everything, with the timers that look for what no trigger brought. A reader that was killed keeps its range for a minute: until then only the timers go on.
    /// </summary>
    public async Task WorkThroughAsync(QueueTriggers queues)
    {
        var positions = new CosmosPositions(Account.Containers, "test", TimeProvider.System);
        var waiting = Stopwatch.StartNew();
        while (!queues.AreEmpty
            || await positions.BacklogAsync(ChangeConsumers.Resolve, Application.Documents.Containers.Interactions, default) > 0
            || await positions.BacklogAsync(ChangeConsumers.Value, Application.Documents.Containers.Customers, default) > 0)
        {
            Assert.True(waiting.Elapsed < MostWork, $"The pipeline does not get done: {Output}");
            await Task.Delay(200);
            if (queues.AreEmpty)
            {
                await Host.FireAsync("ResolveCatchUp");
                await Host.FireAsync("ValueCatchUp");
            }
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _front.DisposeAsync();
        await Host.DisposeAsync();
        await Account.DisposeAsync();
        if (_ownsPlatform)
        {
            await Platform.DisposeAsync();
        }

        _folder.Dispose();
        await base.DisposeAsync();
    }

    private static string AddressOf(BlobContainerClient? container) => (container?.Uri ?? Nowhere).ToString();
}
