using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Tests.Identity;

/// <summary>An order, ticket or profile with nothing but what it takes to tell whose it is.</summary>
public sealed record Thing(int Number, params IReadOnlyList<string> Carries)
{
    public IReadOnlyList<string> Cut { get; init; } = [];

    public IReadOnlyList<string> Sides { get; init; } = [];

    public long Revision { get; init; } = 1;

    /// <summary>What earlier versions carried, where a later one may say otherwise, oldest first.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Before { get; init; } = [];

    /// <summary>What each version carried, the latest last.</summary>
    public IEnumerable<IReadOnlyList<Identifier>> Said => Before.Append(Carries).Select(said => (IReadOnlyList<Identifier>)[.. said.Select(Identifier.Parse).Order()]);

    public EntityKey Key => EntityKey.Of("test", EntityKind.Order, $"{Number}");

    /// <summary>Whose it is, told a second time: of each type what was said last, and nothing of before another account.</summary>
    public IEnumerable<Identifier> Identifiers
    {
        get
        {
            var known = new List<Identifier>();
            foreach (var said in Said)
            {
                bool Names(Identifier i) => i.Type == IdentifierType.Account;
                var isAnother = known.Any(Names) && said.Any(Names) && !known.Where(Names).Intersect(said).Any();
                known.RemoveAll(i => i.Type != IdentifierType.Edge && (isAnother || said.Any(s => s.Type == i.Type)));
                known = [.. known.Union(said)];
            }

            return known;
        }
    }

    /// <summary>Whether two identifiers were ever said together, or by two versions that contradict each other in nothing.</summary>
    public bool SaidTogether(Identifier left, Identifier right) => Said.Any(one => one.Contains(left) && Said.Any(other => other.Contains(right) && one.All(
        i => i.Type == IdentifierType.Edge || one.Where(o => o.Type == i.Type).Intersect(other).Any() || other.All(o => o.Type != i.Type))));

    public EntityChange Change()
    {
        var at = Some.Moment.AddMinutes(Number);
        var state = Said.Select((said, i) => new InteractionRecord { Entity = Key, Id = $"{i}", Version = i, Kind = EntityKind.Order, OccurredAt = at, Identifiers = said })
            .Aggregate((EntityState?)null, EntityFold.Apply)!;
        return new EntityChange
        {
            Revision = Revision,
            State = state with
            {
                Last = new RecordPosition(Revision, "r"),
                Cuts = [.. Cut.Select(Identifier.Parse).Order().Select(c => new DecidedCut(c, "test"))],
                Sides = Sides,
            },
        };
    }

    public override string ToString() => $"{Number}.{Revision}[{string.Concat(Before.Select(b => string.Join(' ', b) + " | "))}{string.Join(' ', Carries)}]{(Cut.Count > 0 ? $" cut {string.Join(' ', Cut)}" : "")}{string.Concat(Sides.Select(s => " " + s))}";
}

/// <summary>The identity stage by itself, on any store: things go in, sets of things that are one customer come out.</summary>
public sealed class IdentityWorld
{
    // One for all worlds: instruments are known to the whole process for as long as they live.
    private static readonly StageTelemetry Telemetry = new(TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<StageTelemetry>.Instance);

    private readonly IDocumentStore _store;
    private readonly Outbox _outbox = new();
    private readonly FinishCustomersHandler _finish;
    private readonly Dictionary<string, Thing> _things = new(StringComparer.Ordinal);

    public IdentityWorld(IDocumentStore store, IdentityRules? rules = null)
    {
        _store = store;
        Rules = rules ?? IdentityRules.Default;
        var claims = new IdentifierClaims(store, Rules);
        Customers = new CustomerStore(store, Rules);
        var reshape = new ReshapeCustomer(Customers, claims, Rules, new IdentityCommands(_outbox, new AuditLog(store, Telemetry, TimeProvider.System), new MessageSeals(store), TimeProvider.System));
        Resolve = new ResolveEntitiesHandler(claims, Customers, reshape, Rules, Telemetry);
        _finish = new FinishCustomersHandler(Customers, reshape, Telemetry);
    }

    public IdentityRules Rules { get; }

    public CustomerStore Customers { get; }

    public ResolveEntitiesHandler Resolve { get; }

    /// <summary>Told, before each attempt, all that is remembered of those before; of one thing at a time.</summary>
    public Action<string> Remembers { get; init; } = _ => { };

    /// <summary>Resolves things as one batch, and what follows from the cuts that were sent.</summary>
    public async Task ResolveAsync(params IReadOnlyList<Thing> things)
    {
        foreach (var thing in things)
        {
            _things[thing.Key.Text] = thing;
        }

        await ResolveAsync(things.Select(t => t.Change()));
        while (_outbox.Sent.TryDequeue(out var message))
        {
            var decided = new List<Thing>();
            foreach (var record in ((Normalization.Normalized)Normalizer.Normalize(message, NormalizationRules.Default)).Records)
            {
                var known = _things[record.Entity.Text];
                decided.Add(_things[record.Entity.Text] = known with { Revision = known.Revision + 1, Cut = [.. known.Cut.Union(record.Identity!.Cut.Select(c => c.Key))] });
            }

            await ResolveAsync(decided.Select(t => t.Change()));
        }
    }

    /// <summary>What the change feed of the customers brings about: each document is handed over once at least after its last change.</summary>
    public async Task FinishAsync() => await _finish.HandleAsync(await _store.ScanAsync(Containers.Customers, default).Select(d => d.As(DocumentJson.Default.CustomerChange)).ToListAsync(), default);

    // The handler's own loop, where each turn can be seen.
    private Task ResolveAsync(IEnumerable<EntityChange> changes) => Task.WhenAll(Resolve.ClustersOf([.. changes]).Select(async cluster =>
    {
        while (cluster.Count > 0)
        {
            Remembers(string.Join('\n', cluster.Select(e => $"{e.Touch.Entity.Text} {e.Touch.EntityRevision} {string.Join(' ', e.Touch.Cut)}; {string.Join(' ', e.Ties)}").Concat(_outbox.Sent.Select(m => System.Text.Encoding.UTF8.GetString(m.Span)))));
            cluster = await Resolve.AttemptAsync(cluster, default);
        }
    }));

    /// <summary>The numbers of the things of each customer, written <c>1,2 3</c>.</summary>
    public async Task<string> CustomersAsync()
    {
        var customers = new List<string>();
        foreach (var (_, touches) in await ReadAsync())
        {
            customers.Add(string.Join(',', touches.Order()));
        }

        return string.Join(' ', customers.Order(StringComparer.Ordinal));
    }

    /// <summary>Everything that is not at rest: things in two customers, summaries that are not their touches' sum, work left over.</summary>
    public async Task<IReadOnlyList<string>> UnrestAsync()
    {
        var unrest = new List<string>();
        var places = new Dictionary<int, string>();
        foreach (var (customer, touches) in await ReadAsync())
        {
            var held = await Customers.ReadAsync(customer, default);
            unrest.AddRange(touches.Where(t => !places.TryAdd(t, customer)).Select(t => $"{t} is in two customers"));
            if (held.Summary.MustReshape || held.Summary.Moving || held.Summary.MergedInto is not null || held.Summary.Touches != touches.Count)
            {
                unrest.Add($"{customer} says {held.Summary.Touches} touches, has {touches.Count}, merged into {held.Summary.MergedInto}, must reshape: {held.Summary.MustReshape}");
            }
        }

        return unrest;
    }

    private async Task<Dictionary<string, List<int>>> ReadAsync()
    {
        var customers = new Dictionary<string, List<int>>();
        await foreach (var document in _store.ScanAsync(Containers.Customers, default))
        {
            if (document.As(DocumentJson.Default.CustomerDocument).Touch is { MovedTo: null } touch)
            {
                (customers.TryGetValue(document.Partition, out var touches) ? touches : customers[document.Partition] = []).Add(int.Parse(touch.Entity.Text.Split(':')[2], System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return customers;
    }

    private sealed class Outbox : IMessageSender
    {
        public System.Collections.Concurrent.ConcurrentQueue<ReadOnlyMemory<byte>> Sent { get; } = new();

        public ValueTask SendAsync(string queue, IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken)
        {
            foreach (var message in messages)
            {
                Sent.Enqueue(message);
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask<long?> DepthAsync(string queue, CancellationToken cancellationToken) => ValueTask.FromResult<long?>(Sent.Count);
    }
}

/// <summary>Who is one customer, told a second time: every pair of things is looked at until nothing changes any more.</summary>
public static class IdentityOracle
{
    public static string Customers(IEnumerable<Thing> things, IdentityRules rules)
    {
        var latest = things.GroupBy(t => t.Number).Select(t => t.MaxBy(v => v.Revision)!).OrderBy(t => t.Number).ToList();
        var groups = latest.Select(t => new HashSet<int> { t.Number }).ToList();
        bool Tie(int left, int right) => latest.Single(t => t.Number == left).Identifiers.Except(latest.Single(t => t.Number == left).Cut.Select(Identifier.Parse))
            .Intersect(latest.Single(t => t.Number == right).Identifiers.Except(latest.Single(t => t.Number == right).Cut.Select(Identifier.Parse)))
            .Any(i => rules.Links(i) && !IsShared(i, latest, rules));
        for (var merged = true; merged;)
        {
            merged = false;
            for (var i = 0; i < groups.Count && !merged; i++)
            {
                for (var j = i + 1; j < groups.Count && !merged; j++)
                {
                    if (groups[i].Any(left => groups[j].Any(right => Tie(left, right))))
                    {
                        groups[i].UnionWith(groups[j]);
                        groups.RemoveAt(j);
                        merged = true;
                    }
                }
            }
        }

        return string.Join(' ', groups.Select(g => string.Join(',', g.Order())).Order(StringComparer.Ordinal));
    }

    private static bool IsShared(Identifier identifier, List<Thing> things, IdentityRules rules) => things
        .SelectMany(t => t.Said.SelectMany(s => s).Where(i => t.SaidTogether(identifier, i)))
        .Where(i => i != identifier && rules.Links(i))
        .Distinct()
        .GroupBy(i => (i.Type, Source: i.Type == IdentifierType.Account ? i.Value.Split(':')[0] : ""))
        .Any(kind => rules.Types.TryGetValue(identifier.Type, out var rule) && rule.Limits.TryGetValue(kind.Key.Type, out var limit) && kind.Count() > limit);
}
