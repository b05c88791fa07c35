using System.Collections.Concurrent;
using Azure;
using Azure.Storage.Blobs;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.AzureServices.Blobs;
using CustomerPipeline.AzureServices.Cosmos;
using CustomerPipeline.Contracts;
using CustomerPipeline.CosmosServer;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.AzureServices.Tests;

/// <summary>Documents in the Cosmos test server, raw messages in Azurite.</summary>
internal sealed class AzureTestAdapters : TestAdapters
{
    // As the service puts changes of one container into pages by physical partition, these are the ranges.
    private const int Partitions = 3;

    private readonly ConcurrentDictionary<(FeedConsumer Consumer, int Range), string> _places = new();
    private readonly CosmosTestAccount _account;
    private readonly BlobContainerClient _blobs;
    private readonly BlobFaults _blobFaults;
    private readonly bool _ownsAccount;
    private readonly Lock _gate = new();
    private int _faults;

    private AzureTestAdapters(CosmosTestAccount account, BlobContainerClient blobs, BlobFaults blobFaults, bool ownsAccount = true) =>
        (_account, _blobs, _blobFaults, _ownsAccount) = (account, blobs, blobFaults, ownsAccount);

    public override int Ranges => Partitions;

    public override int Faults => _faults;

    public static async Task<TestAdapters> CreateAsync(Azurite azurite)
    {
        var faults = new BlobFaults();
        return new AzureTestAdapters(await CosmosTestAccount.CreateAsync(Partitions), await azurite.NewContainerAsync(faults), faults);
    }

    /// <summary>Those of another program, to look at what it has stored.</summary>
    public static TestAdapters Of(CosmosTestAccount account, BlobContainerClient blobs) => new AzureTestAdapters(account, blobs, new BlobFaults(), ownsAccount: false);

    public override void AddTo(IServiceCollection services)
    {
        base.AddTo(services);
        services.AddSingleton<IDocumentStore>(_account.Store).AddSingleton<IShredder, AzureShredder>().AddSingleton<IRawArchive>(new BlobRawArchive(_blobs, TimeProvider.System));
    }

    public override async Task<ChangePage?> ReadChangesAsync(IServiceProvider services, FeedConsumer consumer, int range, int most)
    {
        var container = _account.Containers.Of(consumer.Container);
        var start = _places.TryGetValue((consumer, range), out var place)
            ? ChangeFeedStartFrom.ContinuationToken(place)
            : ChangeFeedStartFrom.Beginning((await container.GetFeedRangesAsync())[range]);
        using var pages = container.GetChangeFeedStreamIterator(start, ChangeFeedMode.Incremental, new ChangeFeedRequestOptions { PageSizeHint = most });
        using var page = await pages.ReadNextAsync();
        if (page.StatusCode == System.Net.HttpStatusCode.NotModified)
        {
            return null;
        }

        page.EnsureSuccessStatusCode();
        var documents = await CosmosPages.ReadAsync(page.Content, default);
        return new ChangePage(documents, () =>
        {
            _places[(consumer, range)] = page.ContinuationToken;
            return Task.CompletedTask;
        });
    }

    public override void Fail(int seed, int oneIn)
    {
        var random = new Random(seed);
        var cosmosFaults = CosmosFault.All;
        T? Next<T>(Func<T?> fault)
        {
            lock (_gate)
            {
                if (random.Next(oneIn) > 0)
                {
                    return default;
                }

                _faults++;
                return fault();
            }
        }

        _account.Server.FaultOf = operation => operation.IsOnItems ? Next(() => cosmosFaults[random.Next(cosmosFaults.Count)]) : null;
        _blobFaults.Next = () => Next<bool?>(() => random.Next(2) == 0);
    }

    public override void StopFailing()
    {
        _account.Server.FaultOf = _ => null;
        _blobFaults.Next = () => null;
    }

    public override bool IsFault(Exception exception) => exception is CosmosException or RequestFailedException or HttpRequestException or OperationCanceledException;

    public override async ValueTask DisposeAsync()
    {
        if (_ownsAccount)
        {
            await _account.DisposeAsync();
        }

        await base.DisposeAsync();
    }
}
