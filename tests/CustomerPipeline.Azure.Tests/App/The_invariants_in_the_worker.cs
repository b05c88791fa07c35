using CsCheck;
using CustomerPipeline.Contracts;
using CustomerPipeline.FunctionsHost;

namespace CustomerPipeline.Azure.Tests.App;

/// <summary>Invariants 1 to 4 of the flow (<see cref="FlowContract"/>) in the worker that ships, on few stories because each starts a process.</summary>
[Needs("npm")]
public sealed class The_invariants_in_the_worker(AzuriteWithTokens azurite) : IClassFixture<AzuriteWithTokens>
{
    private static readonly Gen<(StoryMessage[] Story, int Seed)> AnyStory = Gen.Select(StoryMessage.Any.Array[20, 80], Gen.Int[0, 1_000_000]);

    private readonly AzuriteWithTokens _azurite = (AzuriteWithTokens)azurite.OrSkip();

    [Fact]
    public Task Hold_in_any_order_with_repetitions_in_batches_of_any_size() =>
        AnyStory.SampleAsync((story, seed) => TellAsync(story, seed, kills: 0), iter: Effort.Of(3, 1), threads: 1);

    [Fact]
    public Task Hold_when_the_worker_dies_at_any_call() =>
        AnyStory.SampleAsync((story, seed) => TellAsync(story, seed, kills: 3), iter: Effort.Of(2, 1), threads: 1);

    [Fact]
    public Task Hold_when_quarantined_messages_are_edited() => AnyStory.SampleAsync(
        async (story, _) =>
        {
            await using var issuer = await Entra.TestIssuer.StartAsync();
            await using var app = await AppProcess.StartAsync(_azurite, issuer);
            app.Http.DefaultRequestHeaders.Authorization = new("Bearer", issuer.TokenOf([.. Flow.Access.Scope.All]));
            await using var queues = new QueueTriggers(app.Host, most: 10);
            await using var feeds = await FeedTriggers.StartAsync(app.Host, app.Database);
            foreach (var message in story)
            {
                queues.Send(message.Queue, MessageOf(message, namesDollars: false));
            }

            await app.WorkThroughAsync(queues);
            await using var pipeline = app.Look();
            var goodByBad = story.DistinctBy(m => Text(m.ToMessage(namesDollars: false))).ToDictionary(m => Text(m.ToMessage(namesDollars: false)), m => m.ToMessage(namesDollars: true));
            foreach (var message in await pipeline.Review().ListAsync("missing-currency", after: "", default).ToListAsync())
            {
                using var edited = new ByteArrayContent(goodByBad[Text(message.Message)].ToArray()) { Headers = { ContentType = new("application/json") } };
                using var answer = await app.Http.PostAsync($"/api/quarantine/messages/{message.DeliveryId}/retry", edited);
                Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
            }

            await app.WorkThroughAsync(queues);
            await AssertAsync(pipeline, story, story.Length);
        },
        iter: Effort.Of(2, 1), threads: 1);

    private async Task TellAsync(StoryMessage[] story, int seed, int kills)
    {
        var random = new Random(seed);
        var told = story.Concat(story.Where(_ => random.Next(4) == 0)).ToArray();
        random.Shuffle(told);
        await using var app = await AppProcess.StartAsync(_azurite);
        await using var queues = new QueueTriggers(app.Host, most: 1 + random.Next(12));
        await using var feeds = await FeedTriggers.StartAsync(app.Host, app.Database);
        feeds.LosesWhatAWorkerDiesOn = true;
        foreach (var message in told)
        {
            queues.Send(message.Queue, MessageOf(message, namesDollars: true));
        }

        for (var kill = 0; kill < kills; kill++)
        {
            await KillAsync(app, random.Next(1, 200));
        }

        await app.WorkThroughAsync(queues);
        await using var pipeline = app.Look();
        await AssertAsync(pipeline, story, told.Length);
    }

    // The call takes effect, and its answer reaches no process.
    private static async Task KillAsync(AppProcess app, int call)
    {
        var (calls, reached) = (0, new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously));
        app.Account.Server.Before = operation =>
        {
            if (operation.IsOnItems && Interlocked.Increment(ref calls) == call)
            {
                reached.SetResult(app.Host.ReplaceWorkerAsync());
            }

            return Task.CompletedTask;
        };
        await await reached.Task;
        app.Account.Server.Before = _ => Task.CompletedTask;
    }

    private static async Task AssertAsync(TestPipeline pipeline, StoryMessage[] story, int deliveries)
    {
        await StoryFigures.AssertAsync(pipeline, story);
        var messages = await pipeline.Get<Flow.Ingest.Ledger>().TotalAsync(default);
        Assert.Equal(deliveries, messages.Received);
        Assert.Equal(messages.Received, messages.Stored + messages.Duplicate + messages.Ignored + messages.Quarantined);
        Assert.Equal(story.Where(m => m.What != Happening.Broken).Distinct().Count(), messages.Stored);
        Assert.Empty((await pipeline.VerifyAsync()).Differences);
    }

    private static HostMessage MessageOf(StoryMessage message, bool namesDollars) => new(message.ToMessage(namesDollars).ToArray());

    private static string Text(ReadOnlyMemory<byte> message) => System.Text.Encoding.Latin1.GetString(message.Span);
}
