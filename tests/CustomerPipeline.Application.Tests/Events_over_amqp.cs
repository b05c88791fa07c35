using System.Text;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

public sealed class Events_over_amqp
{
    private const string Data = """{"id":1}""";
    private const string Event = """{"specversion":"1.0","id":"e1","source":"/shopify/s.example","type":"shopify.orders/create","data":{"id":1}}""";

    [Theory]
    [InlineData("cloudEvents:")]
    [InlineData("cloudEvents_")]
    public void In_binary_mode_have_their_attributes_in_application_properties(string prefix)
    {
        var properties = new Dictionary<string, object?>
        {
            [$"{prefix}specversion"] = "1.0",
            [$"{prefix}id"] = "e1",
            [$"{prefix}source"] = "/shopify/s.example",
            [$"{prefix}type"] = "shopify.orders/create",
            [$"{prefix}time"] = new DateTime(2026, 2, 3, 10, 0, 0, DateTimeKind.Utc),
            [$"{prefix}xshopifytriggeredat"] = "2026-02-03T10:00:01Z",
            [$"{prefix}number"] = 7L,
            ["other"] = "x",
        };

        var read = Envelope(Assert.Single(AmqpEvents.Read("application/json; charset=utf-8", properties, Bytes(Data))));

        Assert.Equal(("e1", "/shopify/s.example", "shopify.orders/create", Data), (read.Id, read.Source, read.Type, Text(read.Data)));
        Assert.Equal(new DateTimeOffset(2026, 2, 3, 10, 0, 0, TimeSpan.Zero), read.Received);
        Assert.Equal([("xshopifytriggeredat", "2026-02-03T10:00:01Z"), ("number", "7")], read.Headers.Select(h => (h.Key, h.Value)));
    }

    [Fact]
    public void In_binary_mode_may_hold_xml()
    {
        var read = Envelope(Assert.Single(AmqpEvents.Read("text/xml", Attributes("poslog"), Bytes("<Transaction/>"))));

        Assert.Equal((MessageEnvelope.Xml, "<Transaction/>"), (read.ContentType, Text(read.Data)));
    }

    [Theory]
    [InlineData("application/cloudevents+json; charset=utf-8", Event)]
    [InlineData(null, Event)]
    [InlineData("application/json", "\"{\\\"specversion\\\":\\\"1.0\\\"}\"", "{\"specversion\":\"1.0\"}")]
    [InlineData("application/json", "\"text\"")]
    [InlineData(null, "no JSON")]
    [InlineData(null, "\"{")]
    public void In_structured_mode_are_taken_as_they_are_also_from_a_json_string(string? contentType, string body, string? expected = null) =>
        Assert.Equal(expected ?? body, Text(Assert.Single(AmqpEvents.Read(contentType, [], Bytes(body)))));

    [Fact]
    public void In_a_batch_are_one_message_each() => Assert.Equal(
        [Event, Event.Replace("e1", "e2", StringComparison.Ordinal)],
        AmqpEvents.Read("application/cloudevents-batch+json", [], Bytes($"[{Event}, {Event.Replace("e1", "e2", StringComparison.Ordinal)}]")).Select(Text));

    [Theory]
    [InlineData("application/cloudevents-batch+json", "[]")]
    [InlineData("application/cloudevents-batch+json", "[1")]
    [InlineData("application/json", "{broken")]
    public void That_cannot_be_read_stay_as_they_are(string contentType, string body) =>
        Assert.Equal(body, Text(Assert.Single(AmqpEvents.Read(contentType, Attributes("shopify"), Bytes(body)))));

    private static Dictionary<string, object?> Attributes(string type) =>
        new() { ["cloudEvents:specversion"] = "1.0", ["cloudEvents:id"] = "e1", ["cloudEvents:source"] = "/s", ["cloudEvents:type"] = type };

    private static MessageEnvelope Envelope(ReadOnlyMemory<byte> message)
    {
        Assert.True(MessageEnvelope.TryRead(message, out var envelope, out var reason), reason?.Advice);
        return envelope!;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
