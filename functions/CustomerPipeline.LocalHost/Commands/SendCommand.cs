using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Flow.Ingest;
using CustomerPipeline.Flow.Receive;
using CustomerPipeline.Flow.Serve;
using CustomerPipeline.LocalHost.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace CustomerPipeline.LocalHost.Commands;

/// <summary><c>send</c>: files of vendor payloads into the pipeline; into a running host if there is one, else into its data folder.</summary>
internal static class SendCommand
{
    private sealed record Request(string Source, IReadOnlyList<FileInfo> Files, IReadOnlyDictionary<string, string> Headers, LocalOptions Options);

    public static Command Create()
    {
        var source = new Option<string>("--source", "-s") { Description = $"The system the files come from: {string.Join(", ", Normalizer.Sources.Select(s => s.Name))}.", Required = true };
        source.AcceptOnlyFromAmong([.. Normalizer.Sources.Select(s => s.Name)]);
        var files = new Argument<FileInfo[]>("FILE") { Description = "JSON (an object or an array) or NDJSON (.ndjson, .jsonl).", Arity = ArgumentArity.OneOrMore }.AcceptExistingOnly();
        var header = new Option<string[]>("--header", "-H") { Description = "A header the vendor would send, such as \"X-Shopify-Topic: orders/create\".", HelpName = "NAME: VALUE" };
        var data = CommonOptions.Data();
        var tests = CommonOptions.IncludeTestOrders();
        var currency = CommonOptions.DefaultCurrency();
        var region = CommonOptions.DefaultRegion();
        var command = new Command("send", "Send files through the queues, and say what became of them.") { source, files, header, data, tests, currency, region };
        command.SetAction(async (result, cancellationToken) =>
        {
            var rules = CommonOptions.Rules(result.GetValue(tests), result.GetValue(currency), result.GetValue(region));
            var request = new Request(result.GetValue(source)!, result.GetValue(files)!, Headers(result.GetValue(header) ?? []), new LocalOptions(result.GetValue(data)!, 0, rules));
            using var http = new HttpClient();
            return await HostAddress.FindAsync(request.Options.DataFolder, http, cancellationToken) is { } host
                ? await SendToHostAsync(request, host, http, cancellationToken)
                : await SendToFolderAsync(request, cancellationToken);
        });
        return command;
    }

    private static async Task<int> SendToHostAsync(Request request, Uri host, HttpClient http, CancellationToken cancellationToken)
    {
        var failed = false;
        foreach (var file in request.Files)
        {
            using var content = new ByteArrayContent(await File.ReadAllBytesAsync(file.FullName, cancellationToken));
            content.Headers.ContentType = new MediaTypeHeaderValue(MediaTypeOf(file));
            using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(host, $"/api/ingest/{request.Source}")) { Content = content };
            foreach (var (name, value) in request.Headers)
            {
                message.Headers.TryAddWithoutValidation(name, value);
            }

            using var answer = await http.SendAsync(message, cancellationToken);
            using var body = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            failed |= !answer.IsSuccessStatusCode;
            Report(file, answer.IsSuccessStatusCode
                ? $"{body.RootElement.GetProperty("accepted")} accepted, {body.RootElement.GetProperty("rejected")} rejected"
                : body.RootElement.GetProperty("detail").GetString()!);
        }

        AnsiConsole.MarkupLineInterpolated($"Sent to the running host; what became of the messages: [blue]{new Uri(host, "/api/status")}[/]");
        return failed ? 1 : 0;
    }

    private static async Task<int> SendToFolderAsync(Request request, CancellationToken cancellationToken)
    {
        await using var app = LocalPipeline.Build(request.Options);
        var receive = app.Services.GetRequiredService<ReceiveMessagesHandler>();
        var before = await app.Services.GetRequiredService<Ledger>().TotalAsync(cancellationToken);
        var failed = false;
        foreach (var file in request.Files)
        {
            var body = await File.ReadAllBytesAsync(file.FullName, cancellationToken);
            var posted = new PostedMessages(request.Source, MediaTypeOf(file), name => request.Headers.GetValueOrDefault(name), body);
            var reception = await receive.HandleAsync(posted, cancellationToken);
            failed |= reception is not Reception.Accepted;
            Report(file, reception switch
            {
                Reception.Accepted accepted => $"{accepted.Count} accepted, {accepted.Rejected.Count} rejected",
                Reception.Invalid invalid => invalid.Detail,
                Reception.TooLarge tooLarge => tooLarge.Detail,
                Reception.Busy => "the queue is full: run the host until it is worked off, then send again",
                _ => "not a kind of file this source sends",
            });
        }

        await app.StartAsync(cancellationToken);
        var status = await app.Services.GetRequiredService<StatusReader>().WaitUntilDrainedAsync(null, cancellationToken);
        await app.StopAsync(cancellationToken);
        var after = status.Messages;
        AnsiConsole.MarkupLineInterpolated(
            $"{after.Received - before.Received} received = {after.Stored - before.Stored} stored + {after.Duplicate - before.Duplicate} duplicate + {after.Ignored - before.Ignored} ignored + {after.Quarantined - before.Quarantined} quarantined");
        if (after.Quarantined > before.Quarantined)
        {
            AnsiConsole.MarkupLineInterpolated($"See why with [blue]quarantine list --data {request.Options.DataFolder}[/].");
        }

        return failed ? 1 : 0;
    }

    private static void Report(FileInfo file, string what) => AnsiConsole.MarkupLineInterpolated($"{file.Name}: {what}");

    private static string MediaTypeOf(FileInfo file) => file.Extension.ToLowerInvariant() is ".ndjson" or ".jsonl" ? "application/x-ndjson" : "application/json";

    private static Dictionary<string, string> Headers(string[] lines) => lines.Select(line => line.Split(':', 2)).ToDictionary(
        parts => parts[0].Trim(),
        parts => parts.Length == 2 ? parts[1].Trim() : throw new CommandException($"'{parts[0]}' is no header. Write it as \"Name: value\"."),
        StringComparer.OrdinalIgnoreCase);
}
