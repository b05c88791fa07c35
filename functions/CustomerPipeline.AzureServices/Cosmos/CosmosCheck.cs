using Microsoft.Extensions.Hosting;

namespace CustomerPipeline.AzureServices.Cosmos;

/// <summary>Refuses to start on an account whose consistency does not do.</summary>
public sealed class CosmosCheck(CosmosContainers containers) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => containers.CheckConsistencyAsync();

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
