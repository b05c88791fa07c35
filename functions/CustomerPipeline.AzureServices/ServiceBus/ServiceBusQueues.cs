using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.AzureServices.ServiceBus;

/// <summary>The queues in Service Bus.</summary>
public sealed class ServiceBusQueues(ServiceBusSenders senders, ServiceBusDepths depths) : IMessageSender
{
    public async ValueTask SendAsync(string queue, IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken cancellationToken) => await senders.SendAsync(queue, messages, cancellationToken);

    public ValueTask<long?> DepthAsync(string queue, CancellationToken cancellationToken) => depths.ReadAsync(queue, cancellationToken);
}
