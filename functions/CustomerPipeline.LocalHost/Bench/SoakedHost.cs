using System.Diagnostics;
using CustomerPipeline.LocalHost.Hosting;

namespace CustomerPipeline.LocalHost.Bench;

/// <summary>A host in a process of its own, which can be killed without warning and started again on the same folder.</summary>
internal sealed class SoakedHost : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Stopwatch _alive = new();
    private readonly int _port;
    private Process? _process;

    /// <param name="folder">Its data folder.</param>
    public SoakedHost(string folder)
    {
        Folder = folder;
        _port = OwnProcess.FreePort();
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}"), Timeout = Patience };
    }

    public string Folder { get; }

    /// <summary>Reaches it whenever it runs: the port stays.</summary>
    public HttpClient Http { get; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _process = OwnProcess.Start(OwnProcess.Program, ["run", "--data", Folder, "--amqp-port", "0", "--port", _port.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        _process.BeginOutputReadLine();
        _alive.Restart();
        while (await HostAddress.FindAsync(Folder, Http, cancellationToken) is null)
        {
            if (_process.HasExited || _alive.Elapsed > Patience)
            {
                throw new InvalidOperationException("The host did not start.");
            }

            await Task.Delay(20, cancellationToken);
        }
    }

    public async Task RestartAsync()
    {
        await KillAsync();
        await StartAsync(default);
    }

    public async Task KillAsync()
    {
        _process!.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>How long the process has been alive, its memory and its handles; null while there is none.</summary>
    public (TimeSpan Alive, long Bytes, int Handles)? Look()
    {
        try
        {
            _process?.Refresh();
            return _process is { HasExited: false } process ? (_alive.Elapsed, process.WorkingSet64, process.HandleCount) : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Runs a command of this program to its end.</summary>
    public static async Task<(int ExitCode, string Output)> CommandAsync(string[] arguments, CancellationToken cancellationToken)
    {
        using var process = OwnProcess.Start(OwnProcess.Program, arguments);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, output);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (_process is not null)
        {
            await KillAsync();
        }
    }
}
