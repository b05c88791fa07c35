using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.Application.Report.Snapshots;

namespace CustomerPipeline.Contracts.Faults;

/// <summary>What must be the same whatever went wrong.</summary>
/// <param name="Messages">What became of the messages.</param>
/// <param name="Events">Types and subjects of what subscribers heard of metrics, each once.</param>
/// <param name="Files">Published files.</param>
/// <param name="Differences">What a verification found.</param>
public sealed record StoryOutcome(string Messages, string Events, string Files, string Differences);

/// <summary>A story through all stages, while one call goes wrong: what failed is run again, as hosts do, and a process that died is started again.</summary>
internal static class FaultyStory
{
    private const int Batch = 8;

    public static async Task<StoryOutcome> TellAsync(IReadOnlyList<StoryMessage> story, FaultPlan plan, TestAdapters adapters, Func<TestPipeline, Task> check)
    {
        await using var owned = adapters;
        var process = new Process(plan, adapters);
        async Task EachRangeAsync(string stage, Func<TestPipeline, int, Task<bool>> step)
        {
            for (var range = 0; range < adapters.Ranges; range++)
            {
                var isMore = true;
                while (isMore)
                {
                    await process.RunAsync(stage, async pipeline => isMore = await step(pipeline, range));
                }
            }
        }

        // All deliveries have their places from the start: a queue does not forget them when a worker dies.
        var queues = story.GroupBy(m => m.Queue).Select(q => (Queue: q.Key, Deliveries: process.Pipeline.Enqueue(q.Key, q.Select(m => m.ToMessage())))).ToList();
        foreach (var half in new[] { 0, 1 })
        {
            foreach (var (queue, deliveries) in queues)
            {
                foreach (var batch in deliveries.Where((_, i) => i % 2 == half).Chunk(Batch))
                {
                    await process.RunAsync("ingest", pipeline => pipeline.IngestAsync(queue, batch));
                }
            }

            await EachRangeAsync("resolve", (pipeline, range) => pipeline.ResolveAsync(range, Batch, () => false));
            await EachRangeAsync("value", (pipeline, range) => pipeline.CountAsync(range, Batch, () => false));
            await process.RunAsync("snapshot", pipeline => pipeline.Get<TakeSnapshotHandler>().HandleAsync(null, default));
            await process.RunAsync("metric events", pipeline => pipeline.Get<TellMetricChangesHandler>().HandleAsync(default));
            await EachRangeAsync("publish", (pipeline, range) => pipeline.PublishAsync(range, () => false));
            await EachRangeAsync("files", (pipeline, range) => pipeline.WriteFilesAsync(range));
        }

        plan.Stage = "";
        await check(process.Pipeline);
        var messages = (await process.Pipeline.Get<StatusReader>().ReadAsync(default)).Messages;
        var verified = await process.Pipeline.VerifyAsync();
        var folder = Directory.CreateDirectory(Path.Combine(adapters.Folder, "parquet", "figures")).FullName;
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f)).Order(StringComparer.Ordinal);
        await process.EndAsync();
        return new StoryOutcome($"{messages}", string.Join('\n', process.Heard), string.Join('\n', files), string.Join('\n', verified.Differences));
    }

    private sealed class Process(FaultPlan plan, TestAdapters adapters)
    {
        public TestPipeline Pipeline { get; private set; } = new(adapters: adapters, faults: plan);

        /// <summary>What subscribers heard of metrics, whichever process told it.</summary>
        public SortedSet<string> Heard { get; } = new(StringComparer.Ordinal);

        public async Task RunAsync(string stage, Func<TestPipeline, Task> work)
        {
            plan.Stage = stage;
            while (true)
            {
                try
                {
                    await work(Pipeline);
                    return;
                }
                catch (Exception e) when (e is PlannedFaultException or TaskCanceledException or KilledException && plan.HasHappened)
                {
                    if (plan.IsDead)
                    {
                        await EndAsync();
                        plan.Restart();
                        Pipeline = new TestPipeline(adapters: adapters, faults: plan);
                    }
                }
            }
        }

        public ValueTask EndAsync()
        {
            Heard.UnionWith(Pipeline.Get<CollectedEvents>().Take().Where(e => e.Type.Contains(".metric.", StringComparison.Ordinal)).Select(e => $"{e.Type} {e.Subject}"));
            return Pipeline.DisposeAsync();
        }
    }
}
