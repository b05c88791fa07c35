using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Contracts;
using Microsoft.AspNetCore.Builder;

namespace CustomerPipeline.AzureServices.Tests.LocalQueues;

/// <summary>A host in this process whose queues are open for AMQP. Nothing works on the messages, so that they can be counted.</summary>
public abstract class LocalEndpoint : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    protected int Port { get; } = Emulators.FreePort();

    protected WebApplication Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    private async Task StartAsync()
    {
        Host = LocalPipeline.Build(LocalOptions.Of(_folder.Path) with { AmqpPort = Port }, works: false);
        await Host.StartAsync();
    }

    private async Task StopAsync()
    {
        await Host.StopAsync();
        await Host.DisposeAsync();
    }
}
