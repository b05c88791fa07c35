using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Privacy;

/// <summary>
/// The texts of a message: as it stands, the strings of its JSON, and what stands behind escapes and encodings: JSON and JavaScript escapes, HTML character references, percent-encoding,
/// quoted-printable, base 64 (also its URL form), hexadecimal, UTF-16 and gzip, one inside another down to <see cref="Deepest"/>. All of them together are bounded by the length of the message.
/// </summary>
internal static class TextLayers
{
    /// <summary>How many encodings may lie inside one another.</summary>
    public const int Deepest = 4;

    private const int ShortestRun = 12;
    private const int CharactersAByte = 3;
    private const int CharactersOfAny = 64 * 1024;

    private static ReadOnlySpan<byte> GzipHead => [0x1F, 0x8B, 0x08];

    private static readonly SearchValues<char> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_");
    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Each text once.</summary>
    public static IReadOnlyCollection<string> Of(ReadOnlyMemory<byte> message)
    {
        var texts = new Found(CharactersOfAny + ((long)message.Length * CharactersAByte));
        OfBytes(message.Span, texts, 0);
        return texts.All;
    }

    private static void OfBytes(ReadOnlySpan<byte> bytes, Found texts, int depth)
    {
        if (bytes is [0x1F, 0x8B, ..])
        {
            OfGzip(bytes, texts, depth);
        }
        else if (Utf16Of(bytes) is { } utf16)
        {
            OfText(utf16, texts, depth);
        }
        else
        {
            OfText(Encoding.UTF8.GetString(bytes), texts, depth);

            // Bytes of another kind in the midst of a text: two or four bytes a character, or a packed part.
            if (bytes.Contains((byte)0))
            {
                OfText(Encoding.Latin1.GetString(bytes).Replace("\0", "", StringComparison.Ordinal), texts, depth);
                for (var from = 0; from < 2; from++)
                {
                    OfText(Encoding.Unicode.GetString(bytes[from..]), texts, Deepest);
                    OfText(Encoding.BigEndianUnicode.GetString(bytes[from..]), texts, Deepest);
                }
            }

            if (bytes.IndexOf(GzipHead) is > 0 and var packed)
            {
                OfGzip(bytes[packed..], texts, depth);
            }

            if (!System.Text.Unicode.Utf8.IsValid(bytes))
            {
                OfText(Encoding.Latin1.GetString(bytes), texts, depth);
            }
        }
    }

    private static void OfGzip(ReadOnlySpan<byte> bytes, Found texts, int depth)
    {
        var unpacked = ArrayPool<byte>.Shared.Rent((int)Math.Min(texts.Left, Array.MaxLength));
        try
        {
            using var gzip = new GZipStream(new MemoryStream(bytes.ToArray(), writable: false), CompressionMode.Decompress);
            var length = 0;
            while (length < unpacked.Length && gzip.Read(unpacked.AsSpan(length)) is > 0 and var read)
            {
                length += read;
            }

            OfBytes(unpacked.AsSpan(0, length), texts, depth + 1);
        }
        catch (InvalidDataException)
        {
            // It only began like one.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(unpacked, clearArray: true);
        }
    }

    // With a byte order mark, or every other byte zero, as Latin letters have it.
    private static string? Utf16Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 4 || bytes.Length % 2 != 0)
        {
            return null;
        }

        var (even, odd) = (0, 0);
        for (var i = 0; i < bytes.Length; i += 2)
        {
            even += bytes[i] == 0 ? 1 : 0;
            odd += bytes[i + 1] == 0 ? 1 : 0;
        }

        return bytes is [0xFF, 0xFE, ..] || odd > bytes.Length / 4 ? Encoding.Unicode.GetString(bytes)
            : bytes is [0xFE, 0xFF, ..] || even > bytes.Length / 4 ? Encoding.BigEndianUnicode.GetString(bytes)
            : null;
    }

    private static void OfText(string text, Found texts, int depth)
    {
        if (!texts.Add(text) || depth > Deepest)
        {
            return;
        }

        OfJson(text, texts, depth);
        foreach (var decoded in new[] { Unescaped(text), PercentDecoded(text), HtmlDecoded(text), QuotedPrintableDecoded(text) })
        {
            if (decoded is not null && decoded != text)
            {
                OfText(decoded, texts, depth + 1);
            }
        }

        OfRuns(text, Hexadecimal, texts, depth, FromHexadecimal);
        OfRuns(text, Base64, texts, depth, FromBase64);
    }

    // Values and names apart: what stands side by side in an object is found side by side.
    private static void OfJson(string text, Found texts, int depth)
    {
        if (text.AsSpan().TrimStart() is not ['{' or '[', ..])
        {
            return;
        }

        var (values, names) = (new StringBuilder(), new StringBuilder());
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { MaxDepth = MessageEnvelope.DeepestJson + 1, AllowMultipleValues = true });
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.String)
                {
                    values.Append(reader.GetString()).Append('\n');
                }
                else if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    names.Append(reader.GetString()).Append('\n');
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What was read so far is looked at; the rest of it stands in the text.
        }

        OfText(values.ToString(), texts, depth + 1);
        texts.Add(names.ToString());
    }

    private static string? Unescaped(string text)
    {
        var escape = text.IndexOf('\\', StringComparison.Ordinal);
        if (escape < 0)
        {
            return null;
        }

        var plain = new StringBuilder(text, 0, escape, text.Length);
        for (var i = escape; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                plain.Append(text[i]);
            }
            else if (CodeAt(text, i + 2, text[i + 1] switch { 'u' => 4, 'x' => 2, _ => 0 }) is { } code)
            {
                plain.Append((char)code);
                i += text[i + 1] == 'u' ? 5 : 3;
            }
            else
            {
                plain.Append(text[++i] is 'n' or 'r' or 't' ? ' ' : text[i]);
            }
        }

        return plain.ToString();
    }

    private static int? CodeAt(string text, int at, int digits) =>
        digits > 0 && at + digits <= text.Length && int.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) ? code : null;

    private static string? PercentDecoded(string text) => text.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(text.Replace('+', ' ')) : null;

    private static string? HtmlDecoded(string text) => text.Contains('&', StringComparison.Ordinal) ? WebUtility.HtmlDecode(text) : null;

    // RFC 2045, 6.7: =C3=A9, and a line that goes on.
    private static string? QuotedPrintableDecoded(string text)
    {
        if (!text.Contains('=', StringComparison.Ordinal))
        {
            return null;
        }

        var bytes = new ArrayBufferWriter<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '=' && text.AsSpan(i + 1) is ['\r', '\n', ..] or ['\n', ..])
            {
                i += text[i + 1] == '\r' ? 2 : 1;
            }
            else if (text[i] == '=' && CodeAt(text, i + 1, 2) is { } code)
            {
                bytes.Write([(byte)code]);
                i += 2;
            }
            else
            {
                var pair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
                bytes.Advance(Encoding.UTF8.GetBytes(text.AsSpan(i, pair), bytes.GetSpan(8)));
                i += pair - 1;
            }
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static void OfRuns(string text, SearchValues<char> alphabet, Found texts, int depth, Func<ReadOnlySpan<char>, byte[]> decode)
    {
        var at = 0;
        while (at < text.Length && text.AsSpan(at).IndexOfAny(alphabet) is >= 0 and var gap)
        {
            at += gap;
            var length = text.AsSpan(at).IndexOfAnyExcept(alphabet) is >= 0 and var end ? end : text.Length - at;

            // What stands before it may be of the same letters: it begins at any of four places.
            for (var skip = 0; skip < 4 && length - skip >= ShortestRun && texts.Left > length; skip++)
            {
                var bytes = decode(text.AsSpan(at + skip, length - skip));
                if (bytes is [0x1F, 0x8B, ..] || Utf16Of(bytes) is not null || System.Text.Unicode.Utf8.IsValid(bytes))
                {
                    OfBytes(bytes, texts, depth + 1);
                }
            }

            at += length;
        }
    }

    private static byte[] FromHexadecimal(ReadOnlySpan<char> run) => Convert.FromHexString(run[..^(run.Length % 2)]);

    // A group of one letter is none.
    private static byte[] FromBase64(ReadOnlySpan<char> run)
    {
        var whole = run[..(run.Length - (run.Length % 4 == 1 ? 1 : 0))].ToString().Replace('-', '+').Replace('_', '/');
        return Convert.FromBase64String(whole.PadRight((whole.Length + 3) / 4 * 4, '='));
    }

    private sealed class Found(long left)
    {
        private readonly HashSet<string> _texts = new(StringComparer.Ordinal);

        public IReadOnlyCollection<string> All => _texts;

        /// <summary>How many characters there is still room for.</summary>
        public long Left { get; private set; } = left;

        public bool Add(string text)
        {
            if (text.Length == 0 || text.Length > Left || !_texts.Add(text))
            {
                return false;
            }

            Left -= text.Length;
            return true;
        }
    }
}
