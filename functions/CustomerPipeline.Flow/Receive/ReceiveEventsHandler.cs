using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Flow.Access;
using CustomerPipeline.Flow.Ports;

namespace CustomerPipeline.Flow.Receive;

/// <summary>Events that somebody posted: already in an envelope.</summary>
/// <param name="ContentType">Media type, without parameters.</param>
/// <param name="Headers">All request headers.</param>
/// <param name="Body">The body, untouched.</param>
/// <param name="Privileged">Tells who the caller is, if that may ask to erase and export people.</param>
public sealed record PostedEvents(
    string? ContentType, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body, Func<ValueTask<string?>>? Privileged = null)
{
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

        if (Read(posted) is not { } events)
        {
            return new Reception.UnsupportedMediaType();
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
                if (Normalizer.IsAboutPeople(opened) && posted.Privileged is { } privileged && await privileged() is { } caller)
                {
                    opened = await seals.SealAsync(opened, caller, cancellationToken);
                }

                messages.Add(new IntakeMessage(index, Queues.Of(source.Channel), opened.Wrap()));
            }
        }

        return await intake.TakeAsync(messages, rejected, cancellationToken);
    }

    private static IEnumerable<(MessageEnvelope? Envelope, RejectedPayload? Problem)>? Read(PostedEvents posted)
    {
        // The media type decides (CloudEvents HTTP binding, 3): a sender may repeat the attributes of a structured event as headers.
        var isBinary = posted.Header(BinaryAttribute + "specversion") is not null;
        return posted.ContentType?.ToLowerInvariant() switch
        {
            "application/cloudevents+json" or "application/cloudevents-batch+json" => JsonParts.OfDocument(posted.Body).Select(Structured),
            "application/json" when !isBinary => JsonParts.OfDocument(posted.Body).Select(Structured),
            _ => isBinary ? [Binary(posted)] : null,
        };
    }

    private static (MessageEnvelope? Envelope, RejectedPayload? Problem) Structured(PayloadPart part) =>
        part.Rejected is { } rejected ? (null, rejected)
        : MessageEnvelope.TryRead(part.Payload, out var envelope, out var reason, MessageEnvelope.LargestPayload) ? (envelope, null)
        : (null, new RejectedPayload(0, reason!.Code, reason.Advice));

    private static (MessageEnvelope? Envelope, RejectedPayload? Problem) Binary(PostedEvents posted)
    {
        string? Attribute(string name) => posted.Header(BinaryAttribute + name) is { Length: > 0 and <= 2_000 } value ? Uri.UnescapeDataString(value) : null;
        var (id, source, type) = (Attribute("id"), Attribute("source"), Attribute("type"));
        if (id is null || source is null || type is null || Attribute("specversion") != "1.0")
        {
            return (null, new RejectedPayload(0, "not-a-cloudevent", "The headers ce-specversion: 1.0, ce-id, ce-source and ce-type are needed."));
        }

        var contentType = posted.ContentType?.ToLowerInvariant() switch
        {
            null or "text/json" => MessageEnvelope.Json,
            "text/xml" => MessageEnvelope.Xml,
            { } other => other.EndsWith("+json", StringComparison.Ordinal) ? MessageEnvelope.Json : other,
        };
        if (contentType == MessageEnvelope.Json && !PayloadPart.IsJson(MessageEnvelope.WithoutByteOrderMark(posted.Body).Span))
        {
            return (null, PayloadPart.InvalidJson(0).Rejected);
        }

        string[] known = ["id", "source", "type", "specversion", "time", "subject", "dataschema", "datacontenttype", "data", "contentid"];
        var (vendor, topic) = MessageEnvelope.SplitType(type);
        return (new MessageEnvelope(source, id, vendor, topic, HasVendorId: true, contentType == MessageEnvelope.Json ? MessageEnvelope.WithoutByteOrderMark(posted.Body) : posted.Body)
        {
            ContentType = contentType,
            Headers = [.. posted.Headers
                .Where(h => h.Key.StartsWith(BinaryAttribute, StringComparison.OrdinalIgnoreCase))
                .Select(h => KeyValuePair.Create(MessageEnvelope.ExtensionName(h.Key[BinaryAttribute.Length..]), h.Value))
                .Where(h => h.Key.Length is > 0 and <= 20 && !known.Contains(h.Key) && h.Value.Length <= 200)],
        }, null);
    }
}
