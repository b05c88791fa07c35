using CustomerPipeline.Cli.Hosting;

namespace CustomerPipeline.Bench;

/// <summary>A host in a process of its own, which can be killed without warning and started again on the same folder.</summary>
internal sealed class SoakedHost : IAsyncDisposable
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(20);

    private readonly int _port = OwnProcess.FreePort();
    private OwnProcess? _process;

    /// <param name="folder">Its data folder.</param>
    public SoakedHost(string folder)
    {
        Folder = folder;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}"), Timeout = OwnProcess.Patience };
    }

    public string Folder { get; }

    /// <summary>Reaches it whenever it runs: the port stays.</summary>
    public HttpClient Http { get; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _process = OwnProcess.StartHost(OwnProcess.Host, Folder, _port);
        await _process.WaitUntilAsync(async () => await HostAddress.FindAsync(Folder, Http, cancellationToken) is not null, BetweenTries, cancellationToken);
    }

    public async Task RestartAsync()
    {
        await KillAsync();
        await StartAsync(default);
    }

    public async Task KillAsync()
    {
        await _process!.DisposeAsync();
        _process = null;
    }

    /// <summary>How long the process has been alive, its memory and its handles; null while there is none.</summary>
    public (TimeSpan Alive, long Bytes, int Handles)? Look() =>
        _process is { } process && process.Look() is var (bytes, handles) ? (process.Alive, bytes, handles) : null;

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_process is not null)
        {
            await KillAsync();
        }
    }
}
