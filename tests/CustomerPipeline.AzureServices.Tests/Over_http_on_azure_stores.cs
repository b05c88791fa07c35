using CustomerPipeline.Contracts;

namespace CustomerPipeline.AzureServices.Tests;

/// <summary>What other programs are written against does not depend on where it is kept.</summary>
[Needs("npm")]
public sealed class Over_http_on_azure_stores(Azurite azurite) : HttpContract, IClassFixture<Azurite>
{
    private readonly Azurite _azurite = azurite.OrSkip();

    protected override async Task<RunningHost> StartAsync(string folder) => await AzureHost.StartAsync(_azurite, folder);
}
