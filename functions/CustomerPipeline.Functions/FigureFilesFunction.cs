using CustomerPipeline.Flow;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Publish;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>Published figures become files. Retried without end: the trigger would count a failed batch as done.</summary>
public sealed class FigureFilesFunction(WriteFigureFilesHandler handler, StageTelemetry telemetry)
{
    [Function(ChangeConsumers.FigureFiles)]
    [ExponentialBackoffRetry(-1, "00:00:01", "00:01:00")]
    public Task Run(
        [CosmosDBTrigger("%CosmosDatabase%", Containers.Snapshots, Connection = "CosmosConnection", LeaseContainerName = "leases",
            LeaseContainerPrefix = ChangeConsumers.FigureFiles, StartFromBeginning = true, MaxItemsPerInvocation = 100)] IReadOnlyList<Changed<FiguresChange>> changes,
        CancellationToken cancellationToken) => handler.HandleAsync(telemetry.Readable(StageTelemetry.FigureFiles, changes), cancellationToken);
}
