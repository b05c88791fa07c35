using System.Net;
using System.Net.Sockets;

namespace CustomerPipeline.AzureServices.Tests.LocalQueues;

/// <summary>A way to a port of this machine, for one client, that can be made to let nothing through while both connections stay open.</summary>
internal sealed class StallingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _fromClient = new();
    private readonly CancellationTokenSource _fromServer = new();
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StallingProxy(int port)
    {
        _listener.Start();
        _ = RunAsync(port);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Nothing more comes from the client, as if its cable were cut.</summary>
    public void SilenceClient() => _fromClient.Cancel();

    /// <summary>Nothing more is taken from the server, as if the client did not read.</summary>
    public void StopReading() => _fromServer.Cancel();

    public void Dispose()
    {
        _listener.Dispose();
        _fromClient.Cancel();
        _fromServer.Cancel();
        _fromClient.Dispose();
        _fromServer.Dispose();
        _disposed.TrySetResult();
    }

    private async Task RunAsync(int port)
    {
        using var client = await _listener.AcceptTcpClientAsync();
        using var server = new TcpClient();
        await server.ConnectAsync(IPAddress.Loopback, port);
        _ = CopyAsync(client, server, _fromClient.Token);
        _ = CopyAsync(server, client, _fromServer.Token);
        await _disposed.Task;
    }

    private static async Task CopyAsync(TcpClient from, TcpClient to, CancellationToken stalled)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream(), stalled);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Stalled, or one of them is gone.
        }
    }
}
