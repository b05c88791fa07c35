using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.RocksDb;

/// <summary>How far the stages of one machine are behind: queue depths, and changes behind each consumer's place.</summary>
/// <param name="queues">The queues Ingest takes from, and their dead-letter queues.</param>
/// <param name="feed">The change feed.</param>
/// <param name="clock">Counts the time.</param>
public sealed class EmbeddedBacklog(RocksQueues queues, RocksChangeFeed feed, TimeProvider clock) : IStageBacklog
{
    // Counting costs time by the length of what is counted: a long backlog is counted anew only after a while, an empty one always.
    private static readonly TimeSpan TimePerCounted = TimeSpan.FromMicroseconds(20);

    private readonly Dictionary<string, (long Since, (long Count, DateTimeOffset? Oldest) Backlog)> _counted = [];

    public async ValueTask<IReadOnlyList<StageBacklog>> ReadAsync(CancellationToken cancellationToken)
    {
        var depth = 0L;
        DateTimeOffset? oldest = null;
        foreach (var queue in Queues.AllWithDeadLetters)
        {
            depth += await queues.DepthAsync(queue, cancellationToken) ?? 0;
            oldest = queues.Oldest(queue) is { } enqueued && !(oldest < enqueued) ? enqueued : oldest;
        }

        // One after the other, in order of the flow: what has left one stage is in the next by then.
        var stages = new List<StageBacklog> { new("ingest", depth, oldest) };
        foreach (var (stage, consumer) in ChangeConsumers.OnTheWay)
        {
            var (waiting, since) = Count(consumer.Name, consumer.Container);
            stages.Add(new StageBacklog(stage, waiting, since));
        }

        return stages;
    }

    private (long Count, DateTimeOffset? Oldest) Count(string consumer, string container)
    {
        lock (_counted)
        {
            if (!_counted.TryGetValue(consumer, out var known) || clock.GetElapsedTime(known.Since) >= known.Backlog.Count * TimePerCounted)
            {
                _counted[consumer] = known = (clock.GetTimestamp(), feed.Backlog(consumer, container));
            }

            return known.Backlog;
        }
    }
}
