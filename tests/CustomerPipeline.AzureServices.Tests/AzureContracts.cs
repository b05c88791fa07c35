using Azure.Storage.Blobs;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.AzureServices.Blobs;
using CustomerPipeline.Contracts;

namespace CustomerPipeline.AzureServices.Tests;

public sealed class CosmosDocumentStoreContract : DocumentStoreContract, IAsyncLifetime
{
    private CosmosTestAccount? _account;

    protected override IDocumentStore Store => _account!.Store;

    public async ValueTask InitializeAsync() => _account = await CosmosTestAccount.CreateAsync();

    public ValueTask DisposeAsync() => _account!.DisposeAsync();
}

[Needs("npm")]
public sealed class BlobRawArchiveContract(Azurite azurite) : RawArchiveContract, IClassFixture<Azurite>, IAsyncLifetime
{
    private readonly Azurite _azurite = azurite.OrSkip();

    private IRawArchive? _archive;

    protected override IRawArchive Archive => _archive!;

    public async ValueTask InitializeAsync() => _archive = new BlobRawArchive(await _azurite.NewContainerAsync(), TimeProvider.System);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

[Needs("npm")]
public sealed class BlobFigureFilesContract(Azurite azurite) : FigureFilesContract, IClassFixture<Azurite>
{
    private readonly Azurite _azurite = azurite.OrSkip();

    private BlobContainerClient _blobs = null!;

    protected override async Task<IFigureFiles> CreateAsync() => new BlobFigureFiles(_blobs = await _azurite.NewContainerAsync());

    protected override async Task<IReadOnlyList<string>> ListAsync() => await _blobs.GetBlobsAsync().Select(b => b.Name).ToListAsync();

    protected override async Task<byte[]> ReadAsync(string path) => (await _blobs.GetBlobClient(path).DownloadContentAsync()).Value.Content.ToArray();
}
