using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Contracts;
using CustomerPipeline.FunctionsHost;
using CustomerPipeline.RocksDb;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.AzureServices.Tests.App;

/// <summary>A Service Bus namespace as the app meets it: TLS at the port of AMQP, and tokens. Behind it are the queues of this machine, which nothing works on.</summary>
internal sealed class NamespaceOverTls : IAsyncDisposable
{
    // The client library knows no other port (learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-protocol-guide).
    private const int AmqpOverTls = 5671;

    private static readonly TimeSpan Lock = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly byte[] MessageMark = "application/cloudevents+json"u8.ToArray();

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, AmqpOverTls) { ExclusiveAddressUse = true };
    private readonly int _port = Emulators.FreePort();
    private readonly X509Certificate2 _certificate;
    private readonly WebApplication _queues;
    private volatile bool _isAnswerDue;

    private NamespaceOverTls(PlatformServices platform)
    {
        _certificate = X509Certificate2.CreateFromPemFile(platform.CertificateFile, platform.KeyFile);
        _queues = LocalPipeline.Build(LocalOptions.Of(_folder.Path) with { AmqpPort = _port }, works: false);
    }

    /// <summary>Awaited when a message has come, before the queue is given it.</summary>
    public Func<Task> BeforeMessage { get; set; } = () => Task.CompletedTask;

    /// <summary>Awaited when the queue has answered, before the sender gets the answer.</summary>
    public Func<Task> AfterMessage { get; set; } = () => Task.CompletedTask;

    private RocksQueues Queues => _queues.Services.GetRequiredService<RocksQueues>();

    /// <summary>Starts it. One at a time on a machine: another run of the tests is waited for.</summary>
    /// <param name="platform">Has the certificate that the app trusts.</param>
    public static async Task<NamespaceOverTls> StartAsync(PlatformServices platform)
    {
        var space = new NamespaceOverTls(platform);
        await space._queues.StartAsync();
        using var patience = new CancellationTokenSource(Patience);
        while (!space.TryListen())
        {
            await Task.Delay(TimeSpan.FromSeconds(1), patience.Token);
        }

        _ = space.AcceptAsync();
        return space;
    }

    /// <summary>Hands what is in a queue to the triggers of a Functions host.</summary>
    public async Task MoveAsync(string queue, QueueTriggers to)
    {
        while (await Queues.ReceiveAsync(queue, 100, Lock) is { Count: > 0 } messages)
        {
            to.Send(queue, messages.Select(m => new HostMessage(m.Body.ToArray(), "application/cloudevents+json")));
            await Queues.CompleteAsync(queue, messages);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _queues.StopAsync();
        await _queues.DisposeAsync();
        _certificate.Dispose();
        _folder.Dispose();
        _stopping.Dispose();
    }

    private bool TryListen()
    {
        try
        {
            _listener.Start();
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Stopped.
        }
    }

    private async Task PassAsync(TcpClient peer)
    {
        using var client = peer;
        using var queues = new TcpClient();
        try
        {
            await queues.ConnectAsync(IPAddress.Loopback, _port, _stopping.Token);
            await using var encrypted = new SslStream(client.GetStream());
            await encrypted.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stopping.Token);
            await Task.WhenAny(PassMessagesAsync(encrypted, queues.GetStream()), PassAnswersAsync(queues.GetStream(), encrypted));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // One of them is gone.
        }
    }

    private async Task PassMessagesAsync(SslStream from, NetworkStream to)
    {
        var buffer = new byte[256 * 1024];
        while (await from.ReadAsync(buffer, _stopping.Token) is > 0 and var count)
        {
            if (buffer.AsSpan(0, count).IndexOf(MessageMark) >= 0)
            {
                await BeforeMessage();
                _isAnswerDue = true;
            }

            await to.WriteAsync(buffer.AsMemory(0, count), _stopping.Token);
        }
    }

    private async Task PassAnswersAsync(NetworkStream from, SslStream to)
    {
        var buffer = new byte[256 * 1024];
        while (await from.ReadAsync(buffer, _stopping.Token) is > 0 and var count)
        {
            if (_isAnswerDue)
            {
                _isAnswerDue = false;
                await AfterMessage();
            }

            await to.WriteAsync(buffer.AsMemory(0, count), _stopping.Token);
        }
    }
}
