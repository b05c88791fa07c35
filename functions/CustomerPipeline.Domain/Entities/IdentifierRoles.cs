using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Entities;

/// <summary>
/// Whose an entity is, by what its records say one after the other. A type of identifier is a role (the account, the email, the phone ...): what a later record says of a
/// role replaces what an earlier one said, what it does not mention stays, and another account is another party altogether. Merges that a source or a person stated
/// (<see cref="IdentifierType.Edge"/>) are no role, and add up.
/// </summary>
public static class IdentifierRoles
{
    /// <summary>The identifiers that hold after a record, in order.</summary>
    /// <param name="kind">What the entity is.</param>
    /// <param name="known">Those that held before it.</param>
    /// <param name="said">Those of the record.</param>
    public static IReadOnlyList<Identifier> After(EntityKind kind, IReadOnlyList<Identifier> known, IReadOnlyList<Identifier> said)
    {
        if (said.Count == 0 || said.SequenceEqual(known))
        {
            return known;
        }

        var isOtherParty = !AddsUp(kind, IdentifierType.Account) && AreApart(IdentifierType.Account, known, said);
        var kept = known.Where(i => AddsUp(kind, i.Type) || (!isOtherParty && !said.Any(s => s.Type == i.Type)));
        return [.. kept.Concat(said).Distinct().Order()];
    }

    /// <summary>What records said, each set of identifiers once, in order. It only grows, so that no order of arrival matters.</summary>
    /// <param name="parties">What the records before it said.</param>
    /// <param name="said">The identifiers of one more.</param>
    public static IReadOnlyList<IReadOnlyList<Identifier>> WithParty(IReadOnlyList<IReadOnlyList<Identifier>> parties, IReadOnlyList<Identifier> said)
    {
        IReadOnlyList<Identifier> party = [.. said.Where(i => i.Type != IdentifierType.Edge)];
        return party.Count == 0 || parties.Any(p => p.SequenceEqual(party)) ? parties : [.. parties.Append(party).OrderBy(p => string.Join(' ', p), StringComparer.Ordinal)];
    }

    /// <summary>
    /// Which identifiers were seen together: those of one record, and those of two that name nobody else. What one record said and another replaced was never seen together,
    /// so that an order that is moved from one customer to another makes neither look shared.
    /// </summary>
    /// <param name="kind">What the entity is.</param>
    /// <param name="parties">What its records said.</param>
    public static IEnumerable<IReadOnlyList<Identifier>> SeenTogether(EntityKind kind, IReadOnlyList<IReadOnlyList<Identifier>> parties)
    {
        var pairs = parties.SelectMany((left, i) => parties.Skip(i + 1).Select(right => (Left: left, Right: right))).ToList();
        return pairs.TrueForAll(p => Agree(kind, p.Left, p.Right))
            ? [[.. parties.SelectMany(p => p).Distinct().Order()]]
            : [.. parties, .. pairs.Where(p => Agree(kind, p.Left, p.Right)).Select(p => (IReadOnlyList<Identifier>)[.. p.Left.Union(p.Right).Order()])];
    }

    private static bool Agree(EntityKind kind, IReadOnlyList<Identifier> left, IReadOnlyList<Identifier> right) =>
        left.Select(i => i.Type).Distinct().All(type => AddsUp(kind, type) || !AreApart(type, left, right));

    private static bool AreApart(IdentifierType type, IReadOnlyList<Identifier> left, IReadOnlyList<Identifier> right) =>
        left.Any(i => i.Type == type) && right.Any(i => i.Type == type) && !left.Any(i => i.Type == type && right.Contains(i));

    // A profile has the account that it is a profile of, those that were merged into it, and the devices its person was seen on.
    private static bool AddsUp(EntityKind kind, IdentifierType type) =>
        type == IdentifierType.Edge || (kind == EntityKind.Person && type is IdentifierType.Account or IdentifierType.Device);
}
