using System.CommandLine;
using CustomerPipeline.Flow.Snapshot;
using CustomerPipeline.LocalHost.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace CustomerPipeline.LocalHost.Commands;

/// <summary><c>snapshot</c>: the customer base as of now, kept.</summary>
internal static class SnapshotCommand
{
    public static Command Create()
    {
        var pipeline = new PipelineOptions();
        var command = new Command("snapshot", "Keep what the customer base looks like now (the host does so once a day).");
        pipeline.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var app = LocalPipeline.Build(pipeline.Read(result));
            var snapshot = await app.Services.GetRequiredService<TakeSnapshotHandler>().HandleAsync(cancellationToken);
            AnsiConsole.WriteLine(
                $"As of {snapshot.AsOf:u}: {snapshot.Customers:N0} customers, {snapshot.RepeatCustomers:N0} repeat, {snapshot.CrossChannelCustomers:N0} cross-channel (rules {snapshot.RuleVersion}).");
            return 0;
        });
        return command;
    }
}
