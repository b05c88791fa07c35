using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.Application.Telemetry;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>What changed becomes events. Retried without end: the trigger would count a failed batch as done. A timer looks for what a trigger left.</summary>
public sealed class PublishFunction(PublishChangesHandler handler, TellMetricChangesHandler metrics, IChangeFeed feed, StageTelemetry telemetry)
{
    /// <summary>How long the window is in which many changes of a metric are one event, is the host's to say.</summary>
    [Function("TellMetricChanges")]
    [FixedDelayRetry(-1, "00:00:10")]
    public Task Tell([TimerTrigger("%MetricEventsSchedule%")] TimerInfo timer, CancellationToken cancellationToken) =>
        telemetry.TryAsync(StageTelemetry.Publish, 1, () => metrics.HandleAsync(cancellationToken));

    [Function(ChangeConsumers.Publish)]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")]
    public Task Run(
        [CosmosDBTrigger("%CosmosDatabase%", Containers.Snapshots, Connection = "CosmosConnection", LeaseContainerName = "leases",
            LeaseContainerPrefix = ChangeConsumers.Publish, StartFromBeginning = true, MaxItemsPerInvocation = 100)] IReadOnlyList<Changed<PublishedChange>> changes,
        CancellationToken cancellationToken) => PassAsync(changes, cancellationToken);

    [Function("PublishCatchUp")]
    public Task CatchUp([TimerTrigger(CatchUpSchedule.EveryMinute)] TimerInfo timer, CancellationToken cancellationToken) => PassAsync([], cancellationToken);

    private Task PassAsync(IReadOnlyList<Changed<PublishedChange>> handed, CancellationToken cancellationToken) => feed.PassAsync(
        ChangeConsumers.Publish, Containers.Snapshots, handed, changes => handler.HandleAsync(telemetry.Readable(StageTelemetry.Publish, changes), cancellationToken), cancellationToken);
}
