using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.Application.Telemetry;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>Published figures become files. Retried without end: the trigger would count a failed batch as done. A timer looks for what a trigger left.</summary>
public sealed class FigureFilesFunction(WriteFigureFilesHandler handler, IChangeFeed feed, StageTelemetry telemetry)
{
    [Function(ChangeConsumers.FigureFiles)]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")]
    public Task Run(
        [CosmosDBTrigger("%CosmosDatabase%", Containers.Snapshots, Connection = "CosmosConnection", LeaseContainerName = "leases",
            LeaseContainerPrefix = ChangeConsumers.FigureFiles, StartFromBeginning = true, MaxItemsPerInvocation = 100)] IReadOnlyList<Changed<FiguresChange>> changes,
        CancellationToken cancellationToken) => PassAsync(changes, cancellationToken);

    [Function("FigureFilesCatchUp")]
    public Task CatchUp([TimerTrigger(CatchUpSchedule.EveryMinute)] TimerInfo timer, CancellationToken cancellationToken) => PassAsync([], cancellationToken);

    private Task PassAsync(IReadOnlyList<Changed<FiguresChange>> handed, CancellationToken cancellationToken) => feed.PassAsync(
        ChangeConsumers.FigureFiles, Containers.Snapshots, handed, changes => handler.HandleAsync(telemetry.Readable(StageTelemetry.FigureFiles, changes), cancellationToken), cancellationToken);
}
