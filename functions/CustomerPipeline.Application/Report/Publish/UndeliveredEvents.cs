using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain;

namespace CustomerPipeline.Application.Report.Publish;

/// <summary>What could not be delivered, kept until it is or until somebody drops it.</summary>
public sealed class UndeliveredEvents(IDocumentStore store, StageTelemetry telemetry, TimeProvider clock)
{
    public async Task KeepAsync(Uri subscriber, OutgoingEvent @event, string reason, CancellationToken cancellationToken)
    {
        var kept = new UndeliveredEvent(subscriber.ToString(), @event, reason, clock.GetUtcNow());
        await store.CommitAsync(Containers.Events, PartitionOf(subscriber), [Write.Upsert(@event.Id, kept.ToBody(DocumentJson.Default.UndeliveredEvent))], cancellationToken);
    }

    /// <summary>What a subscriber did not take, oldest first.</summary>
    public IAsyncEnumerable<UndeliveredEvent> ListAsync(Uri subscriber, CancellationToken cancellationToken) =>
        telemetry.ReadableAsync(StageTelemetry.Publish, store.ReadPartitionAsync(Containers.Events, PartitionOf(subscriber), "", cancellationToken), d => d.As(DocumentJson.Default.UndeliveredEvent)).Select(e => e.Value);

    public async Task DropAsync(UndeliveredEvent delivered, CancellationToken cancellationToken) =>
        await store.CommitAsync(Containers.Events, PartitionOf(new Uri(delivered.Subscriber)), [Write.Delete(delivered.Event.Id)], cancellationToken);

    private static string PartitionOf(Uri subscriber) => StableHash.Of(subscriber.ToString());
}
