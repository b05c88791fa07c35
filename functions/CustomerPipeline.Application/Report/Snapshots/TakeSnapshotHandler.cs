using System.Globalization;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Snapshots;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Report.Snapshots;

/// <summary>What came of taking a snapshot.</summary>
/// <param name="Snapshot">The snapshot.</param>
/// <param name="Restatements">Published figures of days that changed since they were published.</param>
public sealed record TakenSnapshot(CustomerSnapshot Snapshot, IReadOnlyList<Restatement> Restatements);

/// <summary>The customer base as of an instant, kept for ever: what it looked like can be told later, whatever arrives afterwards.</summary>
public sealed class TakeSnapshotHandler(
    IDocumentStore store, CensusReader customers, PublishFigures publish, TellCustomerChanges changes, MetricsReader metrics, StageTelemetry telemetry, TimeProvider clock)
{
    private static readonly IReadOnlyList<MetricDefinition> Kept = [.. MetricCatalog.All.Where(m => m.Kind is MetricKind.Stock or MetricKind.History)];

    /// <param name="asOf">
    /// The instant to tell of; null for now, which publishes the flow figures of the days before as well, and writes down which customers came into another stage, and
    /// which entered or left an audience.
    /// </param>
    /// <param name="cancellationToken">Stops the work; a snapshot is there when it is whole.</param>
    public async Task<TakenSnapshot> HandleAsync(DateTimeOffset? asOf, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (asOf is { } instant)
        {
            return new TakenSnapshot(await KeepAsync(await customers.ReadAsync(instant, cancellationToken), now, cancellationToken), []);
        }

        var restatements = await publish.RunAsync(now, cancellationToken);
        var read = await customers.ReadEachUnkeptAsync(now, cancellationToken);
        var snapshot = await KeepAsync(read.Census, now, cancellationToken);
        await changes.RunAsync(read.Customers, now, cancellationToken);
        return new TakenSnapshot(snapshot, restatements);
    }

    private async Task<CustomerSnapshot> KeepAsync(CensusAsOf read, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var snapshot = new CustomerSnapshot(now.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfffffff", CultureInfo.InvariantCulture), read.AsOf, now, metrics.RuleVersion, read.Watermark);
        foreach (var metric in Kept)
        {
            // All of one census: what arrives meanwhile is for the next.
            var rows = new SnapshotRows(snapshot, metric.Name, MetricRowJson.ToElement(read.Figures.Rows(metric, MetricQuestion.Ever(Dimension.Channel))));
            await store.CommitAsync(Containers.Snapshots, snapshot.Id, [Write.Upsert(Containers.MetricPrefix + metric.Name, rows.ToBody(DocumentJson.Default.SnapshotRows))], cancellationToken);
        }

        await store.CommitAsync(Containers.Snapshots, Containers.SnapshotIndex, [Write.Upsert(snapshot.Id, snapshot.ToBody(DocumentJson.Default.CustomerSnapshot))], cancellationToken);
        return snapshot;
    }

    /// <summary>Snapshots after one of them, oldest first.</summary>
    public async Task<IReadOnlyList<CustomerSnapshot>> ListAsync(int size, string after, CancellationToken cancellationToken) =>
        await telemetry.ReadableAsync(
            StageTelemetry.List,
            store.ReadPartitionAsync(Containers.Snapshots, Containers.SnapshotIndex, "", after, cancellationToken),
            d => d.As(DocumentJson.Default.CustomerSnapshot))
            .Select(s => s.Value).Take(size).ToListAsync(cancellationToken);

    /// <summary>A metric as it was published; null where there is no such snapshot, or the metric is in none.</summary>
    public async Task<SnapshotRows?> FindAsync(string snapshot, string metric, CancellationToken cancellationToken) =>
        (await store.ReadAsync(Containers.Snapshots, snapshot, Containers.MetricPrefix + metric, DocumentJson.Default.SnapshotRows, cancellationToken))?.Value;
}
