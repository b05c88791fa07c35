using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Receive;

/// <summary>A message on its way into a queue.</summary>
/// <param name="Index">Its place in the upload, counted from 0.</param>
/// <param name="Queue">Where to.</param>
/// <param name="Body">In its envelope.</param>
public readonly record struct IntakeMessage(int Index, string Queue, ReadOnlyMemory<byte> Body);

/// <summary>The last step of every way in: into the queues, or told to come back.</summary>
public sealed class QueueIntake(IMessageSender queues, ReceiveOptions options)
{
    /// <summary>Whether none of these queues takes more; one of unknown depth does. Asked before an upload is split, because splitting costs time and memory.</summary>
    public async ValueTask<bool> AreFullAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        foreach (var name in names)
        {
            if (await queues.DepthAsync(name, cancellationToken) is not { } depth || depth < options.DeepestQueue)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Enqueues messages; all that fit the limit, or none when a queue is known to be full.</summary>
    public async Task<Reception> TakeAsync(IReadOnlyList<IntakeMessage> wrapped, IReadOnlyList<RejectedPayload> unread, CancellationToken cancellationToken)
    {
        var messages = wrapped.Where(m => m.Body.Length <= MessageEnvelope.LargestBytes).ToList();
        var rejected = unread.Concat(wrapped.Where(m => m.Body.Length > MessageEnvelope.LargestBytes).Select(m => PayloadPart.TooLarge(m.Index).Rejected!)).OrderBy(r => r.Index).ToList();
        if (messages.Count == 0)
        {
            return rejected.Count > 0 && rejected.All(r => r.Code == "message-too-large")
                ? new Reception.TooLarge(rejected[0].Detail)
                : new Reception.Invalid(rejected.Count == 0 ? "The body is empty." : rejected[0].Detail, rejected);
        }

        var byQueue = messages.GroupBy(m => m.Queue, m => m.Body).ToList();
        foreach (var queue in byQueue)
        {
            if (await queues.DepthAsync(queue.Key, cancellationToken) + queue.Count() > options.DeepestQueue)
            {
                return new Reception.Busy(ReceiveOptions.ComeBackAfter);
            }
        }

        try
        {
            foreach (var queue in byQueue)
            {
                await queues.SendAsync(queue.Key, [.. queue], cancellationToken);
            }
        }
        catch (QueueFullException)
        {
            // What was taken already will come again, and count once.
            return new Reception.Busy(ReceiveOptions.ComeBackAfter);
        }

        return new Reception.Accepted(messages.Count, rejected);
    }
}
