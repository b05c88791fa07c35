using Azure.Messaging;
using Azure.Messaging.EventGrid;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.AzureServices.EventGrid;

/// <summary>Events to an Event Grid topic, which delivers them to its subscriptions: retries, dead letters and filters are set there.</summary>
public sealed class EventGridPublisher(EventGridPublisherClient topic) : IEventPublisher
{
    // A request may have a megabyte, and each begun 64 KB counts as one event.
    private const int EventsPerRequest = 100;

    public async Task PublishAsync(IReadOnlyList<OutgoingEvent> events, CancellationToken cancellationToken)
    {
        foreach (var chunk in events.Chunk(EventsPerRequest))
        {
            await topic.SendEventsAsync(chunk.Select(ToCloudEvent), cancellationToken);
        }
    }

    private static CloudEvent ToCloudEvent(OutgoingEvent @event) => new(OutgoingEvent.Source, @event.Type, BinaryData.FromObjectAsJson(@event.Data), "application/json", CloudEventDataFormat.Json)
    {
        Id = @event.Id,
        Subject = @event.Subject,
        Time = @event.Time,
    };
}
