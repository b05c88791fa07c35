namespace CustomerPipeline.Application.Ports;

/// <summary>How far each stage is behind.</summary>
public interface IStageBacklog
{
    /// <summary>Stages in order of the flow: ingest, resolve, value. When all are empty in that order, all that was received is in the metrics.</summary>
    ValueTask<IReadOnlyList<StageBacklog>> ReadAsync(CancellationToken cancellationToken);
}

/// <param name="Name">ingest, resolve or value.</param>
/// <param name="Backlog">Messages or changed documents not yet worked on; null where that cannot be told now.</param>
/// <param name="Oldest">Since when the oldest of them has been waiting; null where there are none, or where the store cannot tell.</param>
public sealed record StageBacklog(string Name, long? Backlog, DateTimeOffset? Oldest);
