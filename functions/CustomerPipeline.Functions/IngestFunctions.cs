using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>Raw messages of the three channels, a batch at a time.</summary>
public sealed class IngestFunctions(IngestMessagesHandler handler, ReceiveOptions options)
{
    [Function("IngestOnline")]
    public Task Online(
        [ServiceBusTrigger(Queues.Online, Connection = "ServiceBusConnection", IsBatched = true)] byte[][] messages, FunctionContext context, CancellationToken cancellationToken) =>
        handler.HandleAsync(options.PlacesOf(Queues.Online), QueueBatch.Of(messages, context), cancellationToken);

    [Function("IngestInStore")]
    public Task InStore(
        [ServiceBusTrigger(Queues.InStore, Connection = "ServiceBusConnection", IsBatched = true)] byte[][] messages, FunctionContext context, CancellationToken cancellationToken) =>
        handler.HandleAsync(options.PlacesOf(Queues.InStore), QueueBatch.Of(messages, context), cancellationToken);

    [Function("IngestService")]
    public Task Service(
        [ServiceBusTrigger(Queues.Service, Connection = "ServiceBusConnection", IsBatched = true)] byte[][] messages, FunctionContext context, CancellationToken cancellationToken) =>
        handler.HandleAsync(options.PlacesOf(Queues.Service), QueueBatch.Of(messages, context), cancellationToken);
}
