using System.Runtime.ExceptionServices;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Normalize;

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
public sealed class IngestMessagesHandler(
    MessageReader reader, MessageStore messages, Ledger ledger, QuarantineStore quarantine, FailedDeliveries failed, StageTelemetry telemetry)
{
    // Service Bus gives a message up after ten deliveries, and its whole batch with it. A fault of the store passes: what it hits is not the message that fails each time.
    private const int ByItselfFrom = 5;
    private const int Last = FailedDeliveries.Last;

    /// <summary>Works on messages of one queue. When it returns, everything about them is durable.</summary>
    public Task HandleAsync(string queue, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
        telemetry.RunAsync(
            StageTelemetry.Ingest, deliveries.Count, deliveries.Select(d => StageTelemetry.TraceOf(d.Body)), ReceivedAt(deliveries),
            () => WorkOnAllAsync(queue, deliveries, cancellationToken));

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
                await failed.KeepAsync(queue, delivery, e, cancellationToken);
                telemetry.Count(Outcome.Quarantined);
            }
        }

        failure?.Throw();
    }

    private async Task WorkAsync(string queue, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var (read, first) = await messages.StoreAsync(queue, await reader.ReadAsync(queue, deliveries, cancellationToken), cancellationToken);
        var outcomes = read.Select(m => (m.Delivery.SequenceNumber, Outcome: OutcomeOf(m, first))).ToList();
        await RecordOutcomesAsync(queue, outcomes, cancellationToken);
        outcomes.ForEach(o => telemetry.Count(o.Outcome));
        foreach (var total in read.Where(m => first.Contains(m.DeliveryId))
            .SelectMany(m => (m.Result as Normalization.Normalized)?.Records ?? []).Select(r => r.Order?.Total).OfType<TotalCheck>())
        {
            telemetry.Count(total);
        }
    }

    // The first of a batch has been waiting for longest.
    private static DateTimeOffset? ReceivedAt(IReadOnlyList<Delivery> deliveries) => deliveries.Count == 0 ? null : MessageEnvelope.ReadAhead(deliveries[0].Body)?.Received;

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
}
