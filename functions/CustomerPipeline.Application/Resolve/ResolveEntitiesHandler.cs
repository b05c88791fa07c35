using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Application.Resolve;

/// <summary>
/// Entities to customers: entities that share a linking identifier belong to one. Any number of workers may run it at once, on the same entities
/// too; whoever loses a race looks again. Customers only ever merge into older ones (smaller ids), so no circle of aliases can arise.
/// </summary>
public sealed class ResolveEntitiesHandler(IdentifierClaims claims, CustomerStore customers, ReshapeCustomer reshape, IdentityRules rules, StageTelemetry telemetry)
{
    public Task HandleAsync(IReadOnlyList<EntityChange> changes, CancellationToken cancellationToken) => telemetry.RunAsync(
        StageTelemetry.Resolve, changes.Count, changes.Select(c => c.Trace), StageTelemetry.At(changes.Min(c => c.StoredAt)),
        () => Task.WhenAll(ClustersOf(changes).Select(cluster => telemetry.TryAsync(StageTelemetry.Resolve, cluster.Count, () => ResolveAsync(cluster, cancellationToken)))));

    /// <summary>The entities of a batch that are tied to each other, as they are to be resolved together.</summary>
    internal IEnumerable<IReadOnlyList<ResolvableEntity>> ClustersOf(IReadOnlyList<EntityChange> changes)
    {
        // A batch may hold two states of one entity (two reads of the feed): only the newer is news.
        var entities = changes
            .Where(c => c.State is { HasHappened: true })
            .GroupBy(c => c.State!.Entity)
            .Select(same => same.MaxBy(c => c.Revision)!)
            .Select(c => new ResolvableEntity(
                Touch.Of(c.State!, c.Revision), [.. c.State!.SeenTogether.Select(rules.Linking)], [.. rules.Linking(c.State!.Identifiers.Except(c.State.Cut))]));
        return IdentityGraph.Components(entities, e => e.Seen);
    }

    private async Task ResolveAsync(IReadOnlyList<ResolvableEntity> cluster, CancellationToken cancellationToken)
    {
        while (cluster.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            cluster = await AttemptAsync(cluster, cancellationToken);
        }
    }

    /// <summary>One attempt at a cluster, from what the store holds now.</summary>
    /// <returns>What has to be looked at again: all that one attempt leaves to the next.</returns>
    internal async Task<IReadOnlyList<ResolvableEntity>> AttemptAsync(IReadOnlyList<ResolvableEntity> cluster, CancellationToken cancellationToken)
    {
        var entityKeys = cluster.Select(e => ClaimKey.Of(e.Touch.Entity)).ToList();
        var registration = await claims.RegisterAsync([.. cluster.SelectMany(e => e.Together)], entityKeys, cancellationToken);
        var shared = cluster.SelectMany(e => e.Seen).Where(i => ClaimOf(registration, i) is { IsShared: true }).ToHashSet();
        var changed = await FinishSplitsAsync(registration, cancellationToken);
        foreach (var identifier in shared)
        {
            changed |= await TakeApartAsync(identifier, ClaimOf(registration, identifier)!, cancellationToken);
        }

        if (changed)
        {
            return cluster;
        }

        var groups = IdentityGraph.Components(cluster, e => e.TiesBut(shared));
        var left = await Task.WhenAll(groups.Select(group => TryResolveAsync(group, registration, shared, cancellationToken)));
        return [.. left.SelectMany(l => l)];
    }

    private static Claim? ClaimOf(Registration registration, Identifier identifier) => registration.Known.GetValueOrDefault(ClaimKey.Of(identifier))?.Value;

    // What was claimed for a part of a customer, while that was being split, leads to what is left to do.
    private async Task<bool> FinishSplitsAsync(Registration registration, CancellationToken cancellationToken)
    {
        var unfinished = registration.Known.Where(c => c.Value.Value.From is not null).ToList();
        foreach (var customer in unfinished.Select(c => c.Value.Value.From!).Distinct(StringComparer.Ordinal))
        {
            await reshape.RunAsync(customer, [], cancellationToken);
        }

        await claims.ArriveAsync([.. unfinished.Select(c => c.Key)], cancellationToken);
        return unfinished.Count > 0;
    }

    // Whoever finds out that an identifier is shared takes apart what it had joined, and so does whoever comes after a crash.
    private async Task<bool> TakeApartAsync(Identifier identifier, Claim claim, CancellationToken cancellationToken)
    {
        if (claim is { Unsettled: true, Customer: { } joined })
        {
            await reshape.RunAsync(joined, [identifier], cancellationToken);
            await claims.SettleAsync(identifier, joined, cancellationToken);
            return true;
        }

        if (claim.Customer is { } customer && (await customers.FindRootAsync(customer, cancellationToken)).Summary is { MustReshape: true } summary)
        {
            await reshape.RunAsync(summary.Customer, [], cancellationToken);
            return true;
        }

        return false;
    }

    // Gives back what has to be looked at again.
    private async Task<IReadOnlyList<ResolvableEntity>> TryResolveAsync(
        IReadOnlyList<ResolvableEntity> group, Registration registration, HashSet<Identifier> shared, CancellationToken cancellationToken)
    {
        var ties = group.SelectMany(e => e.TiesBut(shared)).ToHashSet();
        var tieKeys = ties.Select(ClaimKey.Of).ToHashSet(StringComparer.Ordinal);
        var keys = tieKeys.Concat(group.Select(e => ClaimKey.Of(e.Touch.Entity))).ToList();
        var known = keys.Where(registration.Known.ContainsKey).ToDictionary(k => k, k => registration.Known[k], StringComparer.Ordinal);
        var touches = group.Select(e => e.Touch).ToList();

        // What it was once said to be, and is no tie now, may be limited by it all the same: the claim keeps what the value comes with.
        var former = group.SelectMany(e => e.Seen.Except(e.Ties)).Where(i => !shared.Contains(i) && !ties.Contains(i)).Select(ClaimKey.Of)
            .Where(k => registration.Unclaimed.GetValueOrDefault(k) is not null).Distinct(StringComparer.Ordinal).ToList();

        var claimed = known.Values.Select(c => c.Value.Customer!).Distinct(StringComparer.Ordinal).ToList();
        if (claimed.Count == 1 && known.Count == keys.Count && former.Count == 0)
        {
            // The common case: everything is claimed for one customer, who is no alias.
            var put = await customers.PutTouchesAsync(claimed[0], touches, shared, cancellationToken);
            if (put is not PutResult.Overtaken)
            {
                return await SettleAsync(put, claimed[0], known, cancellationToken) ? [] : group;
            }
        }

        if (await LookAroundAsync(touches, known, tieKeys, cancellationToken) is not { } seen)
        {
            return group;
        }

        // Where a newer state is known already, the older one has nothing to say; and what was cut ahead of its record is cut.
        if (seen.Entities.Any(e => e.Where.Stored is { } stored && (stored.EntityRevision > e.Touch.EntityRevision || IsCutAhead(e.Touch, stored))))
        {
            var storedOf = seen.Entities.Where(e => e.Where.Stored is not null).ToDictionary(e => e.Touch.Entity, e => e.Where.Stored!);
            return [.. group.Where(e => storedOf.GetValueOrDefault(e.Touch.Entity) is not { } stored || stored.EntityRevision <= e.Touch.EntityRevision).Select(e => CutAhead(e, storedOf.GetValueOrDefault(e.Touch.Entity)))];
        }

        var survivor = seen.Roots.Keys.FirstOrDefault() ?? touches.Select(t => CustomerId.FoundedBy(t.Entity, t.FirstAt)).Min(StringComparer.Ordinal)!;
        foreach (var (touch, where) in seen.Entities)
        {
            // Where one was meant to go before its ties changed, another worker may be about to put it: it would stand twice.
            if (where.Missing is { } missing && !seen.Roots.ContainsKey(missing.Summary.Customer) && !await customers.TurnAwayAsync(missing, touch, survivor, cancellationToken))
            {
                return group;
            }
        }

        var unclaimed = keys.Where(k => !known.ContainsKey(k)).Concat(former).Select(k => KeyValuePair.Create(k, registration.Unclaimed.GetValueOrDefault(k)));
        if (!await claims.ClaimAsync(unclaimed, survivor, cancellationToken))
        {
            return group;
        }

        if (seen.Roots.Count > 1)
        {
            await GatherAsync(touches, seen, survivor, known, ties, shared, cancellationToken);
            return group;
        }

        if (!await claims.PointAsync(known, survivor, null, cancellationToken))
        {
            return group;
        }

        var claimedNow = ties.Where(t => !known.ContainsKey(ClaimKey.Of(t))).ToHashSet();
        var arrived = await customers.PutTouchesAsync(survivor, touches, shared, claimedNow, seen.ReturningTo(survivor), cancellationToken);
        return await SettleAsync(arrived, survivor, known, cancellationToken) ? [] : group;
    }

    private static bool IsCutAhead(Touch touch, Touch stored) => stored.EntityRevision == touch.EntityRevision && stored.Cut.Except(touch.Cut).Any();

    private static ResolvableEntity CutAhead(ResolvableEntity entity, Touch? stored) => stored is not null && IsCutAhead(entity.Touch, stored)
        ? entity with { Touch = entity.Touch with { Cut = stored.Cut }, Ties = [.. entity.Ties.Except(stored.Cut)] }
        : entity;

    // One step towards one customer. First the touches say, where they stand or will stand, what ties the others to it, so that whoever looks meanwhile takes
    // nothing for loose; then the customers merge, one at a time.
    private async Task GatherAsync(
        List<Touch> touches, Surroundings seen, string survivor, Dictionary<string, Stored<Claim>> known, HashSet<Identifier> ties, HashSet<Identifier> shared,
        CancellationToken cancellationToken)
    {
        var placeOf = seen.Entities.ToDictionary(e => e.Touch.Entity, e => e.Where);
        var unsaid = touches.Where(t => placeOf.GetValueOrDefault(t.Entity) is not { Holder: not null } where || where.Stored!.EntityRevision < t.EntityRevision).ToList();
        string PlaceOf(Touch touch) => placeOf.GetValueOrDefault(touch.Entity) is not { } where ? survivor
            : where.Holder?.Summary.Customer ?? (where.Missing is { } missing && seen.Roots.ContainsKey(missing.Summary.Customer) ? missing.Summary.Customer : survivor);

        // What went in a circle is in none, and is found again where it is claimed for.
        var lost = unsaid.Where(t => placeOf.GetValueOrDefault(t.Entity) is { Holder: null, Missing: null }).Select(t => ClaimKey.Of(t.Entity)).ToHashSet(StringComparer.Ordinal);
        if (!await claims.PointAsync(known.Where(k => lost.Contains(k.Key)), survivor, null, cancellationToken))
        {
            return;
        }

        foreach (var held in unsaid.GroupBy(PlaceOf, StringComparer.Ordinal))
        {
            if (await customers.PutTouchesAsync(held.Key, [.. held], shared, ties, seen.ReturningTo(held.Key), cancellationToken) is PutResult.MustReshape)
            {
                await reshape.RunAsync(held.Key, [], cancellationToken);
            }
        }

        if (unsaid.Count == 0)
        {
            var (one, other) = seen.LinkedPair(shared);
            var (older, younger) = string.CompareOrdinal(one.Summary.Customer, other.Summary.Customer) < 0 ? (one, other) : (other, one);

            // A claim outlives what it was made for: only where both hold one of the ties are they one beyond doubt.
            var isCertain = ties.Any(t => one.Summary.Identifiers.ContainsKey(t) && other.Summary.Identifiers.ContainsKey(t)) || other.Summary.Touches == 0;
            await customers.MergeAsync(younger, older, ties, async () => isCertain && await claims.AreUnchangedAsync(known, cancellationToken), cancellationToken);
        }
    }

    // The customers that are one by what the group carries, and where its entities are; null when one of them had to be shaped anew first.
    private async Task<Surroundings?> LookAroundAsync(List<Touch> touches, Dictionary<string, Stored<Claim>> known, HashSet<string> tieKeys, CancellationToken cancellationToken)
    {
        var rootOf = new Dictionary<string, HeldCustomer>(StringComparer.Ordinal);
        foreach (var claimed in known.GroupBy(k => k.Value.Value.Customer!, k => k.Key, StringComparer.Ordinal))
        {
            var root = await customers.FindRootAsync(claimed.Key, cancellationToken);
            foreach (var key in claimed)
            {
                rootOf[key] = root;
            }
        }

        var roots = new SortedDictionary<string, HeldCustomer>(StringComparer.Ordinal);
        foreach (var (_, root) in rootOf.Where(r => tieKeys.Contains(r.Key)))
        {
            roots[root.Summary.Customer] = root;
        }

        var entities = new List<(Touch Touch, Whereabouts Where)>();
        foreach (var touch in touches)
        {
            if (rootOf.TryGetValue(ClaimKey.Of(touch.Entity), out var claimed))
            {
                var where = await customers.FindEntityAsync(claimed, touch.Entity, cancellationToken);
                entities.Add((touch, where));

                // A customer that nobody is in yet joins nobody; one that somebody is in has nothing to do with an entity that never got there.
                if ((where.Holder ?? (where.Missing is { Summary.Touches: 0 } ? where.Missing : null)) is { } root)
                {
                    roots[root.Summary.Customer] = root;
                }
            }
        }

        // Somewhere it must go.
        if (roots.Count == 0 && entities.Select(e => e.Where.Missing).OfType<HeldCustomer>().FirstOrDefault() is { } meant)
        {
            roots[meant.Summary.Customer] = meant;
        }

        if (roots.Values.FirstOrDefault(r => r.Summary.MustReshape) is { } unfinished)
        {
            await reshape.RunAsync(unfinished.Summary.Customer, [], cancellationToken);
            return null;
        }

        return new Surroundings(roots, entities, rootOf);
    }

    // Claims are read one after the other, and may be of different moments. A touch that is written is held against the customer; of one that stood there already, the claims are looked at once more: another worker may have put it,
    // in the midst of joining customers, and never have gone on.
    private async Task<bool> SettleAsync(PutResult put, string customer, Dictionary<string, Stored<Claim>> known, CancellationToken cancellationToken)
    {
        switch (put)
        {
            case PutResult.Overtaken:
                return false;
            case PutResult.MustReshape:
                await reshape.RunAsync(customer, [], cancellationToken);
                return true;
            case PutResult.PutBefore:
                return await claims.AreUnchangedAsync(known, cancellationToken);
            default:
                return true;
        }
    }

    private sealed record Surroundings(
        SortedDictionary<string, HeldCustomer> Roots, List<(Touch Touch, Whereabouts Where)> Entities, Dictionary<string, HeldCustomer> RootOf)
    {
        /// <summary>
        /// Two customers of which one holds an interaction with a tie to the other; where there are none, one has no interactions at all.
        /// </summary>
        public (HeldCustomer One, HeldCustomer Other) LinkedPair(IReadOnlySet<Identifier> shared)
        {
            foreach (var (touch, where) in Entities)
            {
                foreach (var tie in touch.Ties.Where(t => !shared.Contains(t)))
                {
                    if (where.Holder is { } holder && RootOf.TryGetValue(ClaimKey.Of(tie), out var root) && root.Summary.Customer != holder.Summary.Customer
                        && Roots.TryGetValue(root.Summary.Customer, out var other))
                    {
                        return (Roots[holder.Summary.Customer], other);
                    }
                }
            }

            return (Roots.Values.First(), Roots.Values.FirstOrDefault(r => r.Summary.Touches == 0 && r.Summary.Customer != Roots.Keys.First()) ?? Roots.Values.Last());
        }

        public IReadOnlyDictionary<EntityKey, string> ReturningTo(string customer) => Entities
            .Where(e => e.Where.Holder is null && e.Where.Left.ContainsKey(customer))
            .ToDictionary(e => e.Touch.Entity, e => e.Where.Left[customer]);
    }
}

/// <summary>An entity on its way to a customer.</summary>
/// <param name="Touch">What it adds to its customer.</param>
/// <param name="Together">Its identifiers that may link, as they were seen together; cut off, replaced or not: what they come with counts all the same.</param>
/// <param name="Ties">Those of its latest version that are not cut off.</param>
internal sealed record ResolvableEntity(Touch Touch, IReadOnlyList<IReadOnlyList<Identifier>> Together, IReadOnlyList<Identifier> Ties)
{
    public IReadOnlyList<Identifier> Seen { get; } = Together.Count == 1 ? Together[0] : [.. Together.SelectMany(t => t).Distinct().Order()];

    public IReadOnlyList<Identifier> TiesBut(HashSet<Identifier> shared) => shared.Count == 0 ? Ties : [.. Ties.Where(t => !shared.Contains(t))];
}
