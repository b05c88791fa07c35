using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CustomerPipeline.Cli.Commands;

namespace CustomerPipeline.Bench;

/// <summary>The host, or another build of it, in a process of its own, which can be killed without warning.</summary>
internal sealed class OwnProcess : IAsyncDisposable
{
    /// <summary>How long it may take until it does what it was started for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Stopwatch _alive = Stopwatch.StartNew();
    private readonly Process _process;

    private OwnProcess(string program, IEnumerable<string> arguments)
    {
        _process = Process.Start(Command(program, arguments))!;
        _process.BeginOutputReadLine();
    }

    /// <summary>The program that runs now.</summary>
    public static string Bench { get; } = typeof(OwnProcess).Assembly.Location;

    /// <summary>The host that was built with it.</summary>
    public static string Host { get; } = typeof(CommandLine).Assembly.Location;

    public TimeSpan Alive => _alive.Elapsed;

    /// <summary>Starts a command.</summary>
    /// <param name="program">An assembly, or an executable of its own.</param>
    /// <param name="arguments">The command and its options.</param>
    public static OwnProcess Start(string program, params IEnumerable<string> arguments) => new(program, arguments);

    /// <summary>Starts a host without AMQP.</summary>
    /// <param name="program">An assembly, or an executable of its own.</param>
    /// <param name="folder">Its data folder.</param>
    /// <param name="port">Where it listens.</param>
    public static OwnProcess StartHost(string program, string folder, int port) =>
        Start(program, "run", "--data", folder, "--amqp-port", "0", "--port", port.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Runs a command of the host to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Process.Start(Command(Host, arguments))!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, output);
    }

    /// <summary>A port that nobody listens on now.</summary>
    public static int FreePort()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }

    /// <summary>Asks again and again until it is ready.</summary>
    /// <exception cref="CommandException">It came to its end before, or took too long.</exception>
    public async Task WaitUntilAsync(Func<Task<bool>> isReady, TimeSpan betweenTries, CancellationToken cancellationToken)
    {
        while (!await isReady())
        {
            if (_process.HasExited || Alive > Patience)
            {
                throw new CommandException($"{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)} did not start.");
            }

            await Task.Delay(betweenTries, cancellationToken);
        }
    }

    /// <summary>Its memory and its handles; null when it has come to its end.</summary>
    public (long Bytes, int Handles)? Look()
    {
        try
        {
            _process.Refresh();
            return _process.HasExited ? null : (_process.WorkingSet64, _process.HandleCount);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Kills it.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static ProcessStartInfo Command(string program, IEnumerable<string> arguments) => program.EndsWith(".dll", StringComparison.Ordinal)
        ? new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true }
        : new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
}
