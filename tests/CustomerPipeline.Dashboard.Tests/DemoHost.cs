using CustomerPipeline.Contracts;

namespace CustomerPipeline.Dashboard.Tests;

/// <summary>A host with a small year of the demo shop in it.</summary>
public sealed class DemoHost : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    public HostProcess Host { get; private set; } = null!;

    public Uri Url => Host.Http.BaseAddress!;

    public async ValueTask InitializeAsync()
    {
        var data = Path.Combine(_folder.Path, "demo");
        var (exitCode, output) = await HostProcess.RunAsync("demo", "--no-serve", "--messages", "6000", "--data", data);
        Assert.True(exitCode == 0, output);
        Host = await HostProcess.StartAsync(data);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _folder.Dispose();
    }
}
