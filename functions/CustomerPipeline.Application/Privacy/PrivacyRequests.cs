using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.Application.Privacy;

/// <summary>Somebody's right that was asked for. While it is worked on it names what it is about; when it is done, nothing of that is left.</summary>
public sealed record PrivacyRequest
{
    public const string Erasure = "erase";
    public const string Access = "export";

    public required string Id { get; init; }

    /// <summary>erase or export.</summary>
    public required string Kind { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Who asked: an opaque id, or the source that forwarded it.</summary>
    public required string By { get; init; }

    public IReadOnlyList<string> Customers { get; init; } = [];

    public IReadOnlyList<Identifier> Identifiers { get; init; } = [];

    public IReadOnlyList<EntityKey> Entities { get; init; } = [];

    /// <summary>What the people did after they asked: it stays theirs, and a customer of its own.</summary>
    public IReadOnlyList<EntityKey> Returning { get; init => field = value ?? []; } = [];

    /// <summary>When everything known was taken out; what was under way then is taken out once the stages have passed it.</summary>
    public DateTimeOffset? TakenOutAt { get; init; }

    /// <summary>How many stages, in order of the flow, have passed it.</summary>
    public int PassedStages { get; init; }

    /// <summary>When the last of them was found to have; null while none has.</summary>
    public DateTimeOffset? PassedAt { get; init; }

    public DateTimeOffset? DoneAt { get; init; }
}

/// <summary>Requests of people about their data, from an operator or forwarded by a source.</summary>
public sealed class PrivacyRequests(IDocumentStore store, AuditLog audit, StageTelemetry telemetry, TimeProvider clock)
{
    internal const string Partition = "requests";

    /// <summary>Takes a request for customers.</summary>
    public async Task<PrivacyRequest> TakeAsync(string kind, string by, IReadOnlyList<string> customers, CancellationToken cancellationToken)
    {
        var entry = await audit.WriteAsync(by, kind, customers, cancellationToken);
        var request = new PrivacyRequest { Id = entry.Id, Kind = kind, At = entry.At, By = by, Customers = customers };
        await store.CommitAsync(Containers.Privacy, Partition, [Write.Create(request.Id, BodyOf(request))], cancellationToken);
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
        if ((await store.CommitAsync(Containers.Privacy, Partition, [Write.Create(request.Id, BodyOf(request))], cancellationToken)).IsCommitted)
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

    /// <summary>All requests that can be read, done or not.</summary>
    public async Task<IReadOnlyList<Stored<PrivacyRequest>>> ListAsync(CancellationToken cancellationToken) =>
        await telemetry.ReadableAsync(StageTelemetry.Erase, store.ReadPartitionAsync(Containers.Privacy, Partition, "", cancellationToken), d => d.As(FlowJson.Default.PrivacyRequest))
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
        var isMine = (await store.CommitAsync(Containers.Privacy, Partition, [Write.Replace(next.Id, BodyOf(next), stored.ETag)], cancellationToken)).IsCommitted;
        return isMine ? await ReadAsync(next.Id, cancellationToken) : null;
    }

    private ValueTask<Stored<PrivacyRequest>?> ReadAsync(string id, CancellationToken cancellationToken) =>
        store.ReadAsync(Containers.Privacy, Partition, id, FlowJson.Default.PrivacyRequest, cancellationToken);

    private static ReadOnlyMemory<byte> BodyOf(PrivacyRequest request) => request.ToBody(FlowJson.Default.PrivacyRequest);
}
