using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Flow.Resolve;

/// <summary>An entity's state, the revision it has, and the identifiers of it that link.</summary>
public sealed record ResolvableEntity(EntityState State, long Revision, IReadOnlyList<Identifier> Linking);

/// <summary>Entities of one batch that share identifiers: they belong to one customer, and are resolved together.</summary>
public static class EntityClusters
{
    public static IReadOnlyList<IReadOnlyList<ResolvableEntity>> Of(IEnumerable<ResolvableEntity> entities)
    {
        var clusterOf = new Dictionary<Identifier, List<ResolvableEntity>>();
        var clusters = new HashSet<List<ResolvableEntity>>(ReferenceEqualityComparer.Instance);
        foreach (var entity in entities)
        {
            var joined = new List<ResolvableEntity> { entity };
            foreach (var identifier in entity.Linking)
            {
                if (clusterOf.TryGetValue(identifier, out var other) && !ReferenceEquals(other, joined))
                {
                    var (larger, smaller) = other.Count >= joined.Count ? (other, joined) : (joined, other);
                    larger.AddRange(smaller);
                    foreach (var moved in smaller.SelectMany(e => e.Linking))
                    {
                        clusterOf[moved] = larger;
                    }

                    clusters.Remove(smaller);
                    joined = larger;
                }

                clusterOf[identifier] = joined;
            }

            clusters.Add(joined);
        }

        return [.. clusters];
    }
}
