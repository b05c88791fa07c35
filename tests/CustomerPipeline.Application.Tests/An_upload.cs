using System.Text;
using CsCheck;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

/// <summary>One body to its payloads.</summary>
public sealed class An_upload
{
    [Fact]
    public void Of_lines_gives_each_line_byte_for_byte_however_the_stream_is_read() => Gen.Select(Gen.Int[0, 30].Array[0, 30], Gen.Int[1, 64]).Sample((lengths, chunk) =>
    {
        var lines = lengths.Select((length, i) => $"{{\"n\":{i},\"x\":\"{new string('x', length)}\"}}").ToList();
        using var body = new ChunkedStream(Encoding.UTF8.GetBytes("\uFEFF" + string.Join("\r\n\n", lines)), chunk);

        Assert.Equal(lines, JsonParts.OfLines(body).Select(p => Encoding.UTF8.GetString(p.Payload.Span)));
    });

    [Fact]
    public void Of_lines_names_those_that_are_too_long_or_no_json_and_takes_the_others()
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes($"{{}}\n\"{new string('x', PayloadPart.Largest + 2)}\"\nnot json\n{{\"a\":1}}"));

        Assert.Equal(["ok", "message-too-large 1", "invalid-json 2", "ok"], JsonParts.OfLines(body).Select(p => p.Rejected is { } r ? $"{r.Code} {r.Index}" : "ok"));
    }

    public static TheoryData<string, string, string[]> Lists => new()
    {
        { "segment", """{"batch":[{"type":"identify","sentAt":"own"},{}],"sentAt":"2026-03-01T10:00:00Z","context":{"batch":[1]}}""", ["""{"sentAt":"2026-03-01T10:00:00Z","context":{"batch":[1]},"type":"identify","sentAt":"own"}""", "{}"] },
        { "shopify", """{"orders":[{"id":1,"refunds":[{"id":2}]}]}""", ["""{"order":{"id":1,"refunds":[{"id":2}]}}"""] },
        { "shopify", """{"id":1,"refunds":[{"id":2}]}""", ["""{"id":1,"refunds":[{"id":2}]}"""] },
        { "square", """{"payments":[{"id":"p"}],"cursor":"c"}""", ["""{"payment":{"id":"p"}}"""] },
        { "square", """{"refunds":[]}""", [] },
        { "zendesk", """{"tickets":[{"id":1}],"users":[{"id":2}],"count":2}""", ["""{"ticket":{"id":1}}""", """{"user":{"id":2}}"""] },
        {
            "zendesk", """{"results":[{"id":1,"result_type":"ticket"},{"id":2,"result_type":"user"},{"id":3}],"count":3,"next_page":null}""",
            ["""{"ticket":{"id":1,"result_type":"ticket"}}""", """{"user":{"id":2,"result_type":"user"}}""", """{"id":3}"""]
        },
        { "intercom", """{"type":"conversation.list","conversations":[{"type":"conversation","id":"7"}],"pages":{}}""", ["""{"type":"conversation","id":"7"}"""] },
        { "import", """{"orders":[{"id":1}]}""", ["""{"orders":[{"id":1}]}"""] },
        { "segment", "[1,{\"batch\":[{}]}]", ["1", "{}"] },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public void Of_a_vendors_list_gives_a_payload_for_each_of_its_elements(string source, string body, string[] payloads)
    {
        foreach (var mediaType in new[] { "application/json", "application/x-ndjson" }.Where(m => m == "application/json" || body[0] == '{'))
        {
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(body));
            Assert.Equal(payloads, SourceMessages.Split(Normalizer.Find(source)!, mediaType, stream, null, SplitLimit.None)!.Select(p =>
                Encoding.UTF8.GetString(p.Payload.Span)));
        }
    }

    /// <summary>Each with what its vendor says beside it, which of Shopify stands where webhooks have headers.</summary>
    [Fact]
    public void Of_events_of_eventbridge_gives_the_payloads_in_them()
    {
        MessageEnvelope Read(string source, string payload) =>
            SourceMessages.Envelope(Normalizer.Find(source)!, Encoding.UTF8.GetBytes(payload), name => name == "X-Shopify-Topic" ? "wrong" : null,
                isOnly: false, received: null);
        var shopify = Read("shopify", """
            {"version":"0","id":"x","detail-type":"shopifyWebhook","source":"aws.partner/shopify.com/1/2","time":"2026-02-03T10:00:00Z","resources":[],
             "detail":{"payload":{"id":1,"detail-type":"own"},"metadata":{
              "Content-Type":"application/json","X-Shopify-Topic":"orders/create","X-Shopify-Shop-Domain":"s.example",
              "X-Shopify-Event-Id":"e1","X-Shopify-Triggered-At":"2026-02-03T10:00:01Z"}}}
            """);
        var zendesk = Read("zendesk", """{"detail-type":"ticket","detail":{"type":"zen:event-type:ticket.created","detail":{"id":"1"}}}""");
        var bare = Read("zendesk", """{"type":"zen:event-type:ticket.created","detail":{"id":"1"}}""");

        Assert.Equal(
            ("""{"id":1,"detail-type":"own"}""", "/shopify/s.example", "e1", "orders/create", true),
            (Encoding.UTF8.GetString(shopify.Data.Span), shopify.Source, shopify.Id, shopify.Topic, shopify.HasVendorId));
        Assert.Contains(KeyValuePair.Create("xshopifytriggeredat", "2026-02-03T10:00:01Z"), shopify.Headers);
        Assert.Equal(Encoding.UTF8.GetString(bare.Data.Span), Encoding.UTF8.GetString(zendesk.Data.Span));
    }

    [Fact]
    public void Of_xml_gives_a_payload_for_each_transaction_with_the_namespaces_it_needs()
    {
        var xml = $"""
            <?xml version="1.0" encoding="utf-16"?><POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/" xmlns:acs="urn:acs"><!-- c -->
            <Transaction><RetailTransaction acs:a="1"><acs:LoyaltyID>007</acs:LoyaltyID><E/>t &amp; u</RetailTransaction></Transaction><Transaction/>
            <Transaction><x>2</x></Transaction></POSLog>
            """;
        using var body = new MemoryStream([.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes(xml)]);

        Assert.Equal(
            [
                "<Transaction xmlns:acs=\"urn:acs\" xmlns=\"http://www.nrf-arts.org/IXRetail/namespace/\"><RetailTransaction acs:a=\"1\"><acs:LoyaltyID>007</acs:LoyaltyID><E />t &amp; u</RetailTransaction></Transaction>",
                "<Transaction xmlns:acs=\"urn:acs\" xmlns=\"http://www.nrf-arts.org/IXRetail/namespace/\" />",
                "<Transaction xmlns:acs=\"urn:acs\" xmlns=\"http://www.nrf-arts.org/IXRetail/namespace/\"><x>2</x></Transaction>",
            ],
            XmlParts.Of(body).Select(p => Encoding.UTF8.GetString(p.Payload.Span)));
    }

    [Fact]
    public void Of_xml_that_breaks_takes_what_came_before_and_says_where() =>
        Assert.Equal(["ok", "invalid-xml 1"], Xml("<POSLog><Transaction/><Transaction><a></POSLog>"));

    [Fact]
    public void Of_xml_with_a_transaction_over_the_limit_takes_the_others() =>
        Assert.Equal(["ok", "message-too-large 1", "ok"], Xml($"<POSLog><Transaction/><Transaction>{string.Concat(Enumerable.Repeat($"<a>{new string('0', 1_000)}</a>", 9_000))}</Transaction><Transaction/></POSLog>"));

    [Theory]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]><POSLog><Transaction>&b;</Transaction></POSLog>", "xml-dtd 0")]
    [InlineData("<!DOCTYPE x SYSTEM \"http://127.0.0.1:1/x.dtd\"><POSLog><Transaction/></POSLog>", "xml-dtd 0")]
    [InlineData("<POSLog/>", "no-transactions 0")]
    [InlineData("", "invalid-xml 0")]
    public void Of_dangerous_or_empty_xml_is_refused(string xml, string code) => Assert.Equal([code], Xml(xml));

    private static IEnumerable<string> Xml(string xml)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(xml));
        return [.. XmlParts.Of(body).Select(p => p.Rejected is { } r ? $"{r.Code} {r.Index}" : "ok")];
    }

    // Gives a few bytes at a time, as a network does.
    private sealed class ChunkedStream(byte[] bytes, int chunk) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, chunk));
    }
}
