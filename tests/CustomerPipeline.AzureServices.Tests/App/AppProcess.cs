using Azure.Storage.Blobs;
using CustomerPipeline.AzureServices.Blobs;
using CustomerPipeline.Contracts;
using CustomerPipeline.FunctionsHost;

namespace CustomerPipeline.AzureServices.Tests.App;

/// <summary>
/// The app as the worker process that ships, with a Functions host of the tests around it: documents in the Cosmos test server, tokens of a managed identity, an Event Grid topic, and Azurite where a test has it. Requests come with the function key.
/// </summary>
internal sealed class AppProcess : RunningHost
{
    // Nothing listens there: for what a test does not reach.
    private static readonly Uri Nowhere = new("https://127.0.0.1:1/nowhere");

    private readonly TemporaryFolder _folder;
    private readonly PlatformServices? _ownPlatform;
    private readonly BlobContainers? _blobs;
    private readonly HttpFront _front;

    private AppProcess(TemporaryFolder folder, PlatformServices? ownPlatform, CosmosTestAccount account, BlobContainers? blobs, FunctionsTestHost host, HttpFront front)
    {
        (_folder, _ownPlatform, Account, _blobs, Host, _front) = (folder, ownPlatform, account, blobs, host, front);
        Http.BaseAddress = front.Address;
        Http.DefaultRequestHeaders.Add("x-functions-key", HttpFront.Key);
    }

    /// <summary>Names the folder that the app was published to; unset for the app as it was built beside the tests.</summary>
    private const string PublishedTo = "CUSTOMER_PIPELINE_APP";

    private static readonly string Assembly = Path.Combine(Environment.GetEnvironmentVariable(PublishedTo) ?? AppContext.BaseDirectory, "CustomerPipeline.Functions.dll");

    public CosmosTestAccount Account { get; }

    /// <summary>Where the app keeps raw messages.</summary>
    public BlobRawArchive RawArchive => new(_blobs!.RawArchive, TimeProvider.System);

    public FunctionsTestHost Host { get; }

    public override string Output => Host.Output;

    /// <summary>Starts one on an account of its own.</summary>
    /// <param name="azurite">For raw messages and figures; null for none.</param>
    public static async Task<AppProcess> StartAsync(AzuriteWithTokens? azurite = null)
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
        var host = await FunctionsTestHost.StartAsync(Assembly, settings);
        return new AppProcess(folder, azurite is null ? platform : null, account, blobs, host, await HttpFront.StartAsync(host, Path.Combine(Path.GetDirectoryName(Assembly)!, "host.json")));
    }

    public override async ValueTask DisposeAsync()
    {
        await _front.DisposeAsync();
        await Host.DisposeAsync();
        await Account.DisposeAsync();
        if (_ownPlatform is not null)
        {
            await _ownPlatform.DisposeAsync();
        }

        _folder.Dispose();
        await base.DisposeAsync();
    }

    private static string AddressOf(BlobContainerClient? container) => (container?.Uri ?? Nowhere).ToString();
}
