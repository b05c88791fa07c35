using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Application.Maintenance.Erasing;

/// <summary>Finds what belongs to a person who is to be erased: what they did until they asked, who they were, and what identifies them.</summary>
public sealed class FindErasedPeople(IDocumentStore store, CustomerStore customers, IdentifierClaims claims, IdentityRules identity)
{
    private readonly EntityRecords _records = new(store);

    /// <summary>The request with all that is of the person by now.</summary>
    public async Task<PrivacyRequest> FindAsync(PrivacyRequest request, CancellationToken cancellationToken)
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
}
