using System.CommandLine;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Cli.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace CustomerPipeline.Cli.Commands;

/// <summary><c>verify</c>: everything worked out once more from the interactions, and compared.</summary>
internal static class VerifyCommand
{
    private const int MostShown = 20;

    public static Command Create()
    {
        var pipeline = new PipelineOptions();
        var command = new Command("verify", "Work out everything again from the stored interactions and compare it with what is stored; exit code 1 on any difference.");
        pipeline.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var app = LocalPipeline.Build(pipeline.Read(result));

            // What is still on its way would look like a difference.
            await app.StartAsync(cancellationToken);
            await app.Services.GetRequiredService<StatusReader>().WaitUntilDrainedAsync(null, cancellationToken);
            var verification = await StepBars.ShowAsync<VerifyStep, Verification>(progress => app.Services.GetRequiredService<VerifyStore>().RunAsync(progress, cancellationToken));
            await app.StopAsync(cancellationToken);
            return Report(verification);
        });
        return command;
    }

    private static int Report(Verification verification)
    {
        AnsiConsole.WriteLine($"{verification.Records:N0} records, {verification.Entities:N0} entities, {verification.Customers:N0} customers, {verification.Touches:N0} touches");
        foreach (var order in verification.Totals.Take(MostShown))
        {
            AnsiConsole.MarkupLineInterpolated($"[yellow]{order.Check}[/] {order.Where}: {order.What}");
        }

        if (verification.Totals.Count > 0)
        {
            AnsiConsole.MarkupLineInterpolated(
                $"[yellow]{verification.Totals.Count} orders[/] whose own total is another than what was read: a field of their source may mean something else. Report one of them.");
        }

        if (verification.Differences.Count == 0)
        {
            AnsiConsole.MarkupLine("[green]No difference: what is stored is what follows from the interactions.[/]");
            return 0;
        }

        foreach (var difference in verification.Differences.Take(MostShown))
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{difference.Check}[/] {difference.Where}: {difference.What}");
        }

        AnsiConsole.MarkupLineInterpolated($"[red]{verification.Differences.Count} differences.[/] Work everything out anew with [blue]rebuild[/].");
        return 1;
    }
}
