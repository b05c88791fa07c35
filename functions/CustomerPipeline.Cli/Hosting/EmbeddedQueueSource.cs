using CustomerPipeline.LocalRuntime;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.Cli.Hosting;

/// <summary>The embedded queues as the runtime sees them.</summary>
internal sealed class EmbeddedQueueSource(RocksQueues queues) : IQueueSource
{
    // A batch is worked off in well under a second; a lock only outlives a handler that hangs.
    private static readonly TimeSpan LockDuration = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(5);

    public async Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int most, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = queues.NextMessage(queue);
            var messages = await queues.ReceiveAsync(queue, most, LockDuration);
            if (messages.Count > 0)
            {
                return [.. messages.Select(m => new QueueMessage(m.SequenceNumber, null, m.DeliveryCount, m.Body, m))];
            }

            // Woken by the next message; looking again all the same catches locks that expire.
            await Task.WhenAny(next, Task.Delay(LookAgainAfter, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public Task CompleteAsync(string queue, IReadOnlyList<QueueMessage> messages) => queues.CompleteAsync(queue, Handles(messages));

    public Task AbandonAsync(string queue, IReadOnlyList<QueueMessage> messages) => queues.AbandonAsync(queue, Handles(messages));

    private static List<LockedMessage> Handles(IReadOnlyList<QueueMessage> messages) => [.. messages.Select(m => (LockedMessage)m.Handle)];
}
