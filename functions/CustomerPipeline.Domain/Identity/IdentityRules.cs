using System.Collections.Frozen;

namespace CustomerPipeline.Domain.Identity;

/// <summary>
/// Which identifiers may join interactions to one customer. Rules are data with a version: what a rule set joined can be told and redone.
/// </summary>
public sealed record IdentityRules
{
    /// <summary>Goes with every figure that depends on who is one customer.</summary>
    public required string Version { get; init; }

    /// <summary>
    /// Types whose equal values mean the same customer. A card is shared in a family and a device in a household: they are kept as evidence,
    /// and do not link until their limits are in force.
    /// </summary>
    public required FrozenSet<IdentifierType> LinkingTypes { get; init; }

    /// <summary>Values (after the source prefix, lower case) that stand for "nobody in particular".</summary>
    public required FrozenSet<string> BlockedValues { get; init; }

    /// <summary>Local parts of email addresses that no single person owns.</summary>
    public required FrozenSet<string> BlockedEmailLocalParts { get; init; }

    /// <summary>The company's own domains and addresses, lower case.</summary>
    public FrozenSet<string> OwnEmails { get; init; } = FrozenSet<string>.Empty;

    public static IdentityRules Default { get; } = new()
    {
        Version = "identity-1",
        LinkingTypes = new[] { IdentifierType.Account, IdentifierType.Loyalty, IdentifierType.Email, IdentifierType.Phone }.ToFrozenSet(),
        BlockedValues = new[] { "", "-", "-1", "0", "00", "null", "nil", "none", "undefined", "unknown", "anonymous", "guest", "test", "n/a", "na" }.ToFrozenSet(),
        BlockedEmailLocalParts = new[] { "noreply", "no-reply", "donotreply", "do-not-reply", "mailer-daemon", "postmaster" }.ToFrozenSet(),
    };

    /// <summary>Whether an identifier joins what carries it.</summary>
    public bool Links(Identifier identifier) => LinkingTypes.Contains(identifier.Type) && !IsBlocked(identifier);

    /// <summary>The identifiers of a list that link, in order of strength, each once.</summary>
    public IReadOnlyList<Identifier> Linking(IEnumerable<Identifier> identifiers) => [.. identifiers.Where(Links).Distinct().Order()];

    private bool IsBlocked(Identifier identifier)
    {
        if (identifier.Type == IdentifierType.Email)
        {
            var at = identifier.Value.LastIndexOf('@');
            return BlockedEmailLocalParts.Contains(identifier.Value[..at])
                || OwnEmails.Contains(identifier.Value)
                || OwnEmails.Contains(identifier.Value[(at + 1)..]);
        }

        var value = identifier.Value.AsSpan(identifier.Value.IndexOf(':', StringComparison.Ordinal) + 1);
        return value.Trim('0').IsEmpty || BlockedValues.Contains(value.ToString().ToLowerInvariant());
    }
}
