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
    /// <param name="entity">The founding entity.</param>
    /// <param name="firstSeen">When it was first seen.</param>
    /// <param name="attempt">Another number gives another id, for a part that is split off where the first id is taken.</param>
    public static string FoundedBy(EntityKey entity, DateTimeOffset firstSeen, int attempt = 0)
    {
        var seconds = (ulong)Math.Max(0, firstSeen.ToUnixTimeSeconds());
        return "c" + StableHash.ToBase32(seconds, TimeCharacters) + StableHash.ToBase32((attempt == 0 ? StableHash.Bits(entity.Text) : StableHash.Bits(entity.Text, attempt.ToString(System.Globalization.CultureInfo.InvariantCulture))), HashCharacters);
    }
}
