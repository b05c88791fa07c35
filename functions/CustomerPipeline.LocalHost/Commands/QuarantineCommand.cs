using System.CommandLine;
using System.Text;
using CustomerPipeline.Flow.Ingest;
using CustomerPipeline.Flow.Serve;
using CustomerPipeline.LocalHost.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace CustomerPipeline.LocalHost.Commands;

/// <summary><c>quarantine list|show|retry</c>: messages that could not be used.</summary>
internal static class QuarantineCommand
{
    public static Command Create() => new("quarantine", "Messages that could not be used: look at them, and try again after the rule was mended.")
    {
        List(),
        Show(),
        Retry(),
    };

    private static Command List()
    {
        var data = CommonOptions.Data();
        var command = new Command("list", "Quarantined messages by reason.") { data };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var app = LocalPipeline.Build(new LocalOptions(result.GetValue(data)!, 0, Domain.Normalize.NormalizationRules.Default));
            var messages = await app.Services.GetRequiredService<QuarantineStore>().ListAsync(cancellationToken).ToListAsync(cancellationToken);
            foreach (var reason in messages.GroupBy(m => m.Reason.Code).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal))
            {
                var latest = reason.MaxBy(m => m.QuarantinedAt)!;
                Console.WriteLine($"{reason.Key}: {reason.Count():N0}, latest {latest.DeliveryId} at {latest.QuarantinedAt:u}");
                Console.WriteLine($"    {latest.Reason.Advice}");
            }

            Console.WriteLine($"{messages.Count:N0} messages in quarantine.");
            return 0;
        });
        return command;
    }

    private static Command Show()
    {
        var data = CommonOptions.Data();
        var id = new Argument<string>("ID") { Description = "The message's id, as list shows it." };
        var command = new Command("show", "One message as it came. It may hold personal data.") { id, data };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var app = LocalPipeline.Build(new LocalOptions(result.GetValue(data)!, 0, Domain.Normalize.NormalizationRules.Default));
            var message = await app.Services.GetRequiredService<QuarantineStore>().FindAsync(result.GetValue(id)!, cancellationToken)
                ?? throw new CommandException("There is no such message in quarantine. See quarantine list.");
            AnsiConsole.MarkupLineInterpolated($"[blue]{message.Reason.Code}[/] {message.Reason.Advice}");
            AnsiConsole.MarkupLineInterpolated($"[grey]{message.Queue}, stage {message.Stage}, {message.QuarantinedAt:u}[/]");
            Console.WriteLine(Encoding.UTF8.GetString(message.Message));
            return 0;
        });
        return command;
    }

    private static Command Retry()
    {
        var data = CommonOptions.Data();
        var reason = new Option<string?>("--reason") { Description = "Only messages with this reason code." };
        var tests = CommonOptions.IncludeTestOrders();
        var currency = CommonOptions.DefaultCurrency();
        var region = CommonOptions.DefaultRegion();
        var command = new Command("retry", "Ingest quarantined messages again, after the rule was mended. The result is what it would have been at first.") { data, reason, tests, currency, region };
        command.SetAction(async (result, cancellationToken) =>
        {
            var rules = CommonOptions.Rules(result.GetValue(tests), result.GetValue(currency), result.GetValue(region));
            await using var app = LocalPipeline.Build(new LocalOptions(result.GetValue(data)!, 0, rules));
            var quarantine = app.Services.GetRequiredService<QuarantineStore>();
            var wanted = result.GetValue(reason);
            var tried = 0;
            var released = 0;
            foreach (var message in await quarantine.ListAsync(cancellationToken).Where(m => wanted is null || m.Reason.Code == wanted).ToListAsync(cancellationToken))
            {
                tried++;
                released += await quarantine.RetryAsync(message, cancellationToken) ? 1 : 0;
            }

            await app.StartAsync(cancellationToken);
            await app.Services.GetRequiredService<StatusReader>().WaitUntilDrainedAsync(null, cancellationToken);
            await app.StopAsync(cancellationToken);
            AnsiConsole.WriteLine($"{tried} tried again, {released} left the quarantine.");
            return 0;
        });
        return command;
    }
}
