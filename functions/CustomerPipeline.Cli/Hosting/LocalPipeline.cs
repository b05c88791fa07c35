using CustomerPipeline.AmqpEndpoint;
using CustomerPipeline.Application;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.AzureServices;
using CustomerPipeline.Cli.Brokers;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Functions;
using CustomerPipeline.LocalRuntime;
using CustomerPipeline.LocalServices;
using CustomerPipeline.RocksDb;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.Cli.Hosting;

/// <summary>How the pipeline runs on this machine.</summary>
/// <param name="DataFolder">Where everything is kept.</param>
/// <param name="Port">On loopback; 0 for any free one.</param>
/// <param name="Settings">How messages are read, and from whom.</param>
/// <param name="Azure">
/// Where documents and raw messages are kept, if not in the folder: then it holds only the queues. One folder to a database: messages are known by their places in the queues.
/// </param>
/// <param name="AmqpPort">On loopback, for clients of Service Bus; 0 for none.</param>
/// <param name="Broker">Whose queues are worked on beside those of this machine; null for none.</param>
internal sealed record LocalOptions(string DataFolder, int Port, PipelineSettings Settings, AzureStores? Azure = null, int AmqpPort = 0, BrokerAddress? Broker = null)
{
    /// <summary>For commands that read no messages.</summary>
    public static LocalOptions Of(string dataFolder, int port = 0) => new(dataFolder, port, new PipelineSettings(NormalizationRules.Default, new ReceiveOptions(), IdentityRules.Default, new RetentionOptions(), new ValueOptions(), new PublishOptions(), new AccessOptions()));

    public const int DefaultPort = 7071;

    public const string DefaultFolder = "data";
}

/// <summary>The composition root: the functions, on the embedded adapters or those of Azure, in the local runtime.</summary>
internal static class LocalPipeline
{
    private const string EverySomeSeconds = "*/5 * * * * *";

    /// <summary>Builds the host. Nothing runs before it is started.</summary>
    /// <param name="options">Folder, port and settings.</param>
    /// <param name="works">Whether queues, change feeds and timers run, or only HTTP answers.</param>
    /// <param name="clients">Registers clients of Azure that are made otherwise than usual.</param>
    /// <exception cref="DataFolderException">The data folder cannot be used.</exception>
    public static WebApplication Build(LocalOptions options, bool works = true, Action<IServiceCollection>? clients = null)
    {
        _ = Task.Run(RocksEngine.Prepare);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection([new("EraseSchedule", EverySomeSeconds), new("MetricEventsSchedule", EverySomeSeconds)]);
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.ListenLocalhostOnly(options.Port);
            kestrel.AddServerHeader = false;

            // The functions set their own, smaller limit, and answer with problem details.
            kestrel.Limits.MaxRequestBodySize = 64 * 1024 * 1024;

            // Of the whole of a body so far: uploads, which hold many bytes of memory, have a stricter limit of their own.
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1_024, gracePeriod: ReceiveOptions.LongestPause);
        });
        builder.Services.AddPipeline(options.Settings);
        clients?.Invoke(builder.Services);
        builder.Services.AddAdapters(options).AddFunctions(works);
        if (options.AmqpPort > 0)
        {
            builder.Services.AddHostedService(s => ActivatorUtilities.CreateInstance<QueueEndpoint>(s, options.AmqpPort));
        }

        if (options.Broker is { } broker)
        {
            builder.Services.AddHostedService(s => ActivatorUtilities.CreateInstance<BrokerQueues>(s, broker));
        }

        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(20));

        var app = builder.Build();
        app.Use(FaultAnswers.AnswerAsync);
        app.Use(LocalRequests.RefuseOthersAsync);
        app.UseRouting();
        app.Services.GetRequiredService<FunctionsRuntime>().MapHttp(app);
        app.MapGet("/", RedirectToDashboard);
        app.MapPost(Checkpoint.Path, Checkpoint.AnswerAsync);
        return app;
    }

    private static IServiceCollection AddAdapters(this IServiceCollection services, LocalOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IAccessControl>(s => s.GetRequiredService<ApiKeyAccess>());
        services
            .AddSingleton<IChangeFeed, HandedChanges>()
            .AddSingleton(s => RocksEngine.Open(options.DataFolder, s.GetRequiredService<TimeProvider>())).AddSingleton<IShredder>(s => s.GetRequiredService<RocksEngine>())
            .AddSingleton(s => new ApiKeys(options.DataFolder, s.GetRequiredService<TimeProvider>())).AddSingleton<ApiKeyAccess>()
            .AddSingleton<RocksQueues>().AddSingleton<IMessageSender>(s => s.GetRequiredService<RocksQueues>()).AddSingleton<IScheduledMessages>(s => s.GetRequiredService<RocksQueues>()).AddSingleton<IQueueSource, EmbeddedQueueSource>()
            .AddSingleton(s => ActivatorUtilities.CreateInstance<WebhookPublisher>(s, new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })))
            .AddSingleton<IEventPublisher>(s => s.GetRequiredService<WebhookPublisher>());
        return options.Azure is { } stores
            ? services.AddAzureStores(stores).AddChangeFeedProcessor().AddSingleton<IChangeSource, CosmosChangeSource>()
            : services
                .AddSingleton<IFigureFiles>(new FolderFigureFiles(Path.Combine(options.DataFolder, "parquet")))
                .AddSingleton<RocksDocumentStore>().AddSingleton<IDocumentStore>(s => s.GetRequiredService<RocksDocumentStore>()).AddSingleton<IRawArchive, RocksRawArchive>()
                .AddSingleton<RocksChangeFeed>().AddSingleton<RebuildStore>().AddSingleton<IStageBacklog, EmbeddedBacklog>().AddSingleton<IChangeSource, EmbeddedChangeSource>();
    }

    // A plain delegate: one that returns a result has the web server compile expressions at the first request, for a tenth of a second and some MB.
    private static Task RedirectToDashboard(HttpContext context)
    {
        context.Response.Redirect("/dashboard/");
        return Task.CompletedTask;
    }

    private static void AddFunctions(this IServiceCollection services, bool works)
    {
        services.AddSingleton(HostSettings.Read(Path.Combine(AppContext.BaseDirectory, "host.json")));
        services.AddSingleton(BoundFunction.Discover(typeof(IngestFunctions).Assembly));
        services.AddSingleton(DocumentJson.Default.Options);
        services.AddSingleton<FunctionsRuntime>();
        if (works)
        {
            services.AddHostedService<RulesCheck>();
            services.AddHostedService(s => s.GetRequiredService<FunctionsRuntime>());
            services.AddHostedService<UndeliveredEventsTimer>();
        }
    }

    private static void ListenLocalhostOnly(this KestrelServerOptions kestrel, int port) =>
        kestrel.Listen(System.Net.IPAddress.Loopback, port);
}
