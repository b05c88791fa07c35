using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Application.Telemetry;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>Changed entities find their customers. Retried without end: the trigger would count a failed batch as done. A timer looks for what a trigger left.</summary>
public sealed class ResolveFunction(ResolveEntitiesHandler handler, IChangeFeed feed, StageTelemetry telemetry)
{
    [Function(ChangeConsumers.Resolve)]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")]
    public Task Run(
        [CosmosDBTrigger("%CosmosDatabase%", Containers.Interactions, Connection = "CosmosConnection", LeaseContainerName = "leases",
            LeaseContainerPrefix = ChangeConsumers.Resolve, StartFromBeginning = true, MaxItemsPerInvocation = 500)] IReadOnlyList<Changed<EntityChange>> changes,
        CancellationToken cancellationToken) => PassAsync(changes, cancellationToken);

    [Function("ResolveCatchUp")]
    public Task CatchUp([TimerTrigger(CatchUpSchedule.EveryMinute)] TimerInfo timer, CancellationToken cancellationToken) => PassAsync([], cancellationToken);

    private Task PassAsync(IReadOnlyList<Changed<EntityChange>> handed, CancellationToken cancellationToken) => feed.PassAsync(
        ChangeConsumers.Resolve, Containers.Interactions, handed, changes => handler.HandleAsync(telemetry.Readable(StageTelemetry.Resolve, changes), cancellationToken), cancellationToken);
}
