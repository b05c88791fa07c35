using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Maintenance;

/// <summary>
/// Takes people out of everything (GDPR article 17): first tombstones, so that nothing new of them gets in; then all that is known; and once more, when the stages
/// have passed what was under way. Every step can be repeated, after any crash. Figures keep sums of nobody (<see cref="KeptTotals"/>).
/// A person of whom a document is damaged waits; a damaged document of others keeps nobody waiting: it is told of, and what it says of anybody cannot be read.
/// </summary>
public sealed class ErasePeopleHandler(
    IDocumentStore store, IRawArchive archive, IScheduledMessages scheduled, IShredder shredder, IStageBacklog backlog, PrivacyRequests requests, Tombstones tombstones, KeptTotals totals,
    CustomerStore customers, IdentifierClaims claims, ResolveEntitiesHandler resolve, Ledger ledger, QuarantineStore quarantine, AuditLog audit, NormalizationRules rules, SourceInstances instances, IdentityRules identity, StageTelemetry telemetry, TimeProvider clock)
{
    private const int MostAtOnce = 100;

    private readonly EntityRecords _records = new(store);

    /// <summary>Works on every open erasure, as far as it can be worked on now; on many together, since everything that is kept has to be looked through.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var open = (await requests.ListAsync(cancellationToken)).Where(r => r.Value is { Kind: PrivacyRequest.Erasure, DoneAt: null }).ToList();
        foreach (var some in open.Where(r => r.Value.TakenOutAt is null).Chunk(MostAtOnce))
        {
            await TakeOutAsync(some, cancellationToken);
        }

        if (open.Where(r => r.Value.TakenOutAt is not null).ToList() is { Count: > 0 } takenOut)
        {
            foreach (var some in (await WaitForStagesAsync(takenOut, cancellationToken)).Chunk(MostAtOnce))
            {
                await FinishAsync(some, cancellationToken);
            }
        }
    }

    private async Task TakeOutAsync(IReadOnlyList<Stored<PrivacyRequest>> some, CancellationToken cancellationToken)
    {
        var people = new List<(PrivacyRequest Person, Stored<PrivacyRequest> Held)>();
        foreach (var stored in some)
        {
            // What it is about is written down before anything is taken out: what is gone cannot be asked any more.
            await telemetry.TryAsync(StageTelemetry.Erase, 1, async () =>
            {
                var person = await FindAsync(stored.Value, cancellationToken);
                if (await requests.ReplaceAsync(stored, person, cancellationToken) is { } held)
                {
                    await tombstones.BuryAsync(person.Entities, person.Identifiers, person.At, cancellationToken);
                    people.Add((person, held));
                }
            });
        }

        if (people.Count == 0)
        {
            return;
        }

        await EraseAsync(Erased.All(people.Select(p => p.Person)), cancellationToken);
        foreach (var (person, held) in people)
        {
            await requests.ReplaceAsync(held, person with { TakenOutAt = clock.GetUtcNow() }, cancellationToken);
        }
    }

    // Whatever was read before the tombstones has been written by now, and counted: take it out, too, and leave no trace.
    private async Task FinishAsync(IReadOnlyList<Stored<PrivacyRequest>> some, CancellationToken cancellationToken)
    {
        var people = new List<(PrivacyRequest Person, Stored<PrivacyRequest> Stored)>();
        foreach (var stored in some)
        {
            await telemetry.TryAsync(StageTelemetry.Erase, 1, async () =>
            {
                var person = await FindAsync(stored.Value, cancellationToken);
                if (person.Entities.Count > stored.Value.Entities.Count || person.Returning.Count > stored.Value.Returning.Count)
                {
                    await requests.ReplaceAsync(stored, person with { TakenOutAt = null, PassedStages = 0, PassedAt = null }, cancellationToken);
                }
                else
                {
                    people.Add((person, stored));
                }
            });
        }

        if (people.Count == 0)
        {
            return;
        }

        var erased = Erased.All(people.Select(p => p.Person));
        await EraseAsync(erased, cancellationToken);
        await DeleteRemainsAsync(erased, cancellationToken);
        var isAnyDone = false;
        foreach (var (person, stored) in people)
        {
            isAnyDone |= await requests.ReplaceAsync(stored, person with { Identifiers = [], Entities = [], Returning = [], DoneAt = clock.GetUtcNow() }, cancellationToken) is not null;
        }

        if (isAnyDone)
        {
            await shredder.ShredAsync(cancellationToken);
        }
    }

    // A stage whose oldest work is younger than the erasure has passed all that was there. What it passed is younger in the next one: that has to pass what is there from then on.
    private async Task<IReadOnlyList<Stored<PrivacyRequest>>> WaitForStagesAsync(IReadOnlyList<Stored<PrivacyRequest>> takenOut, CancellationToken cancellationToken)
    {
        var stages = await backlog.ReadAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var ready = new List<Stored<PrivacyRequest>>();
        foreach (var stored in takenOut)
        {
            var request = stored.Value;
            while (request.PassedStages < stages.Count && stages[request.PassedStages] is var stage && (stage.Backlog == 0 || stage.Oldest > (request.PassedAt ?? request.TakenOutAt)))
            {
                request = request with { PassedStages = request.PassedStages + 1, PassedAt = now };
            }

            var held = request == stored.Value ? stored : await requests.ReplaceAsync(stored, request, cancellationToken);
            if (held is not null && request.PassedStages == stages.Count)
            {
                ready.Add(held);
            }
        }

        return ready;
    }

    private async Task<PrivacyRequest> FindAsync(PrivacyRequest request, CancellationToken cancellationToken)
    {
        var claimed = await CustomersOfAsync(request.Identifiers.Where(identity.Links).Select(ClaimKey.Of).Concat(request.Entities.Select(ClaimKey.Of)), cancellationToken);
        var roots = new SortedSet<string>(StringComparer.Ordinal);
        var entities = request.Entities.ToHashSet();
        var returning = request.Returning.ToHashSet();
        var payments = new HashSet<EntityKey>();
        var identifiers = request.Identifiers.ToHashSet();
        foreach (var customer in request.Customers.Concat(claimed).Distinct(StringComparer.Ordinal))
        {
            var root = (await customers.FindRootAsync(customer, cancellationToken)).Summary;
            var touches = await customers.ReadLiveTouchesAsync(root.Customer, cancellationToken).Select(t => t.Value).ToListAsync(cancellationToken);
            var (before, after) = (touches.FindAll(t => t.FirstAt <= request.At || entities.Contains(t.Entity)), touches.FindAll(t => t.FirstAt > request.At && !entities.Contains(t.Entity)));

            // Who has done nothing before they asked has a clock that is ahead.
            if (before.Count == 0 && request.Entities.Count == 0 && request.Customers.Contains(root.Customer))
            {
                (before, after) = (touches, []);
            }

            // A customer of what was done after the request alone is somebody who came back.
            if (before.Count == 0 && !request.Customers.Contains(root.Customer))
            {
                continue;
            }

            roots.Add(root.Customer);
            returning.UnionWith(after.Select(t => t.Entity));
            var shared = root.Shared.ToHashSet();
            foreach (var touch in before)
            {
                entities.Add(touch.Entity);
                payments.UnionWith(await _records.PartsOfAsync(touch.Entity, cancellationToken));
                identifiers.UnionWith(touch.Ties.Where(i => identity.Links(i) && !shared.Contains(i)));
            }
        }

        // A payment with refunds stands by itself, as nothing, until the whole of it is erased.
        foreach (var customer in await CustomersOfAsync(payments.Select(ClaimKey.Of), cancellationToken))
        {
            roots.Add((await customers.FindRootAsync(customer, cancellationToken)).Summary.Customer);
        }

        entities.UnionWith(payments);

        return request with
        {
            Customers = [.. request.Customers.Union(roots)],
            Entities = [.. entities.OrderBy(e => e.Text, StringComparer.Ordinal)],
            Returning = [.. returning.OrderBy(e => e.Text, StringComparer.Ordinal)],
            Identifiers = [.. identifiers.Order()],
        };
    }

    private async Task<IReadOnlyList<string>> CustomersOfAsync(IEnumerable<string> claimKeys, CancellationToken cancellationToken) =>
        [.. (await claims.ReadAsync([.. claimKeys], cancellationToken)).Values.Where(c => !c.Value.IsShared).Select(c => c.Value.Customer).OfType<string>()];

    private async Task EraseAsync(Erased people, CancellationToken cancellationToken)
    {
        var (values, deliveries) = await ReadTracesAsync(people, cancellationToken);
        foreach (var customer in people.Customers)
        {
            await EmptyAsync(customer, people, cancellationToken);
        }

        // Messages before records: while a record is there, its message can be found.
        await EraseMessagesAsync(people, values, deliveries, cancellationToken);
        foreach (var container in Containers.Described.Where(c => c.Kinds.Any(k => k.Erasure is Erasure.WithPartition)))
        {
            foreach (var entity in people.Entities)
            {
                await DeletePartitionAsync(container.Name, entity.Text, cancellationToken);
            }
        }

        await ForgetFormerPartiesAsync(people, cancellationToken);
        await EraseClaimsAsync(people, cancellationToken);
        await EraseDecisionsAsync(people, cancellationToken);
        await ResolveAgainAsync(people.Returning, cancellationToken);
    }

    // Who came back meanwhile begins as somebody new: with nothing that was erased.
    private async Task ResolveAgainAsync(HashSet<EntityKey> returning, CancellationToken cancellationToken)
    {
        foreach (var some in returning.Chunk(MostAtOnce))
        {
            var states = await store.ReadManyAsync(Containers.Interactions, [.. some.Select(e => new DocumentKey(e.Text, Containers.StateId))], cancellationToken);
            await resolve.HandleAsync([.. states.OfType<Document>().Select(s => s.As(DocumentJson.Default.EntityChange))], cancellationToken);
        }
    }

    private async Task<(PersonalValues Values, HashSet<string> Deliveries)> ReadTracesAsync(Erased people, CancellationToken cancellationToken)
    {
        var profiles = new List<PersonProfile>();
        var deliveries = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entity in people.Entities)
        {
            await foreach (var (_, content) in Readable(store.ReadPartitionAsync(Containers.Interactions, entity.Text, Containers.RecordPrefix, cancellationToken), StoredInteractions.AsInteraction))
            {
                deliveries.Add(content.By!);
                if (content.Record!.Person is { } profile)
                {
                    profiles.Add(profile);
                }
            }
        }

        return (PersonalValues.Of(people.Identifiers.Keys, people.Entities, profiles), deliveries);
    }

    // The touches stop counting, and what they had added is kept as sums of nobody. What came into the customer since the person was looked for stays, with its interactions, and is found by the next look.
    private async Task EmptyAsync(string customer, Erased people, CancellationToken cancellationToken)
    {
        while (await customers.ReadAsync(customer, cancellationToken) is { Summary.MergedInto: null } held)
        {
            var live = await customers.ReadLiveTouchesAsync(customer, cancellationToken).ToListAsync(cancellationToken);
            var leaving = live.Where(t => people.Entities.Contains(t.Value.Entity) || people.Returning.Contains(t.Value.Entity)).ToList();
            if (leaving.Count == 0)
            {
                if (live.Count == 0 && held.ETag is not null)
                {
                    await customers.ReplaceAsync(held, CustomerSummary.Empty(customer), [], cancellationToken);
                }

                return;
            }

            foreach (var touch in leaving.Where(t => people.Entities.Contains(t.Value.Entity)))
            {
                await totals.KeepAsync(touch.Value, cancellationToken);
            }

            if ((await customers.ReadAsync(customer, cancellationToken)).ETag == held.ETag)
            {
                await customers.MoveTouchesOutAsync(held, leaving, Touch.Erased, cancellationToken);
            }
        }
    }

    // Every message that is about one of the people, or that holds anything distinctive of them: also one that was ignored, or that nothing could read.
    private async Task EraseMessagesAsync(Erased people, PersonalValues values, HashSet<string> deliveries, CancellationToken cancellationToken)
    {
        await instances.LoadAsync(cancellationToken);
        var entities = people.Entities;
        Normalization Read(ReadOnlyMemory<byte> body) => instances.Place(Normalizer.Normalize(body, rules));
        bool IsAbout(ReadOnlyMemory<byte> body) =>
            values.AreIn(body)
            || (Read(body) is Normalization.Normalized normalized
                && normalized.Records.Any(r => entities.Contains(r.Entity) || r.Identifiers.Any(i => people.Identifiers.TryGetValue(i, out var at) && r.OccurredAt <= at)));

        // What somebody did who came back.
        bool IsOfReturn(ReadOnlyMemory<byte> body) =>
            Read(body) is Normalization.Normalized normalized && normalized.Records.All(r => !entities.Contains(r.Entity) && r.OccurredAt > people.Until);

        // A message that tells of others, too, such as a decision about two customers, still is where their records come from.
        bool IsAboutOthers(ReadOnlyMemory<byte> body) => Read(body) is Normalization.Normalized normalized && normalized.Records.Any(r => !entities.Contains(r.Entity));

        // Counted by now, so that all of their records are there.
        var counted = await CountedAsync(deliveries, cancellationToken);
        var archived = new Dictionary<string, bool>(StringComparer.Ordinal);
        await foreach (var message in archive.ScanAsync(cancellationToken))
        {
            if (deliveries.Contains(message.DeliveryId) || (IsAbout(message.Body) && !IsOfReturn(message.Body)))
            {
                archived[message.DeliveryId] = IsAboutOthers(message.Body);
            }
        }

        counted.UnionWith(await CountedAsync(archived.Keys.Except(deliveries, StringComparer.Ordinal), cancellationToken));
        var others = await OfOthersAsync(counted.Where(d => !archived.ContainsKey(d)).ToHashSet(StringComparer.Ordinal), entities, cancellationToken);
        foreach (var delivery in counted.Where(d => !archived.GetValueOrDefault(d) && !others.Contains(d)))
        {
            var (queue, sequenceNumber, _) = DeliveryId.Parse(delivery);
            await ledger.RecordAsync(queue, [(sequenceNumber, Outcome.Erased)], cancellationToken);
        }

        await foreach (var message in quarantine.ListAsync(from: "", cancellationToken))
        {
            if (IsAbout(message.Message))
            {
                await ledger.RecordAsync(message.Queue, [(message.SequenceNumber, Outcome.Erased)], cancellationToken);
                await quarantine.RemoveAsync(message.Queue, message.SequenceNumber, cancellationToken);
            }
        }

        await foreach (var message in scheduled.ListAsync(cancellationToken))
        {
            if (values.AreIn(message.Stored) || (IsAbout(message.Body) && !IsOfReturn(message.Body)))
            {
                await scheduled.CancelAsync(message, cancellationToken);
            }
        }

        await archive.DeleteAsync([.. archived.Keys], cancellationToken);
    }

    private async Task<HashSet<string>> CountedAsync(IEnumerable<string> deliveries, CancellationToken cancellationToken)
    {
        var counted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var delivery in deliveries)
        {
            var (queue, sequenceNumber, _) = DeliveryId.Parse(delivery);
            if (await ledger.FindAsync(queue, sequenceNumber, cancellationToken) is Outcome.Stored or Outcome.Quarantined)
            {
                counted.Add(delivery);
            }
        }

        return counted;
    }

    // Deliveries that others have records from. Where the archive has let go of a message, or an earlier run took it out, only its records tell.
    private async Task<HashSet<string>> OfOthersAsync(HashSet<string> deliveries, HashSet<EntityKey> entities, CancellationToken cancellationToken)
    {
        var others = new HashSet<string>(StringComparer.Ordinal);
        if (deliveries.Count == 0)
        {
            return others;
        }

        var records = store.ScanAsync(Containers.Interactions, cancellationToken).Where(d => d.Id.StartsWith(Containers.RecordPrefix, StringComparison.Ordinal));
        await foreach (var (_, content) in Readable(records, StoredInteractions.AsInteraction))
        {
            if (content is { By: { } delivery, Record: { } record } && deliveries.Contains(delivery) && !entities.Contains(record.Entity))
            {
                others.Add(delivery);
            }
        }

        return others;
    }

    // An order or ticket that is somebody else's now stays theirs; what it said of one of the people before goes from its records.
    private async Task ForgetFormerPartiesAsync(Erased people, CancellationToken cancellationToken)
    {
        List<Identifier> GoneFrom(InteractionRecord record) => [.. record.Identifiers.Where(i => people.Identifiers.TryGetValue(i, out var at) && record.OccurredAt <= at)];

        var former = new HashSet<EntityKey>();
        var records = store.ScanAsync(Containers.Interactions, cancellationToken).Where(d => d.Id.StartsWith(Containers.RecordPrefix, StringComparison.Ordinal));
        await foreach (var (_, content) in Readable(records, StoredInteractions.AsInteraction))
        {
            if (content.Record is { } record && !people.Entities.Contains(record.Entity) && GoneFrom(record).Count > 0)
            {
                former.Add(record.Entity);
            }
        }

        foreach (var entity in former)
        {
            await telemetry.TryAsync(StageTelemetry.Erase, 1, () => _records.ForgetAsync(entity, GoneFrom, cancellationToken));
        }
    }

    private async Task EraseClaimsAsync(Erased people, CancellationToken cancellationToken)
    {
        var gone = people.Customers;
        var hashes = people.Identifiers.Keys.Select(Companions.HashOf).ToHashSet(StringComparer.Ordinal);
        var keys = people.Identifiers.Keys.Select(ClaimKey.Of).Concat(people.Entities.Concat(people.Returning).Select(ClaimKey.Of)).ToHashSet(StringComparer.Ordinal);
        await foreach (var (document, claim) in Readable(store.ReadAcrossAsync(Containers.Identifiers, Containers.ClaimId, from: "", cancellationToken), d => d.As(DocumentJson.Default.Claim)))
        {
            var with = claim.With?.Without(hashes);
            var write = (keys.Contains(document.Partition) || gone.Contains(claim.Customer ?? "")) && !claim.IsShared && !await IsOfSomebodyElseAsync(claim, gone, cancellationToken) ? Write.Delete(document.Id, document.ETag)
                : claim.IsShared && !ReferenceEquals(with, claim.With) ? Write.Replace(
                    document.Id, (claim with { With = with, StaysShared = true, Customer = gone.Contains(claim.Customer ?? "") ? null : claim.Customer }).ToBody(DocumentJson.Default.Claim), document.ETag)
                : !ReferenceEquals(with, claim.With) ? Write.Replace(document.Id, (claim with { With = with }).ToBody(DocumentJson.Default.Claim), document.ETag)
                : default;
            if (write.Id is not null)
            {
                await store.CommitAsync(Containers.Identifiers, document.Partition, [write], cancellationToken);
            }
        }
    }

    // Somebody who came back has claimed it since.
    private async Task<bool> IsOfSomebodyElseAsync(Claim claim, HashSet<string> gone, CancellationToken cancellationToken) =>
        claim.Customer is { } customer && !gone.Contains(customer) && (await customers.FindRootAsync(customer, cancellationToken)).Summary is { Touches: > 0 } root && !gone.Contains(root.Customer);

    private async Task EraseDecisionsAsync(Erased people, CancellationToken cancellationToken)
    {
        var gone = people.Entities;
        await foreach (var (document, entry) in audit.ListAsync(StageTelemetry.Erase, cancellationToken))
        {
            if ((entry.Entities ?? []).Concat(entry.Cut ?? []).Any(gone.Contains))
            {
                var next = entry with { Entities = [.. (entry.Entities ?? []).Where(e => !gone.Contains(e))], Cut = [.. (entry.Cut ?? []).Where(e => !gone.Contains(e))] };
                await store.CommitAsync(Containers.Audit, document.Partition, [Write.Replace(document.Id, next.ToBody(DocumentJson.Default.AuditEntry), document.ETag)], cancellationToken);
            }
        }
    }

    // Marks of what moved or was taken out, in every customer the people ever were, and what they counted as.
    private async Task DeleteRemainsAsync(Erased people, CancellationToken cancellationToken)
    {
        foreach (var container in Containers.Described.Where(c => c.Kinds.Any(k => k.Erasure is Erasure.WithSubjects)))
        {
            await foreach (var document in store.ScanAsync(container.Name, cancellationToken))
            {
                if (container.KindOf(document.Partition, document.Id)?.Erasure is Erasure.WithSubjects erased && erased.Of(document).Any(people.Covers))
                {
                    await store.CommitAsync(container.Name, document.Partition, [Write.Delete(document.Id, document.ETag)], cancellationToken);
                }
            }
        }
    }

    private IAsyncEnumerable<(Document Document, T Value)> Readable<T>(IAsyncEnumerable<Document> documents, Func<Document, T> read)
        where T : class => telemetry.ReadableAsync(StageTelemetry.Erase, documents, read);

    private async Task DeletePartitionAsync(string container, string partition, CancellationToken cancellationToken)
    {
        var ids = await store.ReadPartitionAsync(container, partition, "", cancellationToken).Select(d => d.Id).ToListAsync(cancellationToken);
        foreach (var chunk in ids.Chunk(CommitLimits.Writes))
        {
            await store.CommitAsync(container, partition, [.. chunk.Select(id => Write.Delete(id))], cancellationToken);
        }
    }

    /// <summary>All that belongs to some people.</summary>
    /// <param name="Customers">Whom they ever were.</param>
    /// <param name="Entities">What they did.</param>
    /// <param name="Identifiers">What identifies them, and until when what carries it is theirs: until the latest erasure that names it.</param>
    private sealed record Erased(HashSet<string> Customers, HashSet<EntityKey> Entities, Dictionary<Identifier, DateTimeOffset> Identifiers)
    {
        /// <summary>What they did after they asked.</summary>
        public HashSet<EntityKey> Returning { get; init; } = [];

        /// <summary>The latest of the requests.</summary>
        public DateTimeOffset Until { get; init; }

        /// <summary>Whether what is about a subject goes: what they did, and of who they were all but what is somebody else's now.</summary>
        public bool Covers(Subject subject) =>
            (subject.Entity is { } entity && Entities.Contains(entity))
            || (subject.Customer is { } customer && Customers.Contains(customer) && (subject.Entity is not { } own || Returning.Contains(own)));

        public static Erased All(IEnumerable<PrivacyRequest> people)
        {
            var all = people.ToList();
            return new Erased(
                all.SelectMany(p => p.Customers).ToHashSet(StringComparer.Ordinal),
                all.SelectMany(p => p.Entities).ToHashSet(),
                all.SelectMany(p => p.Identifiers.Select(i => (Identifier: i, p.At))).GroupBy(i => i.Identifier).ToDictionary(i => i.Key, i => i.Max(p => p.At)))
            {
                Returning = all.SelectMany(p => p.Returning).Except(all.SelectMany(p => p.Entities)).ToHashSet(),
                Until = all.Max(p => p.At),
            };
        }
    }
}
