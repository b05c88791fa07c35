using System.Collections.Concurrent;
using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Snapshots;

namespace CustomerPipeline.Application.Report.Figures;

/// <summary>More instants are asked for at once than are worked out: come back.</summary>
public sealed class TooManyInstantsException() : Exception("More instants are being asked for at once than there is time for.")
{
    /// <summary>When to come back.</summary>
    public static TimeSpan ComeBackAfter { get; } = TimeSpan.FromSeconds(10);
}

/// <summary>The customer base as of an instant, and which state of the store it was read from.</summary>
public sealed record CensusAsOf(DateTimeOffset AsOf, long Watermark, CensusFigures Figures);

/// <summary>The customer base as of an instant with what is known of each customer, in order of their ids: of one pass, so that they agree.</summary>
public sealed record CustomersAsOf(CensusAsOf Census, IReadOnlyList<CustomerStanding> Customers)
{
    /// <summary>What is known of a customer; null for an id that the pass did not see.</summary>
    public CustomerStanding? Find(string customer)
    {
        var (low, high) = (0, Customers.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = string.CompareOrdinal(Customers[middle].Customer, customer) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low < Customers.Count && Customers[low].Customer == customer ? Customers[low] : null;
    }
}

/// <summary>
/// Reads all customers, one after the other, and works out what the base looks like; the figures stay in memory, and what is known of each customer as of now and as of the last other instant. The last one as of now and the last ones as of
/// other instants are kept for as long as the store does not change, and where customers are very many for a while when it does (<see cref="Freshness"/>).
/// Questions for other instants wait for each other, and do not hold up questions for now; where too many wait, one more is refused.
/// </summary>
public sealed class CensusReader(IDocumentStore store, FlowFigures flows, ValueOptions options, Freshness freshness, TimeProvider clock) : IDisposable
{
    // What is as of now need not be worked out anew for every question.
    private static readonly TimeSpan StaysNow = TimeSpan.FromMinutes(1);

    private const int MostUnderWay = 64;

    // Each takes a reading of all customers.
    private const int MostWaiting = 8;
    private const int MostKept = 16;

    private readonly SemaphoreSlim _oneReader = new(1, 1);
    private readonly SemaphoreSlim _oneOfInstants = new(1, 1);
    private readonly ConcurrentDictionary<DateTimeOffset, Kept> _ofInstants = new();
    private Kept? _now;
    private int _waiting;

    /// <param name="asOf">An instant, past or not; null for now.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="TooManyInstantsException">Too many wait for other instants already.</exception>
    public async Task<CensusAsOf> ReadAsync(DateTimeOffset? asOf, CancellationToken cancellationToken) =>
        (asOf is { } instant ? await ReadOfInstantAsync(instant, needsEach: false, cancellationToken) : await ReadNowAsync(cancellationToken)).Census;

    /// <summary>The same with what is known of each customer.</summary>
    /// <param name="asOf">An instant, past or not; null for now.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="TooManyInstantsException">Too many wait for other instants already.</exception>
    public async Task<CustomersAsOf> ReadEachAsync(DateTimeOffset? asOf, CancellationToken cancellationToken)
    {
        var read = asOf is { } instant ? await ReadOfInstantAsync(instant, needsEach: true, cancellationToken) : await ReadNowAsync(cancellationToken);
        return new CustomersAsOf(read.Census, read.Customers!);
    }

    /// <summary>The last of these as of now that was worked out, however old; null where none was. For those who had rather not wait for a newer one.</summary>
    public CustomersAsOf? Latest => Volatile.Read(ref _now) is { } kept ? new CustomersAsOf(kept.Census, kept.Customers!) : null;

    private async Task<Kept> ReadNowAsync(CancellationToken cancellationToken)
    {
        await _oneReader.WaitAsync(cancellationToken);
        try
        {
            return _now = await ReadAsync(_now, clock.GetUtcNow(), StaysNow, needsEach: true, cancellationToken);
        }
        finally
        {
            _oneReader.Release();
        }
    }

    private async Task<Kept> ReadOfInstantAsync(DateTimeOffset instant, bool needsEach, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting && !_ofInstants.ContainsKey(instant))
        {
            Interlocked.Decrement(ref _waiting);
            throw new TooManyInstantsException();
        }

        try
        {
            await _oneOfInstants.WaitAsync(cancellationToken);
            try
            {
                var read = await ReadAsync(_ofInstants.GetValueOrDefault(instant), instant, TimeSpan.MaxValue, needsEach, cancellationToken);

                // Customers are many: those of one instant stay in memory.
                foreach (var (other, kept) in _ofInstants.Where(k => k.Key != instant && k.Value.Customers is not null && read.Customers is not null))
                {
                    _ofInstants[other] = kept with { Customers = null };
                }

                _ofInstants[instant] = read;
                foreach (var old in _ofInstants.OrderByDescending(k => k.Value.ReadAt).Skip(MostKept))
                {
                    _ofInstants.TryRemove(old);
                }

                return read;
            }
            finally
            {
                _oneOfInstants.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task<Kept> ReadAsync(Kept? kept, DateTimeOffset asOf, TimeSpan staysUnchanged, bool needsEach, CancellationToken cancellationToken)
    {
        var (current, now) = (await flows.ReadAsync(cancellationToken), clock.GetUtcNow());
        var version = $"{current.Version} {await ReadUncountedAsync(cancellationToken)}";
        if (kept is not null && (kept.Customers is not null || !needsEach) && (now - kept.ReadAt).Duration() is var age
            && ((kept.Version == version && age < staysUnchanged) || age < freshness.OfCustomers(kept.Census.Figures.Customers)))
        {
            return kept;
        }

        var customers = await CountAsync(asOf, cancellationToken);
        return new Kept(version, now, new CensusAsOf(asOf, current.Watermark, customers.Build()), needsEach ? customers.Standings() : null);
    }

    // A customer without orders and tickets changes no shard of the figures.
    private async Task<string?> ReadUncountedAsync(CancellationToken cancellationToken)
    {
        const string Partition = Containers.UncountedPartition;
        return (await store.ReadAsync(Containers.Values, Partition, Containers.HeadId, DocumentJson.Default.ShardHead, cancellationToken))?.ETag;
    }

    /// <summary>The customer base with what is known of each customer, always read from the store and kept nowhere: for what is published.</summary>
    public async Task<CustomersAsOf> ReadEachUnkeptAsync(DateTimeOffset asOf, CancellationToken cancellationToken)
    {
        await _oneReader.WaitAsync(cancellationToken);
        try
        {
            var current = await flows.ReadAsync(cancellationToken);
            var customers = await CountAsync(asOf, cancellationToken);
            return new CustomersAsOf(new CensusAsOf(asOf, current.Watermark, customers.Build()), customers.Standings());
        }
        finally
        {
            _oneReader.Release();
        }
    }

    private async Task<CustomerCensus> CountAsync(DateTimeOffset asOf, CancellationToken cancellationToken)
    {
        var customers = new CustomerCensus(asOf, options.Calendar, options.PurchaseModel);
        await foreach (var history in ReadHistoriesAsync(asOf, from: "", cancellationToken))
        {
            customers.Add(history);
        }

        return customers;
    }

    /// <summary>The customers with anything to tell until an instant, in order of their ids. Those before the first are not read.</summary>
    /// <param name="asOf">The instant.</param>
    /// <param name="from">The first customer, whether there is such a one or not; empty for all.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async IAsyncEnumerable<CustomerHistory> ReadHistoriesAsync(
        DateTimeOffset asOf, string from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Documents are understood while the next ones are read; only so many are under way.
        var underWay = new Queue<Task<CustomerHistory?>>();
        await foreach (var documents in ReadCustomersAsync(from, cancellationToken))
        {
            underWay.Enqueue(Task.Run(() => HistoryOf(documents, asOf), cancellationToken));
            if (underWay.Count == MostUnderWay && await underWay.Dequeue() is { } history)
            {
                yield return history;
            }
        }

        while (underWay.TryDequeue(out var last))
        {
            if (await last is { } history)
            {
                yield return history;
            }
        }
    }

    private CustomerHistory? HistoryOf(List<Document> documents, DateTimeOffset asOf)
    {
        var touches = documents.Select(d => d.As(DocumentJson.Default.CustomerChange).Touch).OfType<Touch>().Where(t => t.MovedTo is null).ToList();
        return touches.Count == 0 ? null : CustomerHistory.Of(documents[0].Partition, touches, asOf, options.Calendar);
    }

    private async IAsyncEnumerable<List<Document>> ReadCustomersAsync(
        string from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var documents = new List<Document>();
        await foreach (var document in store.ScanAsync(Containers.Customers, from, cancellationToken))
        {
            if (documents.Count > 0 && documents[0].Partition != document.Partition)
            {
                yield return documents;
                documents = [];
            }

            if (document.Id.StartsWith(Containers.TouchPrefix, StringComparison.Ordinal))
            {
                documents.Add(document);
            }
        }

        if (documents.Count > 0)
        {
            yield return documents;
        }
    }

    public void Dispose()
    {
        _oneReader.Dispose();
        _oneOfInstants.Dispose();
    }

    /// <param name="Version">Which state of the store it was read from.</param>
    /// <param name="ReadAt">When it was.</param>
    /// <param name="Census">What was read.</param>
    /// <param name="Customers">What was read of each customer; null where it is not kept.</param>
    private sealed record Kept(string Version, DateTimeOffset ReadAt, CensusAsOf Census, IReadOnlyList<CustomerStanding>? Customers);
}
