using CustomerPipeline.Flow.Ports;

namespace CustomerPipeline.Flow.Ingest;

/// <summary>Messages that could not be used: to look at, and to try again after the rule was mended.</summary>
public sealed class QuarantineStore(IDocumentStore store, IngestMessagesHandler ingest)
{
    /// <summary>All quarantined messages, in no particular order.</summary>
    public async IAsyncEnumerable<QuarantinedMessage> ListAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var document in store.ScanAsync(Containers.Quarantine, cancellationToken))
        {
            yield return document.As(FlowJson.Default.QuarantinedMessage);
        }
    }

    /// <summary>One message by its delivery id; null when it is not in quarantine.</summary>
    public async Task<QuarantinedMessage?> FindAsync(string deliveryId, CancellationToken cancellationToken) =>
        (await store.ReadAsync(Containers.Quarantine, deliveryId, Containers.MessageId, FlowJson.Default.QuarantinedMessage, cancellationToken))?.Value;

    /// <summary>
    /// Ingests a quarantined message again. If it is understood now, the result is what it would have been at first, and it leaves the quarantine.
    /// </summary>
    /// <returns>True when it left.</returns>
    public async Task<bool> RetryAsync(QuarantinedMessage message, CancellationToken cancellationToken)
    {
        await ingest.HandleAsync(message.Queue, [new Delivery(message.SequenceNumber, message.Message)], cancellationToken);
        return await FindAsync(message.DeliveryId, cancellationToken) is null;
    }
}
