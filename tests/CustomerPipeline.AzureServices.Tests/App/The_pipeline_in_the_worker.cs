using System.Diagnostics;
using System.Text;
using System.Text.Json;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.FunctionsHost;

namespace CustomerPipeline.AzureServices.Tests.App;

/// <summary>Messages from the queues to the figures through the worker that ships: batches, change feeds, timers and HTTP as a Functions host has them.</summary>
[Needs("npm")]
public sealed class The_pipeline_in_the_worker(AzuriteWithTokens azurite) : IClassFixture<AzuriteWithTokens>
{
    private const int Seed = 7;
    private const int Messages = 600;
    private const int Kills = 4;
    private const int Kept = 40;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly AzuriteWithTokens _azurite = (AzuriteWithTokens)azurite.OrSkip();

    [Fact]
    public async Task Comes_to_the_figures_of_the_local_runtime()
    {
        await using var app = await AppProcess.StartAsync(_azurite);
        await using var queues = new QueueTriggers(app.Host, most: 100);
        await using var feeds = await FeedTriggers.StartAsync(app.Host, app.Database);

        Send(queues);
        await app.WorkThroughAsync(queues);

        Assert.Equal(await FiguresOfAShop.OfOneMachineAsync(Seed, Messages), await FiguresOfAShop.ReadAsync(app.Http));
    }

    // The trigger of the real host may count as done what the worker died on: only the position that the pipeline keeps, and the timers, bring it back.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Comes_to_them_when_the_worker_is_killed_again_and_again(bool losesBatches)
    {
        await using var app = await AppProcess.StartAsync(_azurite);
        await using var queues = new QueueTriggers(app.Host, most: 50);
        await using var feeds = await FeedTriggers.StartAsync(app.Host, app.Database);
        feeds.LosesWhatAWorkerDiesOn = losesBatches;
        var kept = new Queue<HostMessage>(OfQueue(Queues.Online).TakeLast(Kept));

        Send(queues, but: Kept);
        for (var kills = 0; kills < Kills; kills++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200 + (kills * 700)));
            await app.Host.ReplaceWorkerAsync();
        }

        // Where none of them hit a batch of a change feed: once more, while the worker has one.
        for (var waiting = Stopwatch.StartNew(); losesBatches && feeds.Lost == 0;)
        {
            Assert.True(kept.TryDequeue(out var message), "The worker was never killed while it had a batch of a change feed.");
            queues.Send(Queues.Online, [message]);
            while (feeds.InHand == 0 && waiting.Elapsed < Patience)
            {
                await Task.Delay(1);
            }

            await app.Host.ReplaceWorkerAsync();
        }

        queues.Send(Queues.Online, kept);
        await app.WorkThroughAsync(queues);

        Assert.Equal(losesBatches, feeds.Lost > 0);
        Assert.Equal(await FiguresOfAShop.OfOneMachineAsync(Seed, Messages), await FiguresOfAShop.ReadAsync(app.Http));
    }

    [Fact]
    public async Task Puts_a_message_that_is_no_text_into_quarantine_byte_by_byte()
    {
        byte[] message = [0xFF, 0xFE, 0x00, 0xC3, 0x28, (byte)'{', 0x80];
        await using var app = await AppProcess.StartAsync(_azurite);
        await using var queues = new QueueTriggers(app.Host, most: 10);

        queues.Send(Queues.Online, new HostMessage(message, "application/octet-stream"));
        await app.WorkThroughAsync(queues);

        var quarantined = Assert.Single((await app.GetAsync("/api/quarantine")).GetProperty("value").EnumerateArray());
        Assert.Equal(1, quarantined.GetProperty("count").GetInt32());
        Assert.Equal(message, (await app.RawArchive.ReadAsync(new DeliveryId(Queues.Online, 1).ToString(), default))!.Value.ToArray());
    }

    // All messages but the last ones of the first queue.
    private static void Send(QueueTriggers queues, int but = 0)
    {
        foreach (var queue in Queues.All)
        {
            queues.Send(queue, OfQueue(queue).SkipLast(queue == Queues.Online ? but : 0));
        }
    }

    // One in three in binary mode, as other programs send CloudEvents.
    private static IEnumerable<HostMessage> OfQueue(string queue) =>
        FiguresOfAShop.Messages(Seed, Messages).Single(q => q.Key == queue).Select((m, i) => i % 3 == 0 ? InBinaryMode(m) : new HostMessage(m.ToArray()));

    private static HostMessage InBinaryMode(ReadOnlyMemory<byte> structured)
    {
        using var message = JsonDocument.Parse(structured);
        var attributes = message.RootElement.EnumerateObject().Where(p => p.Name is not ("data" or "datacontenttype"))
            .ToDictionary(p => $"cloudEvents_{p.Name}", object (p) => p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString()! : p.Value.GetRawText());
        return message.RootElement.TryGetProperty("data", out var data)
            ? new HostMessage(Encoding.UTF8.GetBytes(data.GetRawText()), message.RootElement.TryGetProperty("datacontenttype", out var type) ? type.GetString() : "application/json", attributes)
            : new HostMessage(structured.ToArray());
    }
}
