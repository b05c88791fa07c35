using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.Application.Report.Figures;

/// <summary>The pipeline at a glance.</summary>
/// <param name="Messages">Outcomes of all messages so far.</param>
/// <param name="Stages">How far each stage is.</param>
/// <param name="WrongSignatures">Webhooks turned away by this process since it started.</param>
/// <param name="At">When this was so.</param>
public sealed record PipelineStatus(LedgerTotal Messages, IReadOnlyList<StageBacklog> Stages, long WrongSignatures, DateTimeOffset At)
{
    /// <summary>How long a stage is behind; null where the store cannot tell.</summary>
    public TimeSpan? LagOf(StageBacklog stage) => stage.Backlog == 0 ? TimeSpan.Zero : stage.Oldest is not { } oldest ? null : At > oldest ? At - oldest : TimeSpan.Zero;

    /// <summary>Everything received has arrived in the metrics.</summary>
    public bool IsDrained => Stages.All(s => s.Backlog == 0);
}

public sealed class StatusReader(Ledger ledger, IStageBacklog backlog, Receive.ReceiveCounts counts, TimeProvider clock)
{
    // The backlog first: what it no longer holds is in the ledger by then.
    public async Task<PipelineStatus> ReadAsync(CancellationToken cancellationToken)
    {
        var stages = await backlog.ReadAsync(cancellationToken);
        return new PipelineStatus(await ledger.TotalAsync(cancellationToken), stages, counts.WrongSignatures, clock.GetUtcNow());
    }
}
