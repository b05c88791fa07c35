using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Flow.Verify;

/// <summary>Who is one customer, by the definition: connected components of entities and linking identifiers (union-find, all at once).</summary>
internal static class Components
{
    /// <summary>The component's name (any stable one) of each entity.</summary>
    public static IReadOnlyDictionary<EntityKey, string> Of(IEnumerable<EntityState> entities, IdentityRules rules)
    {
        var parents = new Dictionary<string, string>(StringComparer.Ordinal);

        string Find(string node)
        {
            parents.TryAdd(node, node);
            while (parents[node] != node)
            {
                node = parents[node] = parents[parents[node]];
            }

            return node;
        }

        var keys = new List<EntityKey>();
        foreach (var state in entities)
        {
            keys.Add(state.Entity);
            var node = Find("entity " + state.Entity.Text);
            foreach (var identifier in rules.Linking(state.Identifiers))
            {
                parents[Find(node)] = Find(identifier.Key);
            }
        }

        return keys.ToDictionary(k => k, k => Find("entity " + k.Text));
    }
}
