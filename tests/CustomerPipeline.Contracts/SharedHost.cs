namespace CustomerPipeline.Contracts;

/// <summary>A host for all tests of a class.</summary>
public abstract class SharedHost : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private RunningHost? _host;

    /// <summary>The host. Where what it needs is missing, this skips the test that asks for it.</summary>
    public virtual RunningHost Host => _host!;

    public virtual async ValueTask InitializeAsync() => _host = await StartAsync(_folder.Path);

    public virtual async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts the host.</summary>
    /// <param name="folder">An empty folder of its own.</param>
    protected abstract Task<RunningHost> StartAsync(string folder);
}
