using System.Collections.Concurrent;

namespace CustomerPipeline.FunctionsHost;

/// <summary>A message in a queue of the test host.</summary>
/// <param name="Body">Any bytes.</param>
/// <param name="ContentType">As the sender said; null for nothing.</param>
/// <param name="Properties">Application properties.</param>
public sealed record HostMessage(byte[] Body, string? ContentType = null, IReadOnlyDictionary<string, object>? Properties = null);

/// <summary>
/// Queues by peek-lock, and the functions on them, as the Service Bus extension of the host does with batches: bodies as bytes, the rest in arrays beside them; completed when the function has returned, given back when it has thrown or
/// its worker died, and moved to the dead letters after ten deliveries.
/// </summary>
public sealed class QueueTriggers : IAsyncDisposable
{
    private const int MostDeliveries = 10;
    private const string DeadLetters = "/$deadletterqueue";
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<string, Queue> _queues = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource _stopping = new();
    private readonly FunctionsTestHost _host;
    private readonly int _most;
    private readonly List<Task> _pumps;

    /// <summary>Starts to take messages.</summary>
    /// <param name="host">Has the functions.</param>
    /// <param name="most">Messages that a function is given at once.</param>
    public QueueTriggers(FunctionsTestHost host, int most)
    {
        (_host, _most) = (host, most);
        _pumps = [.. host.Functions.Where(f => f.TriggerType == "serviceBusTrigger").Select(f => Task.Run(() => PumpAsync(f)))];
    }

    /// <summary>Whether every message is done.</summary>
    public bool AreEmpty => _queues.Values.All(q => q.IsEmpty);

    /// <summary>Puts messages at the end of a queue.</summary>
    public void Send(string queue, params IEnumerable<HostMessage> messages) => Of(queue).Add(messages);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_pumps);
        _stopping.Dispose();
    }

    private Queue Of(string name) => _queues.GetOrAdd(name, _ => new Queue());

    private async Task PumpAsync(HostedFunction function)
    {
        var name = function.Setting("queueName")!;
        while (!_stopping.IsCancellationRequested)
        {
            var batch = Of(name).Take(_most);
            if (batch.Count == 0)
            {
                await Task.Delay(LookEvery, CancellationToken.None);
                continue;
            }

            try
            {
                await _host.InvokeAsync(function.Name, batch.Select(m => m.Message.Body).ToArray(), MetadataOf(batch));
                Of(name).Complete();
            }
            catch (Exception e) when (e is WorkerDiedException or FunctionFailedException)
            {
                Of(name + DeadLetters).Add(Of(name).GiveBack(name.EndsWith(DeadLetters, StringComparison.OrdinalIgnoreCase) ? int.MaxValue : MostDeliveries));
                await Task.Delay(LookEvery, CancellationToken.None);
            }
        }
    }

    private static Dictionary<string, object?> MetadataOf(List<Queued> batch) => new()
    {
        ["SequenceNumberArray"] = batch.Select(m => m.Number).ToArray(),
        ["DeliveryCountArray"] = batch.Select(m => m.Deliveries).ToArray(),
        ["EnqueuedTimeUtcArray"] = batch.Select(m => m.At.UtcDateTime).ToArray(),
        ["MessageIdArray"] = batch.Select(m => $"m{m.Number}").ToArray(),
        ["ContentTypeArray"] = batch.Select(m => m.Message.ContentType).ToArray(),
        ["ApplicationPropertiesArray"] = batch.Select(m => m.Message.Properties ?? new Dictionary<string, object>()).ToArray(),
    };

    private sealed class Queued(long number, HostMessage message)
    {
        public long Number => number;

        public HostMessage Message => message;

        public DateTimeOffset At { get; } = TimeProvider.System.GetUtcNow();

        public int Deliveries { get; set; }
    }

    private sealed class Queue
    {
        private readonly Lock _gate = new();
        private readonly LinkedList<Queued> _waiting = new();
        private readonly List<Queued> _taken = [];
        private long _last;

        public bool IsEmpty
        {
            get
            {
                lock (_gate)
                {
                    return _waiting.Count == 0 && _taken.Count == 0;
                }
            }
        }

        public void Add(IEnumerable<HostMessage> messages)
        {
            lock (_gate)
            {
                foreach (var message in messages)
                {
                    _waiting.AddLast(new Queued(++_last, message));
                }
            }
        }

        public List<Queued> Take(int most)
        {
            lock (_gate)
            {
                while (_taken.Count < most && _waiting.First is { } first)
                {
                    _waiting.RemoveFirst();
                    first.Value.Deliveries++;
                    _taken.Add(first.Value);
                }

                return [.. _taken];
            }
        }

        public void Complete()
        {
            lock (_gate)
            {
                _taken.Clear();
            }
        }

        /// <summary>Returns what was delivered too often.</summary>
        public List<HostMessage> GiveBack(int mostDeliveries)
        {
            lock (_gate)
            {
                foreach (var message in _taken.Where(m => m.Deliveries < mostDeliveries).Reverse())
                {
                    _waiting.AddFirst(message);
                }

                List<HostMessage> dead = [.. _taken.Where(m => m.Deliveries >= mostDeliveries).Select(m => m.Message)];
                _taken.Clear();
                return dead;
            }
        }
    }
}
