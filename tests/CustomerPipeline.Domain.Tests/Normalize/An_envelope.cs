using System.Text;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize;

public sealed class An_envelope
{
    [Fact]
    public void Holds_the_payload_byte_for_byte()
    {
        var payload = "{ \"a\" : [1,\t2.50, \"\\u00e9\"] , \"a\":null}"u8.ToArray();

        Assert.True(MessageEnvelope.TryRead(Some.Wrap("segment", payload, "track", "e1"), out var envelope, out _));

        Assert.Equal(payload, envelope!.Data.ToArray());
        Assert.Equal(("segment", "track", "e1", true), (envelope.Vendor, envelope.Topic, envelope.Id, envelope.HasVendorId));
    }

    [Theory]
    [InlineData("", "invalid-json")]
    [InlineData("{", "invalid-json")]
    [InlineData("{} trailing", "invalid-json")]
    [InlineData("not json", "invalid-json")]
    [InlineData("[]", "not-a-cloudevent")]
    [InlineData("{}", "not-a-cloudevent")]
    [InlineData("{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"s\",\"type\":\"segment\",\"data\":{}}", "not-a-cloudevent")]
    [InlineData("{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"s\",\"type\":\"segment\",\"data\":{}}", "not-a-cloudevent")]
    [InlineData("{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"\",\"type\":\"segment\",\"data\":{}}", "not-a-cloudevent")]
    [InlineData("{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"\",\"data\":{}}", "not-a-cloudevent")]
    [InlineData("{\"specversion\":\"1.0\",\"id\":7,\"source\":\"s\",\"type\":\"segment\",\"data\":{}}", "not-a-cloudevent")]
    [InlineData("{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"martian\",\"data\":{}}", "unknown-source")]
    public void That_is_none_is_quarantined(string message, string code) => Assert.Equal(code, Read.Quarantined(Encoding.UTF8.GetBytes(message)).Code);

    [Theory]
    [InlineData(MessageEnvelope.LargestBytes, null)]
    [InlineData(MessageEnvelope.LargestBytes + 1, "message-too-large")]
    public void Is_as_large_as_a_queue_takes(int bytes, string? code)
    {
        var message = Some.Wrap("segment", "{}"u8);
        byte[] padded = [.. message.Span[..^1], .. Enumerable.Repeat((byte)' ', bytes - message.Length), (byte)'}'];

        Assert.Equal(code is null, MessageEnvelope.TryRead(padded, out _, out var reason));
        Assert.Equal((code, code is null), (reason?.Code, MessageEnvelope.ReadAhead(padded) is not null));
    }

    [Fact]
    public void May_begin_with_a_byte_order_mark()
    {
        Assert.True(MessageEnvelope.TryRead((byte[])[.. Encoding.UTF8.Preamble, .. Some.Wrap("segment", "{}"u8, "track").Span], out var envelope, out _));

        Assert.Equal("segment.track", envelope!.Type);
        Assert.Equal("{}"u8, MessageEnvelope.WithoutByteOrderMark("{}"u8.ToArray()).Span);
    }

    [Theory]
    [InlineData("X-Shopify-Topic", "xshopifytopic")]
    [InlineData("square-environment", "squareenvironment")]
    public void Keeps_a_header_under_a_name_that_an_attribute_may_have(string header, string name) => Assert.Equal(name, MessageEnvelope.ExtensionName(header));

    [Theory]
    [InlineData("shopify", "shopify", null)]
    [InlineData("shopify.orders/create", "shopify", "orders/create")]
    [InlineData("zendesk.zen.ticket", "zendesk", "zen.ticket")]
    [InlineData(".topic", "", "topic")]
    public void Has_a_type_of_two_parts(string type, string vendor, string? topic) => Assert.Equal((vendor, topic), MessageEnvelope.SplitType(type));

    [Theory]
    [InlineData("[{0}]", true)]
    [InlineData("[{0},{0}]", false)]
    [InlineData("[[{0}]]", true)]
    [InlineData("[]", false)]
    [InlineData("[{0}", false)]
    [InlineData("[7]", false)]
    [InlineData("{0}", true)]
    public void May_be_the_only_one_of_an_array(string around, bool isOne)
    {
        var message = Encoding.UTF8.GetBytes(around.Replace("{0}", "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"segment\",\"data\":{}}", StringComparison.Ordinal));

        Assert.Equal(isOne, MessageEnvelope.TryRead(message, out var envelope, out var reason));
        Assert.Equal(isOne ? "1" : null, envelope?.Id);
        Assert.Equal(isOne, reason is null);
    }

    [Theory]
    [InlineData("application/json; charset=utf-8", MessageEnvelope.Json)]
    [InlineData("TEXT/JSON", MessageEnvelope.Json)]
    [InlineData("application/vnd.shop+json", MessageEnvelope.Json)]
    [InlineData("text/xml;charset=utf-8", MessageEnvelope.Xml)]
    [InlineData("application/soap+xml", MessageEnvelope.Xml)]
    [InlineData("text/csv", "text/csv")]
    [InlineData(" text/csv ; charset=utf-8", "text/csv")]
    [InlineData(";", "")]
    public void Is_of_the_kind_its_content_type_says(string declared, string kind)
    {
        var message = Encoding.UTF8.GetBytes($$"""{"specversion":"1.0","id":"1","source":"/s","type":"segment","subject":"x","time":"long ago","number":7,"trace":"t","datacontenttype":"{{declared}}","data":"text"}""");

        Assert.True(MessageEnvelope.TryRead(message, out var envelope, out _));
        Assert.Equal((kind, kind == MessageEnvelope.Json ? "\"text\"" : "text", null), (envelope!.ContentType, Encoding.UTF8.GetString(envelope.Data.Span), envelope.Received));
        Assert.Equal([new("trace", "t")], envelope.Headers);
    }

    [Theory]
    [InlineData("\"topic\":\"/subscriptions/1\",", "/subscriptions/1")]
    [InlineData("\"topic\":\"\",", "/eventgrid")]
    [InlineData("", "/eventgrid")]
    public void Of_Event_Grids_own_schema_comes_from_its_topic(string topic, string source)
    {
        var message = Encoding.UTF8.GetBytes($"{{{topic}\"id\":\"1\",\"eventType\":\"segment.track\",\"subject\":\"s\",\"eventTime\":\"2026-03-01T10:00:00Z\",\"dataVersion\":\"1\",\"metadataVersion\":\"1\",\"data\":{{}}}}");

        Assert.True(MessageEnvelope.TryRead(message, out var envelope, out _));
        Assert.Equal((source, "segment", "track", new DateTimeOffset(2026, 3, 1, 10, 0, 0, TimeSpan.Zero)), (envelope!.Source, envelope.Vendor, envelope.Topic, envelope.Received));
        Assert.Empty(envelope.Headers);
    }

    [Theory]
    [InlineData(MessageEnvelope.DeepestJson, true)]
    [InlineData(MessageEnvelope.DeepestJson + 1, false)]
    [InlineData(200, false)]
    public void May_be_nested_so_deep_and_no_deeper(int depth, bool isRead)
    {
        var deep = new string('[', depth) + new string(']', depth);
        var message = Some.Wrap("segment", Encoding.UTF8.GetBytes(deep));

        Assert.Equal(isRead, MessageEnvelope.TryRead(message, out _, out var reason));
        Assert.Equal(isRead ? null : "invalid-json", reason?.Code);
        Assert.Equal(isRead ? "not-an-object" : "invalid-json", Read.Quarantined(message).Code);
    }

    [Fact]
    public void Is_what_its_own_attributes_say_whatever_else_it_carries()
    {
        var message = """{"extra":{"id":"2","deep":[{"type":"no"}]},"specversion":"1.0","eventType":"zendesk","contentid":{"id":"3"},"topic":"t","id":"1","subject":["s",{"source":"/no"}],"source":"/s","type":"segment","data":"text","datacontenttype":"text/csv","data_base64":"PGE+"}"""u8.ToArray();

        Assert.True(MessageEnvelope.TryRead(message, out var envelope, out _));
        Assert.Equal(("1", "/s", "segment", true, "<a>"), (envelope!.Id, envelope.Source, envelope.Type, envelope.HasVendorId, Encoding.UTF8.GetString(envelope.Data.Span)));
        Assert.Empty(envelope.Headers);
    }

    [Theory]
    [InlineData("<a b=\"c\">é &amp; d</a>")]
    [InlineData("")]
    public void Holds_text_that_is_not_json_as_it_is(string xml)
    {
        var wrapped = new MessageEnvelope("/poslog/test", "1", "poslog", null, HasVendorId: false, Encoding.UTF8.GetBytes(xml)) { ContentType = MessageEnvelope.Xml }.Wrap();

        Assert.True(MessageEnvelope.TryRead(wrapped, out var envelope, out _));
        Assert.Equal((xml, MessageEnvelope.Xml, false), (Encoding.UTF8.GetString(envelope!.Data.Span), envelope.ContentType, envelope.HasVendorId));
        Assert.Equal(xml, Encoding.UTF8.GetString(MessageEnvelope.ReadAhead(wrapped)!.Data.Span));
    }

    [Fact]
    public void Holds_bytes_that_are_no_text_as_they_are()
    {
        byte[] bytes = [0xFF, 0xFE, 0x3C, 0x00];
        var wrapped = new MessageEnvelope("/poslog/test", "1", "poslog", null, HasVendorId: true, bytes) { ContentType = MessageEnvelope.Xml }.Wrap();

        Assert.True(MessageEnvelope.TryRead(wrapped, out var envelope, out _));
        Assert.Equal(bytes, envelope!.Data.ToArray());
    }

    [Fact]
    public void In_base64_that_its_sender_escaped_is_read()
    {
        var message = """{"specversion":"1.0","id":"1","source":"/s","type":"poslog","datacontenttype":"application/xml","data_base64":"PGE\u002BYjwvYT4="}"""u8.ToArray();

        Assert.True(MessageEnvelope.TryRead(message, out var envelope, out _));
        Assert.Equal("<a>b</a>", Encoding.UTF8.GetString(envelope!.Data.Span));
        Assert.Equal("<a>b</a>", Encoding.UTF8.GetString(MessageEnvelope.ReadAhead(envelope.Wrap())!.Data.Span));
    }

    [Fact]
    public void Keeps_the_vendors_headers_and_the_time_of_receipt()
    {
        var wrapped = new MessageEnvelope("/s", "1", "shopify", "orders/create", HasVendorId: true, "{}"u8.ToArray()) { Received = Some.Moment, Headers = [new("xshopifytopic", "orders/create")] }.Wrap();

        Assert.True(MessageEnvelope.TryRead(wrapped, out var envelope, out _));
        Assert.Equal((Some.Moment, "xshopifytopic=orders/create"), (envelope!.Received, string.Join(',', envelope.Headers.Select(h => $"{h.Key}={h.Value}"))));
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("[{0}]")]
    public void Of_the_event_grid_schema_is_read_too(string form)
    {
        var message = form.Replace("{0}", """{"id":"7","topic":"/subscriptions/x","subject":"s","eventType":"zendesk","eventTime":"2026-03-01T10:00:00Z","data":{"type":"zen:event-type:user.created"},"dataVersion":"1"}""", StringComparison.Ordinal);

        Assert.True(MessageEnvelope.TryRead(Encoding.UTF8.GetBytes(message), out var envelope, out _));
        Assert.Equal(("zendesk", "7", "/subscriptions/x"), (envelope!.Vendor, envelope.Id, envelope.Source));
    }

    [Fact]
    public void Of_a_payload_that_does_not_fit_is_compressed_and_reads_the_same()
    {
        var payload = Encoding.UTF8.GetBytes($$"""{"id":7,"created_at":"2026-03-01T10:00:00Z","currency":"USD","note":"{{new string('x', 2_000_000)}}"}""");
        var message = Some.Wrap("shopify", payload, "orders/create");

        Assert.True(message.Length <= MessageEnvelope.LargestBytes);
        Assert.True(MessageEnvelope.TryRead(message, out var envelope, out _));
        Assert.Equal(payload, envelope!.Data.ToArray());
        Assert.Equal("shopify:order:7", Read.One(message).Entity.Text);
    }

    [Fact]
    public void Of_a_payload_that_does_not_even_fit_compressed_has_what_its_mapping_reads()
    {
        var noise = new byte[1_500_000];
        new Random(7).NextBytes(noise);
        var lines = string.Join(',', Enumerable.Range(1, 3_000).Select(i => $$"""{"id":{{i}},"price":"1.00","quantity":1,"unread":"{{Convert.ToBase64String(noise, i * 400, 400)}}","tax_lines":[{"price":"0.10","x":1}]}"""));
        var payload = Encoding.UTF8.GetBytes($$"""{"id":7,"created_at":"2026-03-01T10:00:00Z","currency":"USD","line_items":[{{lines}}]}""");
        var message = Some.Wrap("shopify", payload, "orders/create");

        Assert.True(message.Length <= MessageEnvelope.LargestBytes);
        Assert.Equal((300_000, 3_000), (Read.One(message).Order!.Gross, Read.One(message).Order!.Lines.Count));
    }

    [Fact]
    public void That_unpacks_to_more_than_any_payload_has_is_quarantined()
    {
        using var bomb = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(bomb, System.IO.Compression.CompressionLevel.Fastest))
        {
            gzip.Write(new byte[MessageEnvelope.LargestPayload + 1]);
        }

        var (packed, broken) = (Convert.ToBase64String(bomb.ToArray()), Convert.ToBase64String("no gzip"u8));
        Assert.All([packed, broken], data => Assert.Equal("invalid-json", Read.Quarantined(Encoding.UTF8.GetBytes(
            $$"""{"specversion":"1.0","id":"1","source":"/s","type":"shopify","contentencoding":"gzip","data_base64":"{{data}}"}""")).Code));
    }

    [Fact]
    public void Over_the_limit_is_quarantined() => Assert.Equal("message-too-large", Read.Quarantined(new byte[MessageEnvelope.LargestBytes + 1]).Code);
}
