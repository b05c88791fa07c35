using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using CustomerPipeline.Contracts;

namespace CustomerPipeline.Azure.Tests.LocalQueues;

/// <summary>A broker that nobody here wrote: RabbitMQ with its AMQP 1.0 plugin, from Debian's package rabbitmq-server. Where it is missing, the tests that need it are skipped, and say so.</summary>
internal sealed class RabbitMq : IAsyncDisposable
{
    private const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder = new();
    private readonly int _port = Emulators.FreePort();
    private readonly int _distributionPort = Emulators.FreePort();
    private Process? _process;

    /// <summary>Queues are made when something is sent to them.</summary>
    public string Address => $"amqp://guest:guest@127.0.0.1:{_port}/queue";

    public static async Task<RabbitMq> StartAsync()
    {
        Assert.SkipUnless(File.Exists(Server), "RABBITMQ IS MISSING (apt-get install rabbitmq-server), so sending was not checked against it.");
        var broker = new RabbitMq();
        await File.WriteAllTextAsync(Path.Combine(broker._folder.Path, "plugins"), "[rabbitmq_amqp1_0].\n");
        await broker.RunAsync();
        return broker;
    }

    public async Task RunAsync()
    {
        var start = new ProcessStartInfo(Server) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in new (string, string)[]
        {
            ("RABBITMQ_NODENAME", string.Create(CultureInfo.InvariantCulture, $"test{_port}@localhost")), ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"), ("RABBITMQ_NODE_PORT", $"{_port}"), ("RABBITMQ_DIST_PORT", $"{_distributionPort}"),
            ("RABBITMQ_MNESIA_BASE", _folder.Path), ("RABBITMQ_LOG_BASE", _folder.Path), ("RABBITMQ_ENABLED_PLUGINS_FILE", Path.Combine(_folder.Path, "plugins")), ("RABBITMQ_CONF_ENV_FILE", "/dev/null"), ("HOME", _folder.Path),
            ("ERL_EPMD_ADDRESS", "127.0.0.1"), ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}"),
        })
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        _ = _process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        var waiting = Stopwatch.StartNew();
        while (!await ListensAsync())
        {
            Assert.True(waiting.Elapsed < Patience && !_process.HasExited, "RabbitMQ does not start.");
            await Task.Delay(100);
        }
    }

    /// <summary>Waits until a queue would outlive the broker: its definition is in no file before some seconds have passed, and without it the messages, which are, are thrown away.</summary>
    public async Task HasWrittenDownAsync(string queue)
    {
        var name = Encoding.UTF8.GetBytes(queue);
        var waiting = Stopwatch.StartNew();
        while (!Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) is "LATEST.LOG" or "rabbit_durable_queue.DCL" or "rabbit_durable_queue.DCD").Any(f => Holds(f, name)))
        {
            Assert.True(waiting.Elapsed < Patience, $"RabbitMQ never writes down that it has a queue {queue}.");
            await Task.Delay(100);
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process!.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process!.Dispose();
        _folder.Dispose();
    }

    private static bool Holds(string file, byte[] bytes)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray().AsSpan().IndexOf(bytes) >= 0;
    }

    private async Task<bool> ListensAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
