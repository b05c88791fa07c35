using System.CommandLine;
using CustomerPipeline.Application.Report.Snapshots;
using CustomerPipeline.Cli.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace CustomerPipeline.Cli.Commands;

/// <summary><c>snapshot</c>: the customer base as of now, kept.</summary>
internal static class SnapshotCommand
{
    public static Command Create()
    {
        var pipeline = new PipelineOptions();
        var command = new Command("snapshot", "Keep what the customer base looks like now (the host does so once a day).");
        var asOf = new Option<DateTimeOffset?>("--as-of") { Description = "An instant to tell of instead, such as 2026-01-31T12:00:00Z." };
        command.Options.Add(asOf);
        pipeline.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var app = LocalPipeline.Build(pipeline.Read(result));
            var taken = await app.Services.GetRequiredService<TakeSnapshotHandler>().HandleAsync(result.GetValue(asOf), cancellationToken);
            AnsiConsole.WriteLine($"Snapshot {taken.Snapshot.Id} as of {taken.Snapshot.AsOf:u} (rules {taken.Snapshot.RuleVersion}). {taken.Restatements.Count:N0} published figures restated.");
            return 0;
        });
        return command;
    }
}
