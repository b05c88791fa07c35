using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Ingest;

/// <summary>A message and what it is.</summary>
/// <param name="Queue">Where it came from.</param>
/// <param name="Delivery">The message.</param>
/// <param name="Result">What it is by the rules in force, and by what is known of people.</param>
internal sealed record ReadMessage(string Queue, Delivery Delivery, Normalization Result)
{
    /// <summary>The result of a message of a person who was erased: it gets no further, and is not kept.</summary>
    public static readonly Normalization.Ignored Erased = new("erased");

    /// <summary>The result of a message that a damaged document is in the way of.</summary>
    public static readonly Normalization.Quarantined Blocked = new(new Reason(
        "damaged-document", "Something stored that the message depends on is damaged; the command verify names it. Repair it as docs/operations.md says, then retry."));

    /// <summary>Who brought a message that decides about people.</summary>
    public string? Caller { get; init; }

    /// <summary>Whether the archive keeps it.</summary>
    public bool IsKept => !ReferenceEquals(Result, Erased) && Result is not Normalization.Requested;

    /// <summary>The id of the delivery.</summary>
    public string DeliveryId { get; } = Delivery.IdIn(Queue);

    /// <summary>What the archive keeps of an ignored message: it, and the message that it is an edited copy of.</summary>
    public IEnumerable<(string DeliveryId, DateTimeOffset Received)> Ignored =>
        IsKept && Result is Normalization.Ignored && MessageEnvelope.ReadAhead(Delivery.Body)?.Received is { } received
            ? new[] { DeliveryId, (Delivery with { Edition = null }).IdIn(Queue) }.Distinct(StringComparer.Ordinal).Select(id => (id, received))
            : [];
}
