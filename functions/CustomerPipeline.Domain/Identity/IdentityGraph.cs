using CustomerPipeline.Domain.Entities;

namespace CustomerPipeline.Domain.Identity;

/// <summary>Who is one customer, worked out all at once.</summary>
/// <param name="Customers">The entities of each customer.</param>
/// <param name="Shared">Values that join more than they may, and link nothing.</param>
/// <param name="Identified">Entities of customers that are known to be somebody.</param>
public sealed record IdentityTruth(IReadOnlyList<IReadOnlyList<EntityState>> Customers, IReadOnlySet<Identifier> Shared, IReadOnlySet<EntityKey> Identified);

/// <summary>Who is one customer, by the definition: connected components of things and the identifiers that link them.</summary>
public static class IdentityGraph
{
    /// <summary>The values that come with more than their limit, among all that is known: they link nothing.</summary>
    /// <param name="seen">The identifiers that were seen together on orders, tickets and profiles.</param>
    /// <param name="rules">Sets the limits.</param>
    public static IReadOnlySet<Identifier> Shared(IEnumerable<IReadOnlyList<Identifier>> seen, IdentityRules rules)
    {
        var companions = new Dictionary<Identifier, Companions>();
        foreach (var identifiers in seen)
        {
            var linking = rules.Linking(identifiers);
            foreach (var identifier in linking)
            {
                companions[identifier] = companions.GetValueOrDefault(identifier, Companions.None).And(identifier, linking, rules);
            }
        }

        return companions.Where(c => c.Value.TooMany).Select(c => c.Key).ToHashSet();
    }

    /// <summary>Who is one customer among all that is known, by rules.</summary>
    /// <param name="entities">All there are.</param>
    /// <param name="rules">The rules.</param>
    /// <param name="staysShared">What is shared whatever the entities say, because others who shared it are gone.</param>
    public static IdentityTruth Truth(IReadOnlyCollection<EntityState> entities, IdentityRules rules, Func<Identifier, bool>? staysShared = null)
    {
        var shared = Shared(entities.SelectMany(e => e.SeenTogether), rules).ToHashSet();
        if (staysShared is not null)
        {
            shared.UnionWith(entities.SelectMany(e => e.EverSaid).Where(staysShared));
        }

        List<Identifier> TiesOf(EntityState entity) => [.. rules.Linking(entity.Identifiers.Except(entity.Cut)).Where(i => !shared.Contains(i))];
        var components = Components(entities.Where(e => e.HasHappened), TiesOf);
        var identified = components.Where(c => c.SelectMany(TiesOf).Any(rules.Identifies)).SelectMany(c => c.Select(e => e.Entity)).ToHashSet();
        return new IdentityTruth(components, shared, identified);
    }

    /// <summary>Things that hang together by what they carry.</summary>
    /// <param name="things">Anything that carries identifiers.</param>
    /// <param name="linking">The identifiers of a thing that link.</param>
    public static IReadOnlyList<IReadOnlyList<T>> Components<T>(IEnumerable<T> things, Func<T, IReadOnlyList<Identifier>> linking)
    {
        var componentOf = new Dictionary<Identifier, List<T>>();
        var components = new HashSet<List<T>>(ReferenceEqualityComparer.Instance);
        foreach (var thing in things)
        {
            var joined = new List<T> { thing };
            foreach (var identifier in linking(thing))
            {
                if (componentOf.TryGetValue(identifier, out var other) && !ReferenceEquals(other, joined))
                {
                    var (larger, smaller) = other.Count >= joined.Count ? (other, joined) : (joined, other);
                    larger.AddRange(smaller);
                    foreach (var moved in smaller.SelectMany(linking).Where(i => ReferenceEquals(componentOf.GetValueOrDefault(i), smaller)))
                    {
                        componentOf[moved] = larger;
                    }

                    components.Remove(smaller);
                    joined = larger;
                }

                componentOf[identifier] = joined;
            }

            components.Add(joined);
        }

        return [.. components];
    }

    /// <summary>
    /// Which ties to cut so that no component has both sides of a never-link: ties are taken one by one, those a person stated first, then the strongest
    /// type first, then those of things with few ties, and one that would bring both sides together is left out. Deterministic for a set of things, whatever
    /// their order.
    /// </summary>
    /// <param name="things">Things of one component, in any order.</param>
    /// <param name="linking">The identifiers of a thing that link.</param>
    /// <param name="sides">The sides of never-links a thing stands on.</param>
    /// <param name="name">Tells things apart, and puts those that are otherwise alike in order.</param>
    public static IReadOnlyList<(T Thing, Identifier Tie)> CutsBetweenSides<T>(
        IReadOnlyCollection<T> things, Func<T, IReadOnlyList<Identifier>> linking, Func<T, IReadOnlyList<string>> sides, Func<T, string> name)
    {
        var parents = new Dictionary<string, string>(StringComparer.Ordinal);
        var sidesOf = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        var cuts = new List<(T, Identifier)>();

        string Root(string node)
        {
            parents.TryAdd(node, node);
            while (parents[node] != node)
            {
                node = parents[node] = parents[parents[node]];
            }

            return node;
        }

        // A thing with few ties needs each of them more.
        IEnumerable<(T Thing, Identifier Tie, int Others, int Place)> TiesOf(T thing, int place)
        {
            var all = linking(thing);
            return all.Select(tie => (thing, tie, all.Count - 1, place));
        }

        var thingsByStanding = things.OrderByDescending(t => sides(t).Count).ThenBy(name, StringComparer.Ordinal).ToList();
        foreach (var thing in thingsByStanding.Where(t => sides(t).Count > 0))
        {
            sidesOf[Root("thing " + name(thing))] = [.. sides(thing)];
        }

        var ties = thingsByStanding.SelectMany((thing, place) => TiesOf(thing, place))
            .OrderBy(t => t.Tie.Type == IdentifierType.Edge ? 0 : 1).ThenBy(t => t.Tie).ThenBy(t => t.Others).ThenBy(t => t.Place);
        foreach (var (thing, tie, _, _) in ties)
        {
            var (left, right) = (Root("thing " + name(thing)), Root(tie.Key));
            var both = (sidesOf.GetValueOrDefault(left) ?? []).Union(sidesOf.GetValueOrDefault(right) ?? []).ToHashSet(StringComparer.Ordinal);
            if (left != right && AreOpposed(both))
            {
                cuts.Add((thing, tie));
            }
            else
            {
                parents[left] = right;
                sidesOf[right] = both;
            }
        }

        return cuts;
    }

    /// <summary>Whether some sides are the two of one never-link.</summary>
    public static bool AreOpposed(IEnumerable<string> sides) => OpposedIn(sides).Any();

    /// <summary>The never-link that a side belongs to.</summary>
    public static string NeverLinkOf(string side) => side[..side.LastIndexOf('/')];

    /// <summary>The never-links that both sides are there of, in order of their names.</summary>
    public static IEnumerable<string> OpposedIn(IEnumerable<string> sides) => sides.GroupBy(NeverLinkOf, StringComparer.Ordinal)
        .Where(d => d.Distinct(StringComparer.Ordinal).Skip(1).Any()).Select(d => d.Key).Order(StringComparer.Ordinal);
}
