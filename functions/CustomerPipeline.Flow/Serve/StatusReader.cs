using CustomerPipeline.Flow.Ingest;
using CustomerPipeline.Flow.Ports;

namespace CustomerPipeline.Flow.Serve;

/// <summary>The pipeline at a glance.</summary>
public sealed record PipelineStatus(LedgerTotal Messages, IReadOnlyList<StageBacklog> Stages)
{
    /// <summary>Everything received has arrived in the metrics.</summary>
    public bool IsDrained => Stages.All(s => s.Backlog == 0);
}

public sealed class StatusReader(Ledger ledger, IStageBacklog backlog)
{
    // The backlog first: what it no longer holds is in the ledger by then.
    public async Task<PipelineStatus> ReadAsync(CancellationToken cancellationToken)
    {
        var stages = await backlog.ReadAsync(cancellationToken);
        return new PipelineStatus(await ledger.TotalAsync(cancellationToken), stages);
    }
}
