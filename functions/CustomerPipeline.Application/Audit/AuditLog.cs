using System.Globalization;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Entities;

namespace CustomerPipeline.Application.Audit;

/// <summary>Writes down who did what, before it is done.</summary>
public sealed class AuditLog(IDocumentStore store, StageTelemetry telemetry, TimeProvider clock)
{
    private const int DayCharacters = 8;

    /// <summary>Writes an entry.</summary>
    public async Task<AuditEntry> WriteAsync(
        string by, string action, IReadOnlyList<string> customers, CancellationToken cancellationToken, IReadOnlyList<EntityKey>? entities = null, string? of = null)
    {
        for (var attempt = 0; ; attempt++)
        {
            var at = clock.GetUtcNow();
            var number = StableHash.Of([action, by, of, at.UtcTicks.ToString(CultureInfo.InvariantCulture), attempt.ToString(CultureInfo.InvariantCulture), .. customers]);
            var id = $"{at.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}-{number[..16]}";
            var entry = new AuditEntry { Id = id, At = at, By = by, Action = action, Customers = customers, Entities = entities, Of = of };
            if ((await store.CommitAsync(Containers.Audit, id[..DayCharacters], [Write.Create(id, entry.ToBody(DocumentJson.Default.AuditEntry))], cancellationToken)).IsCommitted)
            {
                return entry;
            }
        }
    }

    /// <summary>One entry; null when there is none of that id.</summary>
    public async Task<Stored<AuditEntry>?> FindAsync(string id, CancellationToken cancellationToken) => IsId(id)
        ? await store.ReadAsync(Containers.Audit, id[..DayCharacters], id, DocumentJson.Default.AuditEntry, cancellationToken)
        : null;

    /// <summary>Whether a text may be the id of an entry.</summary>
    public static bool IsId(string id) => id.Length == DayCharacters + 17 && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    /// <summary>Changes an entry, whoever else does meanwhile.</summary>
    /// <param name="id">Of the entry.</param>
    /// <param name="change">What becomes of it; the same entry where there is nothing to change.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>The entry as it stands then; null when there is none.</returns>
    public async Task<AuditEntry?> ChangeAsync(string id, Func<AuditEntry, AuditEntry> change, CancellationToken cancellationToken)
    {
        while (await FindAsync(id, cancellationToken) is { } stored)
        {
            var next = change(stored.Value);
            if (ReferenceEquals(next, stored.Value)
                || (await store.CommitAsync(Containers.Audit, id[..DayCharacters], [Write.Replace(id, next.ToBody(DocumentJson.Default.AuditEntry), stored.ETag)], cancellationToken)).IsCommitted)
            {
                return next;
            }
        }

        return null;
    }

    /// <summary>A page of the entries that can be read, latest first. All entries are read for each page, because no index is in their order.</summary>
    /// <param name="size">How many at most.</param>
    /// <param name="after">From the page before; null for the first.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public Task<Page<AuditEntry>> ListLatestAsync(int size, string? after, CancellationToken cancellationToken) =>
        ListAsync(StageTelemetry.List, cancellationToken).Select(e => e.Value)
            .PageAsync(e => OrderedPages.LatestFirst(e.At, e.Id), size, after, cancellationToken);

    /// <summary>All entries that can be read, day by day.</summary>
    /// <param name="stage">Who asks.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public IAsyncEnumerable<(Document Document, AuditEntry Value)> ListAsync(string stage, CancellationToken cancellationToken) =>
        telemetry.ReadableAsync(stage, store.ScanAsync(Containers.Audit, cancellationToken), d => d.As(DocumentJson.Default.AuditEntry));
}
