using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;

namespace CustomerPipeline.Application.Maintenance.Erasing;

/// <summary>Takes what people did out of the customers they were.</summary>
public sealed class EraseCustomers(IDocumentStore store, CustomerStore customers, KeptTotals totals, ResolveEntitiesHandler resolve)
{
    private const int MostAtOnce = 100;

    /// <summary>Empties all that the people ever were.</summary>
    public async Task EmptyAsync(ErasedPeople people, CancellationToken cancellationToken)
    {
        foreach (var customer in people.Customers)
        {
            await EmptyAsync(customer, people, cancellationToken);
        }
    }

    /// <summary>Who came back meanwhile begins as somebody new: with nothing that was erased.</summary>
    public async Task ResolveAgainAsync(HashSet<EntityKey> returning, CancellationToken cancellationToken)
    {
        foreach (var some in returning.Chunk(MostAtOnce))
        {
            var states = await store.ReadManyAsync(Containers.Interactions, [.. some.Select(e => new DocumentKey(e.Text, Containers.StateId))], cancellationToken);
            await resolve.HandleAsync([.. states.OfType<Document>().Select(s => s.As(DocumentJson.Default.EntityChange))], cancellationToken);
        }
    }

    // The touches stop counting, and what they had added is kept as sums of nobody. What came into the customer since the person was looked for stays, with its interactions, and is found by the next look.
    private async Task EmptyAsync(string customer, ErasedPeople people, CancellationToken cancellationToken)
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
}
