using CustomerPipeline.Flow;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Value;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>Changed touches become figures. Retried without end: the trigger would count a failed batch as done.</summary>
public sealed class ValueFunction(CountTouchesHandler handler, StageTelemetry telemetry)
{
    [Function(ChangeConsumers.Value)]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")]
    public Task Run(
        [CosmosDBTrigger("%CosmosDatabase%", Containers.Customers, Connection = "CosmosConnection", LeaseContainerName = "leases",
            LeaseContainerPrefix = ChangeConsumers.Value, StartFromBeginning = true, MaxItemsPerInvocation = 1000)] IReadOnlyList<Changed<CustomerChange>> changes,
        CancellationToken cancellationToken) => handler.HandleAsync(telemetry.Readable(StageTelemetry.Value, changes), cancellationToken);
}
