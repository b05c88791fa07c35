using System.Text;
using CustomerPipeline.Contracts;
using CustomerPipeline.Flow.Ports;

namespace CustomerPipeline.Embedded.Tests;

public sealed class A_queue : IDisposable
{
    private const string Queue = Queues.Online;
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder _folder = new();
    private RocksEngine _engine;
    private RocksQueues _queues;

    public A_queue()
    {
        _engine = RocksEngine.Open(_folder.Path, TimeProvider.System);
        _queues = new RocksQueues(_engine);
    }

    [Fact]
    public async Task Gives_messages_in_order_and_each_to_one_receiver()
    {
        await SendAsync("a", "b", "c");

        var first = await _queues.ReceiveAsync(Queue, 2, Long);
        var second = await _queues.ReceiveAsync(Queue, 2, Long);

        Assert.Equal(["a", "b"], Texts(first));
        Assert.Equal(["c"], Texts(second));
        Assert.Empty(await _queues.ReceiveAsync(Queue, 2, Long));
        Assert.Equal(3, await _queues.DepthAsync(Queue, default));
    }

    [Fact]
    public async Task Forgets_what_was_completed()
    {
        await SendAsync("a");
        await _queues.CompleteAsync(Queue, await _queues.ReceiveAsync(Queue, 1, Long));

        Restart();

        Assert.Equal(0, await _queues.DepthAsync(Queue, default));
        Assert.Empty(await _queues.ReceiveAsync(Queue, 1, Long));
    }

    [Fact]
    public async Task Gives_again_what_was_abandoned_and_counts_the_deliveries()
    {
        await SendAsync("a");
        await _queues.AbandonAsync(Queue, await _queues.ReceiveAsync(Queue, 1, Long));

        var again = Assert.Single(await _queues.ReceiveAsync(Queue, 1, Long));

        Assert.Equal(2, again.DeliveryCount);
    }

    [Fact]
    public async Task Gives_again_what_was_in_hand_when_the_process_died_and_counts_that_delivery_too()
    {
        await SendAsync("a", "b");
        var inHand = await _queues.ReceiveAsync(Queue, 2, Long);
        await _queues.CompleteAsync(Queue, [inHand[0]]);

        Restart();

        var again = Assert.Single(await _queues.ReceiveAsync(Queue, 2, Long));
        Assert.Equal(("b", 2), (Encoding.UTF8.GetString(again.Body.Span), again.DeliveryCount));
    }

    [Fact]
    public async Task Gives_again_what_was_locked_too_long()
    {
        await SendAsync("a");
        await _queues.ReceiveAsync(Queue, 1, TimeSpan.Zero);

        var again = Assert.Single(await _queues.ReceiveAsync(Queue, 1, Long));

        Assert.Equal(2, again.DeliveryCount);
    }

    [Fact]
    public async Task Puts_what_was_delivered_too_often_into_its_dead_letter_queue()
    {
        await SendAsync("poison");
        for (var i = 0; i < RocksQueues.MostDeliveries; i++)
        {
            await _queues.AbandonAsync(Queue, await _queues.ReceiveAsync(Queue, 1, Long));
        }

        Assert.Empty(await _queues.ReceiveAsync(Queue, 1, Long));
        Assert.Equal(0, await _queues.DepthAsync(Queue, default));
        Assert.Equal(["poison"], Texts(await _queues.ReceiveAsync(Queue + Queues.DeadLetterSuffix, 1, Long)));
    }

    [Fact]
    public async Task Dead_letters_in_any_order_and_each_keeps_its_number()
    {
        await SendAsync("a", "b", "c");
        var all = await _queues.ReceiveAsync(Queue, 3, Long);
        await _queues.DeadLetterAsync(Queue, [all[2]]);
        var last = await _queues.ReceiveAsync(Queues.DeadLettersOf(Queue), 3, Long);
        await _queues.DeadLetterAsync(Queue, [all[0]]);
        var first = await _queues.ReceiveAsync(Queues.DeadLettersOf(Queue), 3, Long);

        Assert.Equal(["c 2", "a 0"], last.Concat(first).Select(m => $"{Texts([m]).Single()} {m.SequenceNumber}"));
    }

    [Fact]
    public async Task Keeps_counting_sequence_numbers_after_a_restart()
    {
        await SendAsync("a");
        await _queues.CompleteAsync(Queue, await _queues.ReceiveAsync(Queue, 1, Long));
        Restart();
        await SendAsync("b");

        Assert.Equal(1, Assert.Single(await _queues.ReceiveAsync(Queue, 1, Long)).SequenceNumber);
    }

    [Fact]
    public async Task Survives_being_settled_twice()
    {
        await SendAsync("a", "b");
        var taken = await _queues.ReceiveAsync(Queue, 1, Long);

        await _queues.CompleteAsync(Queue, taken);
        await _queues.CompleteAsync(Queue, taken);

        Assert.Equal(1, await _queues.DepthAsync(Queue, default));
    }

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    private void Restart()
    {
        _engine.Dispose();
        _engine = RocksEngine.Open(_folder.Path, TimeProvider.System);
        _queues = new RocksQueues(_engine);
    }

    private async Task SendAsync(params string[] messages) =>
        await _queues.SendAsync(Queue, [.. messages.Select(m => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(m))], default);

    private static IEnumerable<string> Texts(IEnumerable<LockedMessage> messages) => messages.Select(m => Encoding.UTF8.GetString(m.Body.Span));
}
