using System.CommandLine;
using CustomerPipeline.LocalHost.Hosting;
using Spectre.Console;

namespace CustomerPipeline.LocalHost.Commands;

/// <summary><c>run</c>: the host.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var data = CommonOptions.Data();
        var port = CommonOptions.Port();
        var tests = CommonOptions.IncludeTestOrders();
        var currency = CommonOptions.DefaultCurrency();
        var region = CommonOptions.DefaultRegion();
        var command = new Command("run", "Run the pipeline: take messages over HTTP, work on them, answer questions. Stop with Ctrl+C.") { data, port, tests, currency, region };
        command.SetAction(async (result, cancellationToken) =>
        {
            var rules = CommonOptions.Rules(result.GetValue(tests), result.GetValue(currency), result.GetValue(region));
            var folder = result.GetValue(data)!;
            await using var app = LocalPipeline.Build(new LocalOptions(folder, result.GetValue(port), rules));
            await app.StartAsync(cancellationToken);
            await HostAddress.WriteAsync(app, folder, cancellationToken);
            AnsiConsole.MarkupLineInterpolated($"Listening on [blue]{HostAddress.Of(app)}[/], data in [blue]{Path.GetFullPath(folder)}[/]. Stop with Ctrl+C.");
            await HostAddress.ServeUntilStoppedAsync(app, folder, cancellationToken);
            return 0;
        });
        return command;
    }
}
