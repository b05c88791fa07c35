using CustomerPipeline.Flow.Ingest;
using CustomerPipeline.Flow.Ports;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>Raw messages of the three channels, a batch at a time.</summary>
public sealed class IngestFunctions(IngestMessagesHandler handler)
{
    [Function("IngestOnline")]
    public Task Online(
        [ServiceBusTrigger(Queues.Online, Connection = "ServiceBusConnection", IsBatched = true)] string[] messages, FunctionContext context, CancellationToken cancellationToken) =>
        handler.HandleAsync(Queues.Online, QueueBatch.Of(messages, context), cancellationToken);

    [Function("IngestInStore")]
    public Task InStore(
        [ServiceBusTrigger(Queues.InStore, Connection = "ServiceBusConnection", IsBatched = true)] string[] messages, FunctionContext context, CancellationToken cancellationToken) =>
        handler.HandleAsync(Queues.InStore, QueueBatch.Of(messages, context), cancellationToken);

    [Function("IngestService")]
    public Task Service(
        [ServiceBusTrigger(Queues.Service, Connection = "ServiceBusConnection", IsBatched = true)] string[] messages, FunctionContext context, CancellationToken cancellationToken) =>
        handler.HandleAsync(Queues.Service, QueueBatch.Of(messages, context), cancellationToken);
}
