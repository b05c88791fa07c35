using System.Collections.Concurrent;
using PhoneNumbers;

namespace CustomerPipeline.Domain.Identity;

/// <summary>
/// Turns what a source wrote into an identifier that can be compared, or into nothing when it cannot identify anyone.
/// Email: the address of a mailbox (<c>Jo &lt;jo@example.com&gt;</c>, <c>mailto:</c>), without white space and invisible characters, lower case, Unicode NFC; never dot folding or other provider-specific rules. Phone: E.164 by libphonenumber.
/// </summary>
public static class IdentifierNormalizer
{
    private static readonly System.Buffers.SearchValues<char> NotInEmail = System.Buffers.SearchValues.Create(" \t\r\n,;<>\"");

    private const int LongestValue = 254;
    private const int PhoneCacheSize = 50_000;

    // Parsing a phone number costs more than the rest of a message, and the same customers come back: the cache is bounded by clearing it.
    private static int _phonesAdded;
    private static readonly ConcurrentDictionary<(string Raw, string? Region), string?> Phones = new();

    public static Identifier? Account(string source, string? id) => Plain(IdentifierType.Account, source, id);

    /// <summary>A loyalty number: the company's own, the same in every source. Leading zeros are part of it.</summary>
    public static Identifier? Loyalty(string? number)
    {
        var trimmed = number?.Trim();
        return string.IsNullOrEmpty(trimmed) || trimmed.Length > LongestValue || IsDamaged(trimmed) ? null : new Identifier(IdentifierType.Loyalty, trimmed);
    }

    /// <summary>A tie that a source or a person stated: whatever carries the name belongs together.</summary>
    public static Identifier? Edge(string name) => name.Length > LongestValue ? new Identifier(IdentifierType.Edge, StableHash.Of(name)) : new Identifier(IdentifierType.Edge, name);

    public static Identifier? Device(string source, string? id) => Plain(IdentifierType.Device, source, id);

    public static Identifier? Card(string source, string? fingerprint) => Plain(IdentifierType.Card, source, fingerprint);

    public static Identifier? Email(string? raw)
    {
        if (string.IsNullOrWhiteSpace(raw) || raw.Length > LongestValue)
        {
            return null;
        }

        var email = AddressOf(raw).ToLowerInvariant();
        if (!IsWellFormed(email) || IsDamaged(email))
        {
            return null;
        }

        email = Composed.Of(email);
        var at = email.LastIndexOf('@');
        var valid = at > 0 && at < email.Length - 1 && !email.AsSpan().ContainsAny(NotInEmail);
        return valid ? new Identifier(IdentifierType.Email, email) : null;
    }

    /// <summary>The identifiers there are among those there might be, each once, in order.</summary>
    public static IReadOnlyList<Identifier> Present(params ReadOnlySpan<Identifier?> identifiers)
    {
        var present = new List<Identifier>(identifiers.Length);
        foreach (var identifier in identifiers)
        {
            if (identifier is { } known && !present.Contains(known))
            {
                present.Add(known);
            }
        }

        present.Sort();
        return present;
    }

    /// <summary>E.164 of a phone number. <paramref name="region"/> (ISO 3166 alpha-2) is needed for numbers written without a country code.</summary>
    public static Identifier? Phone(string? raw, string? region)
    {
        if (string.IsNullOrWhiteSpace(raw) || raw.Length > 40)
        {
            return null;
        }

        if (!Phones.TryGetValue((raw, region), out var number))
        {
            if (Interlocked.Increment(ref _phonesAdded) % PhoneCacheSize == 0)
            {
                Phones.Clear();
            }

            Phones[(raw, region)] = number = ToE164(raw, region);
        }

        return number is null ? null : new Identifier(IdentifierType.Phone, number);
    }

    private static string? ToE164(string raw, string? region)
    {
        var numbers = PhoneNumberUtil.GetInstance();
        try
        {
            var number = numbers.Parse(raw, region?.ToUpperInvariant());
            return numbers.IsValidNumber(number) ? numbers.Format(number, PhoneNumberFormat.E164) : null;
        }
        catch (NumberParseException)
        {
            // The library's only way to say "not a phone number".
            return null;
        }
    }

    // What copying leaves in a text and no reader sees: format characters (zero-width spaces, marks of direction, byte order marks, soft hyphens).
    private static string AddressOf(string raw)
    {
        var text = raw.Any(IsInvisible) ? string.Concat(raw.Where(c => !IsInvisible(c))) : raw;
        text = text.Trim();

        // RFC 5322, 3.4: name-addr.
        var open = text.LastIndexOf('<');
        text = open >= 0 && text.EndsWith('>') ? text[(open + 1)..^1].Trim() : text;
        return text.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) ? text["mailto:".Length..] : text;
    }

    private static bool IsInvisible(char character) => char.GetUnicodeCategory(character) == System.Globalization.UnicodeCategory.Format;

    private static Identifier? Plain(IdentifierType type, string source, string? id)
    {
        var trimmed = id?.Trim();
        return string.IsNullOrEmpty(trimmed) || trimmed.Length > LongestValue || IsDamaged(trimmed) ? null : new Identifier(type, $"{source}:{trimmed}");
    }

    // A replacement character stands for bytes that were lost: two values that differed may be equal now.
    private static bool IsDamaged(string value) => value.Contains('\uFFFD', StringComparison.Ordinal);

    // String.Normalize throws on a lone surrogate; such a value identifies nobody.
    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return false;
            }
        }

        return true;
    }
}
