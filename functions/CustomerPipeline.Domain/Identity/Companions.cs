namespace CustomerPipeline.Domain.Identity;

/// <summary>
/// What a value of an identifier comes with: distinct other values by kind, no more of them than it takes to tell that they are too many. Values are kept
/// as hashes. Only ever grows, so that the order in which things are seen cannot matter; what a person cut off counts all the same.
/// </summary>
public sealed record Companions
{
    private const int HashCharacters = 12;

    public static Companions None { get; } = new();

    /// <summary>Hashes by kind: the name of a type, and of a source for accounts.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Kinds { get; init; } = new SortedDictionary<string, IReadOnlyList<string>>();

    /// <summary>A value joins more people than it may: it is shared, and links nothing.</summary>
    public bool TooMany { get; init; }

    /// <summary>These companions and those that a value has on one order, ticket or profile. The very same object when nothing is new.</summary>
    /// <param name="of">The value.</param>
    /// <param name="beside">The linking identifiers it is seen with; itself among them or not.</param>
    /// <param name="rules">Sets the limits.</param>
    public Companions And(Identifier of, IReadOnlyList<Identifier> beside, IdentityRules rules)
    {
        SortedDictionary<string, IReadOnlyList<string>>? kinds = null;
        var tooMany = TooMany;
        foreach (var other in beside)
        {
            if (other == of || rules.LimitOf(of.Type, other.Type) is not { } limit)
            {
                continue;
            }

            var kind = KindOf(other);
            var known = (kinds ?? Kinds).GetValueOrDefault(kind) ?? [];
            var hash = HashOf(other);
            if (known.Count > limit || known.Contains(hash))
            {
                continue;
            }

            kinds ??= new SortedDictionary<string, IReadOnlyList<string>>(Kinds.ToDictionary(), StringComparer.Ordinal);
            kinds[kind] = [.. known.Append(hash).Order(StringComparer.Ordinal)];
            tooMany |= known.Count + 1 > limit;
        }

        return kinds is null ? this : new Companions { Kinds = kinds, TooMany = tooMany };
    }

    /// <summary>These companions without some identifiers, whose owner is gone. What was too many stays too many.</summary>
    /// <param name="gone">Hashes of the identifiers (<see cref="HashOf"/>).</param>
    public Companions Without(IReadOnlySet<string> gone) => Kinds.Values.SelectMany(k => k).Any(gone.Contains)
        ? new Companions { Kinds = new SortedDictionary<string, IReadOnlyList<string>>(Kinds.ToDictionary(k => k.Key, k => (IReadOnlyList<string>)[.. k.Value.Where(h => !gone.Contains(h))]), StringComparer.Ordinal), TooMany = TooMany }
        : this;

    /// <summary>What an identifier is remembered by.</summary>
    public static string HashOf(Identifier identifier) => StableHash.ToBase32(StableHash.Bits("companion", identifier.Key), HashCharacters);

    // An account's value begins with its source: one customer has an account at each.
    private static string KindOf(Identifier identifier) => identifier.Type == IdentifierType.Account
        ? $"{Identifier.NameOf(identifier.Type)}:{identifier.Value.AsSpan(0, Math.Max(0, identifier.Value.IndexOf(':', StringComparison.Ordinal)))}"
        : Identifier.NameOf(identifier.Type);
}
