using CustomerPipeline.Domain.Value;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Privacy;
using CustomerPipeline.Flow.Value;

namespace CustomerPipeline.Flow.Serve;

/// <summary>All figures at one instant: the shards added up.</summary>
/// <param name="Version">Which state of the shards was read; equal versions are equal figures.</param>
/// <param name="Revisions">The revision of each shard.</param>
/// <param name="AsOf">When it was read.</param>
/// <param name="Days">Flow days, in order.</param>
public sealed record Figures(
    string Version, IReadOnlyDictionary<string, long> Revisions, DateTimeOffset AsOf, IReadOnlyList<(DateOnly Day, FlowDay Flow)> Days)
{
    /// <summary>Sum of the shards' revisions.</summary>
    public long Watermark => Revisions.Values.Sum();
}

/// <summary>Kept orders of identified customers at one instant.</summary>
/// <param name="Version">Which state of the shards was read.</param>
/// <param name="AsOf">When it was read.</param>
/// <param name="Watermark">Sum of the shards' revisions.</param>
/// <param name="All">The orders.</param>
public sealed record Purchases(string Version, DateTimeOffset AsOf, long Watermark, IReadOnlyList<Purchase> All);

/// <summary>
/// Reads the shards, and keeps the sum while no shard changes: a shard's head has a new ETag with every commit, so that the check costs one
/// read a shard and an answer is never stale. Only of very many purchases what was read a moment ago is given again (<see cref="Freshness"/>).
/// </summary>
public sealed class FlowFigures(IDocumentStore store, ValueOptions options, Freshness freshness, TimeProvider clock) : IDisposable
{
    private readonly SemaphoreSlim _oneReader = new(1, 1);
    private readonly SemaphoreSlim _onePurchaseReader = new(1, 1);
    private readonly Dictionary<string, (string ETag, IReadOnlyList<(DateOnly Day, FlowDay Flow)> Days)> _days = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string ETag, IReadOnlyList<Purchase> Purchases)> _purchases = new(StringComparer.Ordinal);
    private Figures? _last;
    private Purchases? _lastPurchases;

    public async Task<Figures> ReadAsync(CancellationToken cancellationToken)
    {
        var heads = await ReadHeadsAsync(cancellationToken);
        if (_last is { } last && last.Version == VersionOf(heads))
        {
            return last;
        }

        await _oneReader.WaitAsync(cancellationToken);
        try
        {
            // Whoever waited may find the work done.
            heads = await ReadHeadsAsync(cancellationToken);
            return _last is { } done && done.Version == VersionOf(heads) ? done : _last = await AddUpAsync(heads, cancellationToken);
        }
        finally
        {
            _oneReader.Release();
        }
    }

    /// <summary>Kept orders of identified customers. There may be very many: only metrics that count people need them.</summary>
    public async Task<Purchases> ReadPurchasesAsync(CancellationToken cancellationToken)
    {
        await _onePurchaseReader.WaitAsync(cancellationToken);
        try
        {
            if (_lastPurchases is { } recent && (clock.GetUtcNow() - recent.AsOf).Duration() < freshness.OfPurchases(recent.All.Count))
            {
                return recent;
            }

            var heads = await ReadHeadsAsync(cancellationToken);
            return _lastPurchases is { } same && same.Version == VersionOf(heads) ? same : _lastPurchases = await GatherAsync(heads, cancellationToken);
        }
        finally
        {
            _onePurchaseReader.Release();
        }
    }

    public void Dispose()
    {
        _oneReader.Dispose();
        _onePurchaseReader.Dispose();
    }

    // The last one is that of people who are gone: their figures stay.
    private async Task<IReadOnlyList<Document?>> ReadHeadsAsync(CancellationToken cancellationToken) =>
    [
        .. await store.ReadManyAsync(Containers.Values, [.. options.AllShards.Select(s => new DocumentKey(s, Containers.HeadId))], cancellationToken),
        await store.ReadAsync(Containers.Privacy, KeptTotals.Partition, Containers.HeadId, cancellationToken),
    ];

    private static string VersionOf(IReadOnlyList<Document?> heads) => string.Join('.', heads.Select(h => h?.ETag ?? "-"));

    private async Task<Figures> AddUpAsync(IReadOnlyList<Document?> heads, CancellationToken cancellationToken)
    {
        var asOf = clock.GetUtcNow();
        var days = new SortedDictionary<DateOnly, FlowDay>();
        var revisions = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (shard, index) in options.AllShards.Append(KeptTotals.Partition).Select((s, i) => (s, i)))
        {
            if (heads[index] is not { } head)
            {
                continue;
            }

            if (!_days.TryGetValue(shard, out var known) || known.ETag != head.ETag)
            {
                _days[shard] = known = (head.ETag, await ReadShardDaysAsync(shard, cancellationToken));
            }

            revisions[shard] = head.As(FlowJson.Default.ShardHead).Revision;
            foreach (var (day, flow) in known.Days)
            {
                if (!days.TryGetValue(day, out var sum))
                {
                    days[day] = sum = new FlowDay();
                }

                foreach (var (cell, measures) in flow.Cells)
                {
                    sum.Post(new FlowPosting(day, cell, measures), 1);
                }
            }
        }

        return new Figures(VersionOf(heads), revisions, asOf, [.. days.Select(d => (d.Key, d.Value))]);
    }

    private async Task<IReadOnlyList<(DateOnly Day, FlowDay Flow)>> ReadShardDaysAsync(string shard, CancellationToken cancellationToken)
    {
        var days = new List<(DateOnly, FlowDay)>();
        await foreach (var document in store.ReadPartitionAsync(shard == KeptTotals.Partition ? Containers.Privacy : Containers.Values, shard, Containers.FlowPrefix, cancellationToken))
        {
            days.Add((FlowPart.Parse(document.Id).Day, document.As(FlowJson.Default.FlowDay)));
        }

        return days;
    }

    private async Task<IReadOnlyList<Purchase>> ReadShardPurchasesAsync(string shard, CancellationToken cancellationToken)
    {
        var purchases = new List<Purchase>();
        await foreach (var document in store.ReadPartitionAsync(Containers.Values, shard, Containers.OrderFactPrefix, cancellationToken))
        {
            if (PurchaseOf(document) is { } purchase)
            {
                purchases.Add(purchase);
            }
        }

        return purchases;
    }

    private async Task<Purchases> GatherAsync(IReadOnlyList<Document?> heads, CancellationToken cancellationToken)
    {
        var asOf = clock.GetUtcNow();
        var shards = options.AllShards.Zip(heads).Where(s => s.Second is not null).Select(s => (Shard: s.First, Head: s.Second!)).ToList();
        await Parallel.ForEachAsync(shards.FindAll(s => !_purchases.TryGetValue(s.Shard, out var known) || known.ETag != s.Head.ETag), cancellationToken, async (changed, token) =>
        {
            var purchases = await ReadShardPurchasesAsync(changed.Shard, token);
            lock (_purchases)
            {
                _purchases[changed.Shard] = (changed.Head.ETag, purchases);
            }
        });
        return new Purchases(
            VersionOf(heads), asOf, heads.Sum(h => h?.As(FlowJson.Default.ShardHead).Revision ?? 0), [.. shards.SelectMany(s => _purchases[s.Shard].Purchases)]);
    }

    private static Purchase? PurchaseOf(Document document)
    {
        var fact = document.As(FlowJson.Default.Fact);
        if (fact.Postings.FirstOrDefault(p => p.Measures.ContainsKey(Measure.Purchases)) is not { } posting)
        {
            return null;
        }

        var cell = FlowCell.Parse(posting.Cell);
        var name = document.Id.AsSpan(Containers.OrderFactPrefix.Length);
        var colon = name.IndexOf(':');
        return cell.Identified ? new Purchase(name[..colon].ToString(), name[(colon + 1)..].ToString(), fact.At, posting.Day, cell) : null;
    }
}
