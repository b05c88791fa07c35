using CustomerPipeline.Contracts;

namespace CustomerPipeline.Azure.Tests;

/// <summary>Invariants 1 to 4 on Cosmos DB and Blob Storage, with the faults of the service at any call.</summary>
public sealed class AzureFlowContract(Azurite azurite) : FlowContract, IClassFixture<Azurite>
{
    private readonly Azurite _azurite = azurite.OrSkip();

    protected override Task<TestAdapters> NewAdaptersAsync() => AzureTestAdapters.CreateAsync(_azurite);

    // Each call is an HTTP request: some stories in each run, others in the next.
    protected override long Stories(int usual) => Math.Max(3, usual / 6);
}
