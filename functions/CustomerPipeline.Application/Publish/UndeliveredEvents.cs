using System.Text.Json.Serialization;
using CustomerPipeline.Domain;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.Application.Publish;

/// <summary>An event that a subscriber did not take, however often it was offered.</summary>
/// <param name="Subscriber">Its address.</param>
/// <param name="Event">The event.</param>
/// <param name="Reason">What the subscriber answered the last time.</param>
/// <param name="At">When it was given up.</param>
public sealed record UndeliveredEvent([property: JsonRequired] string Subscriber, [property: JsonRequired] OutgoingEvent Event, string Reason, DateTimeOffset At);

/// <summary>What could not be delivered, kept until it is or until somebody drops it.</summary>
public sealed class UndeliveredEvents(IDocumentStore store, StageTelemetry telemetry, TimeProvider clock)
{
    public async Task KeepAsync(Uri subscriber, OutgoingEvent @event, string reason, CancellationToken cancellationToken)
    {
        var kept = new UndeliveredEvent(subscriber.ToString(), @event, reason, clock.GetUtcNow());
        await store.CommitAsync(Containers.Events, PartitionOf(subscriber), [Write.Upsert(@event.Id, kept.ToBody(FlowJson.Default.UndeliveredEvent))], cancellationToken);
    }

    /// <summary>What a subscriber did not take, oldest first.</summary>
    public IAsyncEnumerable<UndeliveredEvent> ListAsync(Uri subscriber, CancellationToken cancellationToken) =>
        telemetry.ReadableAsync(StageTelemetry.Publish, store.ReadPartitionAsync(Containers.Events, PartitionOf(subscriber), "", cancellationToken), d => d.As(FlowJson.Default.UndeliveredEvent)).Select(e => e.Value);

    public async Task DropAsync(UndeliveredEvent delivered, CancellationToken cancellationToken) =>
        await store.CommitAsync(Containers.Events, PartitionOf(new Uri(delivered.Subscriber)), [Write.Delete(delivered.Event.Id)], cancellationToken);

    private static string PartitionOf(Uri subscriber) => StableHash.Of(subscriber.ToString());
}
