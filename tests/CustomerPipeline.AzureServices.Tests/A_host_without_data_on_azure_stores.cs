using CustomerPipeline.Contracts;

namespace CustomerPipeline.AzureServices.Tests;

public sealed class SharedAzureHost : SharedHost
{
    private readonly Azurite _azurite = new();

    public override RunningHost Host
    {
        get
        {
            _azurite.OrSkip();
            return base.Host;
        }
    }

    public override async ValueTask InitializeAsync()
    {
        await _azurite.InitializeAsync();
        if (_azurite.IsRunning)
        {
            await base.InitializeAsync();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _azurite.DisposeAsync();
    }

    protected override async Task<RunningHost> StartAsync(string folder) => await AzureHost.StartAsync(_azurite, folder);
}

/// <summary>What other programs are written against does not depend on where it is kept.</summary>
[Needs("npm")]
public sealed class A_host_without_data_on_azure_stores(SharedAzureHost shared) : EmptyHostContract(shared), IClassFixture<SharedAzureHost>;
