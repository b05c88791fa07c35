using System.CommandLine;
using CustomerPipeline.Embedded;
using CustomerPipeline.Flow.Resolve;
using CustomerPipeline.Flow.Serve;
using CustomerPipeline.LocalHost.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace CustomerPipeline.LocalHost.Commands;

/// <summary><c>rebuild</c>: customers and figures made anew from the interactions.</summary>
internal static class RebuildCommand
{
    public static Command Create()
    {
        var pipeline = new PipelineOptions();
        var command = new Command("rebuild", "Drop customers and figures, and make them anew from the stored interactions: after rules changed, or when verify found a difference.");
        pipeline.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var app = LocalPipeline.Build(pipeline.Read(result));
            foreach (var claim in await Rebuilding.DropDerivedAsync(app.Services.GetRequiredService<RocksEngine>(), app.Services.GetRequiredService<IdentifierClaims>(), cancellationToken))
            {
                AnsiConsole.MarkupLineInterpolated($"[yellow]The claim {claim} was damaged. If people who were erased shared its identifier, it links people again.[/]");
            }

            await app.StartAsync(cancellationToken);
            await AnsiConsole.Status().StartAsync("Rebuilding…", context => app.Services.GetRequiredService<StatusReader>().WaitUntilDrainedAsync(
                status => context.Status($"Rebuilding… {status.Stages.Sum(s => s.Backlog):N0} changes left"), cancellationToken));
            await app.StopAsync(cancellationToken);
            AnsiConsole.WriteLine("Rebuilt.");
            return 0;
        });
        return command;
    }
}
