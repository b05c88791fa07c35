using System.Text;
using CsCheck;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.Application.Tests;

/// <summary>Customers and figures made anew from the records: the same, however much is worked on at once, and also where it was stopped.</summary>
public sealed class A_rebuild
{
    private static readonly byte[] Damage = "{\"state\":7,\"record\":7}"u8.ToArray();

    [Fact]
    public Task Leaves_the_figures_as_they_were_and_nothing_to_do() => Gen.Select(StoryMessage.Any.Array[1, 60], Gen.Int[1, 30]).SampleAsync(
        async (story, portion) =>
        {
            await using var pipeline = new TestPipeline();
            await pipeline.TellAsync(story);
            var before = await pipeline.FiguresAsync();

            var rebuilt = await pipeline.Get<RebuildStore>().RunAsync(null, default, portion);

            Assert.Equal((0, 0, 0), (rebuilt.Entities.Mended, rebuilt.Entities.Left.Count, rebuilt.DamagedClaims.Count));
            Assert.All((await pipeline.Get<StatusReader>().ReadAsync(default)).Stages, stage => Assert.Equal(0, stage.Backlog));
            Assert.Equal(before, await pipeline.FiguresAsync());
            Assert.Empty((await pipeline.VerifyAsync()).Differences);
        },
        iter: Effort.Of(all: 40, usual: 10), threads: 1);

    /// <summary>What no stage has folded in stands for what an earlier program folded otherwise.</summary>
    [Fact]
    public Task Is_told_before_it_is_done() => Gen.Select(StoryMessage.Any.Array[1, 40], Gen.Int[1, 3]).SampleAsync(
        async (story, missed) =>
        {
            await using var pipeline = new TestPipeline();
            await pipeline.TellAsync(story);
            var store = pipeline.Get<IDocumentStore>();
            var unchanged = await pipeline.Get<PlanRebuild>().RunAsync(null, default);
            for (var i = 0; i < missed; i++)
            {
                var record = Assert.Single(Assert.IsType<Normalization.Normalized>(Normalizer.Normalize(Some.SquarePayment($"missed{i}", 1_250, customer: "C-missed"), NormalizationRules.Default)).Records);
                await store.CommitAsync(
                    Containers.Interactions, record.Entity.Text,
                    [Write.Create(Containers.RecordPrefix + record.Id, new InteractionDocument { Record = record, By = "in-store:1000000" }.ToBody(DocumentJson.Default.InteractionDocument))], default);
            }

            var plan = await pipeline.Get<PlanRebuild>().RunAsync(null, default);
            await pipeline.Get<RebuildStore>().RunAsync(null, default);
            var after = await pipeline.Get<PlanRebuild>().RunAsync(null, default);

            Assert.Equal((0, 0, unchanged.CustomersNow), (unchanged.Changed, unchanged.Unreadable, unchanged.CustomersThen));
            Assert.All(unchanged.Figures, f => Assert.Equal(f.Now, f.Then));
            Assert.Equal((missed, unchanged.CustomersNow, unchanged.CustomersNow + 1), (plan.Changed, plan.CustomersNow, plan.CustomersThen));
            Assert.Equal(missed * 1_250L, plan.Figures.Where(f => f is { Measure: Measure.Gross, Currency: "USD" }).Sum(f => f.Then - f.Now));
            Assert.Equal(plan.Figures.Select(f => f with { Now = f.Then }), after.Figures);
            Assert.Equal((0, plan.CustomersThen), (after.Changed, after.CustomersNow));
        },
        iter: Effort.Of(all: 30, usual: 5), threads: 1);

    [Fact]
    public Task That_is_stopped_is_finished_by_the_stages() => Gen.Select(StoryMessage.Any.Array[1, 60], Gen.Int[1, 5], Gen.Int[0, 40]).SampleAsync(
        async (story, portion, steps) =>
        {
            await using var pipeline = new TestPipeline();
            await pipeline.TellAsync(story);
            var before = await pipeline.FiguresAsync();
            using var stop = new CancellationTokenSource();

            try
            {
                await pipeline.Get<RebuildStore>().RunAsync(new StopAfter(steps, stop), stop.Token, portion);
            }
            catch (OperationCanceledException)
            {
            }

            await pipeline.DrainAsync(usual => usual, () => false);
            Assert.Equal(before, await pipeline.FiguresAsync());
            Assert.Empty((await pipeline.VerifyAsync()).Differences);
        },
        iter: Effort.Of(all: 40, usual: 10), threads: 1);

    [Fact]
    public async Task Tells_how_far_it_is()
    {
        await using var pipeline = await SomethingAsync();
        var told = new Told<StepProgress<RebuildStep>>();

        await pipeline.Get<RebuildStore>().RunAsync(told, default, portion: 1);

        Assert.Equal([(3, 3L), (3, 3L)], told.All.Where(p => p.Done == p.All).Select(p => ((int)p.Done, p.All!.Value)));
        Assert.Equal([RebuildStep.Entities, RebuildStep.Customers, RebuildStep.Figures], told.All.Select(p => p.Step).Distinct().Order());
    }

    [Theory]
    [InlineData("\"gross\":1000", "\"gross\":1001")]
    [InlineData("{\"state\":{", "{\"state\":7,\"was\":{")]
    [InlineData("{", "")]
    [InlineData("{", null)]
    public async Task Mends_a_state_that_is_gone_or_not_what_its_records_make_of_it(string text, string? planted)
    {
        await using var pipeline = await SomethingAsync();
        var before = await pipeline.FiguresAsync();
        var state = await FindAsync(pipeline, Containers.StateId);
        await CommitAsync(pipeline, state.Partition, planted is null
            ? Write.Delete(state.Id)
            : Write.Upsert(state.Id, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(state.Body.Span).Replace(text, planted, StringComparison.Ordinal))));
        Assert.NotEmpty((await pipeline.VerifyAsync()).Differences);

        Assert.Equal(1, (await pipeline.Get<RebuildStore>().RunAsync(null, default)).Entities.Mended);
        Assert.Equal(before, await pipeline.FiguresAsync());
        Assert.Empty((await pipeline.VerifyAsync()).Differences);
    }

    [Fact]
    public async Task Names_a_damaged_record_and_leaves_the_state_that_it_was_folded_into()
    {
        await using var pipeline = await SomethingAsync();
        var before = await pipeline.FiguresAsync();
        var record = await FindAsync(pipeline, Containers.RecordPrefix);
        await CommitAsync(pipeline, record.Partition, Write.Upsert(record.Id, Damage));

        var rebuilt = await pipeline.Get<RebuildStore>().RunAsync(null, default);

        Assert.Equal((0, $"{Containers.Interactions}/{record.Partition}/{record.Id}"), (rebuilt.Entities.Mended, Assert.Single(rebuilt.Entities.Left)));
        Assert.Equal(before, await pipeline.FiguresAsync());
    }

    [Fact]
    public async Task Names_a_state_whose_records_are_gone_and_leaves_it()
    {
        await using var pipeline = await SomethingAsync();
        var before = await pipeline.FiguresAsync();
        var state = await FindAsync(pipeline, Containers.StateId);
        foreach (var document in await pipeline.Get<IDocumentStore>().ReadPartitionAsync(Containers.Interactions, state.Partition, Containers.RecordPrefix, default).ToListAsync())
        {
            await CommitAsync(pipeline, document.Partition, Write.Delete(document.Id));
        }

        var rebuilt = await pipeline.Get<RebuildStore>().RunAsync(null, default);

        Assert.Equal($"{Containers.Interactions}/{state.Partition}/{Containers.StateId}", Assert.Single(rebuilt.Entities.Left));
        Assert.Equal(before, await pipeline.FiguresAsync());
    }

    [Fact]
    public async Task Passes_over_a_state_that_is_damaged_with_its_record_and_makes_the_rest()
    {
        await using var pipeline = await SomethingAsync();
        var state = await FindAsync(pipeline, Containers.StateId);
        foreach (var document in await pipeline.Get<IDocumentStore>().ReadPartitionAsync(Containers.Interactions, state.Partition, "", default).ToListAsync())
        {
            await CommitAsync(pipeline, document.Partition, Write.Upsert(document.Id, Damage));
        }

        await pipeline.Get<RebuildStore>().RunAsync(null, default);

        Assert.Equal(2, (await pipeline.VerifyAsync()).Entities);
        Assert.Equal(["= 2"], await pipeline.AskAsync("orders"));
    }

    private static async Task<TestPipeline> SomethingAsync()
    {
        var pipeline = new TestPipeline();
        await pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "a@example.com"), Some.ShopifyOrder(2, email: "b@example.com"), Some.ShopifyOrder(3, email: "a@example.com"));
        return pipeline;
    }

    private static Task<Document> FindAsync(TestPipeline pipeline, string idPrefix) =>
        pipeline.Get<IDocumentStore>().ScanAsync(Containers.Interactions, default).FirstAsync(d => d.Id.StartsWith(idPrefix, StringComparison.Ordinal)).AsTask();

    private static async Task CommitAsync(TestPipeline pipeline, string partition, Write write) =>
        Assert.True((await pipeline.Get<IDocumentStore>().CommitAsync(Containers.Interactions, partition, [write], default)).IsCommitted);

    private sealed class StopAfter(int steps, CancellationTokenSource stop) : IProgress<StepProgress<RebuildStep>>
    {
        private int _left = steps;

        public void Report(StepProgress<RebuildStep> value)
        {
            if (Interlocked.Decrement(ref _left) < 0)
            {
                stop.Cancel();
            }
        }
    }
}
