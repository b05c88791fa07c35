using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using CsCheck;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests.Privacy;

/// <summary>Spellings and encodings that a person is found behind when everything about them is looked for: each spelling in each encoding.</summary>
public sealed class What_tells_of_a_person
{
    private static readonly PersonalValues Eva = PersonalValues.Of(
        IdentifierNormalizer.Present(
            IdentifierNormalizer.Email("eva.b\u00e4rg@mail.example"), IdentifierNormalizer.Phone("+46701234567", null), IdentifierNormalizer.Account("shopify", "7311"),
            IdentifierNormalizer.Account("square", "CUSTOMER7311"), IdentifierNormalizer.Loyalty("000-4711-88")),
        [EntityKey.Of("shopify", EntityKind.Order, "820982911946154508"), EntityKey.Of("zendesk", EntityKind.Ticket, "5150")],
        [new PersonProfile { Name = "Eva M. B\u00e4rg", Street = "Lilla gatan 12" }, new PersonProfile { Name = "\u5c71\u7530 \u592a\u90ce", Street = "\u6771\u4eac\u90fd\u6e2f\u533a1-2-3" }, new PersonProfile { Name = "\u738b\u4f1f" }]);

    private static readonly string[] Spellings =
    [
        "eva.b\u00e4rg@mail.example", "Eva.B\u00c4RG@MAIL.example", "mailto:eva.b\u00e4rg@mail.example?subject=hi", "Write to eva.b\u00e4rg@mail.example.", "[eva.b\u00e4rg@mail.example]", "<eva.b\u00e4rg@mail.example>",
        "eva.ba\u0308rg@mail.example", "\uff45\uff56\uff41.b\u00e4rg\uff20mail.example", "eva.\u200bb\u00e4rg@mail.example", "eva.b\u00e4rg (at) mail (dot) example", "eva.b\u00e4rg [at] mail.example",
        "+46701234567", "+46 70-123 45 67", "070 123 45 67", "070-1234567", "0046701234567", "(070) 123.45.67", "+46 (0)70 123 45 67", "tel:+46-70-123-45-67", "070\u00a0123\u00a045\u00a067", "070\u2013123\u201345\u201367",
        "Eva B\u00e4rg", "B\u00e4rg, Eva", "EVA B\u00c4RG", "eva m b\u00e4rg", "Eva Ba\u0308rg", "Eva\u00a0B\u00e4rg", "Eva Barg", "Eva Maria B\u00e4rg", "Hello Eva (B\u00e4rg)!", "b\u00e4rg_eva",
        "Lilla gatan 12", "LILLA GATAN 12", "12, Lilla Gatan", "Lilla\u00a0gatan\n12",
        "\u5c71\u7530 \u592a\u90ce", "\u5c71\u7530\u592a\u90ce", "\u5c71\u7530\u3000\u592a\u90ce\u69d8", "\u6771\u4eac\u90fd\u6e2f\u533a1-2-3", "\u6771\u4eac\u90fd \u6e2f\u533a 1-2-3", "\u738b\u4f1f",
        "CUSTOMER7311", "customer7311", "000-4711-88", "order 820982911946154508 is late",
    ];

    private static readonly (string Name, Func<string, byte[]> Encode)[] Encodings =
    [
        ("plain", Encoding.UTF8.GetBytes),
        ("in JSON", s => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { subject = s }))),
        ("in JSON within JSON", s => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { body = JsonSerializer.Serialize(new { subject = s }) }))),
        ("as escapes", s => Encoding.UTF8.GetBytes($"{{\"a\":\"{string.Concat(s.Select(c => $"\\u{(int)c:x4}"))}\"}}")),
        ("as escapes outside JSON", s => Encoding.UTF8.GetBytes($"var a = '{string.Concat(s.Select(c => $"\\u{(int)c:x4}"))}';")),
        ("percent-encoded", s => Encoding.UTF8.GetBytes($"q={Uri.EscapeDataString(s)}&x=1")),
        ("as a form", s => Encoding.UTF8.GetBytes($"q={WebUtility.UrlEncode(s)}")),
        ("as HTML", s => Encoding.UTF8.GetBytes($"<p>{string.Concat(s.Select(c => $"&#{(int)c};"))}</p>")),
        ("quoted-printable", s => Encoding.ASCII.GetBytes(string.Concat(Encoding.UTF8.GetBytes(s).Select(b => $"={b:X2}")))),
        ("as base 64", s => Encoding.ASCII.GetBytes($"{{\"raw\":\"{Convert.ToBase64String(Encoding.UTF8.GetBytes($"Dear {s}, goodbye"))}\"}}")),
        ("as base 64 for URLs", s => Encoding.ASCII.GetBytes($"?t={Convert.ToBase64String(Encoding.UTF8.GetBytes($"???>>>{s}~~~ and on")).Replace('+', '-').Replace('/', '_').TrimEnd('=')}")),
        ("as hexadecimal", s => Encoding.ASCII.GetBytes($"0x{Convert.ToHexString(Encoding.UTF8.GetBytes($"to {s} and on"))}")),
        ("in UTF-16", s => Encoding.Unicode.GetBytes($"a long enough text about {s} and others")),
        ("in UTF-16 with a mark", s => [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(s)]),
        ("in UTF-16 in the midst of an envelope", s => [.. "{\"type\":\"square\",\"data\":"u8, .. Encoding.Unicode.GetBytes($" {s} "), .. "}"u8]),
        ("in gzip in the midst of an envelope", s => [.. "{\"type\":\"square\",\"data\":"u8, .. Gzip(Encoding.UTF8.GetBytes(s)), .. "}"u8]),
        ("in gzip", s => Gzip(Encoding.UTF8.GetBytes($"{{\"who\":\"{s}\"}}"))),
        ("as code points in braces", s => Encoding.UTF8.GetBytes($"var a = '{string.Concat(s.EnumerateRunes().Select(r => $"\\u{{{r.Value:x}}}"))}';")),
        ("as long escapes", s => Encoding.UTF8.GetBytes($"a = '{string.Concat(s.EnumerateRunes().Select(r => $"\\U{r.Value:x8}"))}'")),
        ("as octal escapes", s => Encoding.UTF8.GetBytes($"a = \"{string.Concat(Encoding.UTF8.GetBytes(s).Select(b => $"\\{Convert.ToString(b, 8)}"))}\"")),
        ("as escaped bytes", s => Encoding.UTF8.GetBytes($"b'{string.Concat(Encoding.UTF8.GetBytes(s).Select(b => $"\\x{b:x2}"))}'")),
        ("as escaped Latin letters", s => Encoding.UTF8.GetBytes($"'{string.Concat(s.Select(c => c < 256 ? $"\\x{(int)c:x2}" : c.ToString()))}'")),
        ("as HTML with names", s => Encoding.UTF8.GetBytes($"<p>{ByNames(s, ";")}</p>")),
        ("as HTML with names without semicolons", s => Encoding.UTF8.GetBytes($"<p>{ByNames(s, "")}</p>")),
        ("as HTML without semicolons", s => Encoding.UTF8.GetBytes($"<p>{string.Concat(s.Select(c => $"&#{(int)c}"))}</p>")),
        ("as hexadecimal HTML without semicolons", s => Encoding.UTF8.GetBytes($"<p>{string.Concat(s.Select(c => $"&#x{(int)c:X}"))}</p>")),
        ("as base 64 in lines", s => Encoding.ASCII.GetBytes($"Content-Transfer-Encoding: base64\r\n\r\n{InLines(Convert.ToBase64String(Encoding.UTF8.GetBytes($"Dear {s}, goodbye")), "\r\n")}\r\n--x")),
        ("as base 64 in folded lines", s => Encoding.ASCII.GetBytes($"X-Text: {InLines(Convert.ToBase64String(Encoding.UTF8.GetBytes($"Dear {s}, goodbye")), "\n ")}")),
        ("as base 64 in lines in JSON", s => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { raw = InLines(Convert.ToBase64String(Encoding.UTF8.GetBytes($"Dear {s}, goodbye")), "\r\n") }))),
        ("as base 64 in escaped lines", s => Encoding.UTF8.GetBytes($"var a = '{InLines(Convert.ToBase64String(Encoding.UTF8.GetBytes($"Dear {s}, goodbye")), "\\n")}';")),
        ("as hexadecimal with spaces", s => Encoding.ASCII.GetBytes($"dump: {string.Join(' ', Encoding.UTF8.GetBytes(s).Select(b => $"{b:x2}"))}.")),
        ("as hexadecimal with colons", s => Encoding.ASCII.GetBytes(string.Join(':', Encoding.UTF8.GetBytes($"to {s}").Select(b => $"{b:X2}")))),
        ("as hexadecimal in an array", s => Encoding.ASCII.GetBytes($"[{string.Join(", ", Encoding.UTF8.GetBytes(s).Select(b => $"0x{b:x2}"))}]")),
        ("as hexadecimal in groups of four", s => Encoding.ASCII.GetBytes(string.Join(' ', Convert.ToHexString(Encoding.UTF8.GetBytes(s.Length % 2 == 0 ? $"to {s}" : $"for {s}")).Chunk(4).Select(g => new string(g))))),
        ("in zlib", s => Zlib(Encoding.UTF8.GetBytes($"{{\"who\":\"{s}\"}}"))),
        ("in zlib in the midst of an envelope", s => [.. "{\"type\":\"square\",\"data\":"u8, .. Zlib(Encoding.UTF8.GetBytes(s)), .. "}"u8]),
        ("in zlib as base 64 in JSON", s => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { data = Convert.ToBase64String(Zlib(Encoding.UTF8.GetBytes(s))) }))),
        ("in deflate without a head as base 64 in JSON", s => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { data = Convert.ToBase64String(Deflate(Encoding.UTF8.GetBytes($"<samlp:Response>{s}</samlp:Response><saml:Issuer>somebody</saml:Issuer>"))) }))),
        ("in the first part of gzip", s => Gzip([.. Encoding.UTF8.GetBytes($"<p>{s}</p> "), .. Enumerable.Range(0, 2_000).SelectMany(i => BitConverter.GetBytes(i * 2654435761L))])[..^9_000]),
        ("in gzip after what looks like gzip", s => [0x20, 0x1F, 0x8B, 0x08, 0x20, .. Gzip(Encoding.UTF8.GetBytes(s))]),
        ("in gzip as base 64 in JSON", s => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { data = Convert.ToBase64String(Gzip(Encoding.UTF8.GetBytes(s))) }))),
    ];

    public static TheoryData<string> Names => new(Encodings.Select(e => e.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_found_in_every_spelling(string encoding)
    {
        var encode = Array.Find(Encodings, e => e.Name == encoding).Encode;
        var missed = Spellings.Where(s => !Eva.AreIn(encode(s))).ToList();

        Assert.True(missed.Count == 0, $"{encoding}: {string.Join(" | ", missed)}");
    }

    [Fact]
    public void Is_found_in_the_payload_of_an_envelope_and_in_fields_of_its_own()
    {
        Assert.True(Eva.AreIn(Some.Message("intercom", new { first_name = "Eva", plan = "free", last_name = "B\u00e4rg" })));
        Assert.True(Eva.AreIn(Some.Wrap("zendesk", Encoding.UTF8.GetBytes("no json: eva.b\u00e4rg@mail.example"))));
    }

    [Theory]
    [InlineData("""{"street":"Lilla gatan","number":12}""", true)]
    [InlineData("""{"number":12,"street":"Lilla gatan"}""", true)]
    [InlineData("""{"street":"Lilla gatan","number":121}""", false)]
    [InlineData("""{"first":"Eva","a":1,"b":2,"c":3,"d":4,"e":5,"last":"B\u00e4rg"}""", true)]
    [InlineData("""{"net":701234,"tax":567}""", false)]
    public void Is_found_by_numbers_of_json(string json, bool expected) => Assert.Equal(expected, Eva.AreIn(Encoding.UTF8.GetBytes(json)));

    /// <summary>A short number tells something in messages of its vendor alone.</summary>
    [Fact]
    public void Is_found_by_short_ids_of_the_vendor()
    {
        Assert.True(Eva.AreIn(Some.Message("shopify", new { customer_id = 7311 })));
        Assert.True(Eva.AreIn(Some.Message("zendesk", new { about = "ticket 5150" })));
        Assert.False(Eva.AreIn(Some.Message("square", new { total = 7311 })));
        Assert.False(Eva.AreIn(Some.Message("shopify", new { number = 5150 })));
    }

    [Theory]
    [InlineData("Eva bought something, and so did her mother-in-law, whose name is B\u00e4rg")]
    [InlineData("xeva.b\u00e4rg@mail.example")]
    [InlineData("Lilla gatan 121")]
    [InlineData("Stora gatan 12")]
    [InlineData("CUSTOMER73110")]
    [InlineData("+46701234568 and 123 45 67")]
    [InlineData("order 24670123456799 of 2026")]
    [InlineData("\u738b\u4f1f\u660e")]
    [InlineData("8209829119461545080")]
    [InlineData("")]
    public void Is_not_found_in_what_tells_of_others(string text)
    {
        foreach (var (name, encode) in Encodings)
        {
            Assert.False(Eva.AreIn(encode(text)), name);
        }
    }

    [Theory]
    [InlineData("post@mail.example", true)]
    [InlineData("(post@mail.example).", true)]
    [InlineData("post@mail.example.org", false)]
    [InlineData("the.post@mail.example", false)]
    [InlineData("post@mail.example-shop.example", false)]
    [InlineData("thepost@mail.example", false)]
    public void Is_found_by_a_whole_address(string text, bool expected) =>
        Assert.Equal(expected, PersonalValues.Of(IdentifierNormalizer.Present(IdentifierNormalizer.Email("post@mail.example")), [], []).AreIn(Encoding.UTF8.GetBytes(text)));

    /// <summary>What is decoded comes to no more than a few times the message, whatever lies in whatever.</summary>
    [Theory]
    [InlineData("%25")]
    [InlineData("&amp;")]
    [InlineData("QUJDREVGR0g")]
    [InlineData("\\\\u005c")]
    [InlineData("=3D")]
    [InlineData("4141")]
    [InlineData("41 ")]
    [InlineData("&amp")]
    [InlineData("&#38")]
    [InlineData("\\\\134")]
    [InlineData("QUJDREVGR0g\n")]
    public void Is_looked_for_within_bounds(string repeated)
    {
        var message = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(repeated, 200_000 / repeated.Length)));

        Assert.InRange(TextLayers.Of(message).Sum(t => (long)t.Length), 1, (message.Length * 3L) + 65_536);
        Assert.InRange(TextLayers.Of(Gzip(new byte[50_000_000])).Sum(t => (long)t.Length), 0, 300_000);
    }

    private static readonly string[] Pieces =
    [
        "\\u", "\\u{", "}", "\\x", "\\U0001", "\\7", "\\", "&", "&#", "&#x", ";", "&auml", "%", "%C3", "=", "=\r\n", "0x", "41 ", ":", "QUJD", "QUJDREVGR0g=", "\n", "--", "{\"a\":", "[", "\"", "12", "x^", "\u001f\u008b\u0008", "eJw", "H4sI",
        "\ud83d", "\0", "+46", "@", "a", "-",
    ];

    /// <summary>No message may fail its batch.</summary>
    [Fact]
    public void Is_looked_for_in_whatever_comes() => Gen.Select(Gen.Int[0, Pieces.Length - 1].Array[0, 40], Gen.Byte.Array[0, 40], Gen.Bool)
        .Select((pieces, bytes, isLatin) => (byte[])[.. (isLatin ? Encoding.Latin1 : Encoding.UTF8).GetBytes(string.Concat(pieces.Select(i => Pieces[i]))), .. bytes])
        .Sample(
            message =>
            {
                var texts = TextLayers.Of(message);
                Assert.False(Eva.AreIn(message) && texts.Count == 0);
                Assert.InRange(Mentions.In(texts).Count() + Mentions.NationalNumbersIn(texts).Count(), 0, int.MaxValue);
            },
            iter: Effort.Of(all: 50_000, usual: 3_000));

    /// <summary>Very many packed parts that all unpack to the same.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public void Is_looked_for_without_unpacking_more_than_a_few_times_the_message(int cut)
    {
        var bomb = Convert.ToBase64String(Gzip(new byte[1_000_000])[..^cut]);
        var message = Encoding.ASCII.GetBytes(string.Join(' ', Enumerable.Repeat(bomb, 400)));

        var found = TextLayers.Read(message);

        Assert.InRange(found.UnpackedBytes, 1_000, (message.Length * 3L) + 65_536);
        Assert.InRange(found.All.Sum(t => (long)t.Length), 1, (message.Length * 3L) + 65_536);
    }

    private static string ByNames(string text, string end) => string.Concat(text.Select(c => c switch
    {
        '\u00e4' => "&auml" + end,
        '\u00c4' => "&Auml" + end,
        '@' => "&commat" + end,
        '.' => "&period" + end,
        '(' => "&lpar" + end,
        '+' => "&plus" + end,
        '\u00a0' => "&nbsp" + end,
        _ => c.ToString(),
    }));

    private static string InLines(string text, string between) => string.Join(between, text.Chunk(10).Select(line => new string(line)));

    private static byte[] Zlib(byte[] bytes) => Pack(bytes, s => new ZLibStream(s, CompressionLevel.SmallestSize));

    private static byte[] Deflate(byte[] bytes) => Pack(bytes, s => new DeflateStream(s, CompressionLevel.SmallestSize));

    private static byte[] Gzip(byte[] bytes) => Pack(bytes, s => new GZipStream(s, CompressionLevel.SmallestSize));

    private static byte[] Pack(byte[] bytes, Func<Stream, Stream> over)
    {
        using var packed = new MemoryStream();
        using (var packing = over(packed))
        {
            packing.Write(bytes);
        }

        return packed.ToArray();
    }
}
