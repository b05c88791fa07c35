using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.AzureServices.Cosmos;
using CustomerPipeline.AzureServices.Tests.Entra;
using CustomerPipeline.Contracts;
using CustomerPipeline.CosmosServer;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.FunctionsHost;

namespace CustomerPipeline.AzureServices.Tests.App;

/// <summary>
/// kill -9 of the worker that ships while it answers a request or runs a timer. What it had answered for is kept; a caller without an answer asks again, and a timer comes again. Batches of messages and change feeds:
/// <see cref="The_pipeline_in_the_worker"/>.
/// </summary>
[Needs("npm")]
public sealed class The_worker_killed_in_the_middle(AzuriteWithTokens azurite) : IClassFixture<AzuriteWithTokens>
{
    private const int People = 6;
    private const string Day = "2026-03-01";

    // A person who was not heard of for longer than people are kept.
    private const int Former = -1;
    private const string FormerDay = "2010-03-01";
    private const string KeptDays = "3650";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly string[] CatchUps = ["ResolveCatchUp", "ValueCatchUp", "PublishCatchUp", "FigureFilesCatchUp"];

    private static readonly (string Consumer, string Container)[] Feeds =
    [
        (ChangeConsumers.Resolve, Application.Documents.Containers.Interactions), (ChangeConsumers.Value, Application.Documents.Containers.Customers),
        (ChangeConsumers.Publish, Application.Documents.Containers.Snapshots), (ChangeConsumers.FigureFiles, Application.Documents.Containers.Snapshots),
    ];

    private readonly AzuriteWithTokens _azurite = (AzuriteWithTokens)azurite.OrSkip();

    [Fact]
    public async Task Of_an_upload_keeps_what_it_answered_for_and_counts_nothing_twice()
    {
        await using var app = await AppProcess.StartAsync(_azurite);
        await using var space = await NamespaceOverTls.StartAsync(app.Platform);
        await using var queues = new QueueTriggers(app.Host, most: 10);
        using var http = HttpOf(app);
        var kills = 0;
        for (var order = 0; order < People; order++)
        {
            Task? restarted = null;
            Task KillOnceAsync()
            {
                kills += restarted is null ? 1 : 0;
                return restarted ??= app.Host.ReplaceWorkerAsync();
            }

            space.BeforeMessage = order % 3 == 1 ? KillOnceAsync : () => Task.CompletedTask;
            space.AfterMessage = order % 3 == 2 ? KillOnceAsync : () => Task.CompletedTask;
            using var body = new StringContent(OrderOf(order, Day), Encoding.UTF8, "application/json");
            await UntilAnsweredAsync(() => http.PostAsync(new Uri("/api/ingest/import", UriKind.Relative), body));
        }

        await space.MoveAsync(Queues.Online, queues);
        await app.WorkThroughAsync(queues);

        Assert.Equal(4, kills);
        Assert.Equal(("6", "30.00"), (await ValueOfAsync(app, "/api/metrics/orders"), await ValueOfAsync(app, "/api/metrics/net-sales")));
    }

    [Fact]
    public async Task Of_requests_and_timers_leaves_what_an_undisturbed_worker_leaves()
    {
        var undisturbed = new Disturbance();
        var expected = await TellAsync(undisturbed);
        var disturbed = new Disturbance(undisturbed);

        Assert.Equal(expected, await TellAsync(disturbed));

        Assert.All(undisturbed.Calls.Keys, step => Assert.True(disturbed.Kills.GetValueOrDefault(step) > 0, $"The worker was never killed in {step}."));
    }

    // All readers at the same place of their work: what they read is done, and their positions have not moved.
    [Fact]
    public async Task Of_the_timers_that_look_at_the_change_feeds_leaves_what_an_undisturbed_worker_leaves() =>
        Assert.Equal(await TellOfFeedsAsync(_ => Task.CompletedTask), await TellOfFeedsAsync(KillAtThePositionsAsync));

    private async Task<string> TellOfFeedsAsync(Func<AppProcess, Task> disturb)
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var app = await StartAsync(issuer);
        await using var queues = new QueueTriggers(app.Host, most: 100);
        await SendAsync(app, queues, [.. Enumerable.Range(0, People).Select(n => MessageOf(n, Day))]);
        await app.Host.FireAsync("Snapshot");
        await CatchUpAsync(app);

        // Each stage has something to do.
        await IngestAsync(queues, MessageOf(People, Day));
        await app.Host.FireAsync("ResolveCatchUp");
        await IngestAsync(queues, MessageOf(People + 1, Day));
        await app.Host.FireAsync("Snapshot");

        await disturb(app);

        await CatchUpAsync(app);
        return await OutcomeAsync(app);
    }

    private static async Task KillAtThePositionsAsync(AppProcess app)
    {
        // A reader writes its position when it begins, and when it has done what it read.
        var (writes, killed) = (new Dictionary<string, int>(StringComparer.Ordinal), new TaskCompletionSource());
        var readers = 0;
        foreach (var (_, container) in Feeds)
        {
            readers += (await app.Account.Containers.Of(container).GetFeedRangesAsync()).Count;
        }

        Task? restarted = null;
        app.Account.Server.Before = operation =>
        {
            if (operation is not { Name: "write", Container: CosmosContainers.Leases, Id: { } id })
            {
                return Task.CompletedTask;
            }

            lock (writes)
            {
                writes[id] = writes.GetValueOrDefault(id) + 1;
                if (writes[id] < 2 || restarted is not null)
                {
                    return Task.CompletedTask;
                }

                if (writes.Values.Count(w => w == 2) == readers)
                {
                    restarted = app.Host.ReplaceWorkerAsync();
                    killed.SetResult();
                }

                return killed.Task;
            }
        };
        await Task.WhenAll(CatchUps.Select(timer => Assert.ThrowsAsync<WorkerDiedException>(() => app.Host.FireAsync(timer))));
        app.Account.Server.Before = Undisturbed;
        await restarted!;
    }

    private async Task<string> TellAsync(Disturbance disturbance)
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var app = await StartAsync(issuer);
        await using var space = await NamespaceOverTls.StartAsync(app.Platform);
        await using var queues = new QueueTriggers(app.Host, most: 100);
        using var http = HttpOf(app);
        Task TimerAsync(string name) => disturbance.RunAsync(app, name, async () =>
        {
            try
            {
                await app.Host.FireAsync(name);
                return true;
            }
            catch (WorkerDiedException)
            {
                return false;
            }
        });
        Task RequestAsync(string name, HttpMethod method, string path, string? body, params HttpStatusCode[] expected) => disturbance.RunAsync(app, name, async () =>
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
            using var answer = await http.SendAsync(request);
            if (answer.StatusCode != HttpStatusCode.BadGateway)
            {
                Assert.Contains(answer.StatusCode, expected);
            }

            return answer.StatusCode != HttpStatusCode.BadGateway;
        });

        await SendAsync(app, queues, [.. Enumerable.Range(0, People).Select(n => MessageOf(n, Day)), MessageOf(Former, FormerDay), new HostMessage("nonsense"u8.ToArray())]);
        await TimerAsync("TellMetricChanges");
        await TimerAsync("Snapshot");
        await CatchUpAsync(app);

        // An order of a day that was published.
        await SendAsync(app, queues, MessageOf(People, Day));
        await TimerAsync("TellMetricChanges");
        await TimerAsync("Snapshot");
        await RequestAsync("SnapshotTake", HttpMethod.Post, "/api/snapshots?asOf=2026-04-01T00:00:00Z", null, HttpStatusCode.OK);
        await RequestAsync("CustomerMerge", HttpMethod.Post, $"/api/customers/{await CustomerAsync(app, 0)}/merge", $$"""{"with":"{{await CustomerAsync(app, 1)}}"}""", HttpStatusCode.Accepted, HttpStatusCode.Conflict);
        await space.MoveAsync(Queues.Online, queues);
        await space.MoveAsync(Queues.Service, queues);
        await CatchUpAsync(app, queues);
        await RequestAsync("QuarantineDiscard", HttpMethod.Delete, $"/api/quarantine/messages/{await QuarantinedAsync(app)}", null, HttpStatusCode.NoContent, HttpStatusCode.NotFound);
        await RequestAsync("CustomerErase", HttpMethod.Post, $"/api/customers/{await CustomerAsync(app, 2)}/erase", null, HttpStatusCode.Accepted, HttpStatusCode.NotFound);
        await TimerAsync("KeepFor");
        await TimerAsync("Erase");
        await CatchUpAsync(app);
        return await OutcomeAsync(app);
    }

    private async Task<AppProcess> StartAsync(TestIssuer issuer)
    {
        var app = await AppProcess.StartAsync(_azurite, issuer, new Dictionary<string, string> { ["CustomerPipeline__Retention__CustomerDays"] = KeptDays });
        app.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", issuer.TokenOf([.. Scope.All]));
        app.Platform.Events.Clear();
        return app;
    }

    // The answer of a host whose worker died is none that the API describes.
    private static HttpClient HttpOf(AppProcess app)
    {
        var http = new HttpClient { BaseAddress = app.Http.BaseAddress, DefaultRequestHeaders = { Authorization = app.Http.DefaultRequestHeaders.Authorization } };
        http.DefaultRequestHeaders.Add("x-functions-key", HttpFront.Key);
        return http;
    }

    private static async Task IngestAsync(QueueTriggers queues, params IEnumerable<HostMessage> messages)
    {
        queues.Send(Queues.Online, messages);
        while (!queues.AreEmpty)
        {
            await Task.Delay(20);
        }
    }

    private static async Task SendAsync(AppProcess app, QueueTriggers queues, params IEnumerable<HostMessage> messages)
    {
        await IngestAsync(queues, messages);
        await CatchUpAsync(app);
    }

    // A reader that was killed keeps its range for a minute.
    private static async Task CatchUpAsync(AppProcess app, QueueTriggers? queues = null)
    {
        var positions = new CosmosPositions(app.Account.Containers, "test", TimeProvider.System);
        var waiting = Stopwatch.StartNew();
        while (queues is { AreEmpty: false } || await IsBehindAsync(positions))
        {
            Assert.True(waiting.Elapsed < Patience, $"The pipeline does not get done: {app.Output}");
            foreach (var timer in CatchUps)
            {
                await app.Host.FireAsync(timer);
            }
        }
    }

    private static async Task<bool> IsBehindAsync(CosmosPositions positions)
    {
        foreach (var (consumer, container) in Feeds)
        {
            if (await positions.BacklogAsync(consumer, container, default) > 0)
            {
                return true;
            }
        }

        return false;
    }

    private static async Task<string> OutcomeAsync(AppProcess app)
    {
        var outcome = new List<string> { await FiguresOfAShop.ReadAsync(app.Http), $"version {(await app.GetAsync($"/api/published/{Day}")).GetProperty("version")} of {Day}" };
        outcome.AddRange((await app.GetAsync("/api/restatements")).GetProperty("value").EnumerateArray().Select(r => $"restatement {r.GetProperty("version")}"));

        // A timer that comes again takes a snapshot as of another instant.
        outcome.AddRange((await app.GetAsync("/api/snapshots")).GetProperty("value").EnumerateArray().Select(s => $"snapshot {s.GetProperty("asOf")}"[..19]).Distinct());
        outcome.AddRange((await app.GetAsync("/api/privacy/requests")).GetProperty("value").EnumerateArray().Select(r => $"request {r.GetProperty("kind")} {r.GetProperty("state")}").Distinct());
        outcome.AddRange((await app.GetAsync("/api/quarantine")).GetProperty("value").EnumerateArray().Select(q => $"quarantine {q.GetProperty("count")}"));
        for (var person = Former; person < People; person++)
        {
            outcome.Add($"person {person}: {await OrdersOfAsync(app, person)}");
        }

        // A subscriber is told at least once.
        outcome.AddRange(app.Platform.Events.SelectMany(EventsOf).Distinct().Order(StringComparer.Ordinal));
        return string.Join('\n', outcome);
    }

    private static IEnumerable<string> EventsOf(string body)
    {
        using var events = JsonDocument.Parse(body);
        return [.. events.RootElement.EnumerateArray().Select(e => $"{e.GetProperty("type")} {e.GetProperty("subject")}").Where(e => e.Contains(".metric.", StringComparison.Ordinal))];
    }

    private static async Task<string> CustomerAsync(AppProcess app, int person) => (await LookUpAsync(app, person))!.Value.GetProperty("id").GetString()!;

    private static async Task<string> OrdersOfAsync(AppProcess app, int person) => await LookUpAsync(app, person) is { } found ? $"{found.GetProperty("orders")}" : "unknown";

    private static async Task<JsonElement?> LookUpAsync(AppProcess app, int person)
    {
        using var answer = await app.PostAsync("/api/customers/lookup", $$"""{"type":"email","value":"{{EmailOf(person)}}"}""");
        return answer.StatusCode == HttpStatusCode.NotFound ? null : JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
    }

    private static async Task<string> QuarantinedAsync(AppProcess app) =>
        (await app.GetAsync("/api/quarantine/messages")).GetProperty("value").EnumerateArray().Select(m => m.GetProperty("id").GetString()!).FirstOrDefault() ?? "none";

    private static async Task<string> ValueOfAsync(AppProcess app, string path) =>
        Assert.Single((await app.GetAsync(path)).GetProperty("value").EnumerateArray()).GetProperty("value").ToString();

    private static string EmailOf(int person) => $"p{person}@example.com";

    private static string OrderOf(int order, string day) => string.Create(CultureInfo.InvariantCulture, $$"""
        {"kind":"order","system":"erp","id":"o-{{order}}","channel":"online","placed_at":"{{day}}T10:00:00Z","currency":"EUR","email":"{{EmailOf(order % People)}}","lines":[{"product":"p","quantity":"1","price":"5.00"}]}
        """);

    private static HostMessage MessageOf(int order, string day) => new(new MessageEnvelope("/import/erp", $"m-{order}", "import", null, true, Encoding.UTF8.GetBytes(OrderOf(order, day))).Wrap().ToArray());

    private static async Task UntilAnsweredAsync(Func<Task<HttpResponseMessage>> ask)
    {
        while (true)
        {
            using var answer = await ask();
            if (answer.StatusCode != HttpStatusCode.BadGateway)
            {
                Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
                return;
            }
        }
    }

    private static Task Undisturbed(CosmosOperation operation) => Task.CompletedTask;

    /// <summary>Kills the worker at the first, the middle and the last call of the store that a step makes, as counted in a run without.</summary>
    private sealed class Disturbance(Disturbance? undisturbed = null)
    {
        /// <summary>Of the store, by step.</summary>
        public Dictionary<string, int> Calls { get; } = [];

        /// <summary>By step.</summary>
        public Dictionary<string, int> Kills { get; } = [];

        /// <param name="app">Whose worker runs it.</param>
        /// <param name="step">A name.</param>
        /// <param name="work">Runs it; false where the worker died.</param>
        public async Task RunAsync(AppProcess app, string step, Func<Task<bool>> work)
        {
            if (undisturbed is not null)
            {
                var calls = undisturbed.Calls[step];
                foreach (var at in new[] { 1, (calls + 1) / 2, calls }.Distinct())
                {
                    await RunAsync(app, step, work, at);
                }
            }

            Calls[step] = await RunAsync(app, step, work, killAt: 0);
        }

        private async Task<int> RunAsync(AppProcess app, string step, Func<Task<bool>> work, int killAt)
        {
            var calls = 0;
            Task? restarted = null;
            app.Account.Server.Before = operation =>
            {
                if (operation.IsOnItems && Interlocked.Increment(ref calls) == killAt)
                {
                    // The call takes effect, and its answer reaches no one.
                    restarted = app.Host.ReplaceWorkerAsync();
                }

                return Task.CompletedTask;
            };
            var isDone = await work();
            app.Account.Server.Before = Undisturbed;
            Assert.Equal(restarted is null, isDone);
            if (restarted is not null)
            {
                Kills[step] = Kills.GetValueOrDefault(step) + 1;
                await restarted;
            }

            return calls;
        }
    }
}
