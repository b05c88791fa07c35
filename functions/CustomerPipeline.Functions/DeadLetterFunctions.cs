using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>Messages that a queue gave up delivering, into the quarantine.</summary>
public sealed class DeadLetterFunctions(DeadLetterHandler handler, ReceiveOptions options)
{
    [Function("DeadLettersOnline")]
    public Task Online(
        [ServiceBusTrigger(Queues.OnlineDeadLetters, Connection = "ServiceBusConnection", IsBatched = true)] byte[][] messages, FunctionContext context, CancellationToken cancellationToken) =>
        handler.HandleAsync(options.PlacesOf(Queues.Online), QueueBatch.Of(messages, context), cancellationToken);

    [Function("DeadLettersInStore")]
    public Task InStore(
        [ServiceBusTrigger(Queues.InStoreDeadLetters, Connection = "ServiceBusConnection", IsBatched = true)] byte[][] messages, FunctionContext context, CancellationToken cancellationToken) =>
        handler.HandleAsync(options.PlacesOf(Queues.InStore), QueueBatch.Of(messages, context), cancellationToken);

    [Function("DeadLettersService")]
    public Task Service(
        [ServiceBusTrigger(Queues.ServiceDeadLetters, Connection = "ServiceBusConnection", IsBatched = true)] byte[][] messages, FunctionContext context, CancellationToken cancellationToken) =>
        handler.HandleAsync(options.PlacesOf(Queues.Service), QueueBatch.Of(messages, context), cancellationToken);
}
