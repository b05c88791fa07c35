using System.Globalization;
using System.Text;

namespace CustomerPipeline.Application.Privacy;

/// <summary>
/// Escapes that begin with a backslash, as JSON, JavaScript, C, Python and Java write them: four, eight or braced digits of a code point, two hexadecimal or up to three octal digits of a byte, and single letters.
/// </summary>
internal static class Escapes
{
    private const int MostOctalDigits = 3;
    private const int MostBracedDigits = 6;

    /// <summary>The text that the escapes stand for; null where there are none.</summary>
    public static string? Decoded(string text)
    {
        var escape = text.IndexOf('\\', StringComparison.Ordinal);
        if (escape < 0)
        {
            return null;
        }

        var plain = new StringBuilder(text, 0, escape, text.Length);
        var bytes = new List<byte>();
        for (var at = escape; at < text.Length;)
        {
            if (ByteAt(text, at) is var (value, afterByte))
            {
                bytes.Add(value);
                at = afterByte;
                continue;
            }

            Flush(bytes, plain);
            if (CodePointAt(text, at) is var (character, after))
            {
                plain.Append(character);
                at = after;
            }
            else if (text[at] == '\\' && at + 1 < text.Length)
            {
                plain.Append(text[at + 1] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', var other => other });
                at += 2;
            }
            else
            {
                plain.Append(text[at++]);
            }
        }

        Flush(bytes, plain);
        return plain.ToString();
    }

    // Bytes one after another are UTF-8, as C and Python have them, or else letters of Latin 1, as JavaScript has them.
    private static void Flush(List<byte> bytes, StringBuilder plain)
    {
        if (bytes.Count > 0)
        {
            var run = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes);
            plain.Append((System.Text.Unicode.Utf8.IsValid(run) ? Encoding.UTF8 : Encoding.Latin1).GetString(run));
            bytes.Clear();
        }
    }

    private static (byte Value, int End)? ByteAt(string text, int at)
    {
        if (text.AsSpan(at) is ['\\', 'x', ..])
        {
            return CodeAt(text, at + 2, 2) is { } value ? ((byte)value, at + 4) : null;
        }

        var (code, end) = (0, at + 1);
        while (text[at] == '\\' && end < text.Length && end - at <= MostOctalDigits && text[end] is >= '0' and <= '7' && (code * 8) + (text[end] - '0') <= byte.MaxValue)
        {
            code = (code * 8) + (text[end++] - '0');
        }

        return end > at + 1 ? ((byte)code, end) : null;
    }

    private static (string Text, int End)? CodePointAt(string text, int at) => text.AsSpan(at) switch
    {
        ['\\', 'u', '{', ..] when text.AsSpan(at + 3, Math.Min(MostBracedDigits + 1, text.Length - at - 3)).IndexOf('}') is > 0 and <= MostBracedDigits and var digits && CodeAt(text, at + 3, digits) is { } code && TextOf(code) is { } character => (character, at + digits + 4),
        ['\\', 'u', ..] when CodeAt(text, at + 2, 4) is { } code => (((char)code).ToString(), at + 6),
        ['\\', 'U', ..] when CodeAt(text, at + 2, 8) is { } code && TextOf(code) is { } character => (character, at + 10),
        _ => null,
    };

    private static string? TextOf(int code) => Rune.IsValid(code) ? new Rune(code).ToString() : null;

    /// <summary>A hexadecimal number of so many digits at a place in a text; null where there is none.</summary>
    public static int? CodeAt(string text, int at, int digits) =>
        at + digits <= text.Length && int.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) ? code : null;
}
