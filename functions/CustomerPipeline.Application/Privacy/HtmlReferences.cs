using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Text;

namespace CustomerPipeline.Application.Privacy;

/// <summary>
/// HTML character references as browsers read them: numbers and names, with a semicolon or without. Of names there are those of HTML 4, the ASCII signs of HTML 5, and Latin letters with a mark, which is
/// what personal values are written with.
/// </summary>
internal static class HtmlReferences
{
    private const int ShortestName = 2;
    private const int LongestName = 8;
    private const int MostDigits = 8;

    private static readonly FrozenDictionary<string, string> Signs = Pairs(
        "commat @ period . comma , plus + lpar ( rpar ) sol / bsol \\ colon : semi ; num # lowbar _ hyphen - dash - Tab \t NewLine \n lsqb [ lbrack [ rsqb ] rbrack ] lcub { lbrace { rcub } rbrace } equals = percnt % dollar $ "
        + "excl ! quest ? ast * apos ' verbar | vert | Hat ^ grave ` dstrok \u0111 Dstrok \u0110 lstrok \u0142 Lstrok \u0141 hstrok \u0127 Hstrok \u0126 tstrok \u0167 Tstrok \u0166 inodot \u0131 imath \u0131 eng \u014b ENG \u014a kgreen \u0138");

    private static readonly FrozenDictionary<string, string> Marks = Pairs(
        "acute \u0301 grave \u0300 circ \u0302 uml \u0308 tilde \u0303 cedil \u0327 caron \u030c breve \u0306 macr \u0304 ogon \u0328 dot \u0307 dblac \u030b ring \u030a");

    /// <summary>The text that a browser shows; null where there is no ampersand.</summary>
    public static string? Decoded(string text)
    {
        var reference = text.IndexOf('&', StringComparison.Ordinal);
        if (reference < 0)
        {
            return null;
        }

        var plain = new StringBuilder(text, 0, reference, text.Length);
        for (var at = reference; at < text.Length;)
        {
            if (text[at] != '&' || (text.AsSpan(at + 1) is ['#', ..] ? Number(text, at + 2) : Name(text, at + 1)) is not { } read)
            {
                plain.Append(text[at++]);
                continue;
            }

            plain.Append(read.Text);
            at = read.End + (read.End < text.Length && text[read.End] == ';' ? 1 : 0);
        }

        return plain.ToString();
    }

    private static (string Text, int End)? Number(string text, int at)
    {
        var isHexadecimal = at < text.Length && text[at] is 'x' or 'X';
        var from = isHexadecimal ? at + 1 : at;
        var end = from;
        while (end < text.Length && end - from < MostDigits && (isHexadecimal ? char.IsAsciiHexDigit(text[end]) : char.IsAsciiDigit(text[end])))
        {
            end++;
        }

        return int.TryParse(text.AsSpan(from, end - from), isHexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var code) && TextOf(code) is { } character
            ? (character, end)
            : null;
    }

    // A half of a pair is kept, because the other half may follow it.
    private static string? TextOf(int code) => code is > 0 and <= char.MaxValue ? ((char)code).ToString() : Rune.IsValid(code) && code > 0 ? new Rune(code).ToString() : null;

    // Without a semicolon a name ends where a shorter one would not fit any more.
    private static (string Text, int End)? Name(string text, int at)
    {
        var length = 0;
        while (length < LongestName && at + length < text.Length && char.IsAsciiLetterOrDigit(text[at + length]))
        {
            length++;
        }

        for (; length >= ShortestName; length--)
        {
            if (Named(text.Substring(at, length)) is { } named)
            {
                return (named, at + length);
            }
        }

        return null;
    }

    private static string? Named(string name)
    {
        if (Signs.TryGetValue(name, out var sign))
        {
            return sign;
        }

        if (Marks.TryGetValue(name[1..], out var mark) && char.IsAsciiLetter(name[0]))
        {
            return $"{name[0]}{mark}";
        }

        var reference = $"&{name};";
        return WebUtility.HtmlDecode(reference) is var decoded && decoded != reference ? decoded : null;
    }

    private static FrozenDictionary<string, string> Pairs(string words) => words.Split(' ').Chunk(2).ToFrozenDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
}
