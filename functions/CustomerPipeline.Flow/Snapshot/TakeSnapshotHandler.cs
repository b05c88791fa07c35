using System.Globalization;
using CustomerPipeline.Domain.Snapshots;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Serve;

namespace CustomerPipeline.Flow.Snapshot;

/// <summary>The customer base as of now, kept for ever: what it looked like can be told later, whatever arrives afterwards.</summary>
public sealed class TakeSnapshotHandler(IDocumentStore store, FlowFigures figures, MetricsReader metrics, TimeProvider clock)
{
    public async Task<CustomerSnapshot> HandleAsync(CancellationToken cancellationToken)
    {
        var current = await figures.ReadAsync(cancellationToken);
        var customers = current.Purchases.GroupBy(p => p.Customer, StringComparer.Ordinal).Select(c => (Purchases: c.Count(), Channels: c.Select(p => p.Cell.Channel).Distinct().Count())).ToList();
        var asOf = clock.GetUtcNow();
        var snapshot = new CustomerSnapshot
        {
            AsOf = asOf,
            RuleVersion = metrics.RuleVersion,
            Watermark = current.Watermark,
            Customers = customers.Count,
            RepeatCustomers = customers.Count(c => c.Purchases >= 2),
            CrossChannelCustomers = customers.Count(c => c.Channels >= 2),
        };
        var day = asOf.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var id = $"customers:{asOf.UtcDateTime.ToString("yyyy-MM-dd'T'HH-mm-ss-fffffff", CultureInfo.InvariantCulture)}";
        await store.CommitAsync(Containers.Snapshots, day, [Write.Upsert(id, snapshot.ToBody(FlowJson.Default.CustomerSnapshot))], cancellationToken);
        return snapshot;
    }
}
