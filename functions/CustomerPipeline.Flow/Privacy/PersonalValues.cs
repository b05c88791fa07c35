using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;
using PhoneNumbers;

namespace CustomerPipeline.Flow.Privacy;

/// <summary>
/// The values that tell of one person, in the encodings they are usually written in: plain in any case, escaped in JSON, percent-encoded, and base 64 at any
/// offset. It finds a person in messages that nothing could make sense of.
/// </summary>
public sealed class PersonalValues
{
    // Shorter ones stand in messages of other people by chance.
    private const int Shortest = 6;

    private readonly SearchValues<string> _anyCase;
    private readonly SearchValues<string> _exact;

    private PersonalValues(IReadOnlyCollection<string> values)
    {
        Values = values;
        _anyCase = SearchValues.Create([.. values.SelectMany(Readable).Distinct(StringComparer.Ordinal)], StringComparison.OrdinalIgnoreCase);
        _exact = SearchValues.Create([.. values.SelectMany(Base64).Distinct(StringComparer.Ordinal)], StringComparison.Ordinal);
    }

    /// <summary>The values as they are.</summary>
    public IReadOnlyCollection<string> Values { get; }

    /// <summary>The distinctive values of a person.</summary>
    /// <param name="identifiers">What the person is known by, and nobody else.</param>
    /// <param name="profiles">What sources said of the person.</param>
    public static PersonalValues Of(IEnumerable<Identifier> identifiers, IEnumerable<PersonProfile> profiles)
    {
        var values = new HashSet<string>(StringComparer.Ordinal);
        foreach (var identifier in identifiers)
        {
            values.UnionWith(identifier.Type switch
            {
                IdentifierType.Phone => WaysToWrite(identifier.Value),
                IdentifierType.Account or IdentifierType.Card or IdentifierType.Device => [identifier.Value[(identifier.Value.IndexOf(':', StringComparison.Ordinal) + 1)..]],
                IdentifierType.Edge => [],
                _ => [identifier.Value],
            });
        }

        foreach (var profile in profiles)
        {
            values.UnionWith(new[] { profile.Name, profile.Street }.OfType<string>().Where(v => v.Contains(' ', StringComparison.Ordinal)));
        }

        return new PersonalValues([.. values.Where(v => v.Length >= Shortest)]);
    }

    /// <summary>Whether a text holds any of the values.</summary>
    public bool AreIn(ReadOnlySpan<byte> utf8)
    {
        if (Values.Count == 0)
        {
            return false;
        }

        var text = Encoding.UTF8.GetString(utf8);
        return text.AsSpan().ContainsAny(_anyCase) || text.AsSpan().ContainsAny(_exact);
    }

    private static IEnumerable<string> Readable(string value) =>
        [value, JavaScriptEncoder.Default.Encode(value), Uri.EscapeDataString(value), Uri.EscapeDataString(value).Replace("%20", "+", StringComparison.Ordinal)];

    // A value inside a longer text begins at any of three places of a group; the characters at both ends depend on what is beside it.
    private static IEnumerable<string> Base64(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        for (var offset = 0; offset < 3; offset++)
        {
            var encoded = Convert.ToBase64String([.. new byte[offset], .. bytes]).TrimEnd('=');
            var first = offset == 0 ? 0 : offset + 1;
            var whole = (offset + bytes.Length) * 8 / 6;
            if (whole - first >= Shortest)
            {
                yield return encoded[first..whole];
            }
        }
    }

    private static IEnumerable<string> WaysToWrite(string e164)
    {
        var numbers = PhoneNumberUtil.GetInstance();
        PhoneNumber number;
        try
        {
            number = numbers.Parse(e164, null);
        }
        catch (NumberParseException)
        {
            return [e164];
        }

        return
        [
            e164, e164[1..], number.NationalNumber.ToString(CultureInfo.InvariantCulture),
            numbers.Format(number, PhoneNumberFormat.INTERNATIONAL), numbers.Format(number, PhoneNumberFormat.NATIONAL), numbers.Format(number, PhoneNumberFormat.RFC3966),
        ];
    }
}
