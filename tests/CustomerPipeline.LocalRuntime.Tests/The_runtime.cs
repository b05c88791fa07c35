using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace CustomerPipeline.LocalRuntime.Tests;

/// <summary>What a Functions host does, done here: with functions that write down what they were called with.</summary>
public sealed class The_runtime : IAsyncLifetime
{
    private readonly Calls _calls = new();
    private readonly OneQueue _queue = new();
    private readonly OneFeed _feed = new();
    private readonly JumpingClock _clock = new(new DateTimeOffset(2026, 1, 1, 0, 0, 30, TimeSpan.Zero));
    private FunctionsRuntime _runtime = null!;

    public async ValueTask InitializeAsync()
    {
        var functions = new[] { nameof(Observed.OnBatch), nameof(Observed.OnChanges), nameof(Observed.OnTimer), nameof(Observed.OnDailyTimer) }.Select(m => BoundFunction.Of(typeof(Observed).GetMethod(m)!)).ToList();
        var services = new ServiceCollection().AddSingleton(_calls).BuildServiceProvider();
        _runtime = new FunctionsRuntime(
            functions, services, _queue, _feed, new HostSettings { QueueBatchesAtOnce = 1 }, new JsonSerializerOptions { TypeInfoResolver = new DefaultJsonTypeInfoResolver() },
            new ConfigurationBuilder().AddInMemoryCollection([new("Schedule", "0 * * * * *")]).Build(), _clock, NullLogger<FunctionsRuntime>.Instance);
        await _runtime.StartAsync(default);
    }

    public async ValueTask DisposeAsync()
    {
        await _runtime.StopAsync(default);
        _runtime.Dispose();
    }

    [Fact]
    public async Task Completes_a_batch_whose_function_returned_and_sends_the_sequence_numbers_along()
    {
        _queue.Put(7, "a");

        Assert.Equal("batch a numbers 7", await _calls.NextAsync());
        Assert.Equal("completed 7", await _queue.NextAsync());
    }

    [Fact]
    public async Task Gives_a_batch_back_whose_function_threw()
    {
        _queue.Put(7, "throw");

        Assert.Equal("abandoned 7", await _queue.NextAsync());
    }

    [Fact]
    public async Task Binds_changed_documents_and_keeps_the_place_behind_them()
    {
        _feed.Put(3, "1");

        Assert.Equal("changes 1", await _calls.NextAsync());
        Assert.Equal(3, await _feed.NextPlaceAsync());
    }

    [Fact]
    public async Task Retries_changes_by_the_policy_of_the_function_and_then_passes_over_them()
    {
        _feed.Put(3, "-1");

        Assert.Equal(["failing -1", "failing -1", "failing -1"], [await _calls.NextAsync(), await _calls.NextAsync(), await _calls.NextAsync()]);
        Assert.Equal(3, await _feed.NextPlaceAsync());
    }

    [Fact]
    public async Task Fires_a_timer_when_its_time_has_come()
    {
        var fired = _calls.NextAsync();
        while (!fired.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(31));
            await Task.Delay(5);
        }

        Assert.Equal("timer", await fired);
    }

    [Fact]
    public async Task Fires_a_timer_whose_time_was_jumped_over_without_waiting_for_it()
    {
        await Task.Delay(100);
        _clock.Set = TimeSpan.FromHours(12);

        var calls = new List<string>();
        while (!calls.Contains("daily timer"))
        {
            Assert.True(calls.Count < 10, "It waits for the hours that were jumped over.");
            _clock.Advance(TimeSpan.FromMinutes(1));
            calls.Add(await _calls.NextAsync());
        }
    }

    public sealed class Calls
    {
        private readonly ConcurrentQueue<string> _calls = new();
        private readonly SemaphoreSlim _count = new(0);

        public void Add(string call)
        {
            _calls.Enqueue(call);
            _count.Release();
        }

        public async Task<string> NextAsync()
        {
            Assert.True(await _count.WaitAsync(TimeSpan.FromSeconds(30)), "Nothing was called in time.");
            Assert.True(_calls.TryDequeue(out var call));
            return call;
        }
    }

    public sealed record Changed(int Number);

    public sealed class Observed(Calls calls)
    {
        [Function(nameof(OnBatch))]
        public Task OnBatch([ServiceBusTrigger("q", IsBatched = true)] byte[][] messages, FunctionContext context)
        {
            if (messages.Any(m => m.AsSpan().SequenceEqual("throw"u8)))
            {
                throw new InvalidOperationException("as told");
            }

            calls.Add($"batch {string.Join(',', messages.Select(Encoding.UTF8.GetString))} numbers {string.Join(',', (long[])context.BindingContext.BindingData["SequenceNumberArray"]!)}");
            return Task.CompletedTask;
        }

        [Function(nameof(OnChanges))]
        [FixedDelayRetry(2, "00:00:00")]
        public Task OnChanges([CosmosDBTrigger("d", "c")] IReadOnlyList<Changed> changes)
        {
            calls.Add(changes[0].Number < 0 ? $"failing {changes[0].Number}" : $"changes {changes[0].Number}");
            return changes[0].Number < 0 ? Task.FromException(new InvalidOperationException("as told")) : Task.CompletedTask;
        }

        [Function(nameof(OnDailyTimer))]
        public Task OnDailyTimer([TimerTrigger("0 0 12 * * *")] TimerInfo timer)
        {
            ArgumentNullException.ThrowIfNull(timer);
            calls.Add("daily timer");
            return Task.CompletedTask;
        }

        [Function(nameof(OnTimer))]
        public Task OnTimer([TimerTrigger("%Schedule%")] TimerInfo timer)
        {
            ArgumentNullException.ThrowIfNull(timer);
            calls.Add("timer");
            return Task.CompletedTask;
        }
    }

    private sealed class OneQueue : IQueueSource
    {
        private readonly System.Threading.Channels.Channel<QueueMessage> _messages = System.Threading.Channels.Channel.CreateUnbounded<QueueMessage>();
        private readonly Calls _settled = new();

        public void Put(long number, string body) => _messages.Writer.TryWrite(new QueueMessage(number, null, 1, Encoding.UTF8.GetBytes(body), number));

        public Task<string> NextAsync() => _settled.NextAsync();

        public async Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int most, CancellationToken cancellationToken) => [await _messages.Reader.ReadAsync(cancellationToken)];

        public Task CompleteAsync(string queue, IReadOnlyList<QueueMessage> messages) => SettleAsync("completed", messages);

        public Task AbandonAsync(string queue, IReadOnlyList<QueueMessage> messages) => SettleAsync("abandoned", messages);

        private Task SettleAsync(string how, IReadOnlyList<QueueMessage> messages)
        {
            _settled.Add($"{how} {messages[0].SequenceNumber}");
            return Task.CompletedTask;
        }
    }

    private sealed class OneFeed : IChangeSource
    {
        private readonly System.Threading.Channels.Channel<(long Place, string Number)> _batches = System.Threading.Channels.Channel.CreateUnbounded<(long, string)>();
        private readonly System.Threading.Channels.Channel<long> _places = System.Threading.Channels.Channel.CreateUnbounded<long>();

        public void Put(long place, string number) => _batches.Writer.TryWrite((place, number));

        public async Task<long> NextPlaceAsync() => await _places.Reader.ReadAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);

        public async Task RunAsync(ChangeConsumer consumer, Func<IReadOnlyList<ReadOnlyMemory<byte>>, CancellationToken, Task> handle, CancellationToken stopping)
        {
            await foreach (var (place, number) in _batches.Reader.ReadAllAsync(stopping))
            {
                await handle([Encoding.UTF8.GetBytes($"{{\"Number\":{number}}}")], stopping);
                await _places.Writer.WriteAsync(place, stopping);
            }
        }
    }
}
