using CustomerPipeline.Application.Documents;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Application.Maintenance.Erasing;

/// <summary>All that belongs to some people.</summary>
/// <param name="Customers">Whom they ever were.</param>
/// <param name="Entities">What they did.</param>
/// <param name="Identifiers">What identifies them, and until when what carries it is theirs: until the latest erasure that names it.</param>
public sealed record ErasedPeople(
    HashSet<string> Customers, HashSet<EntityKey> Entities, Dictionary<Identifier, DateTimeOffset> Identifiers)
{
    /// <summary>What they did after they asked.</summary>
    public HashSet<EntityKey> Returning { get; init; } = [];

    /// <summary>The latest of the requests.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>Whether what is about a subject goes: what they did, and of who they were all but what is somebody else's now.</summary>
    public bool Covers(Subject subject) =>
        (subject.Entity is { } entity && Entities.Contains(entity))
        || (subject.Customer is { } customer && Customers.Contains(customer) && (subject.Entity is not { } own || Returning.Contains(own)));

    public static ErasedPeople All(IEnumerable<PrivacyRequest> people)
    {
        var all = people.ToList();
        return new ErasedPeople(
            all.SelectMany(p => p.Customers).ToHashSet(StringComparer.Ordinal),
            all.SelectMany(p => p.Entities).ToHashSet(),
            all.SelectMany(p => p.Identifiers.Select(i => (Identifier: i, p.At))).GroupBy(i => i.Identifier).ToDictionary(i => i.Key, i => i.Max(p => p.At)))
        {
            Returning = all.SelectMany(p => p.Returning).Except(all.SelectMany(p => p.Entities)).ToHashSet(),
            Until = all.Max(p => p.At),
        };
    }
}
