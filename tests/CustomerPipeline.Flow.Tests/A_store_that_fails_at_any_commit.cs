using CsCheck;
using CustomerPipeline.Contracts;
using CustomerPipeline.Flow.Serve;

namespace CustomerPipeline.Flow.Tests;

/// <summary>
/// Invariant 3, step by step: a commit that fails before or after it took effect looks to the stages like a crash at that instruction. What failed is
/// delivered again, as a queue and a change feed do.
/// </summary>
public sealed class A_store_that_fails_at_any_commit
{
    [Fact]
    public Task Loses_nothing_and_counts_nothing_twice() => Gen.Select(StoryMessage.Any.Array[10, 50], Gen.Int[0, 1_000_000]).SampleAsync(
        async (story, seed) =>
        {
            FailingStore? failing = null;
            await using var pipeline = new TestPipeline(around: store => failing = new FailingStore(store, seed, oneIn: 8));
            foreach (var queue in story.GroupBy(m => m.Queue))
            {
                foreach (var batch in pipeline.Enqueue(queue.Key, queue.Select(m => m.ToMessage())).Chunk(6))
                {
                    await UntilItWorksAsync(() => pipeline.IngestAsync(queue.Key, batch));
                    await UntilItWorksAsync(() => pipeline.PassAsync(_ => 5, () => false));
                }
            }

            await UntilItWorksAsync(() => pipeline.DrainAsync(_ => 5, () => false));

            Assert.True(failing!.Faults > 0, "Nothing ever failed: the test is asleep.");
            foreach (var (question, expected) in new StoryOracle(story).Figures())
            {
                var (metric, by) = (question.Split(' ')[0], question.Split(' ')[1].Split(',', StringSplitOptions.RemoveEmptyEntries));
                Assert.Equal(expected.Prepend(question), (await pipeline.AskAsync(metric, by)).Order(StringComparer.Ordinal).Prepend(question));
            }

            Assert.Equal(story.Length, (await pipeline.Get<StatusReader>().ReadAsync(default)).Messages.Received);
            Assert.Empty((await pipeline.VerifyAsync()).Differences);
        },
        iter: 25, threads: 1);

    private static async Task UntilItWorksAsync(Func<Task> work)
    {
        while (true)
        {
            try
            {
                await work();
                return;
            }
            catch (PlannedFaultException)
            {
                // Delivered again.
            }
        }
    }
}
