using System.Net;
using System.Runtime.CompilerServices;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using Microsoft.Azure.Cosmos;

namespace CustomerPipeline.AzureServices.Cosmos;

/// <summary>
/// Documents in Cosmos DB: a commit is a transactional batch (or a single operation), an ETag the service's own. Faults that the client library does not get over by itself,
/// such as too many requests for longer than it waits, are exceptions: the trigger delivers again.
/// </summary>
public sealed class CosmosDocumentStore(CosmosContainers containers, RequestCharges charges) : IDocumentStore
{
    // A question of many keys is cut: its text has a limit, and its answer a page.
    private const int MostKeysPerQuestion = 200;
    private const int PageSize = 500;

    private static readonly ItemRequestOptions NoContent = new() { EnableContentResponseOnWrite = false };

    public async ValueTask<Document?> ReadAsync(string container, string partition, string id, CancellationToken cancellationToken)
    {
        using var response = await containers.Of(container).ReadItemStreamAsync(id, new PartitionKey(partition), cancellationToken: cancellationToken);
        charges.Add(container, response.Headers.RequestCharge);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        response.EnsureSuccessStatusCode();
        return CosmosItems.ToDocument(await CosmosPages.ReadAllAsync(response.Content, cancellationToken));
    }

    public async ValueTask<IReadOnlyList<Document?>> ReadManyAsync(string container, IReadOnlyList<DocumentKey> keys, CancellationToken cancellationToken)
    {
        if (keys.Count <= 1)
        {
            return keys.Count == 0 ? [] : [await ReadAsync(container, keys[0].Partition, keys[0].Id, cancellationToken)];
        }

        var found = new Dictionary<DocumentKey, Document>();
        foreach (var some in keys.Distinct().Chunk(MostKeysPerQuestion))
        {
            using var response = await containers.Of(container).ReadManyItemsStreamAsync([.. some.Select(k => (k.Id, new PartitionKey(k.Partition)))], cancellationToken: cancellationToken);
            charges.Add(container, response.Headers.RequestCharge);
            foreach (var document in await DocumentsOfAsync(response, cancellationToken))
            {
                found[new DocumentKey(document.Partition, document.Id)] = document;
            }
        }

        return [.. keys.Select(k => found.GetValueOrDefault(k))];
    }

    public IAsyncEnumerable<Document> ReadPartitionAsync(string container, string partition, string idPrefix, CancellationToken cancellationToken) =>
        AskAsync(
            container,
            new QueryDefinition("SELECT * FROM c WHERE STARTSWITH(c.id, @prefix) ORDER BY c.id").WithParameter("@prefix", idPrefix),
            new PartitionKey(partition),
            cancellationToken);

    public IAsyncEnumerable<Document> ReadPartitionAsync(
        string container, string partition, string idPrefix, string afterId, CancellationToken cancellationToken) =>
        AskAsync(
            container,
            new QueryDefinition("SELECT * FROM c WHERE STARTSWITH(c.id, @prefix) AND c.id > @after ORDER BY c.id")
                .WithParameter("@prefix", idPrefix).WithParameter("@after", afterId),
            new PartitionKey(partition),
            cancellationToken);

    public IAsyncEnumerable<Document> ScanAsync(string container, CancellationToken cancellationToken) =>
        AskAsync(container, new QueryDefinition("SELECT * FROM c ORDER BY c.pk, c.id"), null, cancellationToken);

    public IAsyncEnumerable<Document> ScanAsync(string container, string fromPartition, CancellationToken cancellationToken) =>
        AskAsync(
            container,
            new QueryDefinition("SELECT * FROM c WHERE c.pk >= @from ORDER BY c.pk, c.id").WithParameter("@from", fromPartition),
            null,
            cancellationToken);

    public IAsyncEnumerable<Document> ReadAcrossAsync(string container, string id, string from, CancellationToken cancellationToken) =>
        AskAsync(
            container,
            new QueryDefinition("SELECT * FROM c WHERE c.pk >= @from AND c.id = @id ORDER BY c.pk, c.id").WithParameter("@from", from).WithParameter("@id", id),
            null,
            cancellationToken);

    public async ValueTask<CommitResult> CommitAsync(string container, string partition, IReadOnlyList<Write> writes, CancellationToken cancellationToken)
    {
        CommitLimits.Check(writes);

        // A delete of what is not there is done, but a batch would fail by it.
        var left = writes;
        while (left.Count > 0)
        {
            var (status, failed) = left.Count == 1
                ? (await CommitOneAsync(container, partition, left[0], cancellationToken), 0)
                : await CommitBatchAsync(container, partition, left, cancellationToken);
            switch (status)
            {
                case HttpStatusCode.OK:
                    return CommitResult.Committed;
                case HttpStatusCode.NotFound when left[failed] is { Kind: WriteKind.Delete, ETag: null }:
                    left = [.. left.Where((_, i) => i != failed)];
                    break;
                default:
                    return CommitResult.Conflict(left[failed].Id);
            }
        }

        return CommitResult.Committed;
    }

    private async Task<HttpStatusCode> CommitOneAsync(string container, string partition, Write write, CancellationToken cancellationToken)
    {
        var items = containers.Of(container);
        var key = new PartitionKey(partition);
        var options = write.ETag is null ? NoContent : new ItemRequestOptions { EnableContentResponseOnWrite = false, IfMatchEtag = write.ETag };
        using var body = write.Kind == WriteKind.Delete ? Stream.Null : new MemoryStream(CosmosItems.ToItem(partition, write));
        using var response = await (write.Kind switch
        {
            WriteKind.Create => items.CreateItemStreamAsync(body, key, options, cancellationToken),
            WriteKind.Replace => items.ReplaceItemStreamAsync(body, write.Id, key, options, cancellationToken),
            WriteKind.Upsert => items.UpsertItemStreamAsync(body, key, options, cancellationToken),
            _ => items.DeleteItemStreamAsync(write.Id, key, options, cancellationToken),
        });
        charges.Add(container, response.Headers.RequestCharge);
        if (IsRace(write.Kind, response.StatusCode))
        {
            return response.StatusCode;
        }

        response.EnsureSuccessStatusCode();
        return HttpStatusCode.OK;
    }

    private async Task<(HttpStatusCode Status, int Failed)> CommitBatchAsync(string container, string partition, IReadOnlyList<Write> writes, CancellationToken cancellationToken)
    {
        var batch = containers.Of(container).CreateTransactionalBatch(new PartitionKey(partition));
        foreach (var write in writes)
        {
            var options = new TransactionalBatchItemRequestOptions { EnableContentResponseOnWrite = false, IfMatchEtag = write.ETag };
            _ = write.Kind switch
            {
                WriteKind.Create => batch.CreateItemStream(Item(), options),
                WriteKind.Replace => batch.ReplaceItemStream(write.Id, Item(), options),
                WriteKind.Upsert => batch.UpsertItemStream(Item(), options),
                _ => batch.DeleteItem(write.Id, options),
            };

            MemoryStream Item() => new(CosmosItems.ToItem(partition, write));
        }

        using var response = await batch.ExecuteAsync(cancellationToken);
        charges.Add(container, response.RequestCharge);
        if (response.IsSuccessStatusCode)
        {
            return (HttpStatusCode.OK, 0);
        }

        for (var i = 0; i < response.Count; i++)
        {
            if (IsRace(writes[i].Kind, response[i].StatusCode))
            {
                return (response[i].StatusCode, i);
            }
        }

        throw new CosmosException($"A batch of {writes.Count} writes to {container} failed: {response.ErrorMessage}", response.StatusCode, 0, response.ActivityId, response.RequestCharge);
    }

    private async IAsyncEnumerable<Document> AskAsync(
        string container, QueryDefinition question, PartitionKey? partition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var options = new QueryRequestOptions { MaxItemCount = PageSize, PartitionKey = partition };
        using var pages = containers.Of(container).GetItemQueryStreamIterator(question, requestOptions: options);
        while (pages.HasMoreResults)
        {
            using var response = await pages.ReadNextAsync(cancellationToken);
            charges.Add(container, response.Headers.RequestCharge);
            foreach (var document in await DocumentsOfAsync(response, cancellationToken))
            {
                yield return document;
            }
        }
    }

    // Somebody else was there first: a value, not a fault. What is created and not found is the container.
    private static bool IsRace(WriteKind kind, HttpStatusCode status) =>
        status is HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed || (status is HttpStatusCode.NotFound && kind is (WriteKind.Replace or WriteKind.Delete));

    private static async Task<IEnumerable<Document>> DocumentsOfAsync(ResponseMessage response, CancellationToken cancellationToken)
    {
        response.EnsureSuccessStatusCode();
        return (await CosmosPages.ReadAsync(response.Content, cancellationToken)).Select(CosmosItems.ToDocument);
    }
}
