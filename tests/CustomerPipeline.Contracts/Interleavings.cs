using System.Runtime.CompilerServices;
using CustomerPipeline.Domain;
using CustomerPipeline.Flow.Ports;

namespace CustomerPipeline.Contracts;

/// <summary>A worker of an exploration: what it does on a store, from its beginning; after a crash it begins again.</summary>
public delegate Task Work(IDocumentStore store);

/// <summary>What an exploration found.</summary>
/// <param name="States">Distinct states of the store and all workers.</param>
/// <param name="Ends">Distinct states in which every worker was done; all were found right.</param>
/// <param name="IsComplete">Whether no state was left out.</param>
public sealed record Exploration(int States, int Ends, bool IsComplete);

/// <summary>
/// Runs workers against a store step by step, a step being one call of the port, in every order there is, with crashes between any two steps. A worker is
/// deterministic, so its state follows from the answers it got; a state of store and workers that was seen before leads nowhere new. Of two steps that have
/// nothing to do with each other only one order is run: sleep sets (Godefroid 1996, Partial-Order Methods for the Verification of Concurrent Systems, ch. 5).
/// </summary>
public sealed class Interleavings(int crashes, int mostStates)
{
    // A worker that goes on for so long will go on for ever.
    private const int MostSteps = 1_000;

    private readonly Dictionary<string, IReadOnlyList<Choice>> _seen = new(StringComparer.Ordinal);
    private int _ends;

    /// <summary>Explores.</summary>
    /// <param name="prepare">Fills a store, before anything is interleaved.</param>
    /// <param name="workers">The workers.</param>
    /// <param name="check">Looks at a store when every worker is done.</param>
    /// <exception cref="InterleavingException">A check failed, or the workers never come to an end; the message tells the schedule.</exception>
    public Exploration Explore(Func<IDocumentStore, Task> prepare, IReadOnlyList<Work> workers, Func<IDocumentStore, Task> check)
    {
        var open = new Stack<(int[] Prefix, IReadOnlyList<Choice> Asleep)>();
        open.Push(([], []));
        while (_seen.Count < mostStates && open.TryPop(out var next))
        {
            using var run = new Run(prepare, workers, crashes);
            var schedule = new List<int>(next.Prefix.Length + 64);
            foreach (var choice in next.Prefix)
            {
                run.Step(choice);
                schedule.Add(choice);
            }

            // On to the end by the first choice each time; the others are for later.
            var asleep = next.Asleep;
            while (true)
            {
                var choices = run.Choices;
                var awake = Awake(run, choices, ref asleep);
                if (choices.Count == 0 && awake is not null)
                {
                    _ends++;
                    Check(run, check, schedule);
                }

                if (awake is not { Count: > 0 })
                {
                    break;
                }

                for (var other = awake.Count - 1; other > 0; other--)
                {
                    open.Push(([.. schedule, choices.IndexOf(awake[other])], [.. asleep.Concat(awake.Take(other)).Where(c => c.IsIndependentOf(awake[other]))]));
                }

                asleep = [.. asleep.Where(c => c.IsIndependentOf(awake[0]))];
                run.Step(choices.IndexOf(awake[0]));
                schedule.Add(choices.IndexOf(awake[0]));
                if (schedule.Count > MostSteps)
                {
                    throw new InterleavingException($"The workers go on for ever:\n{run.Told}");
                }
            }
        }

        return new Exploration(_seen.Count, _ends, open.Count == 0);
    }

    // The choices to run in this state; null where all that could follow was seen before.
    private List<Choice>? Awake(Run run, IReadOnlyList<Choice> choices, ref IReadOnlyList<Choice> asleep)
    {
        var state = run.Fingerprint();
        if (!_seen.TryGetValue(state, out var before))
        {
            _seen[state] = asleep;
            return [.. choices.Except(asleep)];
        }

        var news = before.Except(asleep).ToList();
        _seen[state] = asleep = [.. before.Intersect(asleep)];
        return news.Count == 0 ? null : [.. choices.Intersect(news)];
    }

    private static void Check(Run run, Func<IDocumentStore, Task> check, List<int> schedule)
    {
        try
        {
            run.Finish(check);
        }
        catch (Exception e)
        {
            throw new InterleavingException($"After the schedule {string.Join(' ', schedule)}:\n{run.Told}\n{e.Message}", e);
        }
    }

    private sealed class Run : IDisposable
    {
        private readonly MemoryDocumentStore _store = new();
        private readonly IReadOnlyList<Work> _workers;
        private readonly Pump _pump = new();
        private readonly List<Pending> _pending = [];
        private readonly List<string> _told = [];

        // Every answer a worker got. Calls that it makes at once may be answered in any order: what it does next depends on the answers.
        private readonly List<string>[] _histories;
        private readonly int[] _lives;
        private readonly Task[] _tasks;
        private int _crashesLeft;

        public Run(Func<IDocumentStore, Task> prepare, IReadOnlyList<Work> workers, int crashes)
        {
            _workers = workers;
            _crashesLeft = crashes;
            _histories = [.. workers.Select(_ => new List<string>())];
            _lives = new int[workers.Count];
            _tasks = new Task[workers.Count];
            _pump.Run(() => prepare(_store));
            for (var worker = 0; worker < workers.Count; worker++)
            {
                Start(worker);
            }
        }

        public string Told => string.Join('\n', _told);

        /// <summary>Steps that can be taken now; with a crash to spare, each worker that is not done can crash as well.</summary>
        public List<Choice> Choices =>
        [
            .. _pending.Select(p => p.Choice),
            .. _crashesLeft > 0 ? Alive.Select(w => new Choice(w, "crashes", IsCrash: true, IsWrite: false, [])) : [],
        ];

        private IEnumerable<int> Alive => _pending.Select(p => p.Choice.Worker).Distinct().Order();

        public void Step(int choice)
        {
            if (choice >= _pending.Count)
            {
                var worker = Alive.ElementAt(choice - _pending.Count);
                _told.Add($"{worker} crashes");
                _crashesLeft--;
                _lives[worker]++;
                _histories[worker].Clear();
                _pending.RemoveAll(p => p.Choice.Worker == worker);
                Start(worker);
                return;
            }

            var step = _pending[choice];
            _pending.RemoveAt(choice);
            _told.Add($"{step.Choice.Worker} {step.Choice.What}");
            _pump.Run(() =>
            {
                var answer = step.Take();
                _histories[step.Choice.Worker].Add($"{step.Choice.What} {answer}");
                return Task.CompletedTask;
            });
            Throw();
        }

        public string Fingerprint() => StableHash.Of([_store.Fingerprint(), $"{_crashesLeft}", .. _histories.Select(h => StableHash.Of([.. h.Order(StringComparer.Ordinal)])), .. _pending.Select(p => $"{p.Choice.Worker} {p.Choice.What}")]);

        public void Finish(Func<IDocumentStore, Task> check) => _pump.Run(() => check(_store));

        public void Dispose() => _pump.Dispose();

        private void Start(int worker)
        {
            var life = _lives[worker];
            _pump.Run(() =>
            {
                _tasks[worker] = _workers[worker](new SteppedStore(_store, new Turns(this, worker, life)));
                return Task.CompletedTask;
            });
            Throw();
        }

        private void Throw()
        {
            if (_tasks.FirstOrDefault(t => t?.IsFaulted == true) is { } failed)
            {
                throw new InterleavingException($"A worker failed:\n{Told}\n{failed.Exception!.InnerException}", failed.Exception);
            }
        }

        private Task<T> Register<T>(int life, Choice choice, Func<(T Result, string Answer)> take)
        {
            // What a crashed worker still wants to do is never done.
            var done = new TaskCompletionSource<T>();
            if (life == _lives[choice.Worker])
            {
                var twins = _pending.Count(p => p.Choice.Worker == choice.Worker && p.Choice.What == choice.What);
                _pending.Add(new Pending(choice with { Twin = twins }, () =>
                {
                    var (result, answer) = take();
                    done.SetResult(result);
                    return answer;
                }));
                _pending.Sort((left, right) => left.Choice.CompareTo(right.Choice));
            }

            return done.Task;
        }

        private sealed class Turns(Run run, int worker, int life) : IRegistrar
        {
            public Task<T> Register<T>(string what, bool isWrite, IEnumerable<string> places, Func<(T Result, string Answer)> take) =>
                run.Register(life, new Choice(worker, what, IsCrash: false, isWrite, [.. places]), take);
        }

        private sealed record Pending(Choice Choice, Func<string> Take);
    }

    /// <summary>One thing that may happen next: a worker's call of the port, or its crash.</summary>
    private sealed record Choice(int Worker, string What, bool IsCrash, bool IsWrite, string[] Places) : IComparable<Choice>
    {
        /// <summary>Tells calls apart that a worker makes twice at once.</summary>
        public int Twin { get; init; }

        public bool IsIndependentOf(Choice other) =>
            !(IsCrash && other.IsCrash) && !((IsCrash || other.IsCrash) && Worker == other.Worker) && (!(IsWrite || other.IsWrite) || !Places.Intersect(other.Places).Any());

        public bool Equals(Choice? other) => other is not null && Worker == other.Worker && What == other.What && Twin == other.Twin;

        public override int GetHashCode() => HashCode.Combine(Worker, What, Twin);

        public int CompareTo(Choice? other) =>
            Worker != other!.Worker ? Worker.CompareTo(other.Worker) : What != other.What ? string.CompareOrdinal(What, other.What) : Twin.CompareTo(other.Twin);
    }

    /// <summary>Where a worker's steps wait for their turn.</summary>
    private interface IRegistrar
    {
        Task<T> Register<T>(string what, bool isWrite, IEnumerable<string> places, Func<(T Result, string Answer)> take);
    }

    /// <summary>Work on a thread of its own, one continuation after another.</summary>
    private sealed class Pump : SynchronizationContext, IDisposable
    {
        private readonly Queue<(SendOrPostCallback Callback, object? State)> _queue = new();
        private readonly SynchronizationContext? _outer = Current;

        public override void Post(SendOrPostCallback d, object? state) => _queue.Enqueue((d, state));

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        /// <summary>Runs something and all that follows from it until everything waits.</summary>
        public void Run(Func<Task> work)
        {
            SetSynchronizationContext(this);
            try
            {
                var task = work();
                while (_queue.TryDequeue(out var next))
                {
                    next.Callback(next.State);
                }

                if (task.IsFaulted)
                {
                    task.GetAwaiter().GetResult();
                }
            }
            finally
            {
                SetSynchronizationContext(_outer);
            }
        }

        public void Dispose() => _queue.Clear();
    }

    private sealed class SteppedStore(MemoryDocumentStore store, IRegistrar registrar) : IDocumentStore
    {
        public async ValueTask<Document?> ReadAsync(string container, string partition, string id, CancellationToken cancellationToken) =>
            await registrar.Register($"reads {container}/{partition}/{id}", isWrite: false, [PlaceOf(container, partition)], () => With(Now(store.ReadAsync(container, partition, id, default))));

        public async ValueTask<IReadOnlyList<Document?>> ReadManyAsync(string container, IReadOnlyList<DocumentKey> keys, CancellationToken cancellationToken) =>
            await registrar.Register($"reads {container} {string.Join(' ', keys)}", isWrite: false, keys.Select(k => PlaceOf(container, k.Partition)), () => With(Now(store.ReadManyAsync(container, keys, default))));

        public async IAsyncEnumerable<Document> ReadPartitionAsync(string container, string partition, string idPrefix, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var documents = await registrar.Register($"reads all {container}/{partition}/{idPrefix}", isWrite: false, [PlaceOf(container, partition)], () =>
            {
                IReadOnlyList<Document?> all = [.. store.ReadPartitionAsync(container, partition, idPrefix, default).ToBlockingEnumerable(CancellationToken.None)];
                return With(all);
            });
            foreach (var document in documents)
            {
                yield return document!;
            }
        }

        public IAsyncEnumerable<Document> ScanAsync(string container, CancellationToken cancellationToken) => throw new NotSupportedException("No worker scans.");

        public async ValueTask<CommitResult> CommitAsync(string container, string partition, IReadOnlyList<Write> writes, CancellationToken cancellationToken) =>
            await registrar.Register($"writes {container}/{partition} {string.Join(' ', writes.Select(w => w.Id))}", isWrite: true, [PlaceOf(container, partition)], () =>
            {
                var result = Now(store.CommitAsync(container, partition, writes, default));
                return (result, result.ConflictingId ?? "committed");
            });

        private static string PlaceOf(string container, string partition) => $"{container}/{partition}";

        private static T Now<T>(ValueTask<T> done) => done.GetAwaiter().GetResult();

        private static (Document? Result, string Answer) With(Document? document) => (document, Tell(document));

        private static (IReadOnlyList<Document?> Result, string Answer) With(IReadOnlyList<Document?> documents) => (documents, string.Join('\n', documents.Select(Tell)));

        private static string Tell(Document? document) => document is null ? "none" : $"{document.Id} {document.ETag} {System.Text.Encoding.UTF8.GetString(document.Body.Span)}";
    }
}

/// <summary>A schedule that ends wrong.</summary>
public sealed class InterleavingException(string message, Exception? inner = null) : Exception(message, inner);
