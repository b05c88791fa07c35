using CsCheck;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Contracts.Faults;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Contracts;

/// <summary>
/// Invariants 1 to 4 of the whole flow, whatever it is stored on: however the messages come and whatever fails, the figures are those of the oracle, and every message has one outcome.
/// A test class for each set of adapters derives from this.
/// </summary>
public abstract class FlowContract
{
    private static readonly Gen<(StoryMessage[] Story, int Seed)> AnyStory = Gen.Select(StoryMessage.Any.Array[1, 60], Gen.Int[0, 1_000_000]);

    /// <summary>New, empty adapters.</summary>
    protected abstract Task<TestAdapters> NewAdaptersAsync();

    /// <summary>How many stories are told, of so many that would be told where it costs little.</summary>
    protected virtual long Stories(int usual) => Effort.Of(all: usual, Few(usual));

    /// <summary>Some stories in each run, others in the next.</summary>
    protected static int Few(int usual) => Math.Max(3, usual / 6);

    [Fact]
    public Task Order_duplication_batching_and_concurrency_do_not_matter() => AnyStory.SampleAsync(
        async (story, seed) =>
        {
            await using var pipeline = await NewAsync();
            var deliveries = await TellAsync(pipeline, story, seed, workers: 3);

            await StoryFigures.AssertAsync(pipeline, story);
            var status = await pipeline.Get<StatusReader>().ReadAsync(default);
            Assert.Equal(deliveries, status.Messages.Received);
            Assert.Equal(status.Messages.Received, status.Messages.Stored + status.Messages.Duplicate + status.Messages.Ignored + status.Messages.Quarantined);
            Assert.Equal(story.Where(m => m.What != Happening.Broken).Distinct().Count(), status.Messages.Stored);
            Assert.Empty((await pipeline.VerifyAsync()).Differences);
        },
        iter: Stories(60), threads: 1);

    [Fact]
    public Task They_do_not_matter_to_the_figures_while_messages_are_still_coming() => AnyStory.SampleAsync(
        async (story, seed) =>
        {
            await using var pipeline = await NewAsync();
            var half = story.Length / 2;
            await TellAsync(pipeline, story[..half], seed, workers: 2);
            await StoryFigures.AssertAsync(pipeline, story[..half]);
            await TellAsync(pipeline, story, seed + 1, workers: 2);
            await StoryFigures.AssertAsync(pipeline, story);
        },
        iter: Stories(20), threads: 1);

    [Fact]
    public Task They_do_not_matter_when_a_mended_rule_lets_quarantined_messages_through() => Gen.Select(StoryMessage.Any.Array[1, 40], Gen.Int[0, 1_000_000]).SampleAsync(
        async (story, seed) =>
        {
            // Orders in dollars leave the currency out: quarantined by the first rules, understood by the mended ones.
            var mendedRules = new NormalizationRules { DefaultCurrency = "USD" };
            await using var never = await NewAsync(mendedRules);
            await TellAsync(never, story, seed, workers: 2, namesDollars: false);
            await using var mended = await NewAsync();
            await TellAsync(mended, story, seed, workers: 2, namesDollars: false);

            var review = mended.Review(mendedRules);
            foreach (var message in await review.ListAsync(null, after: "", default).ToListAsync())
            {
                Assert.Equal(message.Reason.Code == "missing-currency", await review.RetryAsync(message.DeliveryId, default) is RetryResult.Released);
            }

            await AssertSameAsync(never, mended);
        },
        iter: Stories(15), threads: 1);

    [Fact]
    public Task They_do_not_matter_when_quarantined_messages_are_mended_by_hand() => Gen.Select(StoryMessage.Any.Array[1, 40], Gen.Int[0, 1_000_000]).SampleAsync(
        async (story, seed) =>
        {
            await using var never = await NewAsync();
            await TellAsync(never, story, seed, workers: 2);
            await using var mended = await NewAsync();
            await TellAsync(mended, story, seed, workers: 2, namesDollars: false);

            var goodByBad = story.DistinctBy(m => Text(m.ToMessage(namesDollars: false))).ToDictionary(m => Text(m.ToMessage(namesDollars: false)), m => m.ToMessage(namesDollars: true));
            var review = mended.Review();
            var quarantined = await review.ListAsync("missing-currency", after: "", default).ToListAsync();
            new Random(seed).Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(quarantined));
            foreach (var message in quarantined)
            {
                // Now and then the whole message, else only its payload.
                var good = goodByBad[Text(message.Message)];
                var edited = message.SequenceNumber % 3 == 0 || !MessageEnvelope.TryRead(good, out var envelope, out _) ? good : envelope!.Data;
                Assert.IsType<RetryResult.Released>(await review.RetryEditedAsync(message.DeliveryId, edited, default));
                Assert.Equal(message.Message, (await mended.Get<IRawArchive>().ReadAsync(message.DeliveryId, default))!.Value.ToArray());
            }

            await AssertSameAsync(never, mended);
        },
        iter: Stories(15), threads: 1);

    // Step by step: a call that fails before or after it took effect looks to the stages like a crash at that instruction. What failed is delivered again, as a queue and a
    // change feed do.
    [Fact]
    public Task Faults_at_any_call_lose_nothing_and_count_nothing_twice() => Gen.Select(StoryMessage.Any.Array[10, 50], Gen.Int[0, 1_000_000]).SampleAsync(
        async (story, seed) =>
        {
            var adapters = await NewAdaptersAsync();
            await using var pipeline = new TestPipeline(adapters: adapters);
            adapters.Fail(seed, oneIn: 8);
            foreach (var queue in story.GroupBy(m => m.Queue))
            {
                foreach (var batch in pipeline.Enqueue(queue.Key, queue.Select(m => m.ToMessage())).Chunk(6))
                {
                    await UntilItWorksAsync(adapters, () => pipeline.IngestAsync(queue.Key, batch));
                    await UntilItWorksAsync(adapters, () => pipeline.PassAsync(_ => 5, () => false));
                }
            }

            await UntilItWorksAsync(adapters, () => pipeline.DrainAsync(_ => 5, () => false));

            Assert.True(adapters.Faults > 0, "Nothing ever failed: the test is asleep.");
            adapters.StopFailing();
            await StoryFigures.AssertAsync(pipeline, story);
            Assert.Equal(story.Length, (await pipeline.Get<StatusReader>().ReadAsync(default)).Messages.Received);
            Assert.Empty((await pipeline.VerifyAsync()).Differences);
        },
        iter: Stories(25), threads: 1);

    [Fact]
    public Task Clocks_that_jump_make_no_difference() => AnyStory.SampleAsync(
        async (story, seed) =>
        {
            // By years, in both directions, between any two messages.
            var (random, clock) = (new Random(seed), new JumpingClock(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero)));
            await using var pipeline = new TestPipeline(adapters: await NewAdaptersAsync(), clock: clock);
            foreach (var message in story)
            {
                clock.Set = TimeSpan.FromDays(random.Next(-1000, 1000));
                await pipeline.IngestAsync(message.Queue, pipeline.Enqueue(message.Queue, [message.ToMessage()]));
                clock.Set = TimeSpan.FromDays(random.Next(-1000, 1000));
                await pipeline.PassAsync(_ => 5, () => false);
            }

            await pipeline.DrainAsync(usual => usual, () => false);
            clock.Set = TimeSpan.Zero;
            await StoryFigures.AssertAsync(pipeline, story);
            Assert.Empty((await pipeline.VerifyAsync()).Differences);
        },
        iter: Stories(15), threads: 1);

    /// <summary>
    /// The matrix: each call that any stage makes to a store, the archive, the subscribers or the files, at its first and at its last time, goes wrong in each way; or every so many of them, where a
    /// run costs more.
    /// </summary>
    [Theory]
    [MemberData(nameof(FaultKinds))]
    public async Task One_fault_at_any_call_of_any_stage_loses_nothing_and_counts_nothing_twice(FaultKind kind)
    {
        var story = (from what in Enum.GetValues<Happening>() from id in new[] { 1, 2 } select new StoryMessage(what, id, id)).ToArray();
        var undisturbed = new FaultPlan();
        var expected = await FaultyStory.TellAsync(story, undisturbed, await NewAdaptersAsync(), _ => Task.CompletedTask);
        var calls = undisturbed.Calls.Where(c => c.Key.Stage.Length > 0).SelectMany(c => new[] { (Site: c.Key, Occurrence: 1), (Site: c.Key, Occurrence: c.Value) }).Distinct().OrderBy(c => $"{c.Site} {c.Occurrence}", StringComparer.Ordinal).ToList();
        var every = Stories(60) < 60 ? 12 : 1;
        var happened = 0;
        foreach (var (site, occurrence) in calls.Where((_, i) => i % every == (int)kind % every))
        {
            var plan = new FaultPlan();
            plan.Plan(site, occurrence, kind);

            var told = await FaultyStory.TellAsync(story, plan, await NewAdaptersAsync(), pipeline => StoryFigures.AssertAsync(pipeline, story));

            Assert.Equal((site, expected), (site, told));
            happened += plan.HasHappened ? 1 : 0;
        }

        // Stages work on several things at once, so that now and then a call is not made the time it was planned for.
        Assert.InRange(happened, Math.Max(1, calls.Count / every * 8 / 10), calls.Count);
        Assert.Superset(new HashSet<string> { "ingest", "resolve", "value", "snapshot", "publish", "files", "metric events" }, calls.Select(c => c.Site.Stage).ToHashSet());
    }

    public static TheoryData<FaultKind> FaultKinds { get; } = [.. Enum.GetValues<FaultKind>()];

    private static async Task UntilItWorksAsync(TestAdapters adapters, Func<Task> work)
    {
        while (true)
        {
            try
            {
                await work();
                return;
            }
            catch (Exception e) when (adapters.IsFault(e))
            {
                // Delivered again.
            }
        }
    }

    private async Task<TestPipeline> NewAsync(NormalizationRules? rules = null) => new(rules, adapters: await NewAdaptersAsync());

    private static string Text(ReadOnlyMemory<byte> message) => System.Text.Encoding.Latin1.GetString(message.Span);

    // As if nothing had ever failed.
    private static async Task AssertSameAsync(TestPipeline never, TestPipeline mended)
    {
        await mended.DrainAsync(usual => usual, () => false);
        Assert.Equal(await never.FiguresAsync(), await mended.FiguresAsync());
        Assert.Equal((await never.Get<StatusReader>().ReadAsync(default)).Messages, (await mended.Get<StatusReader>().ReadAsync(default)).Messages);
        Assert.Empty((await mended.VerifyAsync()).Differences);
    }

    /// <summary>Tells a story shuffled, with repetitions, in batches of any size, on several workers, with batches delivered twice.</summary>
    private static async Task<int> TellAsync(TestPipeline pipeline, StoryMessage[] story, int seed, int workers, bool namesDollars = true)
    {
        var random = new Random(seed);
        var told = story.Concat(story.Where(_ => random.Next(4) == 0)).ToArray();
        random.Shuffle(told);
        var batches = new List<(string Queue, IReadOnlyList<Delivery> Deliveries)>();
        foreach (var queue in told.GroupBy(m => m.Queue))
        {
            var deliveries = pipeline.Enqueue(queue.Key, queue.Select(m => m.ToMessage(namesDollars))).ToList();
            while (deliveries.Count > 0)
            {
                var size = Math.Min(deliveries.Count, 1 + random.Next(12));
                batches.Add((queue.Key, deliveries.GetRange(0, size)));
                if (random.Next(5) == 0)
                {
                    batches.Add(batches[^1]);
                }

                deliveries.RemoveRange(0, size);
            }
        }

        var dice = new Random(seed + 1);
        bool Redeliver()
        {
            lock (dice)
            {
                return dice.Next(6) == 0;
            }
        }

        var order = batches.ToArray();
        random.Shuffle(order);
        await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(async () =>
        {
            foreach (var (queue, deliveries) in order.Where((_, i) => i % workers == worker))
            {
                await pipeline.IngestAsync(queue, deliveries);
                await pipeline.PassAsync(_ => 7, Redeliver);
            }
        })));
        await pipeline.DrainAsync(usual => usual, Redeliver);
        return told.Length;
    }
}
