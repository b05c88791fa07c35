using System.Runtime.InteropServices;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive.Import;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Receive;

/// <summary>What a sender posted.</summary>
/// <param name="Source">The source's name in the address.</param>
/// <param name="ContentType">Media type, without parameters.</param>
/// <param name="Header">Finds a request header; null when it was not sent.</param>
/// <param name="Body">The body, untouched.</param>
/// <param name="Mapping">The column mapping of a CSV upload, as it was sent.</param>
/// <param name="Instance">Which system of the source, where the address names it.</param>
public sealed record PostedMessages(
    string Source,
    string? ContentType,
    Func<string, string?> Header,
    ReadOnlyMemory<byte> Body,
    ReadOnlyMemory<byte>? Mapping = null,
    string? Instance = null)
{
    /// <summary>Tells who the caller is, if that may ask to erase and export people.</summary>
    public Func<ValueTask<string?>> Privileged { get; init; } = () => ValueTask.FromResult<string?>(null);

    /// <summary>The sender showed a key and signs nothing, as libraries do: no signature is asked for.</summary>
    public bool IsSenderKnown { get; init; }
}

/// <summary>What became of an upload.</summary>
public abstract record Reception
{
    private Reception()
    {
    }

    /// <summary>What was taken is durably in the queue; nothing, where an empty list was sent.</summary>
    public sealed record Accepted(int Count, IReadOnlyList<RejectedPayload> Rejected) : Reception;

    /// <summary>Nothing was taken.</summary>
    public sealed record UnknownSource : Reception;

    public sealed record UnknownInstance : Reception;

    public sealed record WrongSignature : Reception;

    public sealed record OldSignature : Reception;

    public sealed record UnsupportedMediaType : Reception;

    public sealed record TooLarge(string Detail) : Reception;

    public sealed record TooMany(string Detail) : Reception;

    public sealed record Invalid(string Detail, IReadOnlyList<RejectedPayload> Rejected) : Reception;

    public sealed record Busy(TimeSpan RetryAfter) : Reception;
}

/// <summary>Vendor payloads to queue messages: check the signature, split, wrap in CloudEvents, enqueue.</summary>
public sealed class ReceiveMessagesHandler(QueueIntake intake, ReceiveOptions options, ReceiveCounts counts, MessageSeals seals, TimeProvider clock)
{
    private const string SignedWebhook = "signed-webhook";

    // A document without elements is an empty list, as the last page of an API is one. A file without lines is a mistake.
    private static bool IsDocument(string? mediaType) => mediaType?.ToLowerInvariant() is "application/json" or "text/json";

    // Of the bytes as they are, without a copy of them.
    private static MemoryStream StreamOf(ReadOnlyMemory<byte> body) => MemoryMarshal.TryGetArray(body, out var bytes)
        ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false, publiclyVisible: true)
        : new MemoryStream(body.ToArray(), writable: false);

    public async Task<Reception> HandleAsync(PostedMessages posted, CancellationToken cancellationToken)
    {
        if (Normalizer.Find(posted.Source) is not { } source)
        {
            return new Reception.UnknownSource();
        }

        if (posted.Instance is { } instance && !SourceInstance.IsName(instance))
        {
            return new Reception.UnknownInstance();
        }

        if (posted.Body.Length > options.LargestUpload)
        {
            return new Reception.TooLarge($"An upload may have {options.LargestUpload} bytes. Send it in parts.");
        }

        WebhookSecrets? secrets = null;
        var isSigned = !posted.IsSenderKnown && options.Webhooks.TryGetValue(source.Name, out secrets);
        if (isSigned && !WebhookSignature.IsValid(source.Name, secrets!, posted.Header, posted.Body.Span))
        {
            counts.CountWrongSignature(source.Name);
            return new Reception.WrongSignature();
        }

        if (isSigned && !WebhookSignature.IsRecent(source.Name, posted.Header, clock.GetUtcNow(), options.SignatureTolerance))
        {
            counts.CountWrongSignature(source.Name);
            return new Reception.OldSignature();
        }

        List<PayloadPart> parts;
        try
        {
            var mapping = posted.Mapping is not { } json ? null
                : source.Name == "import" ? ImportMapping.Parse(json)
                : throw new ImportMappingException($"A column mapping is for the source import; {source.Name} has a shape of its own.");
            using var body = StreamOf(posted.Body);
            if (SourceMessages.Split(source, posted.ContentType, body, mapping, options.SplitLimit) is not { } split)
            {
                return new Reception.UnsupportedMediaType();
            }

            if (await intake.AreFullAsync([Queues.Of(source.Channel)], cancellationToken))
            {
                return new Reception.Busy(ReceiveOptions.ComeBackAfter);
            }

            parts = [.. split];
        }
        catch (TooManyMessagesException e)
        {
            return new Reception.TooMany(e.Message);
        }
        catch (ImportMappingException e)
        {
            return new Reception.Invalid(e.Message, []);
        }

        if (parts.Count == 0 && IsDocument(posted.ContentType))
        {
            return new Reception.Accepted(0, []);
        }

        // What stands later in an upload is newer, where nothing else tells.
        var received = clock.GetUtcNow();
        var queue = Queues.Of(source.Channel);
        Func<ValueTask<string?>> whoMay = isSigned ? () => ValueTask.FromResult<string?>(SignedWebhook) : posted.Privileged;
        var messages = new List<IntakeMessage>(parts.Count);
        foreach (var (index, part) in parts.Index().Where(p => p.Item.Rejected is null))
        {
            var envelope = SourceMessages.Envelope(source, part.Payload, posted.Header, parts.Count == 1, received.AddTicks(index), posted.Instance, part.Place);
            messages.Add(new IntakeMessage(index, queue, (await seals.SealIfAllowedAsync(envelope, whoMay, cancellationToken)).Wrap()));
        }

        return await intake.TakeAsync(messages, [.. parts.Select(p => p.Rejected).OfType<RejectedPayload>()], cancellationToken);
    }
}
