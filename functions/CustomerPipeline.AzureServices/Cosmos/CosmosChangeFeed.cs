using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.AzureServices.Cosmos;

/// <summary>
/// The change feeds of the containers for the local host, by the client library's change-feed processor: instances share a feed by leases, and a position is passed only when the stage has returned.
/// </summary>
/// <param name="containers">What is read, and where leases are kept.</param>
/// <param name="instance">A name of this process that no other has.</param>
/// <param name="logger">For faults that the processor gets over by itself.</param>
public sealed partial class CosmosChangeFeed(CosmosContainers containers, string instance, ILogger<CosmosChangeFeed> logger) : IFeedBacklog
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShareEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeaseLasts = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(17);

    /// <summary>Hands over changed documents, oldest first in each partition, until it is stopped. Whatever <paramref name="handle"/> throws on is handed over again.</summary>
    /// <param name="consumer">Under which name the place is kept.</param>
    /// <param name="container">Whose changes.</param>
    /// <param name="most">Documents at once.</param>
    /// <param name="handle">Gets UTF-8 JSON.</param>
    /// <param name="stopping">Gives the leases back.</param>
    public async Task RunAsync(string consumer, string container, int most, Func<IReadOnlyList<ReadOnlyMemory<byte>>, CancellationToken, Task> handle, CancellationToken stopping)
    {
        var processor = containers.Of(container)
            .GetChangeFeedProcessorBuilder(consumer, async (ChangeFeedProcessorContext _, Stream changes, CancellationToken token) =>
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(token, stopping);
                await handle(await CosmosPages.ReadAsync(changes, either.Token), either.Token);
            })
            .WithInstanceName(instance)
            .WithLeaseContainer(containers.Of(CosmosContainers.Leases))
            .WithLeaseConfiguration(ShareEvery, LeaseLasts, RenewEvery)
            .WithStartTime(DateTime.MinValue.ToUniversalTime())
            .WithPollInterval(LookEvery)
            .WithMaxItems(most)
            .WithErrorNotification((lease, exception) =>
            {
                if (!stopping.IsCancellationRequested)
                {
                    LogFeedFailed(logger, exception, consumer, lease);
                }

                return Task.CompletedTask;
            })
            .Build();
        await processor.StartAsync();
        try
        {
            await Task.Delay(Timeout.Infinite, stopping);
        }
        finally
        {
            await processor.StopAsync();
        }
    }

    /// <inheritdoc />
    public async Task<long> BacklogAsync(string consumer, string container, CancellationToken cancellationToken)
    {
        var estimates = new Dictionary<string, long>(StringComparer.Ordinal);
        using var states = containers.Of(container).GetChangeFeedEstimator(consumer, containers.Of(CosmosContainers.Leases)).GetCurrentStateIterator();
        while (states.HasMoreResults)
        {
            foreach (var lease in await states.ReadNextAsync(cancellationToken))
            {
                estimates[lease.LeaseToken] = lease.EstimatedLag;
            }
        }

        // Before the first worker has started, nothing is known but whether there is anything at all.
        if (estimates.Count == 0)
        {
            return await HasAnyAsync(container, null, cancellationToken) ? 1 : 0;
        }

        // The estimate of a partition that never had a change is 1: a shop with few customers would never be done.
        foreach (var lease in estimates.Values.Any(e => e > 0) ? await UnreadLeasesAsync(consumer, cancellationToken) : [])
        {
            if (estimates.ContainsKey(lease.LeaseToken) && !await HasAnyAsync(container, FeedRange.FromJsonString(lease.FeedRange!.Value.GetRawText()), cancellationToken))
            {
                estimates[lease.LeaseToken] = 0;
            }
        }

        return estimates.Values.Sum();
    }

    private async Task<bool> HasAnyAsync(string container, FeedRange? range, CancellationToken cancellationToken)
    {
        var (ids, options) = (new QueryDefinition("SELECT c.id FROM c"), new QueryRequestOptions { MaxItemCount = 1 });
        var source = containers.Of(container);
        using var query = range is null ? source.GetItemQueryIterator<LeaseDocument>(ids, null, options) : source.GetItemQueryIterator<LeaseDocument>(range, ids, null, options);
        while (query.HasMoreResults)
        {
            if ((await query.ReadNextAsync(cancellationToken)).Count > 0)
            {
                return true;
            }
        }

        return false;
    }

    private async Task<IReadOnlyList<LeaseDocument>> UnreadLeasesAsync(string consumer, CancellationToken cancellationToken)
    {
        var leases = new List<LeaseDocument>();
        using var query = containers.Of(CosmosContainers.Leases).GetItemQueryIterator<LeaseDocument>(
            new QueryDefinition("SELECT * FROM c WHERE STARTSWITH(c.id, @consumer)").WithParameter("@consumer", consumer));
        while (query.HasMoreResults)
        {
            leases.AddRange((await query.ReadNextAsync(cancellationToken)).Where(l => l is { LeaseToken.Length: > 0, ContinuationToken: null, FeedRange: not null }));
        }

        return leases;
    }

    // As the client library writes it: the names are its own.
    private sealed record LeaseDocument
    {
        [JsonPropertyName("LeaseToken")]
        public string LeaseToken { get; init; } = "";

        [JsonPropertyName("ContinuationToken")]
        public string? ContinuationToken { get; init; }

        [JsonPropertyName("FeedRange")]
        public JsonElement? FeedRange { get; init; }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The change feed of {Consumer} failed at lease {Lease}; it is taken up again")]
    private static partial void LogFeedFailed(ILogger logger, Exception exception, string consumer, string lease);
}
