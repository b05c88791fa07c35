using System.Runtime.CompilerServices;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Flow.Ports;

namespace CustomerPipeline.Flow.Ingest;

/// <summary>Messages that could not be used, each in a partition of its own.</summary>
public sealed class QuarantineStore(IDocumentStore store, TimeProvider clock)
{
    /// <summary>Keeps a message with what was wrong; another failure of the same delivery only counts.</summary>
    public async Task PutAsync(string queue, Delivery delivery, string stage, Reason reason, CancellationToken cancellationToken)
    {
        var id = IngestMessagesHandler.DeliveryIdOf(queue, delivery);
        while (true)
        {
            var known = await store.ReadAsync(Containers.Quarantine, id, Containers.MessageId, FlowJson.Default.QuarantinedMessage, cancellationToken);
            var now = clock.GetUtcNow();
            var document = new QuarantinedMessage
            {
                DeliveryId = id,
                Queue = queue,
                SequenceNumber = delivery.SequenceNumber,
                Stage = stage,
                Source = MessageEnvelope.TryRead(delivery.Body, out var envelope, out _) ? envelope!.Vendor : null,
                Reason = reason,
                QuarantinedAt = known?.Value.QuarantinedAt ?? now,
                LastSeenAt = now,
                Tries = (known?.Value.Tries ?? 0) + 1,
                Message = delivery.Body.ToArray(),
            };
            var write = Write.CreateOrReplace(Containers.MessageId, document.ToBody(FlowJson.Default.QuarantinedMessage), known?.ETag);
            if ((await store.CommitAsync(Containers.Quarantine, id, [write], cancellationToken)).IsCommitted)
            {
                return;
            }
        }
    }

    /// <summary>Lets a message go; nothing happens when it is not here.</summary>
    public async Task RemoveAsync(string queue, long sequenceNumber, CancellationToken cancellationToken) => await store.CommitAsync(
        Containers.Quarantine, IngestMessagesHandler.DeliveryIdOf(queue, new Delivery(sequenceNumber, default)), [Write.Delete(Containers.MessageId)], cancellationToken);

    /// <summary>All quarantined messages, in no particular order.</summary>
    public async IAsyncEnumerable<QuarantinedMessage> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var document in store.ScanAsync(Containers.Quarantine, cancellationToken))
        {
            yield return document.As(FlowJson.Default.QuarantinedMessage);
        }
    }

    /// <summary>One message by its delivery id; null when it is not in quarantine.</summary>
    public async Task<QuarantinedMessage?> FindAsync(string deliveryId, CancellationToken cancellationToken) =>
        (await store.ReadAsync(Containers.Quarantine, deliveryId, Containers.MessageId, FlowJson.Default.QuarantinedMessage, cancellationToken))?.Value;
}
