using CustomerPipeline.Application.Ports;
using CustomerPipeline.AzureServices.Cosmos;

namespace CustomerPipeline.AzureServices;

/// <summary>How far the stages are behind: messages in the queues, and the estimate of the client library for each change feed. It tells how many, not for how long.</summary>
/// <param name="queues">The queues Ingest takes from, and their dead-letter queues.</param>
/// <param name="feed">The change feeds.</param>
public sealed class AzureBacklog(IMessageSender queues, IFeedBacklog feed) : IStageBacklog
{
    public async ValueTask<IReadOnlyList<StageBacklog>> ReadAsync(CancellationToken cancellationToken)
    {
        long? depth = 0;
        foreach (var queue in Queues.AllWithDeadLetters)
        {
            // One that is not known makes the sum unknown.
            depth += await queues.DepthAsync(queue, cancellationToken);
        }

        // One after the other, in order of the flow: what has left one stage is in the next by then.
        var stages = new List<StageBacklog> { new("ingest", depth, null) };
        foreach (var (stage, consumer) in ChangeConsumers.OnTheWay)
        {
            stages.Add(new StageBacklog(stage, await feed.BacklogAsync(consumer.Name, consumer.Container, cancellationToken), null));
        }

        return stages;
    }
}
