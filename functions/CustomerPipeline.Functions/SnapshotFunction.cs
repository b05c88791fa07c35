using CustomerPipeline.Flow.Snapshot;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>The customer base, kept once a day, shortly after midnight UTC.</summary>
public sealed class SnapshotFunction(TakeSnapshotHandler handler)
{
    [Function("Snapshot")]
    [FixedDelayRetry(5, "00:00:30")]
    public Task Run([TimerTrigger("0 5 0 * * *")] TimerInfo timer, CancellationToken cancellationToken) => handler.HandleAsync(cancellationToken);
}
