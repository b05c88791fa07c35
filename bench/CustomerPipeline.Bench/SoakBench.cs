using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Demo;
using Spectre.Console;

namespace CustomerPipeline.Bench;

/// <summary>
/// A host under a mixed load for a long time: messages late, twice and broken, merges and their taking back, erasures, and kills without warning. At the end nothing acknowledged may be missing,
/// every message must have one outcome, and what is stored must follow from the interactions; memory and handles must not grow.
/// </summary>
internal static class SoakBench
{
    private const int Senders = 8;
    private const int Fifths = 5;

    private static readonly TimeSpan DecideEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan EraseEvery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(60);

    /// <param name="minutes">How long.</param>
    /// <param name="rate">Messages a second.</param>
    /// <param name="killEvery">Minutes between kills; longer than the soak to see what one process comes to.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>0 when everything held.</returns>
    public static async Task<int> RunAsync(double minutes, int rate, double killEvery, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("customerpipeline-soak-");
        try
        {
            await using var host = new SoakedHost(folder.FullName);
            await host.StartAsync(cancellationToken);
            var soak = new Soak(host, TimeSpan.FromMinutes(minutes), rate, TimeSpan.FromMinutes(killEvery));
            await AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(progress => soak.RunAsync(progress.AddTask("Soaking", maxValue: minutes * 60), cancellationToken));
            return await soak.ReportAsync(cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private sealed class Soak(SoakedHost host, TimeSpan length, int rate, TimeSpan killEvery)
    {
        private readonly ConcurrentQueue<(TimeSpan At, TimeSpan Alive, long Bytes, int Handles)> _looks = new();
        private readonly ConcurrentQueue<string> _failures = new();
        private readonly Stopwatch _clock = new();
        private long _accepted;
        private int _kills;
        private int _merges;
        private int _takenBack;
        private int _erasures;

        public async Task RunAsync(ProgressTask progress, CancellationToken cancellationToken)
        {
            var messages = ShopGenerator.Generate(seed: 7, (int)(rate * length.TotalSeconds));
            _clock.Start();
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var others = new[]
            {
                EveryAsync(killEvery, KillAsync, over.Token), EveryAsync(DecideEvery, DecideAsync, over.Token), EveryAsync(EraseEvery, EraseAsync, over.Token),
                EveryAsync(LookEvery, () =>
                {
                    progress.Value = _clock.Elapsed.TotalSeconds;
                    return LookAsync();
                }, over.Token),
            };
            var next = -1;
            await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(async () =>
            {
                for (var i = Interlocked.Increment(ref next); i < messages.Count && _clock.Elapsed < length; i = Interlocked.Increment(ref next))
                {
                    var due = TimeSpan.FromSeconds(i / (double)rate) - _clock.Elapsed;
                    if (due > TimeSpan.Zero)
                    {
                        await Task.Delay(due, cancellationToken);
                    }

                    await SendAsync(messages[i], cancellationToken);
                }
            }, cancellationToken)));
            await over.CancelAsync();
            await Task.WhenAll(others);
            progress.Value = progress.MaxValue;
        }

        public async Task<int> ReportAsync(CancellationToken cancellationToken)
        {
            var messages = await SettleAsync(cancellationToken);
            await host.KillAsync();
            var (verified, verification) = await OwnProcess.RunAsync(["verify", "--data", host.Folder], cancellationToken);
            var outcomes = messages.Where(m => m.Key != "received").Sum(m => m.Value);
            Check(messages["received"] == outcomes, $"{messages["received"]} messages were received, and {outcomes} have an outcome.");
            Check(messages["received"] >= _accepted, $"{_accepted} messages were acknowledged, and {messages["received"]} received.");
            Check(verified == 0, verification);

            // A process that has run for a while against one that has run longer: of the same process, or of one that was started later.
            var settled = _looks.Where(l => l.Alive > Settling).ToList();
            var fifths = settled.GroupBy(l => Math.Min(Fifths - 1, (int)(Fifths * (l.At / length)))).OrderBy(g => g.Key).ToList();
            string Medians(Func<(TimeSpan At, TimeSpan Alive, long Bytes, int Handles), double> of) => string.Join(", ", fifths.Select(f => $"{Measured.Median(f.Select(of)):N0}"));
            var table = new Table().Title($"{length.TotalMinutes:N0} minutes at {rate:N0} messages a second").AddColumns("", "");
            table.AddRow("Messages acknowledged", $"{_accepted:N0}");
            table.AddRow("Received = outcomes", $"{messages["received"]:N0} = {string.Join(" + ", messages.Where(m => m.Key != "received" && m.Value > 0).Select(m => $"{m.Value:N0} {m.Key}"))}");
            table.AddRow("Killed and started again", $"{_kills:N0} times");
            table.AddRow("Merges, taken back, erasures", $"{_merges:N0}, {_takenBack:N0}, {_erasures:N0}");
            table.AddRow("MB of memory, medians of the fifths", Medians(l => l.Bytes / 1024.0 / 1024));
            table.AddRow("Handles, medians of the fifths", Medians(l => l.Handles));
            table.AddRow("Verification", Markup.Escape(verification.Trim().Split('\n')[^1]));
            AnsiConsole.Write(table);
            foreach (var failure in _failures)
            {
                AnsiConsole.MarkupLineInterpolated($"[red]{failure}[/]");
            }

            return _failures.IsEmpty ? 0 : 1;
        }

        // Until everything is in the figures and the last erasure is done.
        private async Task<Dictionary<string, long>> SettleAsync(CancellationToken cancellationToken)
        {
            await using var session = await HostSession.OpenAsync(LocalOptions.Of(host.Folder), works: false, cancellationToken);
            var messages = (await session.DrainAsync(cancellationToken)).GetProperty("messages").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt64());
            while ((await session.GetAsync("/api/privacy/requests", cancellationToken)).GetProperty("value").EnumerateArray().Any(r => r.GetProperty("state").GetString() != "done"))
            {
                await Task.Delay(LookEvery, cancellationToken);
            }

            return messages;
        }

        private void Check(bool holds, string otherwise)
        {
            if (!holds)
            {
                _failures.Enqueue(otherwise);
            }
        }

        // A message is sent until it is acknowledged, as vendors do: what was acknowledged by a host that then died must be there, what was not may be there twice.
        private async Task SendAsync(DemoMessage message, CancellationToken cancellationToken)
        {
            while (true)
            {
                try
                {
                    using var request = message.ToRequest();
                    using var answer = await host.Http.SendAsync(request, cancellationToken);
                    if (answer.IsSuccessStatusCode)
                    {
                        Interlocked.Add(ref _accepted, (await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("accepted").GetInt64());
                        return;
                    }

                    if (answer.StatusCode == HttpStatusCode.BadRequest)
                    {
                        // No JSON at all: the door says so.
                        return;
                    }
                }
                catch (Exception e) when (e is HttpRequestException or IOException && !cancellationToken.IsCancellationRequested)
                {
                    // The host is gone for a moment.
                }

                await Task.Delay(100, cancellationToken);
            }
        }

        private Task KillAsync()
        {
            _kills++;
            return host.RestartAsync();
        }

        private Task DecideAsync() => WithHostAsync(async () =>
        {
            var customers = await SomeCustomersAsync();
            if (customers.Count > 1 && await PostAsync($"/api/customers/{customers[0]}/merge", new { with = customers[^1] }) is { } decided)
            {
                _merges++;
                if (_merges % 2 == 0)
                {
                    using var answer = await host.Http.DeleteAsync($"/api/identity/decisions/{decided.GetProperty("decision").GetString()}");
                    _takenBack += answer.IsSuccessStatusCode ? 1 : 0;
                }
            }
        });

        private Task EraseAsync() => WithHostAsync(async () =>
        {
            var customers = await SomeCustomersAsync();
            _erasures += customers.Count > 0 && await PostAsync($"/api/customers/{customers[customers.Count / 2]}/erase", null) is not null ? 1 : 0;
        });

        private Task LookAsync()
        {
            if (host.Look() is { } look)
            {
                _looks.Enqueue((_clock.Elapsed, look.Alive, look.Bytes, look.Handles));
            }

            return Task.CompletedTask;
        }

        private async Task<IReadOnlyList<string>> SomeCustomersAsync()
        {
            var page = await host.Http.GetFromJsonAsync<JsonElement>("/api/metrics/orders/explain?top=50");
            return [.. page.GetProperty("value").EnumerateArray().Select(i => i.GetProperty("customer").GetString()!).Where(c => c.Length > 0).Distinct()];
        }

        private async Task<JsonElement?> PostAsync(string path, object? body)
        {
            using var answer = await host.Http.PostAsync(path, body is null ? null : JsonContent.Create(body));
            return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonElement>() : null;
        }

        private static async Task WithHostAsync(Func<Task> work)
        {
            try
            {
                await work();
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException or TaskCanceledException)
            {
                // Killed in the middle: nobody waits for the answer.
            }
        }

        private static async Task EveryAsync(TimeSpan pause, Func<Task> work, CancellationToken over)
        {
            using var timer = new PeriodicTimer(pause);
            try
            {
                while (await timer.WaitForNextTickAsync(over))
                {
                    await work();
                }
            }
            catch (OperationCanceledException)
            {
                // It is over.
            }
        }
    }
}
