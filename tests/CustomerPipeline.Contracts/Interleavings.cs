using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain;

namespace CustomerPipeline.Contracts;

/// <summary>A worker of an exploration: what it does on a store, from its beginning; after a crash it begins again, unless it is one that leaves.</summary>
/// <param name="store">The store; each call waits for its turn.</param>
/// <param name="remembers">To be told whenever nothing that the worker read has a bearing any more on what it does next, but what it says here.</param>
public delegate Task Work(IDocumentStore store, Action<string> remembers);

/// <summary>What an exploration found.</summary>
/// <param name="States">Distinct states of the store and all workers.</param>
/// <param name="Ends">Distinct states in which every worker was done; all were found right.</param>
/// <param name="IsComplete">Whether no state was left out that there is within the bounds.</param>
public sealed record Exploration(int States, int Ends, bool IsComplete);

/// <summary>
/// Runs workers against a store step by step, a step being one call of the port, or one document of a call that reads several, in every order there is, with crashes between any two steps. A worker is
/// deterministic, so its state follows from the answers it got; a state of store and workers that was seen before leads nowhere new. Of two steps that have
/// nothing to do with each other only one order is run: sleep sets (Godefroid 1996, Partial-Order Methods for the Verification of Concurrent Systems, ch. 5).
/// Of versions it counts only how far they are behind the store, which is all that a worker can find out about them: ETags by comparing two of them, the
/// revision in a document by taking one from another.
/// </summary>
/// <param name="crashes">How many crashes there may be.</param>
/// <param name="mostStates">After how many states to stop.</param>
/// <param name="preemptions">
/// How often a worker may have to wait for another although it could go on; null for no bound. What goes wrong at all mostly does so with few of them
/// (Musuvathi and Qadeer 2007, Iterative Context Bounding for Systematic Testing of Multithreaded Programs), and so bounded a space can be exhausted.
/// </param>
/// <param name="isInOrder">Whether calls that a worker makes at once are answered in one order only, where there are too many orders to run them all.</param>
public sealed partial class Interleavings(int crashes, int mostStates, int? preemptions = null, bool isInOrder = false)
{
    // A worker that goes on for so long will go on for ever.
    private const int MostSteps = 1_000;

    private readonly Dictionary<string, IReadOnlyList<Choice>> _seen = new(StringComparer.Ordinal);
    private int _ends;

    /// <summary>Explores.</summary>
    /// <param name="prepare">Fills a store, before anything is interleaved.</param>
    /// <param name="workers">The workers.</param>
    /// <param name="check">Looks at a store when every worker is done.</param>
    /// <param name="leaves">Of the workers, one that does not begin again after a crash, because another does the same: a host that has lost its lease. Then no other crashes.</param>
    /// <exception cref="InterleavingException">A check failed, or the workers never come to an end; the message tells the schedule.</exception>
    public Exploration Explore(Func<IDocumentStore, Task> prepare, IReadOnlyList<Work> workers, Func<IDocumentStore, Task> check, int? leaves = null)
    {
        var open = new Stack<(int[] Prefix, IReadOnlyList<Choice> Asleep)>();
        open.Push(([], []));
        while (_seen.Count < mostStates && open.TryPop(out var next))
        {
            using var run = new Run(prepare, workers, crashes, preemptions, leaves);
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
                    if (isInOrder && !awake[other].IsCrash && awake.Take(other).Any(c => c.Worker == awake[other].Worker))
                    {
                        continue;
                    }

                    open.Push(([.. schedule, choices.IndexOf(awake[other])], Asleep(asleep.Concat(RunInstead(awake.Take(other), awake[other])), awake[other])));
                }

                asleep = Asleep(asleep, awake[0]);
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

    // With a bound, an order that is run instead may cost more than there is left; but not if it is one worker's calls that change places.
    private IEnumerable<Choice> RunInstead(IEnumerable<Choice> earlier, Choice taken) => preemptions is null ? earlier : earlier.Where(c => c.Worker == taken.Worker);

    private static IReadOnlyList<Choice> Asleep(IEnumerable<Choice> asleep, Choice taken) => [.. asleep.Where(c => c.IsIndependentOf(taken))];

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
        private readonly List<Answered>[] _histories;
        private readonly int[] _lives;
        private readonly Task[] _tasks;
        private readonly int? _leaves;
        private int _crashesLeft;

        private int? _preemptionsLeft;
        private int _last = -1;

        public Run(Func<IDocumentStore, Task> prepare, IReadOnlyList<Work> workers, int crashes, int? preemptions, int? leaves)
        {
            _workers = workers;
            _leaves = leaves;
            _crashesLeft = crashes;
            _preemptionsLeft = preemptions;
            _histories = [.. workers.Select(_ => new List<Answered>())];
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
            .. _pending.Select(p => p.Choice).Where(c => _preemptionsLeft != 0 || !Preempts(c)),
            .. _crashesLeft > 0 ? Alive.Where(w => _leaves is not { } one || w == one).Select(w => new Choice(w, "crashes", IsCrash: true, IsWrite: false, "", null)) : [],
        ];

        private bool Preempts(Choice choice) => choice.Worker != _last && _pending.Any(p => p.Choice.Worker == _last);

        private IEnumerable<int> Alive => _pending.Select(p => p.Choice.Worker).Distinct().Order();

        public void Step(int index)
        {
            var choice = Choices[index];
            if (choice.IsCrash)
            {
                var worker = choice.Worker;
                _told.Add($"{worker} crashes");
                _crashesLeft--;
                _lives[worker]++;
                _histories[worker].Clear();
                _pending.RemoveAll(p => p.Choice.Worker == worker);
                if (worker == _leaves)
                {
                    _tasks[worker] = Task.CompletedTask;
                    return;
                }

                Start(worker);
                return;
            }

            if (Preempts(choice))
            {
                _preemptionsLeft--;
            }

            _last = choice.Worker;
            var step = _pending.First(p => p.Choice == choice);
            _pending.Remove(step);
            _told.Add($"{choice.Worker} {choice.What}");
            _pump.Run(() =>
            {
                var answer = step.Take();
                _histories[choice.Worker].Add(new Answered(choice, answer));
                return Task.CompletedTask;
            });
            Throw();
            if (_tasks[choice.Worker].IsCompleted)
            {
                _histories[choice.Worker].Clear();
            }
        }

        public string Fingerprint()
        {
            var parts = new List<string> { $"{_crashesLeft}", _preemptionsLeft is { } left ? $"{left} {(_pending.Any(p => p.Choice.Worker == _last) ? _last : -1)}" : "" };
            foreach (var ((container, partition, id), document) in _store.Documents)
            {
                parts.AddRange([container, partition, id, Revision().Replace(TextOf(document), "")]);
            }

            foreach (var history in _histories)
            {
                var versions = history
                    .SelectMany(a => a.Answer.Documents.OfType<Document>().Select(d => (Place: (a.Choice.Container, d.Partition, d.Id), Version: VersionOf(d))))
                    .ToLookup(d => d.Place, d => d.Version);
                parts.Add(StableHash.Of([.. history.Select(a => Tell(a, versions)).Order(StringComparer.Ordinal)]));
            }

            return StableHash.Of([.. parts, .. _pending.Select(p => $"{p.Choice.Worker} {p.Choice.What}")]);
        }

        private string Tell(Answered answered, ILookup<(string, string, string), int> versions) => string.Join('\n', [answered.Choice.What, answered.Answer.Text, .. answered.Answer.Documents.Select(document =>
        {
            if (document is null)
            {
                return "none";
            }

            var place = (answered.Choice.Container, document.Partition, document.Id);
            var now = _store.Documents[place];
            var behind = versions[place].Append(VersionOf(now)).Distinct().Count(v => v > VersionOf(document));
            var revisionNow = Revision().Match(TextOf(now)).Value;
            return $"{document.Partition} {document.Id} {behind} {Revision().Replace(TextOf(document), r => $"{long.Parse(revisionNow, CultureInfo.InvariantCulture) - long.Parse(r.Value, CultureInfo.InvariantCulture)}")}";
        })]);

        private static string TextOf(Document document) => System.Text.Encoding.UTF8.GetString(document.Body.Span);

        private static int VersionOf(Document document) => int.Parse(document.ETag, CultureInfo.InvariantCulture);

        public void Finish(Func<IDocumentStore, Task> check) => _pump.Run(() => check(_store));

        public void Dispose() => _pump.Dispose();

        private void Start(int worker)
        {
            var life = _lives[worker];
            _pump.Run(() =>
            {
                _tasks[worker] = _workers[worker](new SteppedStore(_store, new Turns(this, worker, life)), memory => Forget(worker, life, memory));
                return Task.CompletedTask;
            });
            Throw();
        }

        private void Forget(int worker, int life, string memory)
        {
            if (life == _lives[worker])
            {
                _histories[worker].Clear();
                _histories[worker].Add(new Answered(new Choice(worker, "begins with", IsCrash: false, IsWrite: false, "", null), new Answer(memory, [])));
            }
        }

        private void Throw()
        {
            if (_tasks.FirstOrDefault(t => t?.IsFaulted == true) is { } failed)
            {
                throw new InterleavingException($"A worker failed:\n{Told}\n{failed.Exception!.InnerException}", failed.Exception);
            }
        }

        private Task<T> Register<T>(int life, Choice choice, Func<(T Result, Answer Answer)> take)
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
            public Task<T> Register<T>(string what, bool isWrite, string container, string partition, Func<(T Result, Answer Answer)> take) =>
                run.Register(life, new Choice(worker, what, IsCrash: false, isWrite, container, $"{container}/{partition}"), take);
        }

        private sealed record Pending(Choice Choice, Func<Answer> Take);

        private sealed record Answered(Choice Choice, Answer Answer);
    }

    /// <summary>One thing that may happen next: a worker's call of the port, or its crash.</summary>
    private sealed record Choice(int Worker, string What, bool IsCrash, bool IsWrite, string Container, string? Place) : IComparable<Choice>
    {
        /// <summary>Tells calls apart that a worker makes twice at once.</summary>
        public int Twin { get; init; }

        public bool IsIndependentOf(Choice other) =>
            !(IsCrash && other.IsCrash) && !((IsCrash || other.IsCrash) && Worker == other.Worker) && (!(IsWrite || other.IsWrite) || Place is null || Place != other.Place);

        public bool Equals(Choice? other) => other is not null && Worker == other.Worker && What == other.What && Twin == other.Twin;

        public override int GetHashCode() => HashCode.Combine(Worker, What, Twin);

        public int CompareTo(Choice? other) =>
            Worker != other!.Worker ? Worker.CompareTo(other.Worker) : What != other.What ? string.CompareOrdinal(What, other.What) : Twin.CompareTo(other.Twin);
    }

    /// <summary>Where a worker's steps wait for their turn.</summary>
    private interface IRegistrar
    {
        Task<T> Register<T>(string what, bool isWrite, string container, string partition, Func<(T Result, Answer Answer)> take);
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
            await registrar.Register($"reads {container}/{partition}/{id}", isWrite: false, container, partition, () => With(Now(store.ReadAsync(container, partition, id, default))));

        // What reads several documents is no snapshot: something may be written between one and the next.
        public async ValueTask<IReadOnlyList<Document?>> ReadManyAsync(string container, IReadOnlyList<DocumentKey> keys, CancellationToken cancellationToken)
        {
            var documents = new List<Document?>(keys.Count);
            foreach (var (partition, id) in keys)
            {
                documents.Add(await ReadAsync(container, partition, id, cancellationToken));
            }

            return documents;
        }

        public async IAsyncEnumerable<Document> ReadPartitionAsync(string container, string partition, string idPrefix, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var last = "";
            while (await registrar.Register($"reads on {container}/{partition}/{idPrefix} {last}", isWrite: false, container, partition, () =>
                With(store.ReadPartitionAsync(container, partition, idPrefix, default).ToBlockingEnumerable(CancellationToken.None).FirstOrDefault(d => string.CompareOrdinal(d.Id, last) > 0))) is { } document)
            {
                last = document.Id;
                yield return document;
            }
        }

        public IAsyncEnumerable<Document> ScanAsync(string container, CancellationToken cancellationToken) => throw new NotSupportedException("No worker scans.");

        public IAsyncEnumerable<Document> ReadAcrossAsync(string container, string id, string from, CancellationToken cancellationToken) => throw new NotSupportedException("No worker scans.");

        public async ValueTask<CommitResult> CommitAsync(string container, string partition, IReadOnlyList<Write> writes, CancellationToken cancellationToken) =>
            await registrar.Register($"writes {container}/{partition} {string.Join(' ', writes.Select(w => w.Id))}", isWrite: true, container, partition, () =>
            {
                var result = Now(store.CommitAsync(container, partition, writes, default));
                return (result, new Answer(result.ConflictingId ?? "committed", []));
            });

        private static T Now<T>(ValueTask<T> done) => done.GetAwaiter().GetResult();

        private static (Document? Result, Answer Answer) With(Document? document) => (document, new Answer("", [document]));
    }

    /// <summary>What the store answered a worker.</summary>
    private sealed record Answer(string Text, IReadOnlyList<Document?> Documents);

    [GeneratedRegex("(?<=\"revision\":)[0-9]+")]
    private static partial Regex Revision();
}

/// <summary>A schedule that ends wrong.</summary>
public sealed class InterleavingException(string message, Exception? inner = null) : Exception(message, inner);
