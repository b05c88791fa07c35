using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Maintenance;

/// <summary>How many days things are kept; null: for ever.</summary>
public sealed record RetentionOptions
{
    /// <summary>Raw messages, by when they were received. Records stay: a rebuild needs no raw message.</summary>
    public int? ArchiveDays { get; init; }

    /// <summary>Raw messages that were understood and are of no use here, by when they were received: no record says whom they are about.</summary>
    public int IgnoredDays { get; init; } = 30;

    /// <summary>Messages that could not be used, by when they failed first; then they count as discarded.</summary>
    public int? QuarantineDays { get; init; }

    /// <summary>Who did what.</summary>
    public int? AuditDays { get; init; }

    /// <summary>People nobody heard of since: they are erased.</summary>
    public int? CustomerDays { get; init; }
}

/// <summary>Lets go of what was kept for as long as the settings say.</summary>
public sealed class KeepForHandler(
    IDocumentStore store, IRawArchive archive, IgnoredMessages ignored, Ledger ledger, QuarantineStore quarantine, ReviewQuarantine review, PrivacyRequests requests, AuditLog audit, CustomerStore customers,
    RetentionOptions options, MessageReader reader, StageTelemetry telemetry, TimeProvider clock)
{
    private const string By = "retention";
    private const int DeletesPerCall = 500;
    private const int ListedPerCall = 10_000;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (options.ArchiveDays is { } archiveDays)
        {
            await LetArchiveGoAsync(now.AddDays(-archiveDays), cancellationToken);
        }

        await LetIgnoredGoAsync(now.AddDays(-options.IgnoredDays), cancellationToken);

        if (options.QuarantineDays is { } quarantineDays)
        {
            await foreach (var message in quarantine.ListAsync(from: "", cancellationToken).Where(m => m.QuarantinedAt < now.AddDays(-quarantineDays)))
            {
                await review.DiscardAsync(message.DeliveryId, cancellationToken);
                await archive.DeleteAsync([message.DeliveryId], cancellationToken);
            }
        }

        if (options.AuditDays is { } auditDays)
        {
            await foreach (var (document, _) in audit.ListAsync(StageTelemetry.KeepFor, cancellationToken).Where(e => e.Value.At < now.AddDays(-auditDays)))
            {
                await store.CommitAsync(Containers.Audit, document.Partition, [Write.Delete(document.Id)], cancellationToken);
            }
        }

        if (options.CustomerDays is { } customerDays)
        {
            await ForgetAsync(now.AddDays(-customerDays), cancellationToken);
        }
    }

    private async Task LetArchiveGoAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var old = new List<string>();
        await foreach (var message in archive.ScanAsync(cancellationToken))
        {
            if (MessageEnvelope.TryRead(message.Body, out var envelope, out _) && envelope!.Received < before)
            {
                old.Add(message.DeliveryId);
            }
        }

        foreach (var chunk in old.Chunk(DeletesPerCall))
        {
            await archive.DeleteAsync(chunk, cancellationToken);
        }
    }

    private async Task LetIgnoredGoAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        await LetListedGoAsync(before, cancellationToken);

        // Messages that an earlier program ignored, or whose list was damaged.
        if (!await ignored.IsCompleteAsync(cancellationToken))
        {
            await ListAllIgnoredAsync(cancellationToken);
            await LetListedGoAsync(before, cancellationToken);
        }
    }

    private async Task LetListedGoAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var gone = new List<string>();
        await foreach (var (id, deliveries) in ignored.ReadAsync(before, cancellationToken))
        {
            var old = await deliveries.ToAsyncEnumerable().Where(async (d, c) => await IsOfNoUseAsync(d, c)).ToListAsync(cancellationToken);
            if (old.Count > 0)
            {
                await archive.DeleteAsync(old, cancellationToken);
            }

            gone.Add(id);
        }

        await ignored.RemoveAsync(gone, cancellationToken);
    }

    // A later program may have read the message when it came again.
    private async ValueTask<bool> IsOfNoUseAsync(string delivery, CancellationToken cancellationToken)
    {
        var (queue, sequenceNumber, _) = DeliveryId.Parse(delivery);
        return await ledger.FindAsync(queue, sequenceNumber, cancellationToken) is null or Outcome.Ignored;
    }

    private async Task ListAllIgnoredAsync(CancellationToken cancellationToken)
    {
        var some = new List<(string DeliveryId, DateTimeOffset Received)>(ListedPerCall);
        await foreach (var message in archive.ScanAsync(cancellationToken))
        {
            if (MessageEnvelope.TryRead(message.Body, out var envelope, out _) && envelope!.Received is { } received && reader.Read(message.Body) is Normalization.Ignored)
            {
                some.Add((message.DeliveryId, received));
            }

            if (some.Count == ListedPerCall)
            {
                await ignored.ListAsync(some, cancellationToken);
                some.Clear();
            }
        }

        await ignored.ListAsync(some, cancellationToken);
        await ignored.CompleteAsync(cancellationToken);
    }

    private async Task ForgetAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var asked = (await requests.ListAsync(cancellationToken)).SelectMany(r => r.Value.Customers).ToHashSet(StringComparer.Ordinal);
        await foreach (var summary in customers.ListReadableAsync(telemetry, StageTelemetry.KeepFor, from: "", cancellationToken).Where(s => s.LastSeen < before && !asked.Contains(s.Customer)))
        {
            await requests.TakeAsync(PrivacyRequest.Erasure, By, [summary.Customer], cancellationToken);
        }
    }
}
