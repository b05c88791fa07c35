using CustomerPipeline.Azure.Blobs;
using CustomerPipeline.Contracts;
using CustomerPipeline.Flow.Ports;

namespace CustomerPipeline.Azure.Tests;

public sealed class CosmosDocumentStoreContract : DocumentStoreContract, IAsyncLifetime
{
    private CosmosTestAccount? _account;

    protected override IDocumentStore Store => _account!.Store;

    public async ValueTask InitializeAsync() => _account = await CosmosTestAccount.CreateAsync();

    public ValueTask DisposeAsync() => _account!.DisposeAsync();
}

public sealed class BlobRawArchiveContract(Azurite azurite) : RawArchiveContract, IClassFixture<Azurite>, IAsyncLifetime
{
    private IRawArchive? _archive;

    protected override IRawArchive Archive => _archive!;

    public async ValueTask InitializeAsync() => _archive = new BlobRawArchive(await azurite.NewContainerAsync(), TimeProvider.System);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
