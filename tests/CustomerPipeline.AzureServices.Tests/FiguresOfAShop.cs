using System.Text.Json;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Contracts;
using CustomerPipeline.Demo;
using CustomerPipeline.Domain.Value;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.AzureServices.Tests;

/// <summary>Messages of a made-up shop, and the figures that they come to.</summary>
internal static class FiguresOfAShop
{
    private const string AsOf = "2026-06-01T00:00:00Z";

    // Every metric of the catalogue, by what it may be asked by.
    private static readonly IReadOnlyList<string> Paths =
    [
        .. MetricCatalog.All.Select(metric => metric.Kind switch
        {
            MetricKind.Stock => $"/api/metrics/{metric.Name}?asOf={AsOf}",
            MetricKind.History => $"/api/metrics/{metric.Name}?by={ByOf(metric)}&asOf={AsOf}",
            _ => $"/api/metrics/{metric.Name}?by={ByOf(metric)}",
        }),
    ];

    private static string ByOf(MetricDefinition metric) => string.Join(',', new[] { Dimension.Channel, Dimension.Day }.Intersect(metric.Dimensions));

    /// <summary>The messages of each queue.</summary>
    public static IEnumerable<IGrouping<string, ReadOnlyMemory<byte>>> Messages(int seed, int messages) =>
        ShopGenerator.Generate(seed, messages).GroupBy(m => Queues.Of(m.Source.Channel), m => m.ToQueueMessage());

    public static async Task SendAsync(IMessageSender queues, int seed, int messages)
    {
        foreach (var queue in Messages(seed, messages))
        {
            await queues.SendAsync(queue.Key, [.. queue], default);
        }
    }

    /// <summary>The figures of the local runtime on its embedded store.</summary>
    public static async Task<string> OfOneMachineAsync(int seed, int messages)
    {
        using var folder = new TemporaryFolder();
        await using var app = LocalPipeline.Build(LocalOptions.Of(folder.Path));
        await app.StartAsync();
        await SendAsync(app.Services.GetRequiredService<IMessageSender>(), seed, messages);
        await app.Services.GetRequiredService<StatusReader>().WaitUntilDrainedAsync(null, default);
        using var http = new HttpClient { BaseAddress = new Uri(HostAddress.Of(app)) };
        return await ReadAsync(http);
    }

    /// <summary>The figures that a host answers with.</summary>
    public static async Task<string> ReadAsync(HttpClient http)
    {
        var figures = new List<string>();
        foreach (var path in Paths)
        {
            using var answer = JsonDocument.Parse(await http.GetStringAsync(new Uri(path, UriKind.Relative)));
            figures.Add($"{path} {answer.RootElement.GetProperty("value").GetRawText()}");
        }

        return string.Join('\n', figures);
    }
}
