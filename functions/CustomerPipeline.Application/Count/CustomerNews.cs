using System.Globalization;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Snapshots;

namespace CustomerPipeline.Application.Count;

/// <summary>
/// Writes down what became of customers, where Publish reads it: an event broker that is away keeps neither the figures nor the snapshots waiting, and what was written once is told at least once.
/// </summary>
public sealed class CustomerNews(IDocumentStore store, StageTelemetry telemetry, TimeProvider clock)
{
    private const string BeganId = "began";
    private const int Buckets = 256;

    private static readonly IReadOnlyDictionary<string, string> Nobody = new Dictionary<string, string>();

    /// <summary>Tells of touches that moved from one customer to another: of many such once.</summary>
    public async Task TellMovesAsync(IReadOnlyList<CustomerChange> changes, CancellationToken cancellationToken)
    {
        var at = clock.GetUtcNow();
        var moves = changes.Where(c => c.Touch?.MovedTo is not (null or Touch.Erased)).Select(c => (From: c.Customer, To: c.Touch!.MovedTo!)).Distinct();
        await WriteAsync(moves.Select(m => new CustomerNewsItem(CustomerNewsItem.Moved, m.From, null, m.To, at)), cancellationToken);
    }

    /// <summary>Tells of customers who are in another stage than they were told of last. The first time there is nothing to compare with, and so no news.</summary>
    public async Task TellStagesAsync(IEnumerable<(string Customer, LifecycleStage Stage)> stages, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var isFirst = await store.ReadAsync(Containers.Events, ToldStages.Partition, BeganId, cancellationToken) is null;
        foreach (var bucket in stages.ToLookup(s => StableHash.Bucket(s.Customer, Buckets)))
        {
            var id = bucket.Key.ToString("D3", CultureInfo.InvariantCulture);
            var kept = await store.ReadAsync(Containers.Events, ToldStages.Partition, id, cancellationToken);

            // Where it is damaged there is nothing to compare with, and so no news; from here on there is again.
            var told = kept is null ? Nobody : telemetry.Read(StageTelemetry.Snapshot, kept, d => d.As(DocumentJson.Default.ToldStages))?.Stages;
            var now = new SortedDictionary<string, string>(bucket.ToDictionary(s => s.Customer, s => s.Stage.Name()), StringComparer.Ordinal);
            if (told is not null && !isFirst)
            {
                await WriteAsync(now.Where(s => told.GetValueOrDefault(s.Key) != s.Value).Select(s => new CustomerNewsItem(CustomerNewsItem.Stage, s.Key, told.GetValueOrDefault(s.Key), s.Value, at)), cancellationToken);
            }

            await KeepAsync(id, now, cancellationToken);
        }

        if (isFirst)
        {
            await KeepAsync(BeganId, Nobody, cancellationToken);
        }
    }

    /// <summary>Tells of customers who entered or left an audience.</summary>
    public Task TellMembersAsync(string audience, IEnumerable<string> entered, IEnumerable<string> left, DateTimeOffset at, CancellationToken cancellationToken)
    {
        CustomerNewsItem Of(string customer, string what) => new(CustomerNewsItem.Membership, customer, null, what, at) { Audience = audience };
        return WriteAsync(entered.Select(c => Of(c, CustomerNewsItem.Entered)).Concat(left.Select(c => Of(c, CustomerNewsItem.Left))), cancellationToken);
    }

    /// <summary>Forgets what was written of an audience, told or not.</summary>
    public Task ForgetMembersAsync(string audience, CancellationToken cancellationToken) =>
        store.DeleteAsync(Containers.Snapshots, CustomerNewsItem.Partition, MembershipPrefix(audience), cancellationToken);

    private async Task KeepAsync(string id, IReadOnlyDictionary<string, string> stages, CancellationToken cancellationToken) =>
        await store.CommitAsync(Containers.Events, ToldStages.Partition, [Write.Upsert(id, new ToldStages(stages).ToBody(DocumentJson.Default.ToldStages))], cancellationToken);

    private async Task WriteAsync(IEnumerable<CustomerNewsItem> items, CancellationToken cancellationToken)
    {
        foreach (var chunk in items.Chunk(CommitLimits.Writes))
        {
            await store.CommitAsync(Containers.Snapshots, CustomerNewsItem.Partition, [.. chunk.Select(i => Write.Upsert(IdOf(i), i.ToBody(DocumentJson.Default.CustomerNewsItem)))], cancellationToken);
        }
    }

    private static string IdOf(CustomerNewsItem item) => item.News switch
    {
        CustomerNewsItem.Moved => $"{Containers.NewsPrefix}moved:{item.Customer}:{item.To}",
        CustomerNewsItem.Membership => MembershipPrefix(item.Audience!) + item.Customer,
        _ => $"{Containers.NewsPrefix}stage:{item.Customer}",
    };

    private static string MembershipPrefix(string audience) => $"{Containers.NewsPrefix}audience:{audience}:";
}
