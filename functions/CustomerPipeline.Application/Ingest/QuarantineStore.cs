using System.Runtime.CompilerServices;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Ingest;

/// <summary>
/// Messages that could not be used, each in a partition of its own. Where one is damaged, the message is still in the raw archive: it is given from there, with that as what is wrong.
/// </summary>
public sealed class QuarantineStore(IDocumentStore store, IRawArchive archive, TimeProvider clock)
{
    private static readonly Reason Damaged = new(
        "damaged-document", "Why the message is here cannot be read any more. It is taken from the archive: retry it; where it is empty, the archive has let go of it, and it can only be discarded.");

    /// <summary>Keeps a message with what was wrong; another failure of the same delivery only counts. Of an edited copy only what was wrong: the original stays.</summary>
    public async Task PutAsync(string queue, Delivery delivery, string stage, Reason reason, CancellationToken cancellationToken)
    {
        var id = IdOf(queue, delivery.SequenceNumber);
        while (true)
        {
            var stored = await store.ReadAsync(Containers.Quarantine, id, Containers.MessageId, cancellationToken);
            var known = stored?.AsOrNull(DocumentJson.Default.QuarantinedMessage);
            var message = delivery.Edition is not null && known is not null ? known.Message : delivery.Body;
            var now = clock.GetUtcNow();
            var document = new QuarantinedMessage
            {
                DeliveryId = id,
                Queue = queue,
                SequenceNumber = delivery.SequenceNumber,
                Stage = stage,
                Source = SourceOf(message),
                Reason = reason,
                QuarantinedAt = known?.QuarantinedAt ?? now,
                LastSeenAt = now,
                Tries = (known?.Tries ?? 0) + 1,
                Message = message.ToArray(),
            };
            var write = Write.CreateOrReplace(Containers.MessageId, document.ToBody(DocumentJson.Default.QuarantinedMessage), stored?.ETag);
            if ((await store.CommitAsync(Containers.Quarantine, id, [write], cancellationToken)).IsCommitted)
            {
                return;
            }
        }
    }

    /// <summary>Lets a message go; nothing happens when it is not here.</summary>
    public async Task RemoveAsync(string queue, long sequenceNumber, CancellationToken cancellationToken) =>
        await store.CommitAsync(Containers.Quarantine, IdOf(queue, sequenceNumber), [Write.Delete(Containers.MessageId)], cancellationToken);

    /// <summary>The quarantined messages, in order of their delivery ids.</summary>
    /// <param name="from">The delivery id to begin with, whether it is here or not; empty for all.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async IAsyncEnumerable<QuarantinedMessage> ListAsync(string from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var document in store.ReadAcrossAsync(Containers.Quarantine, Containers.MessageId, from, cancellationToken))
        {
            yield return await ReadAsync(document, cancellationToken);
        }
    }

    /// <summary>One message by its delivery id; null when it is not in quarantine.</summary>
    public async Task<QuarantinedMessage?> FindAsync(string deliveryId, CancellationToken cancellationToken) =>
        await store.ReadAsync(Containers.Quarantine, deliveryId, Containers.MessageId, cancellationToken) is { } document ? await ReadAsync(document, cancellationToken) : null;

    private static string IdOf(string queue, long sequenceNumber) => new DeliveryId(queue, sequenceNumber).ToString();

    private static string? SourceOf(ReadOnlyMemory<byte> message) => MessageEnvelope.TryRead(message, out var envelope, out _) ? envelope!.Vendor : null;

    private async Task<QuarantinedMessage> ReadAsync(Document document, CancellationToken cancellationToken)
    {
        if (document.AsOrNull(DocumentJson.Default.QuarantinedMessage) is { } message)
        {
            return message;
        }

        var (queue, sequenceNumber, _) = DeliveryId.Parse(document.Partition);
        var archived = await archive.ReadAsync(document.Partition, cancellationToken) ?? ReadOnlyMemory<byte>.Empty;
        return new QuarantinedMessage
        {
            DeliveryId = document.Partition,
            Queue = queue,
            SequenceNumber = sequenceNumber,
            Stage = StageTelemetry.Ingest,
            Source = SourceOf(archived),
            Reason = Damaged,
            QuarantinedAt = MessageEnvelope.TryRead(archived, out var envelope, out _) && envelope!.Received is { } received ? received : clock.GetUtcNow(),
            Message = archived.ToArray(),
        };
    }
}
