using System.Collections.Frozen;
using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Report.Figures;

/// <summary>All figures at one instant: the shards added up.</summary>
/// <param name="Version">Which state of the shards was read; equal versions are equal figures.</param>
/// <param name="Revisions">The revision of each shard.</param>
/// <param name="AsOf">When it was read.</param>
/// <param name="Days">Flow days, in order.</param>
/// <param name="Facets">By day what is known by facets.</param>
public sealed record Figures(
    string Version, IReadOnlyDictionary<string, long> Revisions, DateTimeOffset AsOf, IReadOnlyList<(DateOnly Day, FlowDay Flow)> Days, IReadOnlyDictionary<DateOnly, FlowDay> Facets)
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
/// Reads the shards, and keeps the sums while no shard changes: a shard's head has a new ETag with every commit, so that the check costs one
/// read a shard and an answer is never stale. Of a shard that changed it reads the days that the head names. Only of very many purchases what was read a moment ago is given again (<see cref="Freshness"/>).
/// </summary>
public sealed class FlowFigures(IDocumentStore store, ValueOptions options, Freshness freshness, TimeProvider clock) : IDisposable
{
    // What somebody mended by hand in the store is seen by then.
    private static readonly TimeSpan StaysKnown = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _oneReader = new(1, 1);
    private readonly SemaphoreSlim _onePurchaseReader = new(1, 1);
    private readonly Dictionary<string, KnownShard> _shards = new(StringComparer.Ordinal);
    private readonly SortedDictionary<DateOnly, FlowDay> _sums = [];
    private readonly SortedDictionary<DateOnly, FlowDay> _facets = [];

    // Days of which a shard was read anew, and whose sum is still to be made.
    private readonly HashSet<DateOnly> _outdated = [];
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
        await store.ReadAsync(Containers.Privacy, Containers.KeptTotalsPartition, Containers.HeadId, cancellationToken),
    ];

    private static string VersionOf(IReadOnlyList<Document?> heads) => string.Join('.', heads.Select(h => h?.ETag ?? "-"));

    private async Task<Figures> AddUpAsync(IReadOnlyList<Document?> heads, CancellationToken cancellationToken)
    {
        var asOf = clock.GetUtcNow();
        var revisions = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (shard, head) in options.AllShards.Append(Containers.KeptTotalsPartition).Zip(heads))
        {
            if (head is not null)
            {
                revisions[shard] = (await KnowAsync(shard, head, cancellationToken)).Head.Revision;
            }
            else if (_shards.Remove(shard, out var gone))
            {
                _outdated.UnionWith(gone.Days.Keys.Select(p => p.Day));
            }
        }

        // A sum that was given away stays as it is: that of a day that changed is another.
        foreach (var day in _outdated)
        {
            Keep(_sums, day, SumOf(day, FlowPart.OfDay(day)));
            Keep(_facets, day, SumOf(day, FlowPart.OfFacets(day)));
        }

        _outdated.Clear();
        return new Figures(VersionOf(heads), revisions, asOf, [.. _sums.Select(d => (d.Key, d.Value))], _facets.ToFrozenDictionary());
    }

    private static void Keep(SortedDictionary<DateOnly, FlowDay> sums, DateOnly day, FlowDay? sum)
    {
        if (sum is null)
        {
            sums.Remove(day);
        }
        else
        {
            sums[day] = sum;
        }
    }

    private FlowDay? SumOf(DateOnly day, IEnumerable<FlowPart> parts)
    {
        FlowDay? sum = null;
        var all = parts.ToList();
        foreach (var shard in _shards.Values)
        {
            foreach (var part in all)
            {
                if (shard.Days.TryGetValue(part, out var flow))
                {
                    sum ??= new FlowDay();
                    foreach (var (cell, measures) in flow.Cells)
                    {
                        sum.Post(new FlowPosting(day, cell, measures), 1);
                    }
                }
            }
        }

        return sum;
    }

    // Days are read where they changed, or all of them where the shard does not tell which.
    private async Task<KnownShard> KnowAsync(string shard, Document document, CancellationToken cancellationToken)
    {
        var known = _shards.GetValueOrDefault(shard);
        if (known?.ETag == document.ETag)
        {
            return known;
        }

        var head = document.As(DocumentJson.Default.ShardHead);
        var now = clock.GetUtcNow();
        if (known is not null && (now - known.ReadAt).Duration() < StaysKnown && head.ChangedAfter(known.Head) is { } changed)
        {
            await ReadDaysAsync(shard, known.Days, changed, cancellationToken);
            return _shards[shard] = known with { ETag = document.ETag, Head = head };
        }

        var days = await ReadDaysAsync(shard, cancellationToken);
        _outdated.UnionWith(days.Keys.Concat(known?.Days.Keys.AsEnumerable() ?? []).Select(p => p.Day));
        return _shards[shard] = new KnownShard(document.ETag, head, days, now);
    }

    // All are read before any is changed: where one is damaged, all stay as they were.
    private async Task ReadDaysAsync(string shard, Dictionary<FlowPart, FlowDay> days, IReadOnlyList<FlowPart> changed, CancellationToken cancellationToken)
    {
        var documents = await store.ReadManyAsync(ContainerOf(shard), [.. changed.Select(p => new DocumentKey(shard, p.Id))], cancellationToken);
        foreach (var (part, flow) in changed.Zip(documents.Select(d => d?.As(DocumentJson.Default.FlowDay)).ToList()))
        {
            _outdated.Add(part.Day);
            if (flow is not null)
            {
                days[part] = flow;
            }
            else
            {
                days.Remove(part);
            }
        }
    }

    private async Task<Dictionary<FlowPart, FlowDay>> ReadDaysAsync(string shard, CancellationToken cancellationToken)
    {
        var days = new Dictionary<FlowPart, FlowDay>();
        await foreach (var document in store.ReadPartitionAsync(ContainerOf(shard), shard, Containers.FlowPrefix, cancellationToken))
        {
            days[FlowPart.Parse(document.Id)] = document.As(DocumentJson.Default.FlowDay);
        }

        return days;
    }

    private static string ContainerOf(string shard) => shard == Containers.KeptTotalsPartition ? Containers.Privacy : Containers.Values;

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
            VersionOf(heads), asOf, heads.Sum(h => h?.As(DocumentJson.Default.ShardHead).Revision ?? 0), [.. shards.SelectMany(s => _purchases[s.Shard].Purchases)]);
    }

    private static Purchase? PurchaseOf(Document document)
    {
        var fact = document.As(DocumentJson.Default.Fact);
        if (fact.Postings.FirstOrDefault(p => !p.IsOfFacet && p.Measures.ContainsKey(Measure.Purchases)) is not { } posting)
        {
            return null;
        }

        var cell = FlowCell.Parse(posting.Cell);
        var name = document.Id.AsSpan(Containers.OrderFactPrefix.Length);
        var colon = name.IndexOf(':');
        return cell.Identified ? new Purchase(name[..colon].ToString(), name[(colon + 1)..].ToString(), fact.At, posting.Day, cell) : null;
    }

    /// <summary>What is known of a shard.</summary>
    /// <param name="ETag">Of its head.</param>
    /// <param name="Head">Its head.</param>
    /// <param name="Days">All its days.</param>
    /// <param name="ReadAt">When all of them were read.</param>
    private sealed record KnownShard(string ETag, ShardHead Head, Dictionary<FlowPart, FlowDay> Days, DateTimeOffset ReadAt);
}
