using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Privacy;

/// <summary>Requests of people about their data, from an operator or forwarded by a source.</summary>
public sealed class PrivacyRequests(IDocumentStore store, AuditLog audit, StageTelemetry telemetry, TimeProvider clock)
{
    /// <summary>Takes a request for customers.</summary>
    public async Task<PrivacyRequest> TakeAsync(string kind, string by, IReadOnlyList<string> customers, CancellationToken cancellationToken)
    {
        var entry = await audit.WriteAsync(by, kind, customers, cancellationToken);
        var request = new PrivacyRequest { Id = entry.Id, Kind = kind, At = entry.At, By = by, Customers = customers };
        await store.CommitAsync(Containers.Privacy, PrivacyRequest.Partition, [Write.Create(request.Id, BodyOf(request))], cancellationToken);
        return request;
    }

    /// <summary>Takes a request that a source forwarded. The same message twice is one request; the same words after it was done are another: the person may have come back.</summary>
    /// <param name="asked">The request.</param>
    /// <param name="caller">Who brought it, and may.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public async Task ForwardAsync(Normalization.Requested asked, string caller, CancellationToken cancellationToken)
    {
        var by = $"{asked.Source}, {caller}";
        var request = new PrivacyRequest
        {
            Id = await FreeIdAsync($"{asked.Source}-{StableHash.Of(asked.Source, asked.Message)}", asked.SaidAt, cancellationToken),
            Kind = asked.Kind,
            At = clock.GetUtcNow(),
            By = by,
            Identifiers = asked.Identifiers,
            Entities = asked.Entities,
        };
        if ((await store.CommitAsync(Containers.Privacy, PrivacyRequest.Partition, [Write.Create(request.Id, BodyOf(request))], cancellationToken)).IsCommitted)
        {
            await audit.WriteAsync(by, asked.Kind, [], cancellationToken, of: request.Id);
        }
    }

    private async Task<string> FreeIdAsync(string id, DateTimeOffset? saidAt, CancellationToken cancellationToken)
    {
        var free = id;
        for (var again = 2; saidAt is { } said && await ReadAsync(free, cancellationToken) is { Value.DoneAt: { } doneAt } && said > doneAt; again++)
        {
            free = $"{id}-{again}";
        }

        return free;
    }

    /// <summary>A page of the requests that can be read, latest first. All requests are read for each page, because no index is in their order.</summary>
    /// <param name="size">How many at most.</param>
    /// <param name="after">From the page before; null for the first.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<Page<PrivacyRequest>> ListLatestAsync(int size, string? after, CancellationToken cancellationToken) =>
        await (await ListAsync(cancellationToken)).Select(r => r.Value).ToAsyncEnumerable()
            .PageAsync(r => OrderedPages.LatestFirst(r.At, r.Id), size, after, cancellationToken);

    /// <summary>All requests that can be read, done or not.</summary>
    public async Task<IReadOnlyList<Stored<PrivacyRequest>>> ListAsync(CancellationToken cancellationToken) =>
        await telemetry.ReadableAsync(StageTelemetry.Erase, store.ReadPartitionAsync(Containers.Privacy, PrivacyRequest.Partition, "", cancellationToken), d => d.As(DocumentJson.Default.PrivacyRequest))
            .Select(r => new Stored<PrivacyRequest>(r.Value, r.Document.ETag)).ToListAsync(cancellationToken);

    /// <summary>One request; null when there is none.</summary>
    public async Task<PrivacyRequest?> FindAsync(string id, CancellationToken cancellationToken) => (await ReadAsync(id, cancellationToken))?.Value;

    /// <summary>An operator has given a person what a request for access asked for. False when there is no such open request.</summary>
    public async Task<bool> HandOverAsync(string id, string by, CancellationToken cancellationToken)
    {
        if (await ReadAsync(id, cancellationToken) is not { Value: { Kind: PrivacyRequest.Access, DoneAt: null } request } stored)
        {
            return false;
        }

        await audit.WriteAsync(by, "hand-over", request.Customers, cancellationToken, of: id);
        return await ReplaceAsync(stored, request with { Identifiers = [], Entities = [], DoneAt = clock.GetUtcNow() }, cancellationToken) is not null;
    }

    /// <summary>Writes down how far a request is, unless somebody else did meanwhile.</summary>
    public async Task<Stored<PrivacyRequest>?> ReplaceAsync(Stored<PrivacyRequest> stored, PrivacyRequest next, CancellationToken cancellationToken)
    {
        var isMine = (await store.CommitAsync(Containers.Privacy, PrivacyRequest.Partition, [Write.Replace(next.Id, BodyOf(next), stored.ETag)], cancellationToken)).IsCommitted;
        return isMine ? await ReadAsync(next.Id, cancellationToken) : null;
    }

    private ValueTask<Stored<PrivacyRequest>?> ReadAsync(string id, CancellationToken cancellationToken) =>
        store.ReadAsync(Containers.Privacy, PrivacyRequest.Partition, id, DocumentJson.Default.PrivacyRequest, cancellationToken);

    private static ReadOnlyMemory<byte> BodyOf(PrivacyRequest request) => request.ToBody(DocumentJson.Default.PrivacyRequest);
}
