using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using CustomerPipeline.Contracts;

namespace CustomerPipeline.AzureServices.Tests.LocalQueues;

/// <summary>A broker that nobody here wrote: RabbitMQ with its AMQP 1.0 plugin, from Debian's package rabbitmq-server. Where it is missing, the tests that need it are skipped, and say so.</summary>
internal sealed class RabbitMq : IAsyncDisposable
{
    private const string Programs = "/usr/lib/rabbitmq/bin";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder = new();
    private readonly int _port = Emulators.FreePort();
    private readonly int _distributionPort = Emulators.FreePort();
    private Process? _process;

    /// <summary>Queues are made when something is sent to them.</summary>
    public string Address => $"amqp://guest:guest@127.0.0.1:{_port}/queue";

    public static async Task<RabbitMq> StartAsync()
    {
        // Its programs are shell scripts that look for Erlang's.
        Assert.SkipUnless(
            Directory.Exists(Programs) && InstalledProgram.Find("erl") is not null,
            "RABBITMQ IS MISSING (apt-get install rabbitmq-server), so sending was not checked against it.");
        var broker = new RabbitMq();
        await File.WriteAllTextAsync(Path.Combine(broker._folder.Path, "plugins"), "[rabbitmq_amqp1_0].\n");
        await broker.RunAsync();
        return broker;
    }

    public async Task RunAsync()
    {
        _process = Process.Start(Start("rabbitmq-server"))!;
        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        _ = _process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        var waiting = Stopwatch.StartNew();
        while (!await ListensAsync())
        {
            Assert.True(waiting.Elapsed < Patience && !_process.HasExited, "RabbitMQ does not start.");
            await Task.Delay(100);
        }
    }

    /// <summary>Has the broker write its tables to their files: the definition of a queue stands in a log of them for some seconds, and a broker that is killed meanwhile may forget the queue, with every message in it.</summary>
    public async Task WriteDownQueuesAsync()
    {
        using var process = Process.Start(Start("rabbitmqctl", "eval", "mnesia:dump_log()."))!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True((await output).Trim() == "dumped", $"RabbitMQ does not write down its tables: {await output} {await error}");
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

    private ProcessStartInfo Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Programs, program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in new (string, string)[]
        {
            ("RABBITMQ_NODENAME", string.Create(CultureInfo.InvariantCulture, $"test{_port}@localhost")), ("RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1"), ("RABBITMQ_NODE_PORT", $"{_port}"), ("RABBITMQ_DIST_PORT", $"{_distributionPort}"),
            ("RABBITMQ_MNESIA_BASE", _folder.Path), ("RABBITMQ_LOG_BASE", _folder.Path), ("RABBITMQ_ENABLED_PLUGINS_FILE", Path.Combine(_folder.Path, "plugins")), ("RABBITMQ_CONF_ENV_FILE", "/dev/null"), ("HOME", _folder.Path),
            ("ERL_EPMD_ADDRESS", "127.0.0.1"), ("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}"),
        })
        {
            start.Environment[name] = value;
        }

        return start;
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
