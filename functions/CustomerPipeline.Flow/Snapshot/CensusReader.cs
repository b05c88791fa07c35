using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Snapshots;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Serve;
using CustomerPipeline.Flow.Value;

namespace CustomerPipeline.Flow.Snapshot;

/// <summary>The customer base as of an instant, and which state of the store it was read from.</summary>
public sealed record CensusAsOf(DateTimeOffset AsOf, long Watermark, CensusFigures Figures);

/// <summary>
/// Reads all customers, one after the other, and works out what the base looks like; only the figures stay in memory. The last one worked out is kept for as long as the
/// store does not change.
/// </summary>
public sealed class CensusReader(IDocumentStore store, FlowFigures flows, ValueOptions options, TimeProvider clock) : IDisposable
{
    // What is as of now need not be worked out anew for every question.
    private static readonly TimeSpan StaysNow = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _oneReader = new(1, 1);
    private (string Version, DateTimeOffset? Asked, CensusAsOf Census)? _last;

    /// <param name="asOf">An instant, past or not; null for now.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<CensusAsOf> ReadAsync(DateTimeOffset? asOf, CancellationToken cancellationToken)
    {
        await _oneReader.WaitAsync(cancellationToken);
        try
        {
            var current = await flows.ReadAsync(cancellationToken);
            if (_last is { } last && last.Version == current.Version && last.Asked == asOf && (asOf is not null || clock.GetUtcNow() - last.Census.AsOf < StaysNow))
            {
                return last.Census;
            }

            var instant = asOf ?? clock.GetUtcNow();
            var customers = new CustomerCensus(instant, options.Calendar, options.PurchaseModel);
            await foreach (var history in ReadHistoriesAsync(instant, cancellationToken))
            {
                customers.Add(history);
            }

            var read = new CensusAsOf(instant, current.Watermark, customers.Build());
            _last = (current.Version, asOf, read);
            return read;
        }
        finally
        {
            _oneReader.Release();
        }
    }

    /// <summary>All customers with anything to tell until an instant, in order of their ids.</summary>
    public async IAsyncEnumerable<CustomerHistory> ReadHistoriesAsync(DateTimeOffset asOf, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? customer = null;
        var touches = new List<Touch>();
        await foreach (var document in store.ScanAsync(Containers.Customers, cancellationToken))
        {
            if (document.Partition != customer)
            {
                if (touches.Count > 0)
                {
                    yield return CustomerHistory.Of(customer!, touches, asOf, options.Calendar);
                }

                customer = document.Partition;
                touches.Clear();
            }

            if (document.Id.StartsWith(Containers.TouchPrefix, StringComparison.Ordinal) && document.As(FlowJson.Default.CustomerChange).Touch is { MovedTo: null } touch)
            {
                touches.Add(touch);
            }
        }

        if (touches.Count > 0)
        {
            yield return CustomerHistory.Of(customer!, touches, asOf, options.Calendar);
        }
    }

    public void Dispose() => _oneReader.Dispose();
}
