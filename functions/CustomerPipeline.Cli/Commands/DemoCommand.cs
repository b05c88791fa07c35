using System.CommandLine;
using System.Diagnostics;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Demo;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.LocalServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace CustomerPipeline.Cli.Commands;

/// <summary><c>demo</c>: a year of a shop through the whole pipeline, and what comes out.</summary>
internal static class DemoCommand
{
    private const int SendBatch = 500;

    // All are made in memory, before the first is sent.
    private const int MostMessages = 10_000_000;
    private const string Marker = "demo-folder";

    private static readonly string[] Headlines =
    [
        "orders", "units", "gross-sales", "refunds", "net-sales", "average-order-value", "new-customers", "returning-customers", "repeat-rate",
        "cross-channel-customers", "identified-share", "predictive-value", "customer-equity", "customer-value-at-risk", "tickets", "first-reply-time", "resolution-time", "csat", "kept-order-share",
        "first-contact-resolution", "failure-demand-share", "customer-effort",
    ];

    public static Command Create()
    {
        var seed = CommonOptions.Number("--seed", "The same seed gives the same shop and the same figures.", int.MinValue, int.MaxValue, 2025);
        var messages = CommonOptions.Number("--messages", "How many messages; about a fifteenth as many customers.", 1, MostMessages, 100_000, "-n");
        var noServe = new Option<bool>("--no-serve") { Description = "Stop after the figures instead of leaving the host running." };
        var data = CommonOptions.Data(Path.Combine(LocalOptions.DefaultFolder, "demo"));
        var port = CommonOptions.Port();
        var command = new Command("demo", "Pump a believable year of a shop with all three channels through the pipeline, and show what comes out.") { seed, messages, noServe, data, port };
        command.SetAction(async (result, cancellationToken) =>
        {
            var listeningOn = result.GetValue(noServe) ? 0 : result.GetValue(port);
            ListeningPort.Require(listeningOn, "--port");
            var folder = await PrepareFolderAsync(result.GetValue(data)!, cancellationToken);
            await using var app = LocalPipeline.Build(LocalOptions.Of(folder, listeningOn));
            await app.StartAsync(cancellationToken);
            await PumpAsync(app, result.GetValue(seed), result.GetValue(messages), cancellationToken);
            await ShowAsync(app, cancellationToken);
            if (result.GetValue(noServe))
            {
                await app.StopAsync(cancellationToken);
            }
            else
            {
                await ServeAsync(app, folder, cancellationToken);
            }

            return 0;
        });
        return command;
    }

    // Same seed, same numbers: the demo starts from nothing, and only ever empties a folder that it made itself.
    private static async Task<string> PrepareFolderAsync(string folder, CancellationToken cancellationToken)
    {
        using (var looking = new HttpClient())
        {
            if (await HostAddress.FindAsync(folder, looking, cancellationToken) is { } running)
            {
                throw new CommandException($"A host runs on the folder '{folder}' ({running}). Stop it, or choose another folder with --data.");
            }
        }

        var marker = Path.Combine(folder, Marker);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            if (!File.Exists(marker))
            {
                throw new CommandException($"The folder '{folder}' is not empty, and no demo made it. Choose another one with --data.");
            }

            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(marker, "Made by the demo command, which deletes it at its next run.\n", cancellationToken);
        return folder;
    }

    private static Task PumpAsync(WebApplication app, int seed, int count, CancellationToken cancellationToken) => AnsiConsole.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .StartAsync(async progress =>
        {
            var generating = progress.AddTask("Making a year of a shop", maxValue: 1);
            generating.IsIndeterminate = true;
            var messages = await Task.Run(() => ShopGenerator.Generate(seed, count), cancellationToken);
            generating.Value = 1;

            var clock = Stopwatch.StartNew();
            var sending = progress.AddTask("Into the queues", maxValue: messages.Count);
            var working = progress.AddTask("Through the pipeline", maxValue: messages.Count);
            var queues = app.Services.GetRequiredService<IMessageSender>();
            var send = Task.Run(async () =>
            {
                foreach (var batch in messages.Chunk(SendBatch))
                {
                    foreach (var queue in batch.GroupBy(m => Queues.Of(m.Source.Channel)))
                    {
                        await queues.SendAsync(queue.Key, [.. queue.Select(m => m.ToQueueMessage())], cancellationToken);
                    }

                    sending.Increment(batch.Length);
                }
            }, cancellationToken);

            var reader = app.Services.GetRequiredService<StatusReader>();
            while (!send.IsCompleted)
            {
                Show(await reader.ReadAsync(cancellationToken));
                await Task.WhenAny(send, Task.Delay(100, cancellationToken));
            }

            await send;
            await reader.WaitUntilDrainedAsync(Show, cancellationToken);
            working.Value = working.MaxValue;
            working.Description = $"Through the pipeline ({messages.Count / clock.Elapsed.TotalSeconds:N0} a second)";

            void Show(PipelineStatus status) => working.Value = Math.Max(0, status.Messages.Received - status.Stages.Skip(1).Max(s => s.Backlog ?? 0));
        });

    private static async Task ShowAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var reader = app.Services.GetRequiredService<MetricsReader>();
        // The demo's year is over: its customers are looked at as of its end.
        var asOf = ShopGenerator.End.AddTicks(-1);
        var table = new Table().Title("What the shop is worth, both ways").AddColumns("Metric", "Value", "");
        table.Columns[1].RightAligned();
        foreach (var metric in Headlines.Select(name => MetricCatalog.Find(name)!))
        {
            var answer = await reader.AskAsync(MetricRequest.All(metric) with { AsOf = asOf }, cancellationToken);
            foreach (var row in answer.Rows)
            {
                table.AddRow(metric.Title, Markup.Escape(Display(metric, row.Value)), row.Dimensions.Count == 0 ? "" : row.Dimensions[0].Value);
            }
        }

        AnsiConsole.Write(table);
        var messages = (await app.Services.GetRequiredService<StatusReader>().ReadAsync(cancellationToken)).Messages;
        Console.WriteLine(
            $"{messages.Received:N0} messages received = {messages.Stored:N0} stored + {messages.Duplicate:N0} duplicate + {messages.Ignored:N0} ignored + {messages.Quarantined:N0} quarantined");
    }

    private static string Display(MetricDefinition metric, object? value) => (metric.Unit, value) switch
    {
        (MetricUnit.Seconds, long seconds) => TimeSpan.FromSeconds(seconds).ToString(@"d\d\ hh\:mm\:ss", System.Globalization.CultureInfo.InvariantCulture),
        (MetricUnit.Ratio, decimal ratio) => ratio.ToString("P1", System.Globalization.CultureInfo.InvariantCulture),
        (_, long count) => count.ToString("N0", System.Globalization.CultureInfo.InvariantCulture),
        _ => value?.ToString() ?? "–",
    };

    private static async Task ServeAsync(WebApplication app, string folder, CancellationToken cancellationToken)
    {
        var url = HostAddress.Of(app);
        var purchases = await app.Services.GetRequiredService<FlowFigures>().ReadPurchasesAsync(cancellationToken);
        var best = purchases.All.GroupBy(p => p.Customer, StringComparer.Ordinal).OrderByDescending(c => c.Count()).ThenBy(c => c.Key, StringComparer.Ordinal).FirstOrDefault()?.Key;
        string[] paths =
        [
            "/dashboard/", "/api/metrics", "/api/metrics/net-sales?by=channel", "/api/metrics/customers-by-segment?asOf=2025-12-31", "/api/metrics/promises-broken?asOf=2025-12-31", "/api/metrics/kept-order-share/explain?asOf=2025-12-31&channel=online", "/api/metrics/orders?from=2025-12-01&to=2025-12-24&by=channel,day", $"/api/customers/{best}",
            $"/api/customers/{best}/timeline", "/api/status",
        ];
        Console.WriteLine("\nTry:");
        foreach (var path in paths)
        {
            Console.WriteLine($"  {url}{path}");
        }

        Console.WriteLine("\nStop with Ctrl+C.");
        await HostAddress.WriteAsync(app, folder, cancellationToken);
        await HostAddress.ServeUntilStoppedAsync(app, folder, cancellationToken);
    }
}
