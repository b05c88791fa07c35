using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Flow.Ports;

namespace CustomerPipeline.Flow.Resolve;

/// <summary>
/// Entities to customers: entities that share a linking identifier belong to one. Any number of workers may run it at once, on the same entities
/// too; whoever loses a race looks again. Customers only ever merge into older ones (smaller ids), so no circle of aliases can arise.
/// </summary>
public sealed class ResolveEntitiesHandler(IdentifierClaims claims, CustomerStore customers, ReshapeCustomer reshape, IdentityRules rules)
{
    private static readonly System.Collections.Frozen.FrozenSet<Identifier> NothingNew = System.Collections.Frozen.FrozenSet<Identifier>.Empty;

    private static readonly System.Collections.Frozen.FrozenDictionary<EntityKey, string> NoneReturns = System.Collections.Frozen.FrozenDictionary<EntityKey, string>.Empty;

    public Task HandleAsync(IReadOnlyList<EntityChange> changes, CancellationToken cancellationToken)
    {
        // A batch may hold two states of one entity (two reads of the feed): only the newer is news.
        var entities = changes
            .Where(c => c.State is { HasHappened: true })
            .GroupBy(c => c.State!.Entity)
            .Select(same => same.MaxBy(c => c.Revision)!)
            .Select(c => new ResolvableEntity(Touch.Of(c.State!, c.Revision), rules.Linking(c.State!.Identifiers), [.. rules.Linking(c.State!.Identifiers.Except(c.State.Cut))]));
        return Task.WhenAll(IdentityGraph.Components(entities, e => e.Seen).Select(cluster => ResolveAsync(cluster, cancellationToken)));
    }

    private async Task ResolveAsync(IReadOnlyList<ResolvableEntity> cluster, CancellationToken cancellationToken)
    {
        var entityKeys = cluster.Select(e => IdentifierClaims.KeyOf(e.Touch.Entity)).ToList();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var registration = await claims.RegisterAsync([.. cluster.Select(e => e.Seen)], entityKeys, cancellationToken);
            var shared = cluster.SelectMany(e => e.Seen).Where(i => ClaimOf(registration, i) is { IsShared: true }).ToHashSet();
            var changed = await FinishSplitsAsync(registration, cancellationToken);
            foreach (var identifier in shared)
            {
                changed |= await TakeApartAsync(identifier, ClaimOf(registration, identifier)!, cancellationToken);
            }

            if (changed)
            {
                continue;
            }

            var groups = IdentityGraph.Components(cluster, e => e.TiesBut(shared));
            var resolved = await Task.WhenAll(groups.Select(group => TryResolveAsync(group, registration, shared, cancellationToken)));
            cluster = [.. resolved.SelectMany(left => left)];
            if (cluster.Count == 0)
            {
                return;
            }
        }
    }

    private static Claim? ClaimOf(Registration registration, Identifier identifier) => registration.Known.GetValueOrDefault(IdentifierClaims.KeyOf(identifier))?.Value;

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
            await claims.SettleAsync(identifier, cancellationToken);
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
        var tieKeys = ties.Select(IdentifierClaims.KeyOf).ToHashSet(StringComparer.Ordinal);
        var keys = tieKeys.Concat(group.Select(e => IdentifierClaims.KeyOf(e.Touch.Entity))).ToList();
        var known = keys.Where(registration.Known.ContainsKey).ToDictionary(k => k, k => registration.Known[k], StringComparer.Ordinal);
        var touches = group.Select(e => e.Touch).ToList();

        var claimed = known.Values.Select(c => c.Value.Customer!).Distinct(StringComparer.Ordinal).ToList();
        if (claimed.Count == 1 && known.Count == keys.Count)
        {
            // The common case: everything is claimed for one customer, who is no alias.
            var put = await customers.PutTouchesAsync(claimed[0], touches, shared, NothingNew, NoneReturns, cancellationToken);
            if (put is not PutResult.Overtaken)
            {
                await SettleAsync(put, claimed[0], cancellationToken);
                return [];
            }
        }

        if (await LookAroundAsync(touches, known, tieKeys, cancellationToken) is not { } seen)
        {
            return group;
        }

        // Where a newer state is known already, the older one has nothing to say: what tied it may have been cut.
        if (seen.Overtaken.Count > 0)
        {
            return [.. group.Where(e => !seen.Overtaken.Contains(e.Touch.Entity))];
        }

        var survivor = seen.Roots.Keys.FirstOrDefault() ?? touches.Select(t => CustomerId.FoundedBy(t.Entity, t.FirstAt)).Min(StringComparer.Ordinal)!;
        if (!await GatherAsync(seen, survivor, known, ties, shared, cancellationToken))
        {
            return group;
        }

        var unclaimed = keys.Where(k => !known.ContainsKey(k)).Select(k => KeyValuePair.Create(k, registration.Unclaimed.GetValueOrDefault(k)));
        if (!await claims.ClaimAsync(unclaimed, survivor, cancellationToken))
        {
            return group;
        }

        if (!await claims.PointAsync(known, survivor, null, cancellationToken))
        {
            return group;
        }

        var claimedNow = ties.Where(t => !known.ContainsKey(IdentifierClaims.KeyOf(t))).ToHashSet();
        var arrived = await customers.PutTouchesAsync(survivor, touches, shared, claimedNow, seen.ReturningTo(survivor), cancellationToken);
        return await SettleAsync(arrived, survivor, cancellationToken) ? [] : group;
    }

    // Brings everything to the survivor that is one customer with it.
    private async Task<bool> GatherAsync(
        Surroundings seen, string survivor, Dictionary<string, Stored<Claim>> known, HashSet<Identifier> ties, HashSet<Identifier> shared, CancellationToken cancellationToken)
    {
        // Where an entity stands already, it says first what ties it to the others: whoever looks at that customer meanwhile must not take it for loose.
        var stale = seen.Entities.Where(e => e.Where.Holder is not null && e.Where.EntityRevision < e.Touch.EntityRevision)
            .GroupBy(e => e.Where.Holder!.Summary.Customer, e => e.Touch, StringComparer.Ordinal).Where(h => h.Key != survivor).ToList();
        foreach (var held in stale)
        {
            await customers.PutTouchesAsync(held.Key, [.. held], shared, ties, NoneReturns, cancellationToken);
        }

        if (stale.Count > 0)
        {
            return false;
        }

        // Where one was meant to go before its ties changed, another worker may be about to put it: it would stand twice.
        foreach (var (touch, where) in seen.Entities)
        {
            if (where.Missing is { } missing && !seen.Roots.ContainsKey(missing.Summary.Customer) && !await customers.TurnAwayAsync(missing, touch, survivor, cancellationToken))
            {
                return false;
            }
        }

        // One at a time: the survivor is another one then.
        return seen.Roots.Count < 2
            || (await customers.MergeAsync(seen.Roots.Values.Last(), seen.Roots[survivor], ties, () => claims.AreUnchangedAsync(known, cancellationToken), cancellationToken) && seen.Roots.Count == 2);
    }

    // The customers that are one by what the group carries, and where its entities are; null when one of them had to be shaped anew first.
    private async Task<Surroundings?> LookAroundAsync(List<Touch> touches, Dictionary<string, Stored<Claim>> known, HashSet<string> tieKeys, CancellationToken cancellationToken)
    {
        var rootOf = new Dictionary<string, HeldCustomer>(StringComparer.Ordinal);
        foreach (var (key, claim) in known)
        {
            rootOf[key] = await customers.FindRootAsync(claim.Value.Customer!, cancellationToken);
        }

        var roots = new SortedDictionary<string, HeldCustomer>(StringComparer.Ordinal);
        foreach (var (_, root) in rootOf.Where(r => tieKeys.Contains(r.Key)))
        {
            roots[root.Summary.Customer] = root;
        }

        var entities = new List<(Touch Touch, Whereabouts Where)>();
        foreach (var touch in touches)
        {
            if (rootOf.TryGetValue(IdentifierClaims.KeyOf(touch.Entity), out var claimed))
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

        return new Surroundings(roots, entities);
    }

    private async Task<bool> SettleAsync(PutResult put, string customer, CancellationToken cancellationToken)
    {
        if (put is PutResult.MustReshape)
        {
            await reshape.RunAsync(customer, [], cancellationToken);
        }

        return put is not PutResult.Overtaken;
    }

    private sealed record Surroundings(SortedDictionary<string, HeldCustomer> Roots, List<(Touch Touch, Whereabouts Where)> Entities)
    {
        public IReadOnlySet<EntityKey> Overtaken { get; } = Entities.Where(e => e.Where.EntityRevision > e.Touch.EntityRevision).Select(e => e.Touch.Entity).ToHashSet();

        public IReadOnlyDictionary<EntityKey, string> ReturningTo(string customer) => Entities
            .Where(e => e.Where.Holder is null && e.Where.Left.ContainsKey(customer))
            .ToDictionary(e => e.Touch.Entity, e => e.Where.Left[customer]);
    }

    /// <param name="Touch">What it adds to its customer.</param>
    /// <param name="Seen">Its identifiers that may link, cut off or not: what they come with counts all the same.</param>
    /// <param name="Ties">Those that are not cut off.</param>
    private sealed record ResolvableEntity(Touch Touch, IReadOnlyList<Identifier> Seen, IReadOnlyList<Identifier> Ties)
    {
        public IReadOnlyList<Identifier> TiesBut(HashSet<Identifier> shared) => shared.Count == 0 ? Ties : [.. Ties.Where(t => !shared.Contains(t))];
    }
}
