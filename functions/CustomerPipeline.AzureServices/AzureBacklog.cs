using CustomerPipeline.AzureServices.Cosmos;
using CustomerPipeline.Application;
using CustomerPipeline.Application.Ports;

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
        return
        [
            new StageBacklog("ingest", depth, null),
            new StageBacklog("resolve", await feed.BacklogAsync(ChangeConsumers.Resolve, Containers.Interactions, cancellationToken), null),
            new StageBacklog("value", await feed.BacklogAsync(ChangeConsumers.Value, Containers.Customers, cancellationToken), null),
        ];
    }
}
