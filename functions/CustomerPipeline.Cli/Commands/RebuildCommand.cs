using System.CommandLine;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Domain;
using CustomerPipeline.RocksDb;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace CustomerPipeline.Cli.Commands;

/// <summary><c>rebuild</c>: customers and figures made anew from the records.</summary>
internal static class RebuildCommand
{
    private const int MostShown = 20;

    public static Command Create()
    {
        var pipeline = new PipelineOptions();
        var command = new Command("rebuild", "Make orders, tickets and profiles, customers and figures anew from the stored records: after rules changed or an update that asks for it, or when verify found a difference.");
        pipeline.AddTo(command);
        var plan = new Option<bool>("--plan") { Description = "Tell what would change, and by how much; change nothing." };
        command.Add(plan);
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var app = LocalPipeline.Build(pipeline.Read(result));
            if (result.GetValue(plan))
            {
                Report(await StepBars.ShowAsync<VerifyStep, RebuildPlan>(progress => app.Services.GetRequiredService<PlanRebuild>().RunAsync(progress, cancellationToken)));
                return 0;
            }

            Report(await StepBars.ShowAsync<RebuildStep, Rebuilt>(progress => app.Services.GetRequiredService<RebuildStore>().RunAsync(progress, cancellationToken)));
            return 0;
        });
        return command;
    }

    private static void Report(RebuildPlan plan)
    {
        AnsiConsole.WriteLine($"{plan.Changed:N0} of {plan.Entities:N0} orders, tickets and profiles become something else; {plan.Unreadable:N0} cannot be read and stay as they are.");
        var table = new Table().AddColumn("All time").AddColumn(new TableColumn("Now").RightAligned()).AddColumn(new TableColumn("After a rebuild").RightAligned()).AddColumn(new TableColumn("Change").RightAligned());
        table.AddRow("customers", $"{plan.CustomersNow:N0}", $"{plan.CustomersThen:N0}", $"{plan.CustomersThen - plan.CustomersNow:+#,0;-#,0;0}");
        foreach (var figure in plan.Figures)
        {
            table.AddRow($"{figure.Measure} {figure.Currency}".TrimEnd(), Text(figure, figure.Now), Text(figure, figure.Then), figure.Then == figure.Now ? "0" : Text(figure, figure.Then - figure.Now, "+"));
        }

        AnsiConsole.Write(table);
        AnsiConsole.WriteLine("Nothing was changed. People who were erased are in none of these sums, and stay in the figures.");
    }

    private static string Text(PlannedFigure figure, long value, string sign = "") =>
        (value > 0 ? sign : "") + (figure.Currency.Length == 0 ? $"{value:N0}" : Money.ToMajor(value, figure.Currency));

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
