using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Demo;

/// <summary>A message of the demo shop, as its system would send it.</summary>
/// <param name="At">When it is sent, which is not always soon after it happened.</param>
/// <param name="Source">Which system sends it.</param>
/// <param name="Topic">The vendor's topic header, or null.</param>
/// <param name="EventId">The vendor's event id header, or null.</param>
/// <param name="Payload">The body.</param>
public sealed record DemoMessage(DateTimeOffset At, SourceSystem Source, string? Topic, string? EventId, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The queue message it becomes; a broken body is put into the queue as it is.</summary>
    public ReadOnlyMemory<byte> ToQueueMessage() => IsJson
        ? new MessageEnvelope($"/{Source.Name}/demo-shop", EventId ?? StableHash.Of(Payload.Span), Source.Name, Topic, EventId is not null, Payload) { Received = At }.Wrap()
        : Payload;

    /// <summary>The request that its system would make of it.</summary>
    public HttpRequestMessage ToRequest()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/api/ingest/{Source.Name}") { Content = new ReadOnlyMemoryContent(Payload) };
        request.Content.Headers.ContentType = new("application/json");
        if (Topic is not null)
        {
            request.Headers.Add("X-Shopify-Topic", Topic);
            request.Headers.Add("X-Shopify-Event-Id", EventId);
            request.Headers.Add("X-Shopify-Shop-Domain", "demo-shop.example");
        }

        return request;
    }

    public bool IsJson { get; init; } = true;
}
