using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using CustomerPipeline.Application.Ports;
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
    public void Is_looked_for_within_bounds(string repeated)
    {
        var message = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(repeated, 200_000 / repeated.Length)));

        Assert.InRange(TextLayers.Of(message).Sum(t => (long)t.Length), 1, (message.Length * 3L) + 65_536);
        Assert.InRange(TextLayers.Of(Gzip(new byte[50_000_000])).Sum(t => (long)t.Length), 0, 300_000);
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}
