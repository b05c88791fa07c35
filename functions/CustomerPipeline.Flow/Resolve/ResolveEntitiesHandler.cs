using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Flow.Resolve;

/// <summary>
/// Entities to customers: entities that share a linking identifier belong to one. Any number of workers may run it at once, on the same entities
/// too; whoever loses a race looks again. Customers only ever merge into older ones (smaller ids), so no circle of aliases can arise.
/// </summary>
public sealed class ResolveEntitiesHandler(IdentifierClaims claims, CustomerStore customers, IdentityRules rules)
{
    public Task HandleAsync(IReadOnlyList<EntityChange> changes, CancellationToken cancellationToken)
    {
        var entities = changes.Where(c => c.State is not null).Select(c => new ResolvableEntity(c.State!, c.Revision, rules.Linking(c.State!.Identifiers)));
        return Task.WhenAll(EntityClusters.Of(entities).Select(cluster => ResolveAsync(cluster, cancellationToken)));
    }

    private async Task ResolveAsync(IReadOnlyList<ResolvableEntity> cluster, CancellationToken cancellationToken)
    {
        // An entity that something identifies is found by that; its own claim counts where it was anonymous before.
        var mustClaim = cluster.SelectMany(e => e.Linking).Distinct().Select(IdentifierClaims.KeyOf)
            .Concat(cluster.Where(e => e.Linking.Count == 0).Select(e => IdentifierClaims.KeyOf(e.State.Entity)))
            .ToList();
        var keys = mustClaim.Union(cluster.Select(e => IdentifierClaims.KeyOf(e.State.Entity)), StringComparer.Ordinal).ToList();
        var touches = cluster.GroupBy(e => e.State.Entity).Select(same => same.MaxBy(e => e.Revision)!).Select(e => Touch.Of(e.State, e.Revision)).ToList();
        while (!await TryResolveAsync(cluster, keys, mustClaim, touches, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task<bool> TryResolveAsync(
        IReadOnlyList<ResolvableEntity> cluster, List<string> keys, List<string> mustClaim, List<Touch> touches, CancellationToken cancellationToken)
    {
        var known = await claims.ReadAsync(keys, cancellationToken);
        var claimed = known.Values.Select(c => c.Value.Customer).Distinct(StringComparer.Ordinal).ToList();
        if (claimed.Count == 1 && mustClaim.TrueForAll(known.ContainsKey)
            && await customers.PutTouchesAsync(claimed[0], touches, cancellationToken))
        {
            // The common case: everything is claimed for one customer, who is no alias.
            return true;
        }

        var roots = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var customer in claimed)
        {
            roots.Add(await customers.FindRootAsync(customer, cancellationToken));
        }

        var survivor = roots.Min ?? cluster.Select(e => CustomerId.FoundedBy(e.State.Entity, e.State.FirstAt)).Min(StringComparer.Ordinal)!;
        foreach (var other in roots.Where(r => r != survivor))
        {
            if (!await customers.MergeAsync(other, survivor, cancellationToken))
            {
                return false;
            }
        }

        if (!await claims.ClaimAsync(mustClaim.Where(k => !known.ContainsKey(k)), survivor, cancellationToken))
        {
            return false;
        }

        await claims.ShortenAsync(known, survivor, cancellationToken);
        return await customers.PutTouchesAsync(survivor, touches, cancellationToken);
    }
}
