using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Ingest;

/// <summary>
/// Messages that the queue gave up delivering, into the quarantine: there they are seen, counted and tried again like any other. A message that had been
/// worked on after all (its host died between the last write and the completion) already has its outcome, and needs nothing.
/// </summary>
public sealed class DeadLetterHandler(FailedDeliveries failed)
{
    public const string Stage = "queue";

    private static readonly Reason GivenUp = new(
        "dead-lettered", "The queue gave the message up after its last delivery: the store failed each time, or the host died. See the host's log, and retry.");

    /// <summary>Works on messages of one queue's dead-letter queue; they kept their sequence numbers.</summary>
    public async Task HandleAsync(string queue, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        foreach (var delivery in deliveries)
        {
            await failed.KeepAsync(queue, delivery, Stage, GivenUp, cancellationToken);
        }
    }
}
