using System.IO.Hashing;
using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Maintenance;

/// <summary>One thing that is not as it follows from the interactions.</summary>
/// <param name="Check">damaged, entity, customer, summary, fact, flow or ledger.</param>
/// <param name="Where">Container, partition and document.</param>
/// <param name="What">What differs; no personal data.</param>
public sealed record Difference(string Check, string Where, string What);

/// <summary>Counts and differences of a verification.</summary>
/// <param name="Records">What sources said.</param>
/// <param name="Entities">Orders, tickets, profiles and browsing days.</param>
/// <param name="Customers">Those with interactions.</param>
/// <param name="Touches">Interactions of customers.</param>
/// <param name="Differences">What is stored otherwise than it follows from the records: a fault of the program or the store.</param>
/// <param name="Totals">Orders whose own total is another than what was read of them: a field of the source that means something else.</param>
public sealed record Verification(long Records, long Entities, long Customers, long Touches, IReadOnlyList<Difference> Differences, IReadOnlyList<Difference> Totals);

/// <summary>The parts of a verification, one after the other.</summary>
public enum VerifyStep
{
    /// <summary>Orders, tickets and profiles against their records.</summary>
    Entities,

    /// <summary>Customers against those.</summary>
    Customers,

    /// <summary>Figures against the customers.</summary>
    Figures,
}

/// <summary>
/// Works out everything from the interactions once more, in one pass and without the incremental code, and compares it with what is stored.
/// Run it on a pipeline that is drained: what is still on its way looks like a difference. Of an order, a ticket or a profile only its ties are kept in memory, and
/// fingerprints of what it should look like elsewhere.
/// </summary>
public sealed class VerifyStore(IDocumentStore store, Ledger ledger, IdentifierClaims claims, IdentityRules rules, ValueOptions options)
{
    private const int MostDifferences = 1_000;
    private const int ThingsAtOnce = 200;

    public async Task<Verification> RunAsync(IProgress<StepProgress<VerifyStep>>? progress, CancellationToken cancellationToken)
    {
        var findings = new Findings();
        var interactions = await CheckEntitiesAsync(findings, progress, cancellationToken);

        // Who is one customer is worked out as a whole; meanwhile everything else is looked at piece by piece.
        var findingTruth = Task.Run(
            async () =>
            {
                var staysShared = await ReadStaysSharedAsync(findings, cancellationToken);
                return IdentityGraph.Truth([.. interactions.Entities.Values.Select(e => e.Ties)], rules, i => staysShared.Count > 0 && staysShared.Contains(ClaimKey.Of(i)));
            },
            CancellationToken.None);
        var checkingTheRest = Task.Run(
            async () =>
            {
                var customers = await CheckCustomersAsync(interactions.Entities.Count, findings, progress, cancellationToken);
                await CheckFlowsAsync(customers, findings, progress, cancellationToken);
                await CheckLedgerAsync(interactions.Deliveries, findings, cancellationToken);
                await CheckShapesAsync(findings, cancellationToken);
                return customers;
            },
            CancellationToken.None);

        // Also where one of them fails: whoever called may close the store then, and nobody must be reading it.
        await Task.WhenAll(findingTruth, checkingTheRest);
        var customers = await checkingTheRest;
        CheckIdentity(interactions.Entities, customers.Touches, await findingTruth, findings);
        return new Verification(interactions.Records, interactions.Entities.Count, customers.Active, customers.Touches.Count, findings.All, findings.Totals);
    }

    // Every entity's state must be the fold of its records.
    private async Task<KnownInteractions> CheckEntitiesAsync(Findings findings, IProgress<StepProgress<VerifyStep>>? progress, CancellationToken cancellationToken)
    {
        var known = new KnownInteractions();
        await ForEachAsync(
            store.ScanByPartitionAsync(Containers.Interactions, cancellationToken),
            entity => Check(entity, findings),
            entity =>
            {
                known.Deliveries.UnionWith(entity.Deliveries);
                known.Records += entity.Deliveries.Count;
                known.PassedOn.UnionWith(entity.PassedOn);
                known.ToPassOn.AddRange(entity.ToPassOn);
                if (entity.Known is { } it)
                {
                    known.Entities[it.Ties.Entity] = it;
                }
            },
            done => progress?.Report(new StepProgress<VerifyStep>(VerifyStep.Entities, done, null)),
            cancellationToken);
        foreach (var (order, record) in known.ToPassOn.Where(r => !known.PassedOn.Contains(r.Record)))
        {
            findings.Add("entity", $"interactions/{order}/{Containers.RecordPrefix}{record}", "A refund of a payment is missing in the order that the payment is a part of.");
        }

        return known;
    }

    private static CheckedEntity Check(IReadOnlyList<Document> entity, Findings findings)
    {
        var contents = entity.Select(d => findings.Read(Containers.Interactions, d, StoredInteractions.AsInteraction)).OfType<InteractionDocument>().ToList();
        var records = contents.FindAll(c => c.Record is not null);
        var state = EntityFold.Of(records.Select(r => r.Record!));
        if (!TypedDocuments.AreAlike(state, contents.Find(c => c.Record is null)?.State, DocumentJson.Default.EntityState))
        {
            findings.Add("entity", $"interactions/{entity[0].Partition}/state", "The stored state is not the fold of the entity's records.");
        }

        if (state?.Order?.Snapshot is { Total: { Differs: true } total } sale && !state.Deleted)
        {
            findings.AddTotal(state.Entity, sale.Currency, total);
        }

        return new CheckedEntity(
            state is null ? null : new KnownEntity(state.OnlyTies(), FingerprintOf(Touch.Of(state, 0))),
            [.. records.Select(r => r.By!)],
            [.. records.Where(r => r.Record is { Part: not null, Refunds: not null }).Select(r => r.Record!.Id)],
            state?.PartOf is { } whole ? [.. records.Where(r => r.Record is { Part: null, Refunds.Count: > 0 }).Select(r => (whole, OrderParts.InWhole(r.Record!, whole).Id))] : []);
    }

    // Every summary must be the sum of its customer's touches, and no entity may count for two.
    private async Task<KnownCustomers> CheckCustomersAsync(int all, Findings findings, IProgress<StepProgress<VerifyStep>>? progress, CancellationToken cancellationToken)
    {
        var known = new KnownCustomers();
        await ForEachAsync(
            store.ScanByPartitionAsync(Containers.Customers, cancellationToken),
            partition => Check(partition[0].Partition, partition, findings),
            customer =>
            {
                known.Active += customer.Exists(t => t.Fact.Kind != EntityKind.Spend) ? 1 : 0;
                foreach (var touch in customer)
                {
                    Expect(known, touch);
                    if (!known.Touches.TryAdd(touch.Entity, touch.Known))
                    {
                        findings.Add("customer", $"customers/{touch.Known.Customer}", "An entity has touches in two customers.");
                    }
                }
            },
            _ => progress?.Report(new StepProgress<VerifyStep>(VerifyStep.Customers, Math.Min(known.Touches.Count, all), all)),
            cancellationToken);
        return known;
    }

    private List<CountedTouch> Check(string customer, IReadOnlyList<Document> documents, Findings findings)
    {
        var contents = documents.Select(d => findings.Read(Containers.Customers, d, c => c.As(DocumentJson.Default.CustomerDocument))).OfType<CustomerDocument>().ToList();
        var touches = contents.Select(c => c.Touch).OfType<Touch>().Where(t => t.MovedTo is null).ToList();
        var summary = contents.Find(c => c.Summary is not null)?.Summary ?? CustomerSummary.Empty(customer);

        // Shared identifiers may outlive the touch that brought them.
        if (summary.MergedInto is not null ? touches.Count > 0 : !TypedDocuments.AreAlike(summary, CustomerSummary.Of(customer, touches) with { Shared = summary.Shared }, DocumentJson.Default.CustomerSummary))
        {
            findings.Add("summary", $"customers/{customer}/summary", "The summary is not the sum of the customer's touches.");
        }

        return touches.ConvertAll(touch =>
        {
            var postings = FlowPostings.Of(touch, options.Calendar);
            return new CountedTouch(touch.Entity, new KnownTouch(customer, touch.Identified, FingerprintOf(touch)), postings, new KnownFact(customer, touch.Kind, touch.Entity, Fingerprint(postings)));
        });
    }

    // What must have been counted of a touch.
    private void Expect(KnownCustomers known, CountedTouch touch)
    {
        if (touch.Postings.Count == 0)
        {
            return;
        }

        var shard = options.ShardOf(touch.Known.Customer);
        var flows = known.Flows.TryGetValue(shard, out var kept) ? kept : known.Flows[shard] = [];
        known.Facts[FingerprintOf(PlaceOf(touch.Fact))] = touch.Fact;
        foreach (var (part, posting) in touch.Postings.SelectMany(FlowPart.Of))
        {
            (flows.TryGetValue(part, out var flow) ? flow : flows[part] = new FlowDay()).Post(posting, 1);
        }
    }

    // What people who are gone shared with others stays shared.
    private async Task<HashSet<string>> ReadStaysSharedAsync(Findings findings, CancellationToken cancellationToken)
    {
        var damaged = new List<string>();
        var staysShared = await claims.ListStaysSharedAsync(damaged, cancellationToken);
        damaged.ForEach(claim => findings.AddDamaged($"{Containers.Identifiers}/{claim}/{Containers.ClaimId}"));
        return staysShared.ToHashSet(StringComparer.Ordinal);
    }

    // The stored customers must be exactly the connected components of entities and linking identifiers.
    private static void CheckIdentity(Dictionary<EntityKey, KnownEntity> entities, Dictionary<EntityKey, KnownTouch> touches, IdentityTruth truth, Findings findings)
    {
        foreach (var (entity, touch) in touches)
        {
            if (!entities.TryGetValue(entity, out var known) || known.Touch != touch.Fingerprint || touch.IsIdentified != truth.Identified.Contains(entity))
            {
                findings.Add("customer", $"customers/{touch.Customer}/{entity}", "The touch is not what its entity's records make of it.");
            }
        }

        var customerOf = new Dictionary<int, string>();
        var componentOf = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (entity, component) in truth.Customers.SelectMany((entities, i) => entities.Select(e => (e.Entity, i))))
        {
            if (!touches.TryGetValue(entity, out var touch))
            {
                findings.Add("customer", $"interactions/{entity}", "The entity belongs to no customer.");
            }
            else if ((customerOf.TryAdd(component, touch.Customer) ? touch.Customer : customerOf[component]) != touch.Customer
                || (componentOf.TryAdd(touch.Customer, component) ? component : componentOf[touch.Customer]) != component)
            {
                findings.Add("customer", $"customers/{touch.Customer}", "The customer is not the set of entities that its identifiers connect.");
            }
        }
    }

    // The flow days must be the sum of all touches' postings, and each fact what its touch counts as.
    private async Task CheckFlowsAsync(KnownCustomers customers, Findings findings, IProgress<StepProgress<VerifyStep>>? progress, CancellationToken cancellationToken)
    {
        var nothing = Fingerprint<IReadOnlyList<FlowPosting>>([]);
        await ForEachAsync(
            store.ScanAsync(Containers.Values, cancellationToken),
            document => (document.Partition, document.Id, Found: ReadFigures(document, findings)),
            stored =>
            {
                var where = $"{stored.Partition}/{stored.Id}";
                if (stored.Id.StartsWith(Containers.FlowPrefix, StringComparison.Ordinal))
                {
                    var sum = customers.Flows.TryGetValue(stored.Partition, out var flows) && flows.Remove(FlowPart.Parse(stored.Id), out var found) ? found : new FlowDay();
                    if (stored.Found is { } day && day != Fingerprint(Sorted(sum)))
                    {
                        findings.Add("flow", $"values/{where}", "The day's figures are not the sum of the touches.");
                    }
                }
                else
                {
                    var expected = customers.Facts.Remove(FingerprintOf(where), out var counted) ? counted.Postings : nothing;
                    if (stored.Found is { } fact && fact != expected)
                    {
                        findings.Add("fact", $"values/{where}", "What was counted of the touch is not what the touch says.");
                    }
                }
            },
            done => progress?.Report(new StepProgress<VerifyStep>(VerifyStep.Figures, done, null)),
            cancellationToken);

        foreach (var (shard, flows) in customers.Flows)
        {
            foreach (var part in flows.Where(f => f.Value.Cells.Count > 0).Select(f => f.Key))
            {
                findings.Add("flow", $"values/{shard}/{part.Id}", "The day's figures are missing.");
            }
        }

        foreach (var fact in customers.Facts.Values)
        {
            findings.Add("fact", $"values/{PlaceOf(fact)}", "A touch was never counted.");
        }
    }

    // The fingerprint of a day, or of what was counted of a touch; null where there is none, or it cannot be read.
    private static UInt128? ReadFigures(Document document, Findings findings)
    {
        if (document.Id.StartsWith(Containers.FlowPrefix, StringComparison.Ordinal))
        {
            return findings.Read(Containers.Values, document, d => d.As(DocumentJson.Default.FlowDay)) is { } day ? Fingerprint(Sorted(day)) : null;
        }

        if (document.Id == Containers.HeadId)
        {
            findings.Read(Containers.Values, document, d => d.As(DocumentJson.Default.ShardHead));
            return null;
        }

        return findings.Read(Containers.Values, document, d => d.As(DocumentJson.Default.Fact)) is { } fact ? Fingerprint(fact.Postings) : null;
    }

    // Stored and quarantined messages can be counted a second way.
    private async Task CheckLedgerAsync(HashSet<string> deliveries, Findings findings, CancellationToken cancellationToken)
    {
        var total = await ledger.TotalAsync(cancellationToken);
        var quarantined = 0L;
        await foreach (var document in store.ScanAsync(Containers.Quarantine, cancellationToken))
        {
            findings.Read(Containers.Quarantine, document, d => d.As(DocumentJson.Default.QuarantinedMessage));
            quarantined++;
        }

        if (total.Received != total.Stored + total.Duplicate + total.Ignored + total.Quarantined + total.Discarded + total.Erased)
        {
            findings.Add("ledger", "ledger", "Received is not stored + duplicate + ignored + quarantined + discarded + erased.");
        }

        if (total.Stored != deliveries.Count)
        {
            findings.Add("ledger", "ledger", $"{total.Stored} messages are counted as stored; the records name {deliveries.Count}.");
        }

        if (total.Quarantined != quarantined)
        {
            findings.Add("ledger", "ledger", $"{total.Quarantined} messages are counted as quarantined; {quarantined} are there.");
        }
    }

    private async Task CheckShapesAsync(Findings findings, CancellationToken cancellationToken)
    {
        foreach (var (partition, id) in new[] { (RulesStamp.Partition, Containers.StampId), (FirstInstances.Partition, FirstInstances.Id) })
        {
            if (await store.ReadAsync(Containers.Identifiers, partition, id, cancellationToken) is { } single)
            {
                findings.Read(Containers.Identifiers, single, Containers.Of(Containers.Identifiers).Read);
            }
        }

        foreach (var container in Containers.Described.Where(c => c.IsVerifiedAlone))
        {
            await foreach (var document in store.ScanAsync(container.Name, cancellationToken))
            {
                findings.Read(container.Name, document, container.Read);
            }
        }
    }

    // Each thing is looked at by itself, several at once; what is seen is put together one after the other.
    private static Task ForEachAsync<T, TSeen>(IAsyncEnumerable<T> things, Func<T, TSeen> look, Action<TSeen> keep, Action<long> told, CancellationToken cancellationToken)
    {
        var gate = new Lock();
        var done = 0L;
        return Parallel.ForEachAsync(things.Chunk(ThingsAtOnce), cancellationToken, (some, _) =>
        {
            var seen = Array.ConvertAll(some, thing => look(thing));
            lock (gate)
            {
                Array.ForEach(seen, keep);
                told(done += some.Length);
            }

            return ValueTask.CompletedTask;
        });
    }

    private static FlowDay Sorted(FlowDay flow) => new()
    {
        Cells = flow.Cells.OrderBy(c => c.Key, StringComparer.Ordinal)
            .ToDictionary(c => c.Key, c => c.Value.OrderBy(m => m.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal),
    };

    // Of what follows from the entity's records alone.
    private static UInt128 FingerprintOf(Touch touch) => Fingerprint(touch with { EntityRevision = 0, Revision = 0, Moves = 0, Identified = false });

    private static UInt128 Fingerprint<T>(T value) => XxHash128.HashToUInt128(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(value, typeof(T), DocumentJson.Default));

    private static UInt128 FingerprintOf(string place) => XxHash128.HashToUInt128(System.Text.Encoding.UTF8.GetBytes(place));

    private string PlaceOf(KnownFact fact) => $"{options.ShardOf(fact.Customer)}/{new FactId(fact.Kind, fact.Customer, fact.Entity)}";

    /// <param name="Ties">The entity's state, but for what ties it to others nothing of it.</param>
    /// <param name="Touch">Of the touch that its records make.</param>
    private sealed record KnownEntity(EntityState Ties, UInt128 Touch);

    /// <param name="Known">Null where nothing can be read of it.</param>
    /// <param name="Deliveries">The deliveries that its records are from.</param>
    /// <param name="PassedOn">Ids of its records that stand for those of a payment.</param>
    /// <param name="ToPassOn">Of a payment that is a part of an order: the records that must stand there.</param>
    private sealed record CheckedEntity(KnownEntity? Known, IReadOnlyList<string> Deliveries, IReadOnlyList<string> PassedOn, IReadOnlyList<(EntityKey Order, string Record)> ToPassOn);

    /// <param name="Customer">Whom it counts for.</param>
    /// <param name="IsIdentified">Whether it says that somebody is known there.</param>
    /// <param name="Fingerprint">Of all else that follows from the entity's records.</param>
    private readonly record struct KnownTouch(string Customer, bool IsIdentified, UInt128 Fingerprint);

    private readonly record struct KnownFact(string Customer, EntityKind Kind, EntityKey Entity, UInt128 Postings);

    /// <summary>A touch of a customer, and what must have been counted of it.</summary>
    private sealed record CountedTouch(EntityKey Entity, KnownTouch Known, IReadOnlyList<FlowPosting> Postings, KnownFact Fact);

    private sealed class KnownInteractions
    {
        public long Records { get; set; }

        public Dictionary<EntityKey, KnownEntity> Entities { get; } = [];

        /// <summary>The deliveries that records are from.</summary>
        public HashSet<string> Deliveries { get; } = new(StringComparer.Ordinal);

        /// <summary>Records of orders that stand for records of payments, and those that must.</summary>
        public HashSet<string> PassedOn { get; } = new(StringComparer.Ordinal);

        public List<(EntityKey Order, string Record)> ToPassOn { get; } = [];
    }

    private sealed class KnownCustomers
    {
        /// <summary>Customers with interactions.</summary>
        public long Active { get; set; }

        public Dictionary<EntityKey, KnownTouch> Touches { get; } = [];

        /// <summary>The days as they must be, by shard.</summary>
        public Dictionary<string, Dictionary<FlowPart, FlowDay>> Flows { get; } = new(StringComparer.Ordinal);

        /// <summary>What must have been counted, by the fingerprint of its place.</summary>
        public Dictionary<UInt128, KnownFact> Facts { get; } = [];
    }

    /// <summary>What is not as it should be, from wherever it is looked for.</summary>
    private sealed class Findings
    {
        private readonly Lock _gate = new();
        private readonly List<Difference> _all = [];
        private readonly List<Difference> _totals = [];

        public IReadOnlyList<Difference> All => [.. _all.OrderBy(d => d.Where, StringComparer.Ordinal)];

        public void Add(string check, string where, string what)
        {
            lock (_gate)
            {
                if (_all.Count < MostDifferences)
                {
                    _all.Add(new Difference(check, where, what));
                }
            }
        }

        public IReadOnlyList<Difference> Totals => [.. _totals.OrderBy(d => d.Where, StringComparer.Ordinal)];

        public void AddTotal(EntityKey entity, string currency, TotalCheck total)
        {
            lock (_gate)
            {
                if (_totals.Count < MostDifferences)
                {
                    _totals.Add(new Difference(
                        TotalCheck.Flag, entity.Text, $"Its source states {Money.ToMajor(total.Stated, currency)} {currency}, and {Money.ToMajor(total.Read, currency)} {currency} was read."));
                }
            }
        }

        public void AddDamaged(string where) => Add("damaged", where, "What is stored is not what this program writes.");

        /// <summary>What is read from a document; null where it cannot be read, which is found then, and the rest is looked at all the same.</summary>
        public T? Read<T>(string container, Document document, Func<Document, T> read)
            where T : class
        {
            var value = document.ReadOrNull(read);
            if (value is null)
            {
                AddDamaged($"{container}/{document.Partition}/{document.Id}");
            }

            return value;
        }
    }
}
