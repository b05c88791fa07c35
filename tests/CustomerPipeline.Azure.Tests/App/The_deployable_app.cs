using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Azure.Core;
using Azure.Monitor.OpenTelemetry.Exporter;
using CustomerPipeline.Contracts;
using CustomerPipeline.Flow;
using CustomerPipeline.Functions;
using CustomerPipeline.LocalRuntime;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CustomerPipeline.Azure.Tests.App;

/// <summary>
/// The Azure flavour of the Functions project. Its packages are not served everywhere, so it is not built here: its sources are compiled against declarations of the worker's API,
/// its project is evaluated, and its container is asked for every function.
/// </summary>
public sealed class The_deployable_app
{
    // What CustomerPipeline.Functions/Program.cs needs of Microsoft.Azure.Functions.Worker 2.52.0 and its ASP.NET Core extension.
    private const string Builder =
        """
        namespace Microsoft.Azure.Functions.Worker.Builder
        {
            public sealed class FunctionsApplicationBuilder
            {
                public Microsoft.Extensions.Configuration.ConfigurationManager Configuration => null!;
                public Microsoft.Extensions.DependencyInjection.IServiceCollection Services => null!;
                public Microsoft.Extensions.Hosting.IHost Build() => null!;
            }

            public static class FunctionsApplication
            {
                public static FunctionsApplicationBuilder CreateBuilder(string[] args) => null!;
            }
        }

        namespace Microsoft.Extensions.Hosting
        {
            public static class AspNetCoreExtensions
            {
                public static Microsoft.Azure.Functions.Worker.Builder.FunctionsApplicationBuilder ConfigureFunctionsWebApplication(
                    this Microsoft.Azure.Functions.Worker.Builder.FunctionsApplicationBuilder builder) => builder;
            }
        }
        """;

    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

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
    public void Compiles_against_the_workers_api_and_nothing_of_the_local_runtime()
    {
        var parse = new CSharpParseOptions(LanguageVersion.Latest);
        var app = Repository.PathOf("functions", "CustomerPipeline.Functions");
        var sources = Directory.GetFiles(app, "*.cs", SearchOption.AllDirectories).Where(file => Path.GetRelativePath(app, file).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"))
            .Append(Repository.PathOf("functions", "CustomerPipeline.LocalRuntime", "Worker", "WorkerAttributes.cs"))
            .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), parse, file))
            .Append(CSharpSyntaxTree.ParseText(Builder, parse)).Append(CSharpSyntaxTree.ParseText(ImplicitUsings, parse)).ToList();
        string[] ours = ["CustomerPipeline.Domain", "CustomerPipeline.Flow", "CustomerPipeline.Azure"];
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => !Path.GetFileName(file).StartsWith("CustomerPipeline.", StringComparison.Ordinal) || ours.Contains(Path.GetFileNameWithoutExtension(file)))
            .Select(file => MetadataReference.CreateFromFile(file));

        // CS1701: references are of the newer framework, which the SDK takes for granted, too.
        var options = new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable, specificDiagnosticOptions: [new("CS1701", ReportDiagnostic.Suppress)]);
        var compiled = CSharpCompilation.Create("CustomerPipeline.Functions", sources, references, options);

        Assert.Empty(compiled.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning).Select(d => d.ToString()));
    }

    [Fact]
    public void Is_an_executable_of_functions_version_4_with_the_packages_that_are_known_to_work()
    {
        using var evaluated = Evaluate("-p:FunctionsRuntime=azure", "-getProperty:OutputType,AzureFunctionsVersion,TargetFramework", "-getItem:PackageReference,PackageVersion,ProjectReference,None,Compile");
        var versions = Items(evaluated, "PackageVersion").ToDictionary(i => Text(i, "Identity"), i => Text(i, "Version"));
        var properties = evaluated.RootElement.GetProperty("Properties");

        Assert.Equal(("Exe", "v4", "net10.0"), (Text(properties, "OutputType"), Text(properties, "AzureFunctionsVersion"), Text(properties, "TargetFramework")));
        Assert.Equal(
            [
                "Microsoft.Azure.Functions.Worker 2.52.0", "Microsoft.Azure.Functions.Worker.Extensions.CosmosDB 4.16.1", "Microsoft.Azure.Functions.Worker.Extensions.Http 3.3.0",
                "Microsoft.Azure.Functions.Worker.Extensions.Http.AspNetCore 2.1.1", "Microsoft.Azure.Functions.Worker.Extensions.ServiceBus 5.24.0",
                "Microsoft.Azure.Functions.Worker.Extensions.Timer 4.3.1", "Microsoft.Azure.Functions.Worker.Sdk 2.1.0",
            ],
            Items(evaluated, "PackageReference").Select(i => Text(i, "Identity")).Where(p => p.StartsWith("Microsoft.Azure.Functions", StringComparison.Ordinal)).Select(p => $"{p} {versions[p]}").Order(StringComparer.Ordinal));
        Assert.Equal(["CustomerPipeline.Azure", "CustomerPipeline.Flow"], Items(evaluated, "ProjectReference").Select(i => Text(i, "Filename")).Order(StringComparer.Ordinal));
        Assert.Contains(Items(evaluated, "None"), i => Text(i, "Link") == "host.json");
        Assert.Contains(Items(evaluated, "Compile"), i => Text(i, "Identity") == "Program.cs");
    }

    [Fact]
    public void Is_asked_for_by_nothing_else()
    {
        using var evaluated = Evaluate("-getItem:PackageReference,ProjectReference,Compile");

        Assert.DoesNotContain(Items(evaluated, "PackageReference"), i => Text(i, "Identity").StartsWith("Microsoft.Azure.Functions", StringComparison.Ordinal));
        Assert.DoesNotContain(Items(evaluated, "ProjectReference"), i => Text(i, "Filename") == "CustomerPipeline.Azure");
        Assert.DoesNotContain(Items(evaluated, "Compile"), i => Text(i, "Identity") == "Program.cs");
    }

    [Fact]
    public async Task Can_make_every_function_from_its_settings()
    {
        await using var services = Services(Settings).BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        foreach (var type in FunctionDefinition.Discover(typeof(IngestFunctions).Assembly).Where(f => !f.Method.IsStatic).Select(f => f.Method.DeclaringType!).Distinct())
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
        var triggers = FunctionDefinition.Discover(typeof(IngestFunctions).Assembly).Select(f => f.Trigger).ToList();
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

    private static JsonDocument Evaluate(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["msbuild", Repository.PathOf("functions", "CustomerPipeline.Functions"), "-nologo", .. arguments]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output);
        return JsonDocument.Parse(output);
    }

    private static IEnumerable<JsonElement> Items(JsonDocument evaluated, string kind) => evaluated.RootElement.GetProperty("Items").GetProperty(kind).EnumerateArray();

    private static string Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.GetString()! : "";
}
