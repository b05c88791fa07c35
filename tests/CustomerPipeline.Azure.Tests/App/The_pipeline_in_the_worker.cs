using System.Diagnostics;
using CustomerPipeline.Contracts;
using CustomerPipeline.Flow.Verify;
using CustomerPipeline.FunctionsHost;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.Azure.Tests.App;

/// <summary>Messages from the queues to the figures through the worker that ships: batches, change feeds, timers and HTTP as a Functions host has them.</summary>
[Needs("npm")]
public sealed class The_pipeline_in_the_worker(AzuriteWithTokens azurite) : IClassFixture<AzuriteWithTokens>
{
    private const int Seed = 7;
    private const int Messages = 600;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly AzuriteWithTokens _azurite = (AzuriteWithTokens)azurite.OrSkip();

    [Fact]
    public async Task Comes_to_the_figures_of_the_local_runtime()
    {
        await using var app = await AppProcess.StartAsync(_azurite);
        await using var queues = new QueueTriggers(app.Host, most: 100);
        await using var feeds = await FeedTriggers.StartAsync(app.Host, app.Account.Containers.Of(Flow.Containers.Interactions).Database);

        Send(queues);
        await DrainAsync(app, queues, feeds);

        Assert.Equal(await FiguresOfAShop.OfOneMachineAsync(Seed, Messages), await FiguresOfAShop.ReadAsync(app.Http));
    }

    private static void Send(QueueTriggers queues)
    {
        foreach (var queue in FiguresOfAShop.Messages(Seed, Messages))
        {
            queues.Send(queue.Key, queue.Select(m => new HostMessage(m.ToArray())));
        }
    }

    // Idle for a while: what a stage has written is not in the next look of another's feed at once.
    private static async Task DrainAsync(AppProcess app, QueueTriggers queues, FeedTriggers feeds)
    {
        var waiting = Stopwatch.StartNew();
        for (var looks = 0; looks < 20; looks++)
        {
            Assert.True(waiting.Elapsed < Patience, $"The pipeline does not get done: {app.Output}");
            await Task.Delay(50);
            looks = queues.AreEmpty && feeds.AreIdle ? looks : -1;
        }
    }
}
