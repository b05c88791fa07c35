using System.Text;
using System.Text.Json;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.Functions;

namespace CustomerPipeline.LocalRuntime.Tests;

/// <summary>What the host of Azure Functions sends along with a batch, as JSON.</summary>
public sealed class A_batch_of_service_bus
{
    private const string Structured = """{"specversion":"1.0","id":"e1","source":"/s","type":"segment","data":{}}""";

    // The worker hands over texts as a list, which has an empty one for a message without; a host of before sends JSON.
    public static TheoryData<object> ContentTypes => [new[] { "", "application/json", "application/cloudevents-batch+json" }, """[null,"application/json","application/cloudevents-batch+json"]"""];

    [Theory]
    [MemberData(nameof(ContentTypes))]
    public void Has_events_in_binary_mode_by_their_application_properties(object contentTypes)
    {
        object?[] properties = [new Dictionary<string,
            object?> { ["cloudEvents_specversion"] = "1.0", ["cloudEvents_id"] = "e2", ["cloudEvents_source"] = "/s", ["cloudEvents_type"] = "segment",
            ["cloudEvents_n"] = 7 }, new(), null];
        var read = Read([Structured, """{"type":"page"}""", $"[{Structured},{Structured}]"], new()
        {
            ["SequenceNumberArray"] = "[5,6,7]",
            ["ContentTypeArray"] = contentTypes,
            ["ApplicationPropertiesArray"] = JsonSerializer.Serialize(new[] { properties[1], properties[0], properties[2] }),
        });

        Assert.Equal([5L, 6, 7], read.Select(d => d.SequenceNumber));
        Assert.Equal(
            [
                Structured,
                """{"specversion":"1.0","id":"e2","source":"/s","type":"segment","datacontenttype":"application/json","n":"7","data":{"type":"page"}}""",
                $"[{Structured},{Structured}]",
            ],
            read.Select(d => Encoding.UTF8.GetString(d.Body.Span)));
    }

    [Fact]
    public void Of_a_host_that_sends_numbers_alone_is_taken_as_it_is() => Assert.Equal(
        Structured, Encoding.UTF8.GetString(Assert.Single(Read([Structured], new() { ["SequenceNumberArray"] = new[] { 1L } })).Body.Span));

    [Fact]
    public void Without_its_numbers_is_given_back() => Assert.Throws<InvalidOperationException>(() => Read([Structured], []));

    private static IReadOnlyList<Application.Ingest.Delivery> Read(string[] messages, Dictionary<string, object?> data) =>
        QueueBatch.Of([.. messages.Select(Encoding.UTF8.GetBytes)], new LocalFunctionContext("f", "i", data, new NoServices(), default));

    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }
}
