using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Domain.Normalize;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.Application.Ingest;

/// <summary>What messages are: by the rules in force, under the keys of their instance, and whether their sender may say it.</summary>
public sealed partial class MessageReader(
    NormalizationRules rules, SourceInstances instances, MessageSeals seals, Tombstones tombstones, ILogger<MessageReader> logger)
{
    private static readonly Normalization.Quarantined NotAllowed = new(new Reason(
        "not-allowed",
        "The message asks to erase or export people, or decides who is one customer, and its sender may not. A caller with the scope privacy.manage (identity.write for decisions) may retry it."));

    /// <summary>What a message is by the rules in force. Never throws on input.</summary>
    public Normalization Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return Normalizer.Normalize(body, rules);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A bug in a mapping must not make poison of a message that others in the batch have to share: it is kept until the bug is corrected.
            LogMappingFailed(logger, e.GetType().Name);
            return new Normalization.Quarantined(new Reason("mapping-failed", "The mapping of this source failed on the message. Report it; retry after an update."));
        }
    }

    /// <summary>What a message that came before is, under the keys of its instance, once <see cref="LoadInstancesAsync"/> was called.</summary>
    public Normalization ReadStored(ReadOnlyMemory<byte> body) => instances.Place(Read(body));

    /// <summary>Reads which instances of vendors came first.</summary>
    public Task LoadInstancesAsync(CancellationToken cancellationToken) => instances.LoadAsync(cancellationToken);

    /// <summary>What new messages are, and whether they may be kept.</summary>
    internal async Task<List<ReadMessage>> ReadAsync(string queue, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var placed = new List<ReadMessage>(deliveries.Count);
        foreach (var delivery in deliveries)
        {
            var (result, caller) = await AllowedAsync(delivery.Body, Read(delivery.Body), cancellationToken);
            placed.Add(new ReadMessage(queue, delivery, await PlaceAsync(result, cancellationToken)) { Caller = caller });
        }

        return await RefuseErasedAsync(placed, cancellationToken);
    }

    // A message that decides about people counts only from a sender who may decide. Many can put messages into a queue; the seal says who the sender was.
    private async ValueTask<(Normalization Result, string? Caller)> AllowedAsync(ReadOnlyMemory<byte> body, Normalization read, CancellationToken cancellationToken)
    {
        if (read is not Normalization.Requested && !(read is Normalization.Normalized normalized && normalized.Records.Any(r => r.Identity is not null)))
        {
            return (read, null);
        }

        try
        {
            return MessageEnvelope.TryRead(body, out var envelope, out _) && await seals.CallerOfAsync(envelope!, cancellationToken) is { } caller ? (read, caller) : (NotAllowed, null);
        }
        catch (CorruptDocumentException)
        {
            return (ReadMessage.Blocked, null);
        }
    }

    private async ValueTask<Normalization> PlaceAsync(Normalization read, CancellationToken cancellationToken)
    {
        try
        {
            return await instances.PlaceAsync(read, cancellationToken);
        }
        catch (CorruptDocumentException)
        {
            return ReadMessage.Blocked;
        }
    }

    // What tells of a person who was erased gets no further, and is not kept. Where that cannot be known, it waits.
    private async Task<List<ReadMessage>> RefuseErasedAsync(List<ReadMessage> read, CancellationToken cancellationToken)
    {
        var ofNormalized = new Queue<bool?>(await tombstones.FindAsync([.. read.Select(m => m.Result).OfType<Normalization.Normalized>().Select(n => n.Records)], cancellationToken));
        var kept = new List<ReadMessage>(read.Count);
        foreach (var message in read)
        {
            var isErased = message.Result switch
            {
                Normalization.Normalized => ofNormalized.Dequeue(),
                Normalization.Ignored or Normalization.Quarantined => await tombstones.IsMentionedAsync(message.Delivery.Body, cancellationToken),
                _ => false,
            };
            kept.Add(isErased is false ? message : message with { Result = isErased is null ? ReadMessage.Blocked : ReadMessage.Erased });
        }

        return kept;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A mapping failed with {Exception}; the message is in quarantine under mapping-failed")]
    private static partial void LogMappingFailed(ILogger logger, string exception);
}
