using System.Net;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Resolve;
using Microsoft.Azure.Cosmos;

namespace CustomerPipeline.AzureServices.Cosmos;

/// <summary>Where a copy has got to: a continuation of the change feed for each container. Null at first.</summary>
public sealed record CopyPlace(IReadOnlyDictionary<string, string> Continuations)
{
    public static CopyPlace Beginning { get; } = new(new Dictionary<string, string>());
}

/// <summary>
/// Copies what cannot be worked out anew, into another database or account: interactions, and what happened to messages and by hand. Customers and figures follow from that: an app that runs on
/// the copy makes them. The copy can be taken up again, and brought up to date while the original is being written to. Clients in bulk mode make it fast.
/// </summary>
public sealed class DatabaseCopy(CosmosContainers from, CosmosDocumentStore source, CosmosContainers to, CosmosDocumentStore target)
{
    private const int PageSize = 1_000;
    private const int KeysAtOnce = 200;

    private readonly RefoldEntities _copiedEntities = new(target);

    /// <summary>The containers that are copied.</summary>
    public static IReadOnlyList<string> Copied { get; } = [.. Containers.Described.Where(c => c.Origin == ContentOrigin.Original).Select(c => c.Name)];

    /// <summary>Copies what changed since a place.</summary>
    /// <param name="place">Where the last copy got to.</param>
    /// <param name="refold">Whether the states of orders, tickets and profiles are folded anew in the copy, as this program does it; else they are copied.</param>
    /// <param name="progress">Documents so far.</param>
    /// <param name="cancellationToken">Stops between pages; the place then is that of the last run.</param>
    /// <returns>Where this one got to, and how many documents it wrote.</returns>
    /// <exception cref="CosmosException">The service failed for longer than the client waits; do it again.</exception>
    public async Task<(CopyPlace Place, long Documents)> FollowAsync(CopyPlace place, bool refold, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var reached = new Dictionary<string, string>(place.Continuations, StringComparer.Ordinal);
        var documents = 0L;
        foreach (var container in Copied)
        {
            var start = place.Continuations.TryGetValue(container, out var continuation) ? ChangeFeedStartFrom.ContinuationToken(continuation) : ChangeFeedStartFrom.Beginning();
            using var pages = from.Of(container).GetChangeFeedStreamIterator(start, ChangeFeedMode.Incremental, new ChangeFeedRequestOptions { PageSizeHint = PageSize });
            while (true)
            {
                using var page = await pages.ReadNextAsync(cancellationToken);
                if (page.StatusCode == HttpStatusCode.NotModified)
                {
                    // No range has anything new.
                    reached[container] = page.ContinuationToken;
                    break;
                }

                page.EnsureSuccessStatusCode();
                var changed = await CosmosPages.ReadAsync(page.Content, cancellationToken);
                var copied = changed.Select(CosmosItems.ToDocument).ToList();
                await Task.WhenAll(copied.Select(document => WriteAsync(container, document, cancellationToken)));
                if (refold && container == Containers.Interactions)
                {
                    // A state is written with each of its records: when it comes, they are all there.
                    await Task.WhenAll(copied.Where(d => d.Id == Containers.StateId).Select(d => _copiedEntities.RefoldAsync(d.Partition, cancellationToken)));
                }

                documents += copied.Count;
                progress?.Report(documents);
            }
        }

        await new IdentifierClaims(target, Domain.Identity.IdentityRules.Default).ShareAsync(
            await new IdentifierClaims(source, Domain.Identity.IdentityRules.Default).ListStaysSharedAsync(null, cancellationToken), cancellationToken);
        return (new CopyPlace(reached), documents);
    }

    /// <summary>Deletes what the original no longer has: a change feed tells of no deletes, and an erasure must not be undone.</summary>
    /// <returns>How many documents.</returns>
    public async Task<long> DropGoneAsync(CancellationToken cancellationToken)
    {
        var dropped = 0L;
        foreach (var container in Copied)
        {
            var keys = new List<DocumentKey>();
            await foreach (var document in target.ScanAsync(container, cancellationToken))
            {
                keys.Add(new DocumentKey(document.Partition, document.Id));
                if (keys.Count == KeysAtOnce)
                {
                    dropped += await DropGoneAsync(container, keys, cancellationToken);
                    keys.Clear();
                }
            }

            dropped += await DropGoneAsync(container, keys, cancellationToken);
        }

        return dropped;
    }

    private async Task<int> DropGoneAsync(string container, List<DocumentKey> keys, CancellationToken cancellationToken)
    {
        var originals = await source.ReadManyAsync(container, keys, cancellationToken);
        var gone = keys.Where((_, i) => originals[i] is null).ToList();
        foreach (var key in gone)
        {
            await target.CommitAsync(container, key.Partition, [Write.Delete(key.Id)], cancellationToken);
        }

        return gone.Count;
    }

    private async Task WriteAsync(string container, Document document, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream(CosmosItems.ToItem(document.Partition, Write.Upsert(document.Id, document.Body)));
        using var answer = await to.Of(container).UpsertItemStreamAsync(body, new PartitionKey(document.Partition), cancellationToken: cancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
