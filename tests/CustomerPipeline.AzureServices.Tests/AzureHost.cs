using Azure.Core;
using CustomerPipeline.AzureServices.Blobs;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.AzureServices.Tests;

/// <summary>The local runtime, with documents in the Cosmos test server and raw messages in Azurite.</summary>
internal sealed class AzureHost : RunningHost
{
    private readonly CosmosTestAccount? _own;
    private readonly WebApplication _app;

    private AzureHost(CosmosTestAccount? own, WebApplication app)
    {
        _own = own;
        _app = app;
        Http.BaseAddress = new Uri(HostAddress.Of(app));
    }

    public override string Output => "";

    /// <summary>Starts one on an account of its own.</summary>
    public static async Task<AzureHost> StartAsync(Azurite azurite, string folder)
    {
        var account = await CosmosTestAccount.CreateAsync();
        return new AzureHost(account, await StartAppAsync(account, await azurite.NewContainersAsync(), folder));
    }

    /// <summary>Starts one that shares an account.</summary>
    public static async Task<AzureHost> StartAsync(CosmosTestAccount account, BlobContainers blobs, string folder) => new(null, await StartAppAsync(account, blobs, folder));

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public override async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    private static async Task<WebApplication> StartAppAsync(CosmosTestAccount account, BlobContainers blobs, string folder)
    {
        var options = LocalOptions.Of(folder) with { Azure = new AzureStores(account.Server.Endpoint, CosmosTestAccount.Database, blobs.RawArchive.Uri, blobs.FigureFiles.Uri) };
        var app = LocalPipeline.Build(options, clients: services => services.AddSingleton<TokenCredential>(new AnyToken()).AddSingleton(blobs));
        await app.StartAsync();
        return app;
    }
}
