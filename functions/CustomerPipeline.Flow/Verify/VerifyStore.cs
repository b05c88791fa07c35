using System.IO.Hashing;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.Flow.Ingest;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Resolve;
using CustomerPipeline.Flow.Value;

namespace CustomerPipeline.Flow.Verify;

/// <summary>One thing that is not as it follows from the interactions.</summary>
/// <param name="Check">damaged, entity, customer, summary, fact, flow or ledger.</param>
/// <param name="Where">Container, partition and document.</param>
/// <param name="What">What differs; no personal data.</param>
public sealed record Difference(string Check, string Where, string What);

/// <summary>Counts and differences of a verification.</summary>
public sealed record Verification(long Records, long Entities, long Customers, long Touches, IReadOnlyList<Difference> Differences);

/// <summary>
/// Works out everything from the interactions once more, in one pass and without the incremental code, and compares it with what is stored.
/// Run it on a pipeline that is drained: what is still on its way looks like a difference. Of an order, a ticket or a profile only its ties are kept in memory, and
/// fingerprints of what it should look like elsewhere.
/// </summary>
public sealed class VerifyStore(IDocumentStore store, Ledger ledger, IdentifierClaims claims, IdentityRules rules, ValueOptions options)
{
    private const int MostDifferences = 1_000;
    private const int EntitiesAtOnce = 200;

    public async Task<Verification> RunAsync(IProgress<long>? progress, CancellationToken cancellationToken)
    {
        // Half of what there is to read and to work out goes on beside the other half; each check has a list of its own.
        List<Difference> ofEntities = [], ofCustomers = [], ofIdentity = [], ofFlows = [], ofLedger = [], ofTheRest = [];
        var readingCustomers = Task.Run(() => CheckCustomersAsync(ofCustomers, cancellationToken), CancellationToken.None);
        var checkingFlows = Task.Run(async () => await CheckFlowsAsync(await readingCustomers, ofFlows, cancellationToken), CancellationToken.None);
        var checkingTheRest = Task.Run(
            async () =>
            {
                var (entities, records, deliveries) = await CheckEntitiesAsync(ofEntities, progress, cancellationToken);
                CheckIdentity(entities, (await readingCustomers).Touches, await ReadStaysSharedAsync(ofIdentity, cancellationToken), ofIdentity);
                await CheckLedgerAsync(deliveries, ofLedger, cancellationToken);
                await CheckShapesAsync(ofTheRest, cancellationToken);
                return (Entities: entities.Count, Records: records);
            },
            CancellationToken.None);

        // Also where one of them fails: whoever called may close the store then, and nobody must be reading it.
        await Task.WhenAll(checkingFlows, checkingTheRest);
        var (read, customers) = (await checkingTheRest, await readingCustomers);
        return new Verification(
            read.Records, read.Entities, customers.Active, customers.TouchCount, [.. ofEntities.Concat(ofCustomers).Concat(ofIdentity).Concat(ofFlows).Concat(ofLedger).Concat(ofTheRest).Take(MostDifferences)]);
    }

    // Every entity's state must be the fold of its records.
    private async Task<(Dictionary<EntityKey, KnownEntity> Entities, long Records, HashSet<string> Deliveries)> CheckEntitiesAsync(
        List<Difference> differences, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var entities = new Dictionary<EntityKey, KnownEntity>();
        var deliveries = new HashSet<string>(StringComparer.Ordinal);
        var count = 0L;
        await Parallel.ForEachAsync(store.ScanByPartitionAsync(Containers.Interactions, cancellationToken).Chunk(EntitiesAtOnce), cancellationToken, (some, _) =>
        {
            var found = new List<Difference>();
            var checkedNow = some.Select(entity => (Known: Check(entity, found, out var records), Records: records)).ToList();
            lock (entities)
            {
                foreach (var (known, records) in checkedNow)
                {
                    deliveries.UnionWith(records.Select(r => r.By!));
                    count += records.Count;
                    if (known is not null)
                    {
                        entities[known.Ties.Entity] = known;
                    }
                }

                differences.AddRange(found.Take(MostDifferences - differences.Count));
                progress?.Report(count);
            }

            return ValueTask.CompletedTask;
        });
        return (entities, count, deliveries);
    }

    private static KnownEntity? Check(IReadOnlyList<Document> entity, List<Difference> differences, out List<InteractionDocument> records)
    {
        var contents = entity.Select(d => Read(Containers.Interactions, d, StoredInteractions.AsInteraction, differences)).OfType<InteractionDocument>().ToList();
        records = contents.FindAll(c => c.Record is not null);
        var state = EntityFold.Of(records.Select(r => r.Record!));
        if (!TypedDocuments.AreAlike(state, contents.Find(c => c.Record is null)?.State, FlowJson.Default.EntityState))
        {
            Add(differences, "entity", $"interactions/{entity[0].Partition}/state", "The stored state is not the fold of the entity's records.");
        }

        return state is null ? null : new KnownEntity(OnlyTiesOf(state), FingerprintOf(Touch.Of(state, 0)));
    }

    // Every summary must be the sum of its customer's touches, and no entity may count for two.
    private async Task<KnownCustomers> CheckCustomersAsync(List<Difference> differences, CancellationToken cancellationToken)
    {
        var known = new KnownCustomers();
        await foreach (var partition in store.ScanByPartitionAsync(Containers.Customers, cancellationToken))
        {
            var customer = partition[0].Partition;
            var contents = partition.Select(d => Read(Containers.Customers, d, c => c.As(FlowJson.Default.CustomerDocument), differences)).OfType<CustomerDocument>().ToList();
            var touches = contents.Select(c => c.Touch).OfType<Touch>().Where(t => t.MovedTo is null).ToList();
            var summary = contents.Find(c => c.Summary is not null)?.Summary ?? CustomerSummary.Empty(customer);

            // Shared identifiers may outlive the touch that brought them.
            if (summary.MergedInto is not null ? touches.Count > 0 : !TypedDocuments.AreAlike(summary, CustomerSummary.Of(customer, touches) with { Shared = summary.Shared }, FlowJson.Default.CustomerSummary))
            {
                Add(differences, "summary", $"customers/{customer}/summary", "The summary is not the sum of the customer's touches.");
            }

            known.Active += touches.Count > 0 ? 1 : 0;
            foreach (var touch in touches)
            {
                known.TouchCount++;
                Expect(known, customer, touch);
                if (!known.Touches.TryAdd(touch.Entity, new KnownTouch(customer, touch.Identified, FingerprintOf(touch))))
                {
                    Add(differences, "customer", $"customers/{customer}", "An entity has touches in two customers.");
                }
            }
        }

        return known;
    }

    // What must have been counted of a touch.
    private void Expect(KnownCustomers known, string customer, Touch touch)
    {
        var postings = FlowPostings.Of(touch, options.Calendar);
        if (postings.Count == 0)
        {
            return;
        }

        var shard = options.ShardOf(customer);
        var flows = known.Flows.TryGetValue(shard, out var kept) ? kept : known.Flows[shard] = [];
        var fact = new KnownFact(customer, touch.Kind, touch.Entity, Fingerprint(postings));
        known.Facts[FingerprintOf(PlaceOf(fact))] = fact;
        foreach (var (part, posting) in postings.SelectMany(FlowPart.Of))
        {
            (flows.TryGetValue(part, out var flow) ? flow : flows[part] = new FlowDay()).Post(posting, 1);
        }
    }

    // What people who are gone shared with others stays shared.
    private async Task<HashSet<string>> ReadStaysSharedAsync(List<Difference> differences, CancellationToken cancellationToken)
    {
        var damaged = new List<string>();
        var staysShared = await claims.ListStaysSharedAsync(damaged, cancellationToken);
        damaged.ForEach(claim => AddDamaged(differences, $"{Containers.Identifiers}/{claim}/{Containers.ClaimId}"));
        return staysShared.ToHashSet(StringComparer.Ordinal);
    }

    // The stored customers must be exactly the connected components of entities and linking identifiers.
    private void CheckIdentity(Dictionary<EntityKey, KnownEntity> entities, Dictionary<EntityKey, KnownTouch> touches, HashSet<string> staysShared, List<Difference> differences)
    {
        var truth = IdentityGraph.Truth([.. entities.Values.Select(e => e.Ties)], rules, i => staysShared.Count > 0 && staysShared.Contains(IdentifierClaims.KeyOf(i)));
        foreach (var (entity, touch) in touches)
        {
            if (!entities.TryGetValue(entity, out var known) || known.Touch != touch.Fingerprint || touch.IsIdentified != truth.Identified.Contains(entity))
            {
                Add(differences, "customer", $"customers/{touch.Customer}/{entity}", "The touch is not what its entity's records make of it.");
            }
        }

        var customerOf = new Dictionary<int, string>();
        var componentOf = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (entity, component) in truth.Customers.SelectMany((entities, i) => entities.Select(e => (e.Entity, i))))
        {
            if (!touches.TryGetValue(entity, out var touch))
            {
                Add(differences, "customer", $"interactions/{entity}", "The entity belongs to no customer.");
            }
            else if ((customerOf.TryAdd(component, touch.Customer) ? touch.Customer : customerOf[component]) != touch.Customer
                || (componentOf.TryAdd(touch.Customer, component) ? component : componentOf[touch.Customer]) != component)
            {
                Add(differences, "customer", $"customers/{touch.Customer}", "The customer is not the set of entities that its identifiers connect.");
            }
        }
    }

    // The flow days must be the sum of all touches' postings, and each fact what its touch counts as.
    private async Task CheckFlowsAsync(KnownCustomers customers, List<Difference> differences, CancellationToken cancellationToken)
    {
        var nothing = Fingerprint<IReadOnlyList<FlowPosting>>([]);
        await foreach (var document in store.ScanAsync(Containers.Values, cancellationToken))
        {
            var where = $"{document.Partition}/{document.Id}";
            if (document.Id.StartsWith(Containers.FlowPrefix, StringComparison.Ordinal))
            {
                var sum = customers.Flows.TryGetValue(document.Partition, out var flows) && flows.Remove(FlowPart.Parse(document.Id), out var found) ? found : new FlowDay();
                if (Read(Containers.Values, document, d => d.As(FlowJson.Default.FlowDay), differences) is { } stored && !TypedDocuments.AreAlike(Sorted(sum), Sorted(stored), FlowJson.Default.FlowDay))
                {
                    Add(differences, "flow", $"values/{where}", "The day's figures are not the sum of the touches.");
                }
            }
            else if (document.Id == Containers.HeadId)
            {
                Read(Containers.Values, document, d => d.As(FlowJson.Default.ShardHead), differences);
            }
            else
            {
                var expected = customers.Facts.Remove(FingerprintOf(where), out var counted) ? counted.Postings : nothing;
                if (Read(Containers.Values, document, d => d.As(FlowJson.Default.Fact), differences) is { } stored && Fingerprint(stored.Postings) != expected)
                {
                    Add(differences, "fact", $"values/{where}", "What was counted of the touch is not what the touch says.");
                }
            }
        }

        foreach (var (shard, flows) in customers.Flows)
        {
            foreach (var part in flows.Where(f => f.Value.Cells.Count > 0).Select(f => f.Key))
            {
                Add(differences, "flow", $"values/{shard}/{part.Id}", "The day's figures are missing.");
            }
        }

        foreach (var fact in customers.Facts.Values)
        {
            Add(differences, "fact", $"values/{PlaceOf(fact)}", "A touch was never counted.");
        }
    }

    // Stored and quarantined messages can be counted a second way.
    private async Task CheckLedgerAsync(HashSet<string> deliveries, List<Difference> differences, CancellationToken cancellationToken)
    {
        var total = await ledger.TotalAsync(cancellationToken);
        var quarantined = 0L;
        await foreach (var document in store.ScanAsync(Containers.Quarantine, cancellationToken))
        {
            Read(Containers.Quarantine, document, d => d.As(FlowJson.Default.QuarantinedMessage), differences);
            quarantined++;
        }

        if (total.Received != total.Stored + total.Duplicate + total.Ignored + total.Quarantined + total.Discarded + total.Erased)
        {
            Add(differences, "ledger", "ledger", "Received is not stored + duplicate + ignored + quarantined + discarded + erased.");
        }

        if (total.Stored != deliveries.Count)
        {
            Add(differences, "ledger", "ledger", $"{total.Stored} messages are counted as stored; the records name {deliveries.Count}.");
        }

        if (total.Quarantined != quarantined)
        {
            Add(differences, "ledger", "ledger", $"{total.Quarantined} messages are counted as quarantined; {quarantined} are there.");
        }
    }

    private async Task CheckShapesAsync(List<Difference> differences, CancellationToken cancellationToken)
    {
        if (await store.ReadAsync(Containers.Identifiers, RulesInForce.Partition, Containers.StampId, cancellationToken) is { } stamp)
        {
            Read(Containers.Identifiers, stamp, d => StoredShapes.Read(Containers.Identifiers, d), differences);
        }

        foreach (var container in StoredShapes.Standalone)
        {
            await foreach (var document in store.ScanAsync(container, cancellationToken))
            {
                Read(container, document, d => StoredShapes.Read(container, d), differences);
            }
        }
    }

    // What cannot be read is named, and the rest is looked at all the same.
    private static T? Read<T>(string container, Document document, Func<Document, T> read, List<Difference> differences)
        where T : class
    {
        var value = document.ReadOrNull(read);
        if (value is null)
        {
            AddDamaged(differences, $"{container}/{document.Partition}/{document.Id}");
        }

        return value;
    }

    private static void AddDamaged(List<Difference> differences, string where) => Add(differences, "damaged", where, "What is stored is not what this program writes.");

    private static void Add(List<Difference> differences, string check, string where, string what)
    {
        if (differences.Count < MostDifferences)
        {
            differences.Add(new Difference(check, where, what));
        }
    }

    private static FlowDay Sorted(FlowDay flow) => new()
    {
        Cells = flow.Cells.OrderBy(c => c.Key, StringComparer.Ordinal)
            .ToDictionary(c => c.Key, c => c.Value.OrderBy(m => m.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal),
    };

    private static EntityState OnlyTiesOf(EntityState state) =>
        state with { Channel = null, Sides = [], Place = null, Campaign = null, Order = null, Ticket = null, Person = null, Browsed = null, Goods = [] };

    // Of what follows from the entity's records alone.
    private static UInt128 FingerprintOf(Touch touch) => Fingerprint(touch with { EntityRevision = 0, Revision = 0, Moves = 0, Identified = false });

    private static UInt128 Fingerprint<T>(T value) => XxHash128.HashToUInt128(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(value, typeof(T), FlowJson.Default));

    private static UInt128 FingerprintOf(string place) => XxHash128.HashToUInt128(System.Text.Encoding.UTF8.GetBytes(place));

    private string PlaceOf(KnownFact fact) => $"{options.ShardOf(fact.Customer)}/{CountTouchesHandler.FactId(fact.Customer, fact.Kind, fact.Entity)}";

    /// <param name="Ties">The entity's state, but for what ties it to others nothing of it.</param>
    /// <param name="Touch">Of the touch that its records make.</param>
    private sealed record KnownEntity(EntityState Ties, UInt128 Touch);

    /// <param name="Customer">Whom it counts for.</param>
    /// <param name="IsIdentified">Whether it says that somebody is known there.</param>
    /// <param name="Fingerprint">Of all else that follows from the entity's records.</param>
    private readonly record struct KnownTouch(string Customer, bool IsIdentified, UInt128 Fingerprint);

    private readonly record struct KnownFact(string Customer, EntityKind Kind, EntityKey Entity, UInt128 Postings);

    private sealed class KnownCustomers
    {
        /// <summary>Customers with interactions.</summary>
        public long Active { get; set; }

        public long TouchCount { get; set; }

        public Dictionary<EntityKey, KnownTouch> Touches { get; } = [];

        /// <summary>The days as they must be, by shard.</summary>
        public Dictionary<string, Dictionary<FlowPart, FlowDay>> Flows { get; } = new(StringComparer.Ordinal);

        /// <summary>What must have been counted, by the fingerprint of its place.</summary>
        public Dictionary<UInt128, KnownFact> Facts { get; } = [];
    }
}
