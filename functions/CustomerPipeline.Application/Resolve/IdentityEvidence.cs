using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Resolve;

/// <summary>Where an identifier of an interaction comes from.</summary>
/// <param name="Identifier">The identifier.</param>
/// <param name="Tie">ties, cut (a person cut it off), shared (other people have it too), or blocked (by the rules).</param>
/// <param name="Record">The record that brought it first.</param>
/// <param name="At">When that happened.</param>
/// <param name="Delivery">The message that said so, in the raw archive.</param>
/// <param name="Decision">The decision, where a person said so.</param>
public sealed record Evidence(Identifier Identifier, string Tie, string Record, DateTimeOffset At, string Delivery, string? Decision);

/// <summary>Why one interaction belongs to a customer.</summary>
public sealed record EntityEvidence(EntityKey Entity, DateTimeOffset At, IReadOnlyList<Evidence> Identifiers);

/// <summary>A page of the reasons why a customer is one.</summary>
public sealed record CustomerEvidence(string Customer, string RuleVersion, IReadOnlyList<EntityEvidence> Entities, string? Continuation);

/// <summary>Why one customer: which interactions, which identifiers, by which rules, since when.</summary>
public sealed class IdentityEvidence(IDocumentStore store, CustomerStore customers, IdentityRules rules)
{
    public const int LargestPage = 200;

    /// <summary>A page of interactions after one; null when there is no such customer.</summary>
    public async Task<CustomerEvidence?> ReadAsync(string customer, int size, string? after, CancellationToken cancellationToken)
    {
        var root = (await customers.FindRootAsync(customer, cancellationToken)).Summary;
        if (root.Touches == 0)
        {
            return null;
        }

        var page = await customers.ReadLiveTouchesAsync(root.Customer, new EntityKey(after ?? ""), cancellationToken).Select(t => t.Value)
            .Take(size + 1)
            .ToListAsync(cancellationToken);
        var entities = new List<EntityEvidence>();
        foreach (var touch in page.Take(size))
        {
            var evidence = new SortedDictionary<Identifier, Evidence>();
            foreach (var (record, delivery) in await ReadRecordsAsync(touch.Entity, cancellationToken))
            {
                // What a later version replaced is evidence of nothing.
                foreach (var identifier in record.Identifiers.Where(i => !evidence.ContainsKey(i) && (touch.Identifiers.Contains(i) || touch.Cut.Contains(i))))
                {
                    var tie = touch.Cut.Contains(identifier) ? "cut" : root.Shared.Contains(identifier) ? "shared" : rules.Links(identifier) ? "ties" : "blocked";
                    evidence[identifier] = new Evidence(identifier, tie, record.Id, record.OccurredAt, delivery, record.Identity?.Decision);
                }
            }

            entities.Add(new EntityEvidence(touch.Entity, touch.At, [.. evidence.Values]));
        }

        return new CustomerEvidence(root.Customer, rules.Version, entities, page.Count > size ? page[size - 1].Entity.Text : null);
    }

    private async Task<List<(InteractionRecord Record, string Delivery)>> ReadRecordsAsync(EntityKey entity, CancellationToken cancellationToken)
    {
        var records = new List<(InteractionRecord Record, string Delivery)>();
        await foreach (var document in store.ReadPartitionAsync(Containers.Interactions, entity.Text, Containers.RecordPrefix, cancellationToken))
        {
            var content = document.AsInteraction();
            records.Add((content.Record!, content.By!));
        }

        return [.. records.OrderBy(r => EntityFold.PositionOf(r.Record))];
    }
}
