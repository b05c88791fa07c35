using System.CommandLine;
using System.Text.Json;
using CustomerPipeline.Cli.Hosting;
using Spectre.Console;

namespace CustomerPipeline.Cli.Commands;

/// <summary><c>quarantine list|show|retry|discard</c>: messages that could not be used, of the running host or of the folder.</summary>
internal static class QuarantineCommand
{
    private const string Messages = "/api/quarantine/messages";

    public static Command Create() => new("quarantine", "Messages that could not be used: look at them, and try again after the rule or the message was mended.")
    {
        List(),
        Show(),
        Retry(),
        Discard(),
    };

    private static Command List()
    {
        var pipeline = new PipelineOptions();
        var reason = new Option<string?>("--reason") { Description = "The single messages with this reason code." };
        var command = new Command("list", "Quarantined messages by reason, or the messages with one reason.") { reason };
        pipeline.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var session = await HostSession.OpenAsync(pipeline.Read(result), works: false, cancellationToken);
            if (result.GetValue(reason) is { } code)
            {
                await foreach (var message in PagesAsync(session, code, cancellationToken))
                {
                    Console.WriteLine($"{Text(message, "id")}  {Text(message, "source")}  {Text(message, "stage")}  first {Text(message, "firstSeen")}  last {Text(message, "lastSeen")}  tried {message.GetProperty("tries")}");
                }

                return 0;
            }

            var total = 0L;
            foreach (var group in (await session.GetAsync("/api/quarantine", cancellationToken)).GetProperty("value").EnumerateArray())
            {
                var count = group.GetProperty("count").GetInt64();
                total += count;
                Console.WriteLine($"{Text(group, "reason")}: {count:N0} of {Text(group, "source") ?? "unknown source"} at {Text(group, "stage")}, first {Text(group, "firstSeen")}, last {Text(group, "lastSeen")}, latest {Text(group, "latest")}");
                Console.WriteLine($"    {Text(group, "advice")}");
            }

            Console.WriteLine($"{total:N0} messages in quarantine.");
            return 0;
        });
        return command;
    }

    private static Command Show()
    {
        var pipeline = new PipelineOptions();
        var id = new Argument<string>("ID") { Description = "The message's id, as list shows it." };
        var isRaw = new Option<bool>("--payload") { Description = "Only the vendor's payload, to edit and to retry with." };
        var command = new Command("show", "One message as it came. It may hold personal data.") { id, isRaw };
        pipeline.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var session = await HostSession.OpenAsync(pipeline.Read(result), works: false, cancellationToken);
            var message = await session.GetAsync($"{Messages}/{Uri.EscapeDataString(result.GetValue(id)!)}", cancellationToken);
            if (result.GetValue(isRaw))
            {
                Console.Write(Text(message, "payload") ?? throw new CommandException("The message has no envelope: it is shown whole without --payload."));
                return 0;
            }

            AnsiConsole.MarkupLineInterpolated($"[blue]{Text(message, "reason")}[/] {Text(message, "advice")}");
            AnsiConsole.MarkupLineInterpolated(
                $"[grey]{Text(message, "queue")}, stage {Text(message, "stage")}, first {Text(message, "firstSeen")}, last {Text(message, "lastSeen")}, tried {message.GetProperty("tries")}[/]");
            if (message.TryGetProperty("headers", out var headers))
            {
                AnsiConsole.MarkupLineInterpolated($"[grey]{Text(message, "type")} {string.Join(", ", headers.EnumerateObject().Select(h => $"{h.Name}: {h.Value}"))}[/]");
            }

            Console.WriteLine(System.Text.Encoding.UTF8.GetString(message.GetProperty("message").GetBytesFromBase64()));
            return 0;
        });
        return command;
    }

    private static Command Retry()
    {
        var pipeline = new PipelineOptions();
        var id = new Argument<string?>("ID") { Description = "One message; without it all, or all with the reason.", Arity = ArgumentArity.ZeroOrOne };
        var reason = new Option<string?>("--reason") { Description = "Only messages with this reason code." };
        var edited = new Option<FileInfo?>("--with") { Description = "An edited copy of the message or of its payload, to use in place of the one message; the original is kept.", HelpName = "FILE" };
        var command = new Command("retry", "Ingest quarantined messages again, after the rule or the message was mended. The result is what it would have been at first.") { id, reason, edited };
        pipeline.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var one = result.GetValue(id);
            if (result.GetValue(edited) is not null && one is null)
            {
                throw new CommandException("--with is a copy of one message: name its ID.");
            }

            await using var session = await HostSession.OpenAsync(pipeline.Read(result), works: true, cancellationToken);
            if (!session.IsOwn && pipeline.HasRules(result))
            {
                AnsiConsole.MarkupLine("[yellow]A host runs on this folder: its rules apply, not those of this command.[/]");
            }

            var (tried, released) = one is null
                ? await RetryAllAsync(session, result.GetValue(reason), cancellationToken)
                : await RetryOneAsync(session, one, result.GetValue(edited), cancellationToken);
            if (session.IsOwn)
            {
                await session.DrainAsync(cancellationToken);
            }

            Console.WriteLine($"{tried} tried again, {released} left the quarantine.");
            return released == tried ? 0 : 1;
        });
        return command;
    }

    private static Command Discard()
    {
        var pipeline = new PipelineOptions();
        var ids = new Argument<string[]>("ID") { Description = "Messages to give up.", Arity = ArgumentArity.ZeroOrMore };
        var reason = new Option<string?>("--reason") { Description = "All messages with this reason code." };
        var command = new Command("discard", "Give messages up. They count as discarded, and stay only in the raw archive.") { ids, reason };
        pipeline.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var given = result.GetValue(ids) ?? [];
            var code = result.GetValue(reason);
            if (given.Length == 0 == (code is null))
            {
                throw new CommandException("Name either messages or a --reason.");
            }

            await using var session = await HostSession.OpenAsync(pipeline.Read(result), works: false, cancellationToken);
            var wanted = code is null ? given : await PagesAsync(session, code, cancellationToken).Select(m => Text(m, "id")!).ToArrayAsync(cancellationToken);
            foreach (var message in wanted)
            {
                await session.SendAsync(HttpMethod.Delete, $"{Messages}/{Uri.EscapeDataString(message)}", null, cancellationToken);
            }

            Console.WriteLine($"{wanted.Length} discarded.");
            return 0;
        });
        return command;
    }

    private static async Task<(long Tried, long Released)> RetryOneAsync(HostSession session, string id, FileInfo? edited, CancellationToken cancellationToken)
    {
        var copy = edited is null ? null : await File.ReadAllBytesAsync(edited.FullName, cancellationToken);
        var answer = await session.SendAsync(
            HttpMethod.Post, $"{Messages}/{Uri.EscapeDataString(id)}/retry", copy is null ? null : () => new ByteArrayContent(copy), cancellationToken);
        return (answer.GetProperty("tried").GetInt64(), answer.GetProperty("released").GetInt64());
    }

    private static async Task<(long Tried, long Released)> RetryAllAsync(HostSession session, string? reason, CancellationToken cancellationToken)
    {
        var (tried, released, after) = (0L, 0L, (string?)"");
        while (after is not null)
        {
            var answer = await session.SendAsync(HttpMethod.Post, $"/api/quarantine/retry{Query(reason, after)}", null, cancellationToken);
            tried += answer.GetProperty("tried").GetInt64();
            released += answer.GetProperty("released").GetInt64();
            after = Text(answer, "after");
        }

        return (tried, released);
    }

    private static async IAsyncEnumerable<JsonElement> PagesAsync(
        HostSession session, string reason, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var next = Messages + Query(reason, ""); next is not null;)
        {
            var page = await session.GetAsync(next, cancellationToken);
            foreach (var message in page.GetProperty("value").EnumerateArray())
            {
                yield return message;
            }

            next = Text(page, "nextLink");
        }
    }

    private static string Query(string? reason, string after) => $"?after={Uri.EscapeDataString(after)}{(reason is null ? "" : $"&reason={Uri.EscapeDataString(reason)}")}";

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;
}
