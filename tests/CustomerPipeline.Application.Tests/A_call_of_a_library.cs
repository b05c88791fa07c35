using System.Text;
using CustomerPipeline.Application.Receive;

namespace CustomerPipeline.Application.Tests;

public sealed class A_call_of_a_library
{
    [Theory]
    [InlineData("track", """{"event":"Order Completed","messageId":"1"}""", """{"type":"track","event":"Order Completed","messageId":"1"}""")]
    [InlineData("track", """ { "type" : "track" , "messageId":"1" } """, """{"type" : "track","messageId":"1"}""")]
    [InlineData("identify", """{"userId":"u","writeKey":"secret"}""", """{"type":"identify","userId":"u"}""")]
    [InlineData("page", "{}", """{"type":"page"}""")]
    [InlineData("batch", """{"writeKey":"secret","batch":[{"type":"page"}],"sentAt":"2026-02-03T10:00:00Z"}""",
        """{"batch":[{"type":"page"}],"sentAt":"2026-02-03T10:00:00Z"}""")]
    [InlineData("batch", """{"batch":[],"writeKey":"secret"}""", """{"batch":[]}""")]
    public void Has_the_type_of_its_address_and_never_the_write_key(string call, string body, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(LibraryCalls.Read(call, Encoding.UTF8.GetBytes(body))!.Value.Span));

    [Theory]
    [InlineData("batch", """[{"type":"page"}]""")]
    [InlineData("batch", """{"batch":{}}""")]
    [InlineData("batch", """{"messages":[]}""")]
    [InlineData("track", "[]")]
    [InlineData("track", "\"text\"")]
    [InlineData("track", """{"event":""")]
    [InlineData("track", """{"event":"a"} {"event":"b"}""")]
    [InlineData("track", "")]
    public void Of_another_form_is_none(string call, string body) => Assert.Null(LibraryCalls.Read(call, Encoding.UTF8.GetBytes(body)));
}
