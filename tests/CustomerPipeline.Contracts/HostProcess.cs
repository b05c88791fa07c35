using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace CustomerPipeline.Contracts;

/// <summary>The local host as users run it: a process of its own, reached over HTTP, killed without warning.</summary>
public sealed class HostProcess : RunningHost
{
    private static readonly string HostAssembly = Path.Combine(AppContext.BaseDirectory, "CustomerPipeline.Cli.dll");

    private static readonly ConcurrentDictionary<int, Process> Running = new();

    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    // No host outlives the tests, whichever way they end.
    static HostProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Running.Values.Where(p => !p.HasExited))
        {
            process.Kill(entireProcessTree: true);
        }
    };

    private HostProcess(Process process)
    {
        _process = process;
        Running[process.Id] = process;
        _process.ErrorDataReceived += (_, line) => _errors.AppendLine(line.Data);
        _process.OutputDataReceived += (_, line) => _errors.AppendLine(line.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    public override string Output => _errors.ToString();

    /// <summary>Starts a host and waits until it answers.</summary>
    public static async Task<HostProcess> StartAsync(string dataFolder, string? shellPrefix = null, int amqpPort = 0)
    {
        Directory.CreateDirectory(dataFolder);
        File.Delete(UrlFile(dataFolder));
        var host = new HostProcess(Start(shellPrefix, "run", "--data", dataFolder, "--port", "0", "--amqp-port", amqpPort.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var waiting = Stopwatch.StartNew();
        while (!File.Exists(UrlFile(dataFolder)) || !Uri.TryCreate(await File.ReadAllTextAsync(UrlFile(dataFolder)), UriKind.Absolute, out _))
        {
            if (host._process.HasExited || waiting.Elapsed > Patience)
            {
                throw new InvalidOperationException($"The host did not start: {host.Output}");
            }

            await Task.Delay(10);
        }

        host.Http.BaseAddress = new Uri(await File.ReadAllTextAsync(UrlFile(dataFolder)));
        return host;
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        var (exitCode, output, errors) = await RunApartAsync(arguments);
        return (exitCode, output + errors);
    }

    /// <summary>Runs a command to its end, with its two streams apart.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunApartAsync(params string[] arguments)
    {
        using var process = Start(null, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>The most memory it ever had, in bytes.</summary>
    public long PeakMemory
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        Running.TryRemove(new KeyValuePair<int, Process>(_process.Id, _process));
        _process.Dispose();
        await base.DisposeAsync();
    }

    private static string UrlFile(string dataFolder) => Path.Combine(dataFolder, "host.url");

    private static Process Start(string? shellPrefix, params string[] arguments)
    {
        var start = new ProcessStartInfo { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        string[] command = ["dotnet", HostAssembly, .. arguments];
        if (shellPrefix is not null)
        {
            command = ["sh", "-c", shellPrefix + " exec \"$@\"", "sh", .. command];
        }

        start.FileName = command[0];
        foreach (var argument in command.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }
}
