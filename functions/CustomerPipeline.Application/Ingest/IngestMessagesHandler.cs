using System.Runtime.ExceptionServices;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Normalize;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.Application.Ingest;

/// <summary>One delivery of a queue message.</summary>
/// <param name="SequenceNumber">The message's number in its queue; the same at every redelivery.</param>
/// <param name="Body">The message.</param>
/// <param name="Edition">Set on a copy that a person edited: it is archived beside the original, under the delivery's id and this.</param>
public readonly record struct Delivery(long SequenceNumber, ReadOnlyMemory<byte> Body, string? Edition = null)
{
    /// <summary>How often the message was delivered, this time included; 0 where that is not known.</summary>
    public int Count { get; init; }

    /// <summary>Its id, as the delivery of a queue.</summary>
    public string IdIn(string queue) => new DeliveryId(queue, SequenceNumber, Edition).ToString();
}

/// <summary>
/// Raw messages to records: read, archive, commit, count. Each message has exactly one outcome. No message can fail its batch for good: what has failed some times is worked on by itself.
/// </summary>
public sealed partial class IngestMessagesHandler(
    IRawArchive archive, Ledger ledger, EntityRecords records, QuarantineStore quarantine, Tombstones tombstones, PrivacyRequests requests, IgnoredMessages ignored, NormalizationRules rules,
    SourceInstances instances, MessageSeals seals, FailedDeliveries failed, StageTelemetry telemetry, ILogger<IngestMessagesHandler> logger)
{
    // Service Bus gives a message up after ten deliveries, and its whole batch with it. A fault of the store passes: what it hits is not the message that fails each time.
    private const int ByItselfFrom = 5;
    private const int Last = 9;

    private static readonly Reason Failed = new(
        "ingest-failed", $"Storing what the message says failed in {Last} deliveries, in the last five by itself. The host's log says how. Report it; retry after an update.");

    /// <summary>Works on messages of one queue. When it returns, everything about them is durable.</summary>
    public Task HandleAsync(string queue, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
        telemetry.RunAsync(StageTelemetry.Ingest, deliveries.Count, deliveries.Select(d => StageTelemetry.TraceOf(d.Body)), ReceivedAt(deliveries), () => WorkOnAllAsync(queue, deliveries, cancellationToken));

    // Where the store itself fails, so does keeping the message in quarantine, and the batch comes again.
    private async Task WorkOnAllAsync(string queue, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var (together, apart) = (deliveries.Where(d => d.Count < ByItselfFrom).ToList(), deliveries.Where(d => d.Count >= ByItselfFrom));
        if (together.Count > 0)
        {
            await WorkAsync(queue, together, cancellationToken);
        }

        ExceptionDispatchInfo? failure = null;
        foreach (var delivery in apart)
        {
            try
            {
                await WorkAsync(queue, [delivery], cancellationToken);
            }
            catch (Exception e) when (delivery.Count < Last && !cancellationToken.IsCancellationRequested)
            {
                failure ??= ExceptionDispatchInfo.Capture(e);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogMessageFailed(logger, delivery.IdIn(queue), e.GetType().Name);
                await failed.KeepAsync(queue, delivery, StageTelemetry.Ingest, Failed, cancellationToken);
                telemetry.Count(Outcome.Quarantined);
            }
        }

        failure?.Throw();
    }

    private async Task WorkAsync(string queue, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var placed = new List<ReadMessage>(deliveries.Count);
        foreach (var delivery in deliveries)
        {
            var (result, caller) = await AllowedAsync(delivery.Body, Read(delivery.Body), cancellationToken);
            placed.Add(new ReadMessage(queue, delivery, await PlaceAsync(result, cancellationToken)) { Caller = caller });
        }

        var read = await RefuseErasedAsync(placed, cancellationToken);
        var archived = archive.StoreAsync([.. read.Where(m => m.IsKept).Select(m => new RawMessage(m.DeliveryId, m.Delivery.Body))], cancellationToken).AsTask();
        var stored = StoreRecordsAsync(read, cancellationToken);
        var quarantined = QuarantineAsync(queue, read, cancellationToken);
        var requested = Task.WhenAll(read.Where(m => m.Result is Normalization.Requested).Select(m => requests.ForwardAsync((Normalization.Requested)m.Result, m.Caller!, cancellationToken)));
        await Task.WhenAll(archived, stored, quarantined, requested, ignored.ListAsync(read.SelectMany(m => m.Ignored), cancellationToken));

        var (first, blocked) = await stored;
        if (blocked.Count > 0)
        {
            read = [.. read.Select(m => blocked.Contains(m.DeliveryId) ? m with { Result = Blocked } : m)];
            await QuarantineAsync(queue, read.Where(m => ReferenceEquals(m.Result, Blocked)), cancellationToken);
        }

        var outcomes = read.Select(m => (m.Delivery.SequenceNumber, Outcome: OutcomeOf(m, first))).ToList();
        await RecordOutcomesAsync(queue, outcomes, cancellationToken);
        outcomes.ForEach(o => telemetry.Count(o.Outcome));
        foreach (var total in read.Where(m => first.Contains(m.DeliveryId)).SelectMany(m => (m.Result as Normalization.Normalized)?.Records ?? []).Select(r => r.Order?.Total).OfType<TotalCheck>())
        {
            telemetry.Count(total);
        }
    }

    // The first of a batch has been waiting for longest.
    private static DateTimeOffset? ReceivedAt(IReadOnlyList<Delivery> deliveries) => deliveries.Count == 0 ? null : MessageEnvelope.ReadAhead(deliveries[0].Body)?.Received;

    /// <summary>What a message is by the rules in force. Never throws on input.</summary>
    public Normalization Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return Normalizer.Normalize(body, rules);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A bug in a mapping must not make poison of a message that others in the batch have to share: it is kept until the bug is mended.
            LogMappingFailed(logger, e.GetType().Name);
            return new Normalization.Quarantined(new Reason("mapping-failed", "The mapping of this source failed on the message. Report it; retry after an update."));
        }
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
            return (Blocked, null);
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
            return Blocked;
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
            kept.Add(isErased is false ? message : message with { Result = isErased is null ? Blocked : Erased });
        }

        return kept;
    }

    private Task QuarantineAsync(string queue, IEnumerable<ReadMessage> read, CancellationToken cancellationToken) =>
        Task.WhenAll(read.Where(m => m.Result is Normalization.Quarantined).Select(m =>
            quarantine.PutAsync(queue, m.Delivery, StageTelemetry.Ingest, ((Normalization.Quarantined)m.Result).Reason, cancellationToken)));

    // The deliveries whose records were stored first, and those that a damaged document is in the way of.
    private async Task<(HashSet<string> First, HashSet<string> Blocked)> StoreRecordsAsync(List<ReadMessage> read, CancellationToken cancellationToken)
    {
        var delivered = read
            .Where(m => m.Result is Normalization.Normalized)
            .SelectMany(m => ((Normalization.Normalized)m.Result).Records.Select(r => new DeliveredRecord(r, m.DeliveryId)))
            .GroupBy(d => d.Record.Entity);
        var first = new HashSet<string>(StringComparer.Ordinal);
        var blocked = new HashSet<string>(StringComparer.Ordinal);
        await Task.WhenAll(delivered.Select(async entity =>
        {
            IReadOnlySet<string>? storedFirst = null;
            await telemetry.TryAsync(StageTelemetry.Ingest, entity.Count(), async () => storedFirst = await records.StoreAsync(entity.Key, [.. entity], cancellationToken));
            lock (first)
            {
                (storedFirst is null ? blocked : first).UnionWith(storedFirst ?? entity.Select(d => d.DeliveryId));
            }
        }));
        return (first, blocked);
    }

    private async Task RecordOutcomesAsync(string queue, List<(long SequenceNumber, Outcome Outcome)> outcomes, CancellationToken cancellationToken)
    {
        foreach (var released in await ledger.RecordAsync(queue, outcomes, cancellationToken))
        {
            await quarantine.RemoveAsync(queue, released, cancellationToken);
        }
    }

    private static Outcome OutcomeOf(ReadMessage message, HashSet<string> first) => message.Result switch
    {
        Normalization.Normalized => first.Contains(message.DeliveryId) ? Outcome.Stored : Outcome.Duplicate,
        Normalization.Ignored or Normalization.Requested => Outcome.Ignored,
        _ => Outcome.Quarantined,
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "A mapping failed with {Exception}; the message is in quarantine under mapping-failed")]
    private static partial void LogMappingFailed(ILogger logger, string exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The message {Delivery} failed by itself with {Exception}; it is in quarantine under ingest-failed")]
    private static partial void LogMessageFailed(ILogger logger, string delivery, string exception);

    private static readonly Normalization.Ignored Erased = new("erased");

    private static readonly Normalization.Quarantined NotAllowed = new(new Reason(
        "not-allowed",
        "The message asks to erase or export people, or decides who is one customer, and its sender may not. A caller with the scope privacy.manage (identity.write for decisions) may retry it."));

    private static readonly Normalization.Quarantined Blocked = new(new Reason(
        "damaged-document", "Something stored that the message depends on is damaged; the command verify names it. Mend it as docs/operations.md says, then retry."));

    private sealed record ReadMessage(string Queue, Delivery Delivery, Normalization Result)
    {
        /// <summary>Who brought a message that decides about people.</summary>
        public string? Caller { get; init; }

        public bool IsKept => !ReferenceEquals(Result, Erased) && Result is not Normalization.Requested;

        public string DeliveryId { get; } = Delivery.IdIn(Queue);

        /// <summary>What the archive keeps of an ignored message: it, and the message that it is an edited copy of.</summary>
        public IEnumerable<(string DeliveryId, DateTimeOffset Received)> Ignored =>
            IsKept && Result is Normalization.Ignored && MessageEnvelope.ReadAhead(Delivery.Body)?.Received is { } received
                ? new[] { DeliveryId, (Delivery with { Edition = null }).IdIn(Queue) }.Distinct(StringComparer.Ordinal).Select(id => (id, received))
                : [];
    }
}
