using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Spectre.Console;

namespace CustomerPipeline.Bench;

/// <summary>From the start of a host's process on a new folder to the first message it accepted, against the first answer of an empty web server, in turn; and what an idle host needs.</summary>
internal static class StartBench
{
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
            var port = OwnProcess.FreePort();
            await using (var empty = OwnProcess.Start(OwnProcess.Bench, "start", "--empty", port.ToString(CultureInfo.InvariantCulture)))
            {
                empties.Add((await AnsweredAsync(empty, port, "/", cancellationToken)).TotalSeconds);
            }

            var folder = Directory.CreateTempSubdirectory("customerpipeline-start-");
            try
            {
                await using var host = OwnProcess.StartHost(program, folder.FullName, port);
                hosts.Add((await AnsweredAsync(host, port, "/api/ingest/import", cancellationToken)).TotalSeconds);
                if (round == rounds - 1)
                {
                    await Task.Delay(Idle, cancellationToken);
                    idle = host.Look()!.Value.Bytes;
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

    // How long it had been alive when it answered.
    private static async Task<TimeSpan> AnsweredAsync(OwnProcess process, int port, string path, CancellationToken cancellationToken)
    {
        await process.WaitUntilAsync(() => IsListeningAsync(port, cancellationToken), BetweenTries, cancellationToken);
        using var http = new HttpClient { Timeout = OwnProcess.Patience };
        using var order = new ByteArrayContent(Order) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{port}{path}"), order, cancellationToken);
        var took = process.Alive;
        answer.EnsureSuccessStatusCode();
        return took;
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
}
