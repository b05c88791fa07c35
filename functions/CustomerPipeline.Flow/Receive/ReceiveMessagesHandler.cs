using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Flow.Ports;

namespace CustomerPipeline.Flow.Receive;

/// <summary>What a sender posted.</summary>
/// <param name="Source">The source's name in the address.</param>
/// <param name="ContentType">Media type, without parameters.</param>
/// <param name="Header">Finds a request header; null when it was not sent.</param>
/// <param name="Body">The body, untouched.</param>
public sealed record PostedMessages(string Source, string? ContentType, Func<string, string?> Header, ReadOnlyMemory<byte> Body);

/// <summary>What became of an upload.</summary>
public abstract record Reception
{
    private Reception()
    {
    }

    /// <summary>At least one message is durably in the queue.</summary>
    public sealed record Accepted(int Count, IReadOnlyList<RejectedPayload> Rejected) : Reception;

    /// <summary>Nothing was taken.</summary>
    public sealed record UnknownSource : Reception;

    public sealed record UnsupportedMediaType : Reception;

    public sealed record TooLarge(string Detail) : Reception;

    public sealed record Invalid(string Detail, IReadOnlyList<RejectedPayload> Rejected) : Reception;

    public sealed record Busy(TimeSpan RetryAfter) : Reception;
}

/// <summary>Vendor payloads to queue messages: split, wrap in CloudEvents, enqueue.</summary>
public sealed class ReceiveMessagesHandler(IMessageSender queues, ReceiveOptions options, TimeProvider clock)
{
    private static readonly TimeSpan ComeBackAfter = TimeSpan.FromSeconds(5);

    public async Task<Reception> HandleAsync(PostedMessages posted, CancellationToken cancellationToken)
    {
        if (Normalizer.Find(posted.Source) is not { } source)
        {
            return new Reception.UnknownSource();
        }

        if (posted.Body.Length > options.LargestUpload)
        {
            return new Reception.TooLarge($"An upload may have {options.LargestUpload} bytes. Send it in parts.");
        }

        if (Split(posted) is not { } payloads)
        {
            return new Reception.UnsupportedMediaType();
        }

        if (payloads.Accepted.Count == 0)
        {
            return payloads.Rejected.Count > 0 && payloads.Rejected.All(r => r.Code == "message-too-large")
                ? new Reception.TooLarge(payloads.Rejected[0].Detail)
                : new Reception.Invalid(payloads.Rejected.Count == 0 ? "The body is empty." : payloads.Rejected[0].Detail, payloads.Rejected);
        }

        var queue = Queues.Of(source.Channel);
        if (await queues.DepthAsync(queue, cancellationToken) + payloads.Accepted.Count > options.DeepestQueue)
        {
            return new Reception.Busy(ComeBackAfter);
        }

        await queues.SendAsync(queue, Wrap(source, posted.Header, payloads.Accepted), cancellationToken);
        return new Reception.Accepted(payloads.Accepted.Count, payloads.Rejected);
    }

    /// <summary>Payloads of one source as queue messages. The vendor's headers speak for a single payload; of several, each speaks for itself.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Wrap(SourceSystem source, Func<string, string?> header, IReadOnlyList<ReadOnlyMemory<byte>> payloads)
    {
        var received = clock.GetUtcNow();
        var topic = Header(source.Headers.Topic, header);
        var sender = Header(source.Headers.Sender, header) ?? "unknown";
        var eventId = payloads.Count == 1 ? Header(source.Headers.EventId, header) : null;
        return [.. payloads.Select(p => (ReadOnlyMemory<byte>)MessageEnvelope.Wrap(
            $"/{source.Name}/{sender}", eventId ?? StableHash.Of(p.Span), eventId is not null, source.Name, topic, received, p.Span))];
    }

    private static SplitPayloads? Split(PostedMessages posted) => posted.ContentType?.ToLowerInvariant() switch
    {
        "application/json" or "text/json" => PayloadSplitter.Json(posted.Body),
        "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/x-jsonlines" => PayloadSplitter.Lines(posted.Body),
        _ => null,
    };

    // A header is the sender's text: what is too long for an id is not one.
    private static string? Header(string? name, Func<string, string?> header) =>
        name is not null && header(name) is { Length: > 0 and <= 200 } value ? value : null;
}
