using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Azure.Core;
using Azure.Monitor.OpenTelemetry.Exporter;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.Functions;
using CustomerPipeline.LocalRuntime;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CustomerPipeline.AzureServices.Tests.App;

/// <summary>
/// The app as it is deployed. Two of its packages are not in every registry, so that the project is evaluated here and not built; the flavour that is built everywhere differs in nothing that the worker runs.
/// </summary>
public sealed class The_deployable_app
{
    private static readonly Dictionary<string, string?> Settings = new()
    {
        ["CosmosConnection:accountEndpoint"] = "https://shop.documents.azure.com",
        ["CosmosDatabase"] = "customerpipeline",
        ["ServiceBusConnection:fullyQualifiedNamespace"] = "shop.servicebus.windows.net",
        ["ServiceBusResourceId"] = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ServiceBus/namespaces/shop",
        ["FigureFiles"] = "https://shop.blob.core.windows.net/parquet",
        ["EventTopic"] = "https://shop.westeurope-1.eventgrid.azure.net/api/events",
        ["RawArchive"] = "https://shop.blob.core.windows.net/raw",
        ["CustomerPipeline:DefaultCurrency"] = "EUR",
    };

    [Fact]
    public void Is_an_executable_of_functions_version_4_with_the_packages_that_are_known_to_work()
    {
        using var evaluated = Evaluate("-p:FunctionsRuntime=azure", "-getProperty:OutputType,AzureFunctionsVersion,TargetFramework", "-getItem:PackageReference,PackageVersion,ProjectReference,None");

        Assert.Equal(
            [
                "Microsoft.Azure.Functions.Worker 2.52.0", "Microsoft.Azure.Functions.Worker.Extensions.CosmosDB 4.16.1", "Microsoft.Azure.Functions.Worker.Extensions.Http 3.3.0",
                "Microsoft.Azure.Functions.Worker.Extensions.Http.AspNetCore 2.1.1", "Microsoft.Azure.Functions.Worker.Extensions.ServiceBus 5.24.0",
                "Microsoft.Azure.Functions.Worker.Extensions.Timer 4.3.1", "Microsoft.Azure.Functions.Worker.Sdk 2.1.0",
            ],
            WorkerPackages(evaluated));
        Assert.Equal(["CustomerPipeline.Application", "CustomerPipeline.AzureServices"], Items(evaluated, "ProjectReference").Select(i => Text(i, "Filename")).Order(StringComparer.Ordinal));
        AssertIsApp(evaluated);
    }

    [Fact]
    public void Is_the_same_executable_on_this_machine_but_for_two_trigger_attributes_and_what_only_the_host_reads()
    {
        using var evaluated = Evaluate("-getProperty:OutputType,AzureFunctionsVersion,TargetFramework", "-getItem:PackageReference,PackageVersion,ProjectReference,None");

        Assert.Equal(
            [
                "Microsoft.Azure.Functions.Worker 2.52.0", "Microsoft.Azure.Functions.Worker.Extensions.Http 3.3.0", "Microsoft.Azure.Functions.Worker.Extensions.Http.AspNetCore 2.1.1",
                "Microsoft.Azure.Functions.Worker.Extensions.Timer 4.3.1", "Microsoft.Azure.Functions.Worker.Sdk.Generators 1.4.0",
            ],
            WorkerPackages(evaluated));
        Assert.Equal(
            ["CustomerPipeline.Application", "CustomerPipeline.AzureServices", "CustomerPipeline.Triggers"], Items(evaluated, "ProjectReference").Select(i => Text(i, "Filename")).Order(StringComparer.Ordinal));
        AssertIsApp(evaluated);
    }

    [Fact]
    public void Is_compiled_ahead_where_it_is_published_for_a_platform()
    {
        Assert.Equal(["true", ""], new[] { new[] { "-p:RuntimeIdentifier=linux-x64" }, [] }.Select(platform =>
        {
            var (exitCode, output) = Build(["-p:FunctionsRuntime=azure", "-getProperty:PublishReadyToRun", .. platform]);
            Assert.Equal(0, exitCode);
            return output.Trim();
        }));
    }

    [Fact]
    public void Is_never_chosen_by_the_environment()
    {
        var (exitCode, output) = Build(["-t:RefuseFlavourOfEnvironment"], ("FunctionsRuntime", "azure"));

        Assert.NotEqual(0, exitCode);
        Assert.Contains("Unset it", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Can_make_every_function_from_its_settings()
    {
        await using var services = Services(Settings).BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        foreach (var type in BoundFunction.Discover(typeof(IngestFunctions).Assembly).Where(f => !f.Method.IsStatic).Select(f => f.Method.DeclaringType!).Distinct())
        {
            Assert.NotNull(ActivatorUtilities.CreateInstance(services, type));
        }

        Assert.Equal("EUR", services.GetRequiredService<Domain.Normalize.NormalizationRules>().DefaultCurrency);
    }

    [Fact]
    public async Task Sends_metrics_and_spans_of_the_stages_and_what_the_store_charges()
    {
        var (metrics, spans) = (new List<Metric>(), new List<Activity>());
        var services = Services(Settings);
        services.AddOpenTelemetry().WithMetrics(m => m.AddInMemoryExporter(metrics)).WithTracing(t => t.AddInMemoryExporter(spans));
        await using var app = services.BuildServiceProvider();
        using var meters = app.GetRequiredService<MeterProvider>();
        using var traces = app.GetRequiredService<TracerProvider>();

        await app.GetRequiredService<StageTelemetry>().RunAsync(StageTelemetry.Resolve, 3, [], null, () => Task.CompletedTask);
        app.GetRequiredService<Cosmos.RequestCharges>().Add(Containers.Customers, 5.5);
        meters.ForceFlush();
        traces.ForceFlush();

        Assert.Contains(spans, s => s.DisplayName == StageTelemetry.Resolve);
        Assert.Contains(metrics, m => m.Name == StageTelemetry.ItemsName);
        Assert.Contains(metrics, m => m.Name == "customerpipeline.cosmos.request_charge");
    }

    [Fact]
    public async Task Sends_them_to_application_insights_as_itself()
    {
        await using var app = Services(new(Settings) { ["APPLICATIONINSIGHTS_CONNECTION_STRING"] = "InstrumentationKey=00000000-0000-0000-0000-000000000000" }).BuildServiceProvider();

        var options = app.GetRequiredService<Microsoft.Extensions.Options.IOptions<AzureMonitorExporterOptions>>().Value;

        Assert.IsType<AnyToken>(options.Credential);
        Assert.StartsWith("InstrumentationKey=", options.ConnectionString, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_a_setting_that_is_missing_or_makes_no_sense()
    {
        Assert.All(AzureSettings.Required, name =>
        {
            var without = new Dictionary<string, string?>(Settings) { [name.Replace("__", ":", StringComparison.Ordinal)] = null };
            Assert.Equal($"The setting {name} is missing.", Assert.Throws<SettingsException>(() => Services(without)).Message);
        });
        Assert.Contains("RawArchive", Assert.Throws<SettingsException>(() => Services(new(Settings) { ["RawArchive"] = "raw" })).Message, StringComparison.Ordinal);
        Assert.Contains("Currency", Assert.Throws<SettingsException>(() => Services(new(Settings) { ["CustomerPipeline:Currency"] = "EUR" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Binds_its_triggers_to_the_settings_that_its_code_reads()
    {
        var triggers = BoundFunction.Discover(typeof(IngestFunctions).Assembly).Select(f => f.Trigger).ToList();
        var connections = triggers.Select(t => t.GetType().GetProperty("Connection", BindingFlags.Public | BindingFlags.Instance)?.GetValue(t) as string).OfType<string>().Distinct().Order(StringComparer.Ordinal);

        Assert.Equal([AzureSettings.CosmosEndpoint.Split(':')[0], AzureSettings.ServiceBusNamespace.Split(':')[0]], connections);
        Assert.All(triggers.OfType<Microsoft.Azure.Functions.Worker.CosmosDBTriggerAttribute>(), t =>
        {
            Assert.Equal($"%{AzureSettings.CosmosDatabase}%", t.DatabaseName);
            Assert.Equal(Cosmos.CosmosContainers.Leases, t.LeaseContainerName);
        });
    }

    private static ServiceCollection Services(Dictionary<string, string?> settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TokenCredential>(new AnyToken()).AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddAzurePipeline(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        return services;
    }

    private static void AssertIsApp(JsonDocument evaluated)
    {
        var properties = evaluated.RootElement.GetProperty("Properties");
        Assert.Equal(("Exe", "v4", "net10.0"), (Text(properties, "OutputType"), Text(properties, "AzureFunctionsVersion"), Text(properties, "TargetFramework")));
        Assert.Contains(Items(evaluated, "None"), i => Text(i, "Link") == "host.json");
    }

    private static IEnumerable<string> WorkerPackages(JsonDocument evaluated)
    {
        var versions = Items(evaluated, "PackageVersion").ToDictionary(i => Text(i, "Identity"), i => Text(i, "Version"));
        return Items(evaluated, "PackageReference").Select(i => Text(i, "Identity")).Where(p => p.StartsWith("Microsoft.Azure.Functions", StringComparison.Ordinal)).Select(p => $"{p} {versions[p]}").Order(StringComparer.Ordinal);
    }

    private static JsonDocument Evaluate(params string[] arguments)
    {
        var (exitCode, output) = Build(arguments);
        Assert.True(exitCode == 0, output);
        return JsonDocument.Parse(output);
    }

    private static (int ExitCode, string Output) Build(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", ["msbuild", Repository.PathOf("functions", "CustomerPipeline.Functions"), "-nologo", .. arguments]) { RedirectStandardOutput = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    private static IEnumerable<JsonElement> Items(JsonDocument evaluated, string kind) => evaluated.RootElement.GetProperty("Items").GetProperty(kind).EnumerateArray();

    private static string Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.GetString()! : "";
}
