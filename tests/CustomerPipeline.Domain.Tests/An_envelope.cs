using System.Text;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests;

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
    [InlineData("{\"specversion\":\"1.0\",\"id\":7,\"source\":\"s\",\"type\":\"segment\",\"data\":{}}", "not-a-cloudevent")]
    [InlineData("{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"martian\",\"data\":{}}", "unknown-source")]
    public void That_is_none_is_quarantined(string message, string code) => Assert.Equal(code, Read.Quarantined(Encoding.UTF8.GetBytes(message)).Code);

    [Fact]
    public void Nested_too_deep_is_quarantined()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 200)) + string.Concat(Enumerable.Repeat("]", 200));

        Assert.Equal("invalid-json", Read.Quarantined(Some.Wrap("segment", Encoding.UTF8.GetBytes(deep))).Code);
    }

    [Fact]
    public void Over_the_limit_is_quarantined() => Assert.Equal("message-too-large", Read.Quarantined(new byte[MessageEnvelope.LargestBytes + 1]).Code);
}
