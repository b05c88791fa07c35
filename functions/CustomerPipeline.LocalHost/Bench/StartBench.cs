using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Spectre.Console;

namespace CustomerPipeline.LocalHost.Bench;

/// <summary>From the start of a host's process on a new folder to the first message it accepted, against the first answer of an empty web server, in turn; and what an idle host needs.</summary>
internal static class StartBench
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(45);

    private static readonly byte[] Order = Encoding.UTF8.GetBytes("""{"kind":"order","system":"erp","id":"o-1","channel":"online","placed_at":"2026-03-01T10:00:00Z","currency":"EUR","email":"jo@example.com","lines":[{"product":"p","quantity":"1","price":"5.00"}]}""");

    /// <param name="program">The build that is measured.</param>
    /// <param name="rounds">How often.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static async Task RunAsync(string program, int rounds, CancellationToken cancellationToken)
    {
        var hosts = new List<double>();
        var empties = new List<double>();
        long idle = 0;
        for (var round = 0; round < rounds; round++)
        {
            await using (var empty = await StartAsync(program, port => ["bench", "start", "--empty", port], "/", cancellationToken))
            {
                empties.Add(empty.Took.TotalSeconds);
            }

            var folder = Directory.CreateTempSubdirectory("customerpipeline-start-");
            try
            {
                await using var host = await StartAsync(program, port => ["run", "--data", folder.FullName, "--amqp-port", "0", "--port", port], "/api/ingest/import", cancellationToken);
                hosts.Add(host.Took.TotalSeconds);
                if (round == rounds - 1)
                {
                    await Task.Delay(Idle, cancellationToken);
                    idle = host.Memory;
                }
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        var table = new Table().Title($"Start of a process, medians of {rounds}").AddColumns("", "Seconds", "Ratio");
        table.AddRow("Empty web server, to its first answer", $"{Measured.Median(empties):N2}", "1");
        table.AddRow("Host on a new folder, to the first message it accepted (goal 1 s)", $"{Measured.Median(hosts):N2}", $"{Measured.Median(hosts.Zip(empties, (host, empty) => host / empty)):N2}");
        AnsiConsole.Write(table);
        AnsiConsole.WriteLine($"Memory of the host {Idle.TotalSeconds:N0} s later: {idle / 1024 / 1024:N0} MB (goal 120).");
    }

    private static async Task<Started> StartAsync(string program, Func<string, string[]> arguments, string path, CancellationToken cancellationToken)
    {
        var port = OwnProcess.FreePort();
        var clock = Stopwatch.StartNew();
        var process = OwnProcess.Start(program, arguments(port.ToString(CultureInfo.InvariantCulture)));
        try
        {
            process.BeginOutputReadLine();
            await WaitForAnswerAsync(process, port, path, cancellationToken);
            return new Started(process, clock.Elapsed);
        }
        catch
        {
            await new Started(process, clock.Elapsed).DisposeAsync();
            throw;
        }
    }

    private static async Task WaitForAnswerAsync(Process process, int port, string path, CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (!await IsListeningAsync(port, cancellationToken))
        {
            if (process.HasExited || waited.Elapsed > Patience)
            {
                throw new InvalidOperationException($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} did not start.");
            }

            await Task.Delay(BetweenTries, cancellationToken);
        }

        using var http = new HttpClient { Timeout = Patience };
        using var order = new ByteArrayContent(Order) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{port}{path}"), order, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    // An attempt to connect takes less from the process that starts than a request that fails.
    private static async Task<bool> IsListeningAsync(int port, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private sealed class Started(Process process, TimeSpan took) : IAsyncDisposable
    {
        public TimeSpan Took => took;

        public long Memory
        {
            get
            {
                process.Refresh();
                return process.WorkingSet64;
            }
        }

        public async ValueTask DisposeAsync()
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
