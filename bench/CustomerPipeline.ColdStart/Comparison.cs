using System.Diagnostics;
using System.IO.Compression;
using Azure.Core;
using CustomerPipeline.AzureServices.Cosmos;
using CustomerPipeline.CosmosServer;
using CustomerPipeline.FunctionsHost;
using Microsoft.Azure.Cosmos;
using Spectre.Console;

namespace CustomerPipeline.ColdStart;

/// <summary>What a start costs until some point of it.</summary>
/// <param name="Wall">Since the process was started.</param>
/// <param name="Processor">Of the process.</param>
internal readonly record struct Cost(TimeSpan Wall, TimeSpan Processor);

/// <summary>Starts of published apps, in turn, each in a process of its own.</summary>
internal static class Comparison
{
    private const string Database = "customerpipeline";
    private const string Nowhere = "https://127.0.0.1:1/nowhere";

    // The catalogue answers from memory; the figures ask the store.
    private static readonly string[] Points = ["functions loaded", "first answer", "first figures"];

    public static async Task<int> RunAsync(IReadOnlyList<string> apps, int rounds, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("customerpipeline-start-");
        try
        {
            await using var platform = await PlatformServices.StartAsync(folder.FullName);
            await using var server = await CosmosTestServer.StartAsync();
            using var client = CosmosClients.Create(server.Endpoint, new AnyToken(), ConnectionMode.Gateway);
            await new CosmosContainers(client, Database).CreateAsync(cancellationToken);
            var settings = new Dictionary<string, string>(platform.Environment)
            {
                ["CosmosConnection__accountEndpoint"] = server.Endpoint.ToString(),
                ["CosmosDatabase"] = Database,
                ["ServiceBusConnection__fullyQualifiedNamespace"] = "localhost",
                ["ServiceBusResourceId"] = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ServiceBus/namespaces/shop",
                ["FigureFiles"] = Nowhere,
                ["RawArchive"] = Nowhere,
                ["EventTopic"] = platform.Topic.ToString(),
                ["EraseSchedule"] = "0 */5 * * * *",
                ["MetricEventsSchedule"] = "0 */5 * * * *",
            };

            // The first round warms the files of each.
            var costs = apps.ToDictionary(app => app, _ => new List<IReadOnlyList<Cost>>());
            for (var round = 0; round <= rounds; round++)
            {
                foreach (var app in apps)
                {
                    var cost = await StartAsync(app, settings, cancellationToken);
                    costs[app].AddRange(round == 0 ? [] : [cost]);
                }
            }

            AnsiConsole.Write(Report(apps, costs, rounds));
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Cost>> StartAsync(string app, Dictionary<string, string> settings, CancellationToken cancellationToken)
    {
        var (costs, wall) = (new List<Cost>(), Stopwatch.StartNew());
        await using var host = await FunctionsTestHost.StartAsync(Path.Combine(app, "CustomerPipeline.Functions.dll"), settings);
        void Note() => costs.Add(new Cost(wall.Elapsed, host.ProcessorTime));
        Note();
        await using var front = await HttpFront.StartAsync(host, Path.Combine(app, "host.json"));
        using var http = new HttpClient { BaseAddress = front.Address };
        http.DefaultRequestHeaders.Add("x-functions-key", HttpFront.Key);
        foreach (var path in new[] { "/api/metrics", "/api/metrics/net-sales" })
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
            answer.EnsureSuccessStatusCode();
            Note();
        }

        return costs;
    }

    private static Table Report(IReadOnlyList<string> apps, Dictionary<string, List<IReadOnlyList<Cost>>> costs, int rounds)
    {
        var table = new Table().Title($"Start of the worker, medians of {rounds} rounds in pairs").AddColumns("App", "Until", "Seconds", "Ratio", "Processor s", "Ratio", "Zip, MB");
        foreach (var app in apps)
        {
            for (var point = 0; point < Points.Length; point++)
            {
                double Median(Func<Cost, double> of) => MedianOf(costs[app].Select(c => of(c[point])));
                double Ratio(Func<Cost, double> of) => MedianOf(costs[app].Zip(costs[apps[0]], (c, first) => of(c[point]) / of(first[point])));
                table.AddRow(
                    point == 0 ? Path.GetFileName(app) : "", Points[point], $"{Median(c => c.Wall.TotalSeconds):N2}", $"{Ratio(c => c.Wall.TotalSeconds):N2}",
                    $"{Median(c => c.Processor.TotalSeconds):N2}", $"{Ratio(c => c.Processor.TotalSeconds):N2}", point == 0 ? $"{ZippedBytes(app) / 1e6:N1}" : "");
            }
        }

        return table;
    }

    private static double MedianOf(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static long ZippedBytes(string folder)
    {
        using var zip = new MemoryStream();
        ZipFile.CreateFromDirectory(folder, zip, CompressionLevel.Optimal, includeBaseDirectory: false);
        return zip.Length;
    }

    private sealed class AnyToken : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new("any", DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}
