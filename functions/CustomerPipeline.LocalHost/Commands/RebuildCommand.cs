using System.CommandLine;
using CustomerPipeline.Embedded;
using CustomerPipeline.LocalHost.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace CustomerPipeline.LocalHost.Commands;

/// <summary><c>rebuild</c>: customers and figures made anew from the records.</summary>
internal static class RebuildCommand
{
    private const int MostShown = 20;

    public static Command Create()
    {
        var pipeline = new PipelineOptions();
        var command = new Command("rebuild", "Make orders, tickets and profiles, customers and figures anew from the stored records: after rules changed or an update that asks for it, or when verify found a difference.");
        pipeline.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var app = LocalPipeline.Build(pipeline.Read(result));
            Report(await StepBars.ShowAsync<RebuildStep, Rebuilt>(progress => app.Services.GetRequiredService<RebuildStore>().RunAsync(progress, cancellationToken)));
            return 0;
        });
        return command;
    }

    private static void Report(Rebuilt rebuilt)
    {
        foreach (var claim in rebuilt.DamagedClaims)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]The claim {claim} was damaged. If people who were erased shared its identifier, it links people again.[/]");
        }

        foreach (var document in rebuilt.Entities.Left.Take(MostShown))
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]{document} is damaged, or its records are gone: what hangs on it stays as it was (docs/operations.md).[/]");
        }

        if (rebuilt.Entities.Left.Count > MostShown)
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]So are {rebuilt.Entities.Left.Count - MostShown:N0} more; verify names documents that are damaged.[/]");
        }

        if (rebuilt.Entities.Mended > 0)
        {
            AnsiConsole.WriteLine($"{rebuilt.Entities.Mended:N0} orders, tickets or profiles were not what their records make of them.");
        }

        AnsiConsole.WriteLine("Rebuilt.");
    }
}
