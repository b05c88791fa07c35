using CustomerPipeline.Domain.Entities;

namespace CustomerPipeline.Domain.Identity;

/// <summary>Names customers without naming people.</summary>
public static class CustomerId
{
    private const int TimeCharacters = 7;
    private const int HashCharacters = 12;

    /// <summary>
    /// The id of the customer that an entity founds when nothing it carries is claimed yet: when it was first seen (so that ordinal order is age, and
    /// the older customer survives a merge) and 60 bits of its key. Deterministic, so that a redelivered message founds the same customer.
    /// </summary>
    public static string FoundedBy(EntityKey entity, DateTimeOffset firstSeen)
    {
        var seconds = (ulong)Math.Max(0, firstSeen.ToUnixTimeSeconds());
        return "c" + StableHash.ToBase32(seconds, TimeCharacters) + StableHash.ToBase32(StableHash.Bits(entity.Text), HashCharacters);
    }
}
