using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Application.Maintenance;

/// <summary>What a rule set makes of all interactions.</summary>
/// <param name="Version">The rules.</param>
/// <param name="Customers">How many customers there are.</param>
/// <param name="Identified">How many interactions belong to customers known to be somebody.</param>
/// <param name="Shared">How many identifiers of each type are shared by too many to link.</param>
public sealed record IdentityOutcome(string Version, int Customers, int Identified, IReadOnlyDictionary<IdentifierType, int> Shared);

/// <summary>Something that happens to customers when the rules change.</summary>
/// <param name="Before">The customers, by their ids of today.</param>
/// <param name="After">How many customers they become.</param>
/// <param name="Interactions">How many interactions they have.</param>
public sealed record IdentityChange(IReadOnlyList<string> Before, int After, int Interactions);

/// <summary>What other rules would change.</summary>
/// <param name="Interactions">How many there are.</param>
/// <param name="Now">By the rules in force.</param>
/// <param name="Then">By the others.</param>
/// <param name="Changes">Customers that are joined or fall apart, those with the most interactions first.</param>
public sealed record IdentityPlan(int Interactions, IdentityOutcome Now, IdentityOutcome Then, IReadOnlyList<IdentityChange> Changes);

/// <summary>Tells what a change of the identity rules would do, before anybody applies it. Reads all states at once: about 1 KB of memory for each.</summary>
public sealed class PlanIdentity(IDocumentStore store, IdentityRules current)
{
    public async Task<IdentityPlan> RunAsync(IdentityRules other, CancellationToken cancellationToken)
    {
        var states = new List<EntityState>();
        await foreach (var document in store.ReadAcrossAsync(Containers.Interactions, Containers.StateId, from: "", cancellationToken))
        {
            if (document.AsInteraction().State is { HasHappened: true } state)
            {
                states.Add(state);
            }
        }

        var customerOf = new Dictionary<EntityKey, string>();
        await foreach (var document in store.ScanAsync(Containers.Customers, cancellationToken))
        {
            if (document.As(DocumentJson.Default.CustomerDocument).Touch is { MovedTo: null } touch)
            {
                customerOf[touch.Entity] = document.Partition;
            }
        }

        var (now, then) = (IdentityGraph.Truth(states, current), IdentityGraph.Truth(states, other));
        return new IdentityPlan(states.Count, Outcome(current, now), Outcome(other, then), Changes(now, then, customerOf));
    }

    private static IdentityOutcome Outcome(IdentityRules rules, IdentityTruth truth) => new(
        rules.Version, truth.Customers.Count, truth.Identified.Count, new SortedDictionary<IdentifierType, int>(truth.Shared.CountBy(i => i.Type).ToDictionary()));

    // What is one by either rule set changes together: in such a group, the customers before and after can be told apart.
    private static List<IdentityChange> Changes(IdentityTruth now, IdentityTruth then, Dictionary<EntityKey, string> customerOf)
    {
        var (before, after) = (NumbersOf(now), NumbersOf(then));
        List<Identifier> Numbers(EntityState entity) => [new(IdentifierType.Edge, $"before:{before[entity.Entity]}"), new(IdentifierType.Edge, $"after:{after[entity.Entity]}")];
        return
        [
            .. IdentityGraph.Components(now.Customers.SelectMany(c => c), Numbers)
                .Select(group => (Group: group, Before: group.DistinctBy(e => before[e.Entity]).Count(), After: group.DistinctBy(e => after[e.Entity]).Count()))
                .Where(g => g.Before > 1 || g.After > 1)
                .OrderByDescending(g => g.Group.Count)
                .Select(g => new IdentityChange([.. g.Group.Select(e => customerOf.GetValueOrDefault(e.Entity)).OfType<string>().Distinct().Order(StringComparer.Ordinal)], g.After, g.Group.Count)),
        ];
    }

    private static Dictionary<EntityKey, int> NumbersOf(IdentityTruth truth) =>
        truth.Customers.SelectMany((customer, i) => customer.Select(e => (e.Entity, i))).ToDictionary(e => e.Entity, e => e.i);
}
