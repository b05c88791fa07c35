using System.Text;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.RocksDb.Tests;

public sealed class A_queue : IDisposable
{
    private const string Queue = Queues.Online;
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder _folder = new();
    private readonly JumpingClock _clock = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private RocksEngine _engine;
    private RocksQueues _queues;

    public A_queue()
    {
        _engine = RocksEngine.Open(_folder.Path, _clock);
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

    [Theory]
    [InlineData(-365)]
    [InlineData(365)]
    public async Task Counts_the_time_of_a_lock_itself_when_the_clock_is_set(int days)
    {
        await SendAsync("a");
        await _queues.ReceiveAsync(Queue, 1, Long);

        _clock.Set = TimeSpan.FromDays(days);
        _clock.Advance(Long - TimeSpan.FromSeconds(1));
        Assert.Empty(await _queues.ReceiveAsync(Queue, 1, Long));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(await _queues.ReceiveAsync(Queue, 1, Long));
    }

    [Fact]
    public async Task Forgets_the_ids_of_before_when_the_clock_is_set()
    {
        await EnqueueAsync("a", id: "1");

        _clock.Set = TimeSpan.FromDays(-365);
        await EnqueueAsync("b", id: "1");

        Assert.Equal(2, await _queues.DepthAsync(Queue, default));
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
    public async Task Tells_since_when_its_oldest_message_waits()
    {
        var dead = Queues.DeadLettersOf(Queue);
        Assert.Null(_queues.Oldest(Queue));

        var start = _clock.GetUtcNow();
        await SendAsync("a");
        _clock.Advance(TimeSpan.FromMinutes(1));
        await SendAsync("b");
        var both = await _queues.ReceiveAsync(Queue, 2, Long);
        Assert.Equal(start, _queues.Oldest(Queue));

        await _queues.DeadLetterAsync(Queue, [both[1]]);
        Assert.Equal((start, start + TimeSpan.FromMinutes(1)), (_queues.Oldest(Queue), _queues.Oldest(dead)));

        // The older one comes to where a younger one was seen first.
        await _queues.DeadLetterAsync(Queue, [both[0]]);
        Assert.Equal((null, start), (_queues.Oldest(Queue), _queues.Oldest(dead)));
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

    [Fact]
    public async Task Hears_a_sender_that_repeats_itself_once_in_ten_minutes_also_over_a_restart()
    {
        var first = await EnqueueAsync("a", id: "1");
        await EnqueueAsync("a");
        Restart();
        _clock.Advance(TimeSpan.FromMinutes(9));

        Assert.Equal(first, await EnqueueAsync("a again", id: "1"));
        Assert.NotEqual(first, await EnqueueAsync("b", id: "2"));
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.NotEqual(first, await EnqueueAsync("a later", id: "1"));
        Restart();
        await EnqueueAsync("a later still", id: "1");

        Assert.Equal(["a", "a", "b", "a later"], Texts(await _queues.ReceiveAsync(Queue, 10, Long)));
    }

    [Fact]
    public async Task Keeps_an_id_in_one_queue_only()
    {
        await EnqueueAsync("a", id: "1");
        await _queues.EnqueueAsync(Queues.Service, [new NewMessage("a"u8.ToArray(), "1")]);

        Assert.Equal(1, await _queues.DepthAsync(Queues.Service, default));
    }

    [Fact]
    public async Task Puts_a_message_aside_until_it_is_due_also_over_a_restart()
    {
        await EnqueueAsync("late", after: TimeSpan.FromMinutes(2));
        await EnqueueAsync("soon", after: TimeSpan.FromMinutes(1));
        await EnqueueAsync("now");
        Assert.Equal(["now"], Texts(await _queues.ReceiveAsync(Queue, 10, Long)));
        Restart();
        Assert.Equal((1, 2), (await _queues.DepthAsync(Queue, default), _queues.ScheduledOf(Queue)));
        Assert.Equal(["now"], Texts(await _queues.ReceiveAsync(Queue, 10, Long)));

        _clock.Advance(TimeSpan.FromMinutes(3));

        Assert.Equal(["soon", "late"], Texts(await _queues.ReceiveAsync(Queue, 10, Long)));
        Assert.Equal((3, 0), (await _queues.DepthAsync(Queue, default), _queues.ScheduledOf(Queue)));
        Restart();
        Assert.Equal(["now", "soon", "late"], Texts(await _queues.ReceiveAsync(Queue, 10, Long)));
    }

    [Fact]
    public async Task Wakes_who_waits_when_a_message_is_due()
    {
        await EnqueueAsync("soon", after: TimeSpan.FromSeconds(30));
        var next = _queues.NextMessage(Queue);
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(next.IsCompleted);

        _clock.Advance(TimeSpan.FromSeconds(1));

        await next;
        Assert.Equal(["soon"], Texts(await _queues.ReceiveAsync(Queue, 1, Long)));
    }

    [Fact]
    public async Task Takes_back_what_is_put_aside_and_nothing_else()
    {
        var later = await EnqueueAsync("later", after: TimeSpan.FromMinutes(1));
        var due = await EnqueueAsync("due", after: TimeSpan.FromSeconds(1));
        var now = await EnqueueAsync("now");
        _clock.Advance(TimeSpan.FromSeconds(2));
        var taken = Texts(await _queues.ReceiveAsync(Queue, 10, Long)).ToList();

        Assert.Equal(1, await _queues.CancelAsync(Queue, [later, due, now, 99]));

        _clock.Advance(TimeSpan.FromHours(1));
        Restart();
        Assert.Equal(["now", "due"], taken);
        Assert.Equal(taken, Texts(await _queues.ReceiveAsync(Queue, 10, Long)));
    }

    [Fact]
    public async Task Does_not_count_a_delivery_that_its_reader_releases()
    {
        await SendAsync("a");
        for (var i = 0; i < 2 * RocksQueues.MostDeliveries; i++)
        {
            await _queues.ReleaseAsync(Queue, Assert.Single(await _queues.ReceiveAsync(Queue, 1, Long)));
        }

        Restart();

        Assert.Equal(1, Assert.Single(await _queues.ReceiveAsync(Queue, 1, Long)).DeliveryCount);
    }

    [Fact]
    public async Task Keeps_what_comes_with_a_message_also_over_a_restart_and_in_the_dead_letters()
    {
        await _queues.EnqueueAsync(Queue, [new NewMessage("a"u8.ToArray()) { Properties = "with it"u8.ToArray() }]);
        await _queues.EnqueueAsync(Queue, [new NewMessage("b"u8.ToArray(), NotBefore: _clock.GetUtcNow().AddMinutes(1)) { Properties = "with b"u8.ToArray() }]);
        await _queues.AbandonAsync(Queue, Assert.Single(await _queues.ReceiveAsync(Queue, 1, Long)), "changed"u8.ToArray());
        Restart();
        _clock.Advance(TimeSpan.FromMinutes(2));

        var messages = await _queues.ReceiveAsync(Queue, 2, Long);
        await _queues.DeadLetterAsync(Queue, messages);
        var dead = await _queues.ReceiveAsync(Queues.DeadLettersOf(Queue), 2, Long);

        Assert.Equal(["a", "b"], Texts(messages));
        Assert.Equal(2, messages[0].DeliveryCount);
        Assert.Equal(["changed", "with b"], dead.Select(m => Encoding.UTF8.GetString(m.Content.Properties.Span)));
    }

    [Fact]
    public async Task Moves_messages_to_the_dead_letters_when_their_time_to_live_is_over()
    {
        var minute = TimeSpan.FromMinutes(1);
        await _queues.EnqueueAsync(Queue, [new NewMessage("short"u8.ToArray()) { TimeToLive = minute }, new NewMessage("long"u8.ToArray()) { TimeToLive = 3 * minute }]);
        await _queues.EnqueueAsync(Queue, [new NewMessage("later"u8.ToArray(), NotBefore: _clock.GetUtcNow() + minute) { TimeToLive = minute }]);
        _clock.Advance(minute);
        Restart();

        Assert.Equal(["long"], Texts(await _queues.ReceiveAsync(Queue, 1, Long)));
        Assert.Equal(["later"], Texts(await _queues.ReceiveAsync(Queue, 1, Long)));
        _clock.Advance(3 * minute);
        var dead = Assert.Single(await _queues.ReceiveAsync(Queues.DeadLettersOf(Queue), 10, Long));
        Assert.Equal(("short", DeadLetterCause.Expired), (Encoding.UTF8.GetString(dead.Body.Span), dead.Content.Cause));
    }

    [Fact]
    public async Task Changes_nothing_for_a_reader_whose_lock_has_expired()
    {
        await SendAsync("a");
        var late = Assert.Single(await _queues.ReceiveAsync(Queue, 1, Long));
        Assert.True(_queues.IsHeld(Queue, late));
        _clock.Advance(Long);
        Assert.False(_queues.IsHeld(Queue, late));
        await _queues.CompleteAsync(Queue, await _queues.ReceiveAsync(Queue, 1, Long));

        await _queues.AbandonAsync(Queue, late, "changed"u8.ToArray());
        Restart();

        Assert.Empty(await _queues.ReceiveAsync(Queue, 1, Long));
    }

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    private void Restart()
    {
        _engine.Dispose();
        _engine = RocksEngine.Open(_folder.Path, _clock);
        _queues = new RocksQueues(_engine);
    }

    private async Task SendAsync(params string[] messages) =>
        await _queues.SendAsync(Queue, [.. messages.Select(m => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(m))], default);

    private async Task<long> EnqueueAsync(string message, string? id = null, TimeSpan? after = null) =>
        Assert.Single(await _queues.EnqueueAsync(Queue, [new NewMessage(Encoding.UTF8.GetBytes(message), id, _clock.GetUtcNow() + after)]));

    private static IEnumerable<string> Texts(IEnumerable<LockedMessage> messages) => messages.Select(m => Encoding.UTF8.GetString(m.Body.Span));
}
