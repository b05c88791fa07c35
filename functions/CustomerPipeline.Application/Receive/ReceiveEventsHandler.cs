using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Receive;

/// <summary>Events that somebody posted: already in an envelope.</summary>
/// <param name="ContentType">Media type, without parameters.</param>
/// <param name="Headers">All request headers.</param>
/// <param name="Body">The body, untouched.</param>
public sealed record PostedEvents(string? ContentType, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>Tells who the caller is, if that may ask to erase and export people.</summary>
    public Func<ValueTask<string?>> Privileged { get; init; } = () => ValueTask.FromResult<string?>(null);

    public string? Header(string name) => Headers.FirstOrDefault(h => string.Equals(h.Key, name, StringComparison.OrdinalIgnoreCase)).Value;
}

/// <summary>
/// Events to queue messages: CloudEvents 1.0 over HTTP (structured, batched, binary) and the Event Grid schema. The type says which mapping reads the data:
/// <c>source</c> or <c>source.topic</c>, such as <c>shopify.orders/create</c>.
/// </summary>
public sealed class ReceiveEventsHandler(QueueIntake intake, ReceiveOptions options, MessageSeals seals, TimeProvider clock)
{
    private const string BinaryAttribute = "ce-";

    public async Task<Reception> HandleAsync(PostedEvents posted, CancellationToken cancellationToken)
    {
        if (posted.Body.Length > options.LargestUpload)
        {
            return new Reception.TooLarge($"An upload may have {options.LargestUpload} bytes. Send it in parts.");
        }

        IEnumerable<(MessageEnvelope? Envelope, RejectedPayload? Problem)> events;
        try
        {
            // Which queue an event goes to, it says itself. One of them that is full is noticed later, before anything is taken.
            if (await intake.AreFullAsync(Queues.All, cancellationToken))
            {
                return new Reception.Busy(ReceiveOptions.ComeBackAfter);
            }

            if (Read(posted) is not { } read)
            {
                return new Reception.UnsupportedMediaType();
            }

            events = read;
        }
        catch (TooManyMessagesException e)
        {
            return new Reception.TooMany(e.Message);
        }

        var received = clock.GetUtcNow();
        var messages = new List<IntakeMessage>();
        var rejected = new List<RejectedPayload>();
        foreach (var (envelope, problem) in events)
        {
            var index = messages.Count + rejected.Count;
            if (problem is not null)
            {
                rejected.Add(problem with { Index = index });
            }
            else if (Normalizer.Find(envelope!.Vendor) is not { } source)
            {
                rejected.Add(new RejectedPayload(index, "unknown-source", $"No mapping reads this type. It begins with one of {string.Join(", ", Normalizer.Sources.Select(s => s.Name))}."));
            }
            else
            {
                var opened = MessageSeals.Open(envelope) with { Received = received.AddTicks(index) };
                messages.Add(new IntakeMessage(
                    index, Queues.Of(source.Channel), (await seals.SealIfAllowedAsync(opened, posted.Privileged, cancellationToken)).Wrap()));
            }
        }

        // Senders flush batches by the clock, and some of them are empty.
        return messages.Count + rejected.Count == 0 ? new Reception.Accepted(0, []) : await intake.TakeAsync(messages, rejected, cancellationToken);
    }

    private IEnumerable<(MessageEnvelope? Envelope, RejectedPayload? Problem)>? Read(PostedEvents posted)
    {
        // The media type decides (CloudEvents HTTP binding, 3): a sender may repeat the attributes of a structured event as headers.
        var isBinary = posted.Header(BinaryAttribute + "specversion") is not null;
        return posted.ContentType?.ToLowerInvariant() switch
        {
            "application/cloudevents+json" or "application/cloudevents-batch+json" =>
                JsonParts.OfDocument(posted.Body, options.SplitLimit).Select(Structured),
            "application/json" when !isBinary => JsonParts.OfDocument(posted.Body, options.SplitLimit).Select(Structured),
            _ => isBinary ? [Binary(posted)] : null,
        };
    }

    private static (MessageEnvelope? Envelope, RejectedPayload? Problem) Structured(PayloadPart part) =>
        part.Rejected is { } rejected ? (null, rejected)
        : MessageEnvelope.TryRead(part.Payload, out var envelope, out var reason, MessageEnvelope.LargestPayload) ? (envelope, null)
        : (null, new RejectedPayload(0, reason!.Code, reason.Advice));

    private static (MessageEnvelope? Envelope, RejectedPayload? Problem) Binary(PostedEvents posted)
    {
        var attributes = posted.Headers
            .Where(h => h.Key.StartsWith(BinaryAttribute, StringComparison.OrdinalIgnoreCase))
            .Select(h => KeyValuePair.Create(h.Key[BinaryAttribute.Length..], Uri.UnescapeDataString(h.Value)))
            .ToList();
        return BinaryEvent.Read(attributes, posted.ContentType, posted.Body) is not (null, null) and var read
            ? read
            : (null, new RejectedPayload(0, "not-a-cloudevent", "The headers ce-specversion: 1.0, ce-id, ce-source and ce-type are needed."));
    }
}
