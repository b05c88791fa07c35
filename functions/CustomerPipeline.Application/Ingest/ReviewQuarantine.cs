using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Ingest;

/// <summary>Quarantined messages that share a source, a stage and a reason.</summary>
public sealed record QuarantineGroup(string Code, string? Source, string Stage, string Advice, long Count, DateTimeOffset FirstSeenAt, DateTimeOffset LastSeenAt, string LatestId);

/// <summary>What became of a retry.</summary>
public abstract record RetryResult
{
    private RetryResult()
    {
    }

    /// <summary>The result is what it would have been at first, and the message left the quarantine.</summary>
    public sealed record Released : RetryResult;

    /// <summary>It stays, for this reason.</summary>
    public sealed record Kept(Reason Reason) : RetryResult;

    /// <summary>It is not in quarantine.</summary>
    public sealed record Unknown : RetryResult;
}

/// <summary>What people do with the quarantine: look, try again after a rule or a message was mended, give up.</summary>
public sealed class ReviewQuarantine(QuarantineStore quarantine, MessageReader reader, IngestMessagesHandler ingest, Ledger ledger, MessageSeals seals)
{
    private const string EditedPrefix = "edited-";

    /// <summary>Messages by source, stage and reason, most first.</summary>
    public async Task<IReadOnlyList<QuarantineGroup>> GroupAsync(CancellationToken cancellationToken)
    {
        var groups = new Dictionary<(string Code, string? Source, string Stage), QuarantineGroup>();
        await foreach (var message in quarantine.ListAsync(from: "", cancellationToken))
        {
            var key = (message.Reason.Code, message.Source, message.Stage);
            var last = message.LastSeenAt ?? message.QuarantinedAt;
            groups[key] = groups.TryGetValue(key, out var group)
                ? group with
                {
                    Count = group.Count + 1,
                    FirstSeenAt = message.QuarantinedAt < group.FirstSeenAt ? message.QuarantinedAt : group.FirstSeenAt,
                    LastSeenAt = last > group.LastSeenAt ? last : group.LastSeenAt,
                    LatestId = last > group.LastSeenAt ? message.DeliveryId : group.LatestId,
                }
                : new QuarantineGroup(message.Reason.Code, message.Source, message.Stage, message.Reason.Advice, 1, message.QuarantinedAt, last, message.DeliveryId);
        }

        return [.. groups.Values.OrderByDescending(g => g.Count).ThenBy(g => g.Code, StringComparer.Ordinal).ThenBy(g => g.Source, StringComparer.Ordinal)];
    }

    /// <summary>Messages with a reason, or all of them, in order of their delivery ids.</summary>
    /// <param name="reason">The reason's code; null for all messages.</param>
    /// <param name="after">The delivery id that they come after; empty for all.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public IAsyncEnumerable<QuarantinedMessage> ListAsync(string? reason, string after, CancellationToken cancellationToken) =>
        quarantine.ListAsync(from: after, cancellationToken).Where(m => m.DeliveryId != after && (reason is null || m.Reason.Code == reason));

    public Task<QuarantinedMessage?> FindAsync(string deliveryId, CancellationToken cancellationToken) => quarantine.FindAsync(deliveryId, cancellationToken);

    /// <summary>Ingests a quarantined message again, by the rules now in force.</summary>
    /// <param name="deliveryId">Of the quarantined message.</param>
    /// <param name="cancellationToken">Stops the work; what was done stays.</param>
    /// <param name="whoMay">Tells who the caller is, if that may ask for what takes a scope of <see cref="Scope"/>; null: nothing of that.</param>
    public async Task<RetryResult> RetryAsync(string deliveryId, CancellationToken cancellationToken, Func<string, ValueTask<string?>>? whoMay = null) =>
        await quarantine.FindAsync(deliveryId, cancellationToken) is { } message
            ? await IngestAsync(message, new Delivery(message.SequenceNumber, await SealedAsync(message.Message, whoMay, cancellationToken)), cancellationToken)
            : new RetryResult.Unknown();

    /// <summary>
    /// Ingests an edited copy in place of a quarantined message. The original stays in the raw archive under the delivery's id, and the copy is kept beside it.
    /// </summary>
    /// <param name="deliveryId">Of the quarantined message.</param>
    /// <param name="edited">The whole message, a CloudEvent; or only its payload, which then takes the original's envelope.</param>
    /// <param name="cancellationToken">Stops the work; what was done stays.</param>
    /// <param name="whoMay">Tells who the caller is, if that may ask for what takes a scope of <see cref="Scope"/>; null: nothing of that.</param>
    public async Task<RetryResult> RetryEditedAsync(
        string deliveryId, ReadOnlyMemory<byte> edited, CancellationToken cancellationToken, Func<string, ValueTask<string?>>? whoMay = null)
    {
        if (await quarantine.FindAsync(deliveryId, cancellationToken) is not { } message)
        {
            return new RetryResult.Unknown();
        }

        if (Enveloped(edited, message) is not { } copy)
        {
            return new RetryResult.Kept(new Reason("not-a-cloudevent", "The original has no envelope to put a payload into. Send the edited copy as a whole CloudEvent."));
        }

        copy = await SealedAsync(copy, whoMay, cancellationToken);
        return reader.Read(copy) is Normalization.Quarantined failed
            ? new RetryResult.Kept(failed.Reason)
            : await IngestAsync(message, new Delivery(message.SequenceNumber, copy, EditedPrefix + StableHash.Of(copy.Span)), cancellationToken);
    }

    /// <summary>Gives a message up: it counts as discarded, and stays only in the raw archive. False when it is not in quarantine.</summary>
    public async Task<bool> DiscardAsync(string deliveryId, CancellationToken cancellationToken)
    {
        if (await quarantine.FindAsync(deliveryId, cancellationToken) is not { } message)
        {
            return false;
        }

        await ledger.RecordAsync(message.Queue, [(message.SequenceNumber, Outcome.Discarded)], cancellationToken);
        await quarantine.RemoveAsync(message.Queue, message.SequenceNumber, cancellationToken);
        return true;
    }

    // A message that decides about people needs a caller who may ask that; the first sender does not matter.
    private async ValueTask<ReadOnlyMemory<byte>> SealedAsync(ReadOnlyMemory<byte> message, Func<string, ValueTask<string?>>? whoMay, CancellationToken cancellationToken) =>
        whoMay is not null && MessageEnvelope.TryRead(message, out var envelope, out _) && Normalizer.IsAboutPeople(envelope!)
            ? (await seals.SealIfAllowedAsync(
                envelope!, () => whoMay(envelope!.Vendor == IdentityDecision.Source ? Scope.IdentityWrite : Scope.PrivacyManage), cancellationToken)).Wrap()
            : message;

    private async Task<RetryResult> IngestAsync(QuarantinedMessage message, Delivery delivery, CancellationToken cancellationToken)
    {
        await ingest.HandleAsync(message.Queue, [delivery], cancellationToken);
        return await quarantine.FindAsync(message.DeliveryId, cancellationToken) is { } still ? new RetryResult.Kept(still.Reason) : new RetryResult.Released();
    }

    private static ReadOnlyMemory<byte>? Enveloped(ReadOnlyMemory<byte> edited, QuarantinedMessage message)
    {
        if (MessageEnvelope.TryRead(edited, out _, out _))
        {
            return edited;
        }

        if (!MessageEnvelope.TryRead(message.Message, out var original, out _))
        {
            return null;
        }

        // An id that is the payload's hash becomes that of the edited one: as if it had come so at first.
        var payload = original!.ContentType == MessageEnvelope.Json ? MessageEnvelope.WithoutByteOrderMark(edited) : edited;
        return original.ContentType == MessageEnvelope.Json && !Receive.PayloadPart.IsJson(payload.Span)
            ? null
            : (original with { Data = payload, Id = original.HasVendorId ? original.Id : StableHash.Of(payload.Span) }).Wrap();
    }
}
