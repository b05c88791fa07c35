using CustomerPipeline.Contracts;

namespace CustomerPipeline.AzureServices.Tests;

/// <summary>Invariants 1 to 4 on Cosmos DB and Blob Storage, with the faults of the service at any call.</summary>
[Needs("npm")]
public sealed class AzureFlowContract(Azurite azurite) : FlowContract, IClassFixture<Azurite>
{
    private readonly Azurite _azurite = azurite.OrSkip();

    protected override Task<TestAdapters> NewAdaptersAsync() => AzureTestAdapters.CreateAsync(_azurite);

    // Each call is an HTTP request.
    protected override long Stories(int usual) => Few(usual);
}
