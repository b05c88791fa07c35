using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Privacy;

/// <summary>
/// The texts of a message: as it stands, the strings of its JSON, and what stands behind escapes and encodings: escapes with a backslash, HTML character references, percent-encoding, quoted-printable, base 64 (also its
/// URL form, and in lines), hexadecimal (also with something between), UTF-16, gzip, zlib and deflate, one inside another down to <see cref="Deepest"/>. All of them together are bounded by the length of the message, and so is what is unpacked.
/// </summary>
internal static class TextLayers
{
    /// <summary>How many encodings may lie inside one another.</summary>
    public const int Deepest = 4;

    private const int ShortestRun = 12;
    private const int CharactersAByte = 3;
    private const int CharactersOfAny = 64 * 1024;
    private const int BufferSize = 8 * 1024;

    // Two bytes that a packed part begins with stand in other data by chance.
    private const int MostPackedParts = 16;
    private const int MostUnpacked = 1_000;
    private const int MostWithoutHead = 200;
    private const int ShortestWithoutHead = 32;
    private const int MostBetweenHexadecimal = 4;

    private static readonly SearchValues<char> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_");
    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdefABCDEF");

    private delegate Stream Unpacking(Stream packed);

    /// <summary>Each text once.</summary>
    public static IReadOnlyCollection<string> Of(ReadOnlyMemory<byte> message) => Read(message).All;

    /// <summary>The texts, and how much was unpacked to find them.</summary>
    public static Found Read(ReadOnlyMemory<byte> message)
    {
        var texts = new Found(CharactersOfAny + ((long)message.Length * CharactersAByte));
        OfBytes(message, texts, 0);
        return texts;
    }

    private static void OfBytes(ReadOnlyMemory<byte> content, Found texts, int depth)
    {
        var bytes = content.Span;
        if (UnpackingOf(bytes) is { } unpacking && OfPacked(content, unpacking, texts, depth) && !System.Text.Unicode.Utf8.IsValid(bytes))
        {
            return;
        }

        if (Utf16Of(bytes) is { } utf16)
        {
            OfText(utf16, texts, depth);
            return;
        }

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

        if (!System.Text.Unicode.Utf8.IsValid(bytes))
        {
            OfPackedParts(content, texts, depth);
            OfText(Encoding.Latin1.GetString(bytes), texts, depth);
        }
    }

    private static void OfPackedParts(ReadOnlyMemory<byte> content, Found texts, int depth)
    {
        for (var (at, tries) = (1, 0); at < content.Length - 1 && tries < MostPackedParts; at++)
        {
            var next = content.Span[at..].IndexOfAny((byte)0x1F, (byte)0x78);
            if (next < 0)
            {
                return;
            }

            at += next;
            if (UnpackingOf(content.Span[at..]) is { } unpacking)
            {
                tries++;
                OfPacked(content[at..], unpacking, texts, depth);
            }
        }
    }

    // RFC 1952, 2.3.1, and RFC 1950, 2.2, with the usual window of 32 KB.
    private static Unpacking? UnpackingOf(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0x1F, 0x8B, 0x08, ..] => packed => new GZipStream(packed, CompressionMode.Decompress),
        [0x78, 0x01 or 0x5E or 0x9C or 0xDA, _, ..] => packed => new ZLibStream(packed, CompressionMode.Decompress),
        _ => null,
    };

    // False where it only began like something packed.
    private static bool OfPacked(ReadOnlyMemory<byte> content, Unpacking unpacking, Found texts, int depth)
    {
        if (!texts.TryToUnpack() || Unpacked(content, unpacking, texts).Bytes is not { IsEmpty: false } unpacked)
        {
            return false;
        }

        OfBytes(unpacked, texts, depth + 1);
        return true;
    }

    // What came before a part that is damaged or missing is looked at all the same. Whatever is unpacked is counted, so that very many packed parts of nothing new do not cost more than a few.
    private static (ReadOnlyMemory<byte> Bytes, bool IsWhole) Unpacked(ReadOnlyMemory<byte> content, Unpacking unpacking, Found texts)
    {
        var unpacked = new ArrayBufferWriter<byte>();
        try
        {
            using var stream = unpacking(MemoryMarshal.TryGetArray(content, out var array) ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(content.ToArray(), writable: false));
            while (texts.LeftToUnpack > 0 && stream.Read(unpacked.GetSpan(BufferSize)[..(int)Math.Min(BufferSize, texts.LeftToUnpack)]) is > 0 and var read)
            {
                unpacked.Advance(read);
                texts.Unpack(read);
            }

            return (unpacked.WrittenMemory, true);
        }
        catch (InvalidDataException)
        {
            return (unpacked.WrittenMemory, false);
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
        foreach (var decoded in new[] { Escapes.Decoded(text), PercentDecoded(text), HtmlReferences.Decoded(text), QuotedPrintableDecoded(text) })
        {
            if (decoded is not null && decoded != text)
            {
                OfText(decoded, texts, depth + 1);
            }
        }

        OfRuns(text, Hexadecimal, texts, depth, FromHexadecimal);
        OfRuns(text, Base64, texts, depth, FromBase64);
        OfSpacedHexadecimal(text, texts, depth);
        OfLines(text, texts, depth);
    }

    // Values and names apart: what stands side by side in an object is found side by side.
    private static void OfJson(string text, Found texts, int depth)
    {
        if (text.AsSpan().TrimStart() is not ['{' or '[', ..])
        {
            return;
        }

        var (values, withNumbers, names) = (new StringBuilder(), new StringBuilder(), new StringBuilder());
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { MaxDepth = MessageEnvelope.DeepestJson + 1, AllowMultipleValues = true });
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.String:
                        var value = reader.GetString();
                        values.Append(value).Append('\n');
                        withNumbers.Append(value).Append('\n');
                        break;
                    case JsonTokenType.Number:
                        // Two numbers are not parts of one: there is something between them that no phone number has.
                        withNumbers.Append('|').Append(Encoding.UTF8.GetString(reader.ValueSpan)).Append("|\n");
                        break;
                    case JsonTokenType.PropertyName:
                        names.Append(reader.GetString()).Append('\n');
                        break;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What was read so far is looked at; the rest of it stands in the text.
        }

        OfText(values.ToString(), texts, depth + 1);
        texts.Add(withNumbers.ToString());
        texts.Add(names.ToString());
    }

    private static string? PercentDecoded(string text) => text.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(text.Replace('+', ' ')) : null;

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
            else if (text[i] == '=' && Escapes.CodeAt(text, i + 1, 2) is { } code)
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

    private static void OfRuns(ReadOnlySpan<char> text, SearchValues<char> alphabet, Found texts, int depth, Func<ReadOnlySpan<char>, byte[]> decode)
    {
        var at = 0;
        while (at < text.Length && text[at..].IndexOfAny(alphabet) is >= 0 and var gap)
        {
            at += gap;
            var length = text[at..].IndexOfAnyExcept(alphabet) is >= 0 and var end ? end : text.Length - at;

            // What stands before it may be of the same letters: it begins at any of four places.
            for (var skip = 0; skip < 4 && length - skip >= ShortestRun && texts.Left > length; skip++)
            {
                OfDecoded(decode(text.Slice(at + skip, length - skip)), texts, depth);
            }

            at += length;
        }
    }

    private static void OfDecoded(byte[] bytes, Found texts, int depth)
    {
        if (UnpackingOf(bytes) is not null || Utf16Of(bytes) is not null || System.Text.Unicode.Utf8.IsValid(bytes))
        {
            OfBytes(bytes, texts, depth + 1);
        }

        // RFC 1951 has no head to know it by: nearly everything else is an error in it.
        else if (bytes.Length >= ShortestWithoutHead && texts.TryWithoutHead() && Unpacked(bytes, packed => new DeflateStream(packed, CompressionMode.Decompress), texts) is { IsWhole: true, Bytes: { Length: > 0 } unpacked })
        {
            OfBytes(unpacked, texts, depth + 1);
        }
    }

    // RFC 2045, 6.8: base 64 in lines. The lines of other texts give runs that are no base 64 of anything.
    private static void OfLines(string text, Found texts, int depth)
    {
        // Without lines it is what was looked at already.
        if (!text.AsSpan().ContainsAny('\n', '\r'))
        {
            return;
        }

        var joined = new StringBuilder();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var trimmed = line.Trim();
            var run = trimmed.TrimEnd('=');
            var from = run.LastIndexOfAnyExcept(Base64) + 1;
            if (trimmed.StartsWith("--", StringComparison.Ordinal))
            {
                // RFC 2046, 5.1.1: what stands between the parts of a message is of the letters of base 64, too.
                joined.Append('\n');
            }
            else if (from > 0)
            {
                joined.Append(run[..(run.IndexOfAnyExcept(Base64))]).Append('\n');
            }

            joined.Append(run[from..]);
            if (run.Length < trimmed.Length || run.IsEmpty)
            {
                joined.Append('\n');
            }
        }

        OfRuns(joined.ToString(), Base64, texts, depth, FromBase64);
    }

    // 65 76 61, 65:76:61, 0x65, 0x76, and groups of several bytes, as programs print data.
    private static void OfSpacedHexadecimal(string text, Found texts, int depth)
    {
        var (bytes, groups, between) = (new ArrayBufferWriter<byte>(), 0, 0);
        for (var at = 0; at < text.Length;)
        {
            if (char.IsLetterOrDigit(text[at]))
            {
                var group = GroupAt(text, at, out at);
                if (group.IsEmpty || between > MostBetweenHexadecimal)
                {
                    End();
                }

                bytes.Write(Convert.FromHexString(group));
                groups += group.IsEmpty ? 0 : 1;
                between = 0;
            }
            else if (text[at++] is not (' ' or ':' or ',' or '-' or '\t' or '\r' or '\n') || ++between > MostBetweenHexadecimal)
            {
                End();
            }
        }

        End();

        void End()
        {
            if (groups > 1 && bytes.WrittenCount * 2 >= ShortestRun && texts.Left > bytes.WrittenCount)
            {
                OfDecoded(bytes.WrittenSpan.ToArray(), texts, depth);
            }

            bytes.ResetWrittenCount();
            groups = 0;
        }
    }

    // A word that is nothing but pairs of hexadecimal digits, with or without 0x before them; else nothing.
    private static ReadOnlySpan<char> GroupAt(string text, int at, out int end)
    {
        end = at;
        while (end < text.Length && char.IsLetterOrDigit(text[end]))
        {
            end++;
        }

        var word = text.AsSpan(at, end - at);
        var group = word is ['0', 'x' or 'X', ..] ? word[2..] : word;
        return group.Length % 2 == 0 && !group.ContainsAnyExcept(Hexadecimal) ? group : [];
    }

    private static byte[] FromHexadecimal(ReadOnlySpan<char> run) => Convert.FromHexString(run[..^(run.Length % 2)]);

    // A group of one letter is none.
    private static byte[] FromBase64(ReadOnlySpan<char> run)
    {
        var whole = run[..(run.Length - (run.Length % 4 == 1 ? 1 : 0))].ToString().Replace('-', '+').Replace('_', '/');
        return Convert.FromBase64String(whole.PadRight((whole.Length + 3) / 4 * 4, '='));
    }

    /// <summary>Texts that were found.</summary>
    /// <param name="left">How many characters of texts, and how many unpacked bytes, there is room for.</param>
    internal sealed class Found(long left)
    {
        private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
        private readonly long _room = left;
        private int _unpacked;
        private int _withoutHead;

        public IReadOnlyCollection<string> All => _texts;

        /// <summary>How many characters there is still room for.</summary>
        public long Left { get; private set; } = left;

        public long LeftToUnpack { get; private set; } = left;

        /// <summary>How many bytes were unpacked.</summary>
        public long UnpackedBytes => _room - LeftToUnpack;

        /// <summary>Whether one more part may be unpacked: each costs some time, whatever is in it.</summary>
        public bool TryToUnpack() => ++_unpacked <= MostUnpacked;

        /// <summary>The same for what does not say that it is packed.</summary>
        public bool TryWithoutHead() => ++_withoutHead <= MostWithoutHead;

        public void Unpack(int bytes) => LeftToUnpack -= bytes;

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
