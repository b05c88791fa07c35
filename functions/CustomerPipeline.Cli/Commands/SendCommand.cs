using System.Buffers;
using System.CommandLine;
using System.Net.Http.Headers;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Application.Receive.Import;
using CustomerPipeline.Cli.Brokers;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Domain.Normalize;
using Spectre.Console;

namespace CustomerPipeline.Cli.Commands;

/// <summary><c>send</c>: files of vendor payloads into the pipeline; into a running host if there is one, else into its data folder.</summary>
internal static class SendCommand
{
    private const int EventsPerRequest = 500;
    private const int BytesPerRequest = 8 * 1024 * 1024;
    private const int MessagesAtOnce = 200;
    private const int MostShown = 5;

    private sealed record Request(
        SourceSystem Source, IReadOnlyList<FileInfo> Files, IReadOnlyDictionary<string, string> Headers, ImportMapping? Mapping, string? Instance, RejectsFile? Rejects);

    public static Command Create()
    {
        var source = new Option<string>("--source", "-s") { Description = $"The system the files come from: {string.Join(", ", Normalizer.Sources.Select(s => s.Name))}.", Required = true };
        source.AcceptOnlyFromAmong([.. Normalizer.Sources.Select(s => s.Name)]);
        var files = new Argument<FileInfo[]>("FILE") { Description = "JSON (an object or an array), NDJSON (.ndjson, .jsonl), XML or, with --mapping, CSV.", Arity = ArgumentArity.OneOrMore }.AcceptExistingOnly();
        var header = new Option<string[]>("--header", "-H") { Description = "A header the vendor would send, such as \"X-Shopify-Topic: orders/create\".", HelpName = "NAME: VALUE" };
        var mapping = new Option<FileInfo?>("--mapping", "-m") { Description = "How the columns of CSV files, or the fields of JSON, are to be read (docs/import.md); with --source import.", HelpName = "FILE" };
        var instance = new Option<string?>("--instance") { Description = "Which of several systems of the vendor the files come from: a second shop, a second help desk.", HelpName = "NAME" };
        var rejects = new Option<FileInfo?>("--rejects") { Description = "Write all that is rejected into this file, as NDJSON: file, place, code and what to do.", HelpName = "FILE" };
        var check = new Option<bool>("--check") { Description = "Only say what is understood of the files, and what is refused and why. Nothing is sent or stored." };
        var to = CommonOptions.Queues("--to", "Send into queues elsewhere");
        var skip = CommonOptions.Number("--skip", "With --to: go on behind so many messages, where an earlier run stopped.", 0, int.MaxValue, 0);
        var pipeline = new PipelineOptions();
        var command = new Command("send", "Send files through the queues, and say what became of them.") { source, files, header, mapping, instance, rejects, check, to, skip };
        pipeline.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var from = Normalizer.Find(result.GetValue(source)!)!;
            var columns = Mapping(from, result.GetValue(mapping));
            if (result.GetValue(instance) is { } named && !SourceInstance.IsName(named))
            {
                throw new CommandException("--instance: a name has up to 60 lower-case letters, digits, points, hyphens and underscores.");
            }

            using var rejected = RejectsFile.Create(result.GetValue(rejects));
            var request = new Request(from, result.GetValue(files)!, Headers(result.GetValue(header) ?? []), columns, result.GetValue(instance), rejected);
            if (result.GetValue(check))
            {
                return Check(request, pipeline.Read(result, isNewAllowed: true).Settings.Rules, result.InvocationConfiguration.Output);
            }

            if (result.GetValue(to) is { } queues)
            {
                return await SendAwayAsync(request, CommonOptions.AddressOf(queues), result.GetValue(skip), cancellationToken);
            }

            await using var session = await HostSession.OpenAsync(pipeline.Read(result, isNewAllowed: true), works: true, cancellationToken);
            if (!session.IsOwn && pipeline.HasRules(result))
            {
                AnsiConsole.MarkupLine("[yellow]A host runs on this folder: its rules apply, not those of this command.[/]");
            }

            return await SendAsync(request, session, cancellationToken);
        });
        return command;
    }

    private static int Check(Request request, NormalizationRules rules, TextWriter output)
    {
        var failed = false;
        foreach (var file in request.Files)
        {
            output.WriteLine(file.Name);
            using var stream = file.OpenRead();
            var check = new FileCheck(output, rules);
            var (understood, refused) = check.Read(
                Checked(Split(request, file, stream)),
                part => SourceMessages.Envelope(
                    request.Source, part.Payload, name => request.Headers.GetValueOrDefault(name), isOnly: false, TimeProvider.System.GetUtcNow(), request.Instance, part.Place));
            check.Close(understood, refused);
            request.Rejects?.Add(file.Name, refused);
            failed |= refused.Count > 0 || understood == 0;
        }

        return failed ? 1 : 0;
    }

    private static async Task<int> SendAsync(Request request, HostSession session, CancellationToken cancellationToken)
    {
        var before = (await session.GetAsync("/api/status", cancellationToken)).GetProperty("messages");
        var failed = false;
        foreach (var file in request.Files)
        {
            var (accepted, rejected) = await SendFileAsync(request, file, session, cancellationToken);
            AnsiConsole.MarkupLineInterpolated($"{file.Name}: {accepted} accepted, {rejected.Count} rejected");
            Show(rejected, request);
            request.Rejects?.Add(file.Name, rejected);

            failed |= rejected.Count > 0 || accepted == 0;
        }

        if (!session.IsOwn)
        {
            AnsiConsole.MarkupLineInterpolated($"Sent to the running host; what became of the messages: [blue]{new Uri(session.Http.BaseAddress!, "/api/status")}[/]");
            return failed ? 1 : 0;
        }

        var after = (await session.DrainAsync(cancellationToken)).GetProperty("messages");
        long Since(string outcome) => after.GetProperty(outcome).GetInt64() - before.GetProperty(outcome).GetInt64();
        AnsiConsole.MarkupLineInterpolated(
            $"{Since("received")} received = {Since("stored")} stored + {Since("duplicate")} duplicate + {Since("ignored")} ignored + {Since("quarantined")} quarantined");
        if (Since("quarantined") > 0)
        {
            AnsiConsole.MarkupLine("See why with [blue]quarantine list[/].");
        }

        return failed ? 1 : 0;
    }

    private static async Task<int> SendAwayAsync(Request request, BrokerAddress queues, int skip, CancellationToken cancellationToken)
    {
        var rejected = new List<RejectedPayload>();
        var queue = Queues.Of(request.Source.Channel);
        var sent = 0L;
        await using var sending = new SendingAway(queues);
        try
        {
            await AnsiConsole.Progress().HideCompleted(true).AutoClear(true).StartAsync(async progress =>
            {
                foreach (var file in request.Files)
                {
                    var before = rejected.Count;
                    var bar = progress.AddTask(Markup.Escape(file.Name), maxValue: Math.Max(1, file.Length));
                    await using var stream = file.OpenRead();
                    foreach (var chunk in Envelopes(request, Split(request, file, stream), rejected).Chunk(MessagesAtOnce))
                    {
                        var rest = chunk.Skip((int)Math.Clamp(skip - sent, 0, chunk.Length)).Select(m => (ReadOnlyMemory<byte>)m).ToList();
                        if (rest.Count > 0)
                        {
                            await sending.SendAsync(queue, rest, cancellationToken);
                        }

                        sent += chunk.Length;
                        bar.Value = stream.Position;
                    }

                    request.Rejects?.Add(file.Name, rejected.Skip(before));
                }
            });
        }
        catch (Exception e) when (e is BrokerException or QueueFullException)
        {
            throw new CommandException($"{sent} messages were sent, then: {e.Message} Go on with --skip {sent}; what is sent twice counts once.");
        }

        AnsiConsole.MarkupLineInterpolated($"{sent} messages sent to {queue}, {rejected.Count} rejected");
        Show(rejected, request);
        return rejected.Count > 0 || sent == 0 ? 1 : 0;
    }

    private static void Show(List<RejectedPayload> rejected, Request request)
    {
        foreach (var problem in rejected.Take(MostShown))
        {
            AnsiConsole.MarkupLineInterpolated($"    [yellow]{problem.Code}[/] at {problem.Index}: {problem.Detail}");
        }

        if (rejected.Count > MostShown && request.Rejects is null)
        {
            AnsiConsole.MarkupLineInterpolated($"    and {rejected.Count - MostShown} more: send again with [blue]--rejects FILE[/] to have all of them in a file. What was taken counts once.");
        }
    }

    private static async Task<(long Accepted, List<RejectedPayload> Rejected)> SendFileAsync(Request request, FileInfo file, HostSession session, CancellationToken cancellationToken)
    {
        var accepted = 0L;
        var rejected = new List<RejectedPayload>();
        await AnsiConsole.Progress().HideCompleted(true).AutoClear(true).StartAsync(async progress =>
        {
            var bar = progress.AddTask(Markup.Escape(file.Name), maxValue: Math.Max(1, file.Length));
            await using var stream = file.OpenRead();
            foreach (var batch in Batches(Envelopes(request, Split(request, file, stream), rejected)))
            {
                var answer = await session.SendAsync(
                    HttpMethod.Post, "/api/events", () => new ReadOnlyMemoryContent(batch) { Headers = { ContentType = new MediaTypeHeaderValue("application/cloudevents-batch+json") } }, cancellationToken);
                accepted += answer.GetProperty("accepted").GetInt64();
                if (answer.TryGetProperty("errors", out var errors))
                {
                    rejected.AddRange(errors.EnumerateArray().Select(e => new RejectedPayload(e.GetProperty("index").GetInt32(), e.GetProperty("code").GetString()!, e.GetProperty("detail").GetString()!)));
                }

                bar.Value = stream.Position;
            }
        });
        return (accepted, rejected);
    }

    private static IEnumerable<PayloadPart> Split(Request request, FileInfo file, FileStream stream) =>
        SourceMessages.Split(request.Source, SourceMessages.MediaTypeOf(file.Extension), stream, request.Mapping, SplitLimit.None)
        ?? throw new CommandException($"{request.Source.Name} sends no {(file.Extension.Length == 0 ? "files without an extension" : $"{file.Extension} files")}; it sends {(request.Source.Format == PayloadFormat.Json ? ".json or .ndjson" : ".xml")}.");

    // Envelopes as JSON arrays of a size that a host takes at once.
    private static IEnumerable<ReadOnlyMemory<byte>> Batches(IEnumerable<byte[]> envelopes)
    {
        var batch = new ArrayBufferWriter<byte>();
        var events = 0;
        foreach (var envelope in envelopes)
        {
            batch.Write(events == 0 ? "["u8 : ","u8);
            batch.Write(envelope);
            if (++events == EventsPerRequest || batch.WrittenCount > BytesPerRequest)
            {
                batch.Write("]"u8);
                yield return batch.WrittenMemory;
                batch.Clear();
                events = 0;
            }
        }

        if (events > 0)
        {
            batch.Write("]"u8);
            yield return batch.WrittenMemory;
        }
    }

    // Payloads in envelopes; what is none is put aside.
    private static IEnumerable<byte[]> Envelopes(Request request, IEnumerable<PayloadPart> parts, List<RejectedPayload> rejected)
    {
        using var all = Checked(parts).GetEnumerator();
        var pending = new List<PayloadPart>();
        while (pending.Count < 2 && all.MoveNext())
        {
            pending.Add(all.Current);
        }

        var isOnly = pending.Count == 1;
        IEnumerable<PayloadPart> Rest()
        {
            while (all.MoveNext())
            {
                yield return all.Current;
            }
        }

        foreach (var part in pending.Concat(Rest()))
        {
            if (part.Rejected is { } problem)
            {
                rejected.Add(problem);
                continue;
            }

            yield return SourceMessages.Envelope(request.Source, part.Payload, name => request.Headers.GetValueOrDefault(name), isOnly, null, request.Instance, part.Place).Wrap();
        }
    }

    private static IEnumerable<PayloadPart> Checked(IEnumerable<PayloadPart> parts)
    {
        using var all = parts.GetEnumerator();
        while (true)
        {
            try
            {
                if (!all.MoveNext())
                {
                    yield break;
                }
            }
            catch (ImportMappingException e)
            {
                throw new CommandException(e.Message);
            }

            yield return all.Current;
        }
    }

    private static ImportMapping? Mapping(SourceSystem source, FileInfo? file)
    {
        if (file is not null && source.Name != "import")
        {
            throw new CommandException($"--mapping goes with --source import; {source.Name} has a shape of its own.");
        }

        try
        {
            return file is null ? null : ImportMapping.Parse(File.ReadAllBytes(file.FullName));
        }
        catch (Exception e) when (e is ImportMappingException or IOException)
        {
            throw new CommandException($"{file!.Name}: {e.Message}");
        }
    }

    private static Dictionary<string, string> Headers(string[] lines) => lines.Select(line => line.Split(':', 2)).ToDictionary(
        parts => parts[0].Trim(),
        parts => parts.Length == 2 ? parts[1].Trim() : throw new CommandException($"'{parts[0]}' is no header. Write it as \"Name: value\"."),
        StringComparer.OrdinalIgnoreCase);
}
