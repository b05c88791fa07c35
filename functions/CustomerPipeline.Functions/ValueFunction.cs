using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Application.Telemetry;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>Changed touches become figures, and what was left undone with a customer is finished. Retried without end: the trigger would count a failed batch as done. A timer looks for what a trigger left.</summary>
public sealed class ValueFunction(FinishCustomersHandler finish, CountTouchesHandler count, IChangeFeed feed, StageTelemetry telemetry)
{
    [Function(ChangeConsumers.Value)]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")]
    public Task Run(
        [CosmosDBTrigger("%CosmosDatabase%", Containers.Customers, Connection = "CosmosConnection", LeaseContainerName = "leases",
            LeaseContainerPrefix = ChangeConsumers.Value, StartFromBeginning = true, MaxItemsPerInvocation = 1000)] IReadOnlyList<Changed<CustomerChange>> changes,
        CancellationToken cancellationToken) => PassAsync(changes, cancellationToken);

    [Function("ValueCatchUp")]
    public Task CatchUp([TimerTrigger(CatchUpSchedule.EveryMinute)] TimerInfo timer, CancellationToken cancellationToken) => PassAsync([], cancellationToken);

    private Task PassAsync(IReadOnlyList<Changed<CustomerChange>> handed, CancellationToken cancellationToken) => feed.PassAsync(ChangeConsumers.Value, Containers.Customers, handed, async changed =>
    {
        var changes = telemetry.Readable(StageTelemetry.Value, changed);
        await finish.HandleAsync(changes, cancellationToken);
        await count.HandleAsync(changes, cancellationToken);
    }, cancellationToken);
}
