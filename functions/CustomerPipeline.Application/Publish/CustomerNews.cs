using System.Globalization;
using System.Text.Json.Serialization;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Snapshots;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.Application.Publish;

/// <summary>Something that became of a customer. Opaque ids only.</summary>
/// <param name="News">One of the kinds below.</param>
/// <param name="Customer">Who it is about.</param>
/// <param name="From">The stage before; null where there was none.</param>
/// <param name="To">The stage since, or the customer that interactions went to.</param>
/// <param name="At">When it was found out.</param>
public sealed record CustomerNewsItem([property: JsonRequired] string News, [property: JsonRequired] string Customer, string? From, [property: JsonRequired] string To, DateTimeOffset At)
{
    /// <summary>Interactions of a customer went to another one: the two were merged, or it was split.</summary>
    public const string Moved = "moved";

    public const string Stage = "stage";
}

/// <summary>The stages of some customers, as they were told of last.</summary>
public sealed record ToldStages([property: JsonRequired] IReadOnlyDictionary<string, string> Stages);

/// <summary>
/// Writes down what became of customers, where Publish reads it: an event broker that is away keeps neither the figures nor the snapshots waiting, and what was written once is told at least once.
/// </summary>
public sealed class CustomerNews(IDocumentStore store, StageTelemetry telemetry, TimeProvider clock)
{
    /// <summary>Of the snapshots container.</summary>
    internal const string Partition = "customer-news";

    /// <summary>Of the events container.</summary>
    internal const string StagesPartition = "stages";

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
        var isFirst = await store.ReadAsync(Containers.Events, StagesPartition, BeganId, cancellationToken) is null;
        foreach (var bucket in stages.ToLookup(s => StableHash.Bucket(s.Customer, Buckets)))
        {
            var id = bucket.Key.ToString("D3", CultureInfo.InvariantCulture);
            var kept = await store.ReadAsync(Containers.Events, StagesPartition, id, cancellationToken);

            // Where it is damaged there is nothing to compare with, and so no news; from here on there is again.
            var told = kept is null ? Nobody : telemetry.Read(StageTelemetry.Snapshot, kept, d => d.As(FlowJson.Default.ToldStages))?.Stages;
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

    private async Task KeepAsync(string id, IReadOnlyDictionary<string, string> stages, CancellationToken cancellationToken) =>
        await store.CommitAsync(Containers.Events, StagesPartition, [Write.Upsert(id, new ToldStages(stages).ToBody(FlowJson.Default.ToldStages))], cancellationToken);

    private async Task WriteAsync(IEnumerable<CustomerNewsItem> items, CancellationToken cancellationToken)
    {
        foreach (var chunk in items.Chunk(CommitLimits.Writes))
        {
            await store.CommitAsync(Containers.Snapshots, Partition, [.. chunk.Select(i => Write.Upsert(IdOf(i), i.ToBody(FlowJson.Default.CustomerNewsItem)))], cancellationToken);
        }
    }

    private static string IdOf(CustomerNewsItem item) => item.News == CustomerNewsItem.Moved ? $"{Containers.NewsPrefix}moved:{item.Customer}:{item.To}" : $"{Containers.NewsPrefix}stage:{item.Customer}";
}
