using CustomerPipeline.Flow;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Resolve;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>Changed entities find their customers. Retried without end: the trigger would count a failed batch as done.</summary>
public sealed class ResolveFunction(ResolveEntitiesHandler handler, StageTelemetry telemetry)
{
    [Function(ChangeConsumers.Resolve)]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")]
    public Task Run(
        [CosmosDBTrigger("%CosmosDatabase%", Containers.Interactions, Connection = "CosmosConnection", LeaseContainerName = "leases",
            LeaseContainerPrefix = ChangeConsumers.Resolve, StartFromBeginning = true, MaxItemsPerInvocation = 500)] IReadOnlyList<Changed<EntityChange>> changes,
        CancellationToken cancellationToken) => handler.HandleAsync(telemetry.Readable(StageTelemetry.Resolve, changes), cancellationToken);
}
