using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CustomerPipeline.Domain.Identity;

/// <summary>What one type of identifier may do. A type without a rule is kept as evidence, and neither links nor identifies.</summary>
public sealed record IdentifierRule
{
    /// <summary>Whether a value tells who the customer is. A card or a device that nobody's name is tied to does not.</summary>
    public bool Identifies { get; init; }

    /// <summary>
    /// How many distinct values of another type one value may come with, on the same orders, tickets and profiles; accounts are counted by source.
    /// A value that comes with more is shared by several people: it stops linking, and what it had joined is split again.
    /// </summary>
    public IReadOnlyDictionary<IdentifierType, int> Limits { get; init; } = FrozenDictionary<IdentifierType, int>.Empty;
}

/// <summary>
/// Which identifiers may join interactions to one customer. Rules are data with a version (docs/identity.md): what a rule set joined can be told, and
/// another one tried before it is applied.
/// </summary>
public sealed record IdentityRules
{
    private const int LargestLimit = 100;

    /// <summary>Goes with every figure that depends on who is one customer.</summary>
    public required string Version { get; init; }

    /// <summary>The rule of each type whose equal values mean the same customer.</summary>
    public required IReadOnlyDictionary<IdentifierType, IdentifierRule> Types { get; init; }

    /// <summary>
    /// Values that stand for no person, lower case: <c>value</c> of any type but email (after the source), <c>type:value</c> of one type, or <c>type:source:value</c> of one
    /// type and source.
    /// </summary>
    public required FrozenSet<string> BlockedValues { get; init; }

    /// <summary>Local parts of email addresses that no single person owns.</summary>
    public required FrozenSet<string> BlockedEmailLocalParts { get; init; }

    /// <summary>The company's own domains and addresses, lower case.</summary>
    public FrozenSet<string> OwnEmails { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Rules for a company that says nothing else: rather too few joins than a wrong one (decision 0012).</summary>
    public static IdentityRules Default { get; } = new()
    {
        Version = "identity-3",
        Types = new Dictionary<IdentifierType, IdentifierRule>
        {
            [IdentifierType.Account] = new() { Identifies = true, Limits = Limited(loyalty: 10, email: 10, phone: 10) },
            [IdentifierType.Loyalty] = new() { Identifies = true, Limits = Limited(account: 1, email: 3, phone: 3) },
            [IdentifierType.Email] = new() { Identifies = true, Limits = Limited(account: 3, loyalty: 2, phone: 10, card: 20) },
            [IdentifierType.Phone] = new() { Identifies = true, Limits = Limited(account: 1, loyalty: 1, email: 1) },
            [IdentifierType.Card] = new() { Limits = Limited(account: 1, loyalty: 1, email: 1, phone: 1) },
            [IdentifierType.Device] = new() { Limits = Limited(account: 1, loyalty: 1, email: 1, phone: 1) },
        }.ToFrozenDictionary(),
        BlockedValues = Blocked.Values,
        BlockedEmailLocalParts = Blocked.EmailLocalParts,
    };

    /// <summary>Whether equal values mean the same customer, as far as the value itself tells.</summary>
    public bool Links(Identifier identifier) =>
        identifier.Type == IdentifierType.Edge || (Types.ContainsKey(identifier.Type) && !IsBlocked(identifier));

    /// <summary>Whether the value tells who the customer is.</summary>
    public bool Identifies(Identifier identifier) =>
        Types.TryGetValue(identifier.Type, out var rule) && rule.Identifies && !IsBlocked(identifier);

    /// <summary>The identifiers of a list that link, strongest type first, each once.</summary>
    public IReadOnlyList<Identifier> Linking(IEnumerable<Identifier> identifiers)
    {
        // Nearly always they are in order already.
        var linking = new List<Identifier>();
        var areInOrder = true;
        foreach (var identifier in identifiers)
        {
            if (Links(identifier))
            {
                areInOrder &= linking.Count == 0 || linking[^1] < identifier;
                linking.Add(identifier);
            }
        }

        return areInOrder ? linking : [.. linking.Distinct().Order()];
    }

    /// <summary>How many distinct values of a type one value may come with; null for any number.</summary>
    public int? LimitOf(IdentifierType type, IdentifierType with) =>
        Types.TryGetValue(type, out var rule) && rule.Limits.TryGetValue(with, out var limit) ? limit : null;

    /// <summary>Reads rules from their file.</summary>
    /// <exception cref="FormatException">It is not such a file; the message says where and what.</exception>
    public static IdentityRules Parse(ReadOnlySpan<byte> json)
    {
        IdentityRulesFile file;
        try
        {
            file = JsonSerializer.Deserialize(json, IdentityRulesJson.Default.IdentityRulesFile) ?? throw new FormatException("The identity rules are null.");
        }
        catch (JsonException e)
        {
            throw new FormatException($"The identity rules cannot be read, at {e.Path ?? "the start"}: docs/identity.md shows their shape.");
        }

        if (string.IsNullOrWhiteSpace(file.Version) || file.Version.Length > 64)
        {
            throw new FormatException("The identity rules need a version of at most 64 characters: it goes with every figure.");
        }

        if (file.Types is not { Count: > 0 } || file.Types.ContainsKey(IdentifierType.Edge))
        {
            throw new FormatException("The identity rules name no types, or edge: edges always link. Name some of account, loyalty, email, phone, card, device.");
        }

        if (file.Types.Values.SelectMany(t => t.Limits ?? []).Any(l => l.Value is < 1 or > LargestLimit))
        {
            throw new FormatException($"A limit of the identity rules is 1 to {LargestLimit}.");
        }

        return new IdentityRules
        {
            Version = file.Version,
            Types = file.Types.ToFrozenDictionary(t => t.Key, t => new IdentifierRule { Identifies = t.Value.Identifies, Limits = (t.Value.Limits ?? []).ToFrozenDictionary() }),
            BlockedValues = file.BlockedValues is { } values ? Lower(values) : Default.BlockedValues,
            BlockedEmailLocalParts = file.BlockedEmailLocalParts is { } parts ? Lower(parts) : Default.BlockedEmailLocalParts,
            OwnEmails = Lower(file.OwnEmails ?? []),
        };
    }

    /// <summary>The rules as their file has them.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(
        new IdentityRulesFile
        {
            Version = Version,
            Types = Types.OrderBy(t => t.Key).ToDictionary(t => t.Key, t => new IdentifierRuleFile { Identifies = t.Value.Identifies, Limits = t.Value.Limits.OrderBy(l => l.Key).ToDictionary() }),
            BlockedValues = [.. BlockedValues.Order(StringComparer.Ordinal)],
            BlockedEmailLocalParts = [.. BlockedEmailLocalParts.Order(StringComparer.Ordinal)],
            OwnEmails = [.. OwnEmails.Order(StringComparer.Ordinal)],
        },
        IdentityRulesJson.Default.IdentityRulesFile);

    private static FrozenSet<string> Lower(IEnumerable<string> values) => values.Select(v => Composed.Of(v.Trim().ToLowerInvariant())).ToFrozenSet();

    private static FrozenDictionary<IdentifierType, int> Limited(int? account = null, int? loyalty = null, int? email = null, int? phone = null, int? card = null) =>
        new (IdentifierType Type, int? Limit)[]
        {
            (IdentifierType.Account, account), (IdentifierType.Loyalty, loyalty), (IdentifierType.Email, email), (IdentifierType.Phone, phone), (IdentifierType.Card, card),
        }.Where(l => l.Limit is not null).ToFrozenDictionary(l => l.Type, l => l.Limit!.Value);

    private bool IsBlocked(Identifier identifier)
    {
        if (identifier.Type == IdentifierType.Email)
        {
            var at = identifier.Value.LastIndexOf('@');
            return BlockedEmailLocalParts.Contains(identifier.Value[..at])
                || identifier.Value.EndsWith(Blocked.EmailEnding, StringComparison.Ordinal)
                || OwnEmails.Contains(identifier.Value)
                || OwnEmails.Contains(identifier.Value[(at + 1)..]);
        }

        var whole = identifier.Value.ToLowerInvariant();
        var value = whole[(whole.IndexOf(':', StringComparison.Ordinal) + 1)..];
        var type = Identifier.NameOf(identifier.Type);
        return Blocked.IsZeros(value) || Blocked.IsTemplate(value) || Blocked.IsFiller(identifier.Type, value)
            || BlockedValues.Contains(value) || BlockedValues.Contains($"{type}:{value}") || BlockedValues.Contains($"{type}:{whole}");
    }
}

internal sealed record IdentityRulesFile
{
    public string? Version { get; init; }

    public Dictionary<IdentifierType, IdentifierRuleFile>? Types { get; init; }

    public List<string>? BlockedValues { get; init; }

    public List<string>? BlockedEmailLocalParts { get; init; }

    public List<string>? OwnEmails { get; init; }
}

internal sealed record IdentifierRuleFile
{
    public bool Identifies { get; init; }

    public Dictionary<IdentifierType, int>? Limits { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, WriteIndented = true)]
[JsonSerializable(typeof(IdentityRulesFile))]
internal sealed partial class IdentityRulesJson : JsonSerializerContext;
