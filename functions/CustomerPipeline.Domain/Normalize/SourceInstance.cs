using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Normalize;

/// <summary>
/// One of several systems of a vendor, such as a second shop or help desk: its numbers are its own. Named by the address that its messages come to, or by
/// what the vendor puts into them: Shopify's shop domain, Zendesk's account, Square's merchant, Intercom's workspace.
/// </summary>
/// <param name="Source">The source, as in <c>/api/ingest/{source}</c>.</param>
/// <param name="Name">Lower-case letters, digits, points, hyphens and underscores.</param>
public readonly record struct SourceInstance(string Source, string Name)
{
    /// <summary>The extension attribute of a message that came to an address of its own.</summary>
    public const string Attribute = "instance";

    private const int LongestName = 60;

    /// <summary>The name that a text gives an instance: itself, in lower case, or its hash; null when it is empty.</summary>
    public static string? NameOf(string? text) =>
        text?.Trim().ToLowerInvariant() is not { Length: > 0 } name ? null
        : IsName(name) ? name
        : "h" + StableHash.Of(name);

    /// <summary>Whether a text can stand in an address as the name of an instance.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= LongestName && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or '_');

    /// <summary>The same records and requests with keys and accounts of this instance, <c>zendesk@account:ticket:1</c> for <c>zendesk:ticket:1</c>.</summary>
    public Normalization Place(Normalization read)
    {
        var instance = this;
        return read switch
        {
            Normalization.Normalized normalized => normalized with
            {
                Records = [.. normalized.Records.Select(r => r with { Entity = instance.KeyOf(r.Entity), Part = instance.KeyOrNull(r.Part), PartOf = instance.KeyOrNull(r.PartOf), Identifiers = instance.IdentifiersOf(r.Identifiers) })],
            },
            Normalization.Requested requested => requested with
            {
                Identifiers = instance.IdentifiersOf(requested.Identifiers),
                Entities = [.. requested.Entities.Select(instance.KeyOf)],
            },
            _ => read,
        };
    }

    private EntityKey KeyOf(EntityKey plain) => new(Within(plain.Text));

    private EntityKey? KeyOrNull(EntityKey? plain) => plain is { } key ? KeyOf(key) : null;

    // Addresses, phone numbers and loyalty numbers are the same everywhere.
    private IReadOnlyList<Identifier> IdentifiersOf(IReadOnlyList<Identifier> plain)
    {
        var instance = this;
        return IdentifierNormalizer.Present(
            [.. plain.Select(i => (Identifier?)(i.Type is IdentifierType.Account or IdentifierType.Card or IdentifierType.Device ? new Identifier(i.Type, instance.Within(i.Value)) : i))]);
    }

    private string Within(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return $"{text[..colon]}@{Name}{text[colon..]}";
    }
}
