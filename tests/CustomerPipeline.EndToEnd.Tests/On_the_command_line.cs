using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.EndToEnd.Tests;

public sealed class On_the_command_line : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_demo_gives_the_same_numbers_for_the_same_seed_and_verifies()
    {
        var data = Path.Combine(_folder.Path, "demo");

        var first = await HostProcess.RunAsync("demo", "--no-serve", "--messages", "2000", "--data", data, "--port", "0");
        var second = await HostProcess.RunAsync("demo", "--no-serve", "--messages", "2000", "--data", data, "--port", "0");
        var verification = await HostProcess.RunAsync("verify", "--data", data);

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal(Figures(first.Output), Figures(second.Output));
        Assert.Contains("messages received =", first.Output, StringComparison.Ordinal);
        Assert.True(verification.ExitCode == 0, verification.Output);
    }

    [Fact]
    public async Task The_demo_never_empties_a_folder_it_did_not_make()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "precious"), "");

        var (exitCode, output) = await HostProcess.RunAsync("demo", "--data", _folder.Path);

        Assert.Equal(2, exitCode);
        Assert.Contains("no demo made it", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder.Path, "precious")));
    }

    [Fact]
    public async Task Audiences_are_defined_shown_and_removed()
    {
        var data = Path.Combine(_folder.Path, "data");
        await using var host = await HostProcess.StartAsync(data);

        var wrong = await HostProcess.RunAsync("audiences", "set", "at-risk", "--where", "stage=retired", "--data", data);
        var set = await HostProcess.RunAsync(
            "audiences", "set", "at-risk", "--title", "At risk", "--where", "stage=at-risk,lapsed", "--where", "leastFrequency=3", "--data", data);
        var listed = await HostProcess.RunAsync("audiences", "list", "--data", data);
        var shown = await HostProcess.RunAsync("audiences", "show", "at-risk", "--data", data);
        var removed = await HostProcess.RunAsync("audiences", "remove", "at-risk", "--data", data);
        var gone = await HostProcess.RunAsync("audiences", "show", "at-risk", "--data", data);

        Assert.Equal([2, 0, 0, 0, 0, 2], new[] { wrong, set, listed, shown, removed, gone }.Select(r => r.ExitCode));
        Assert.Contains("stage is one or several of prospect, new", Line(wrong.Output), StringComparison.Ordinal);
        Assert.All([set, listed, shown], r => Assert.Contains("at-risk: At risk (leastFrequency=3 and stage=at-risk,lapsed)", Line(r.Output), StringComparison.Ordinal));
        Assert.Contains("0 customers are members.", shown.Output, StringComparison.Ordinal);
        Assert.Contains("There is no such audience", Line(gone.Output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_are_sent_and_what_cannot_be_read_waits_in_quarantine_until_the_rule_is_mended()
    {
        var data = Path.Combine(_folder.Path, "data");
        var file = Path.Combine(_folder.Path, "orders.ndjson");
        await File.WriteAllTextAsync(file, """
            {"type":"track","event":"Order Completed","messageId":"1","userId":"u","timestamp":"2026-01-01T00:00:00Z","properties":{"order_id":"1","subtotal":10}}
            {"type":"track","event":"Order Completed","messageId":"2","userId":"u","timestamp":"2026-01-01T00:00:00Z","properties":{"order_id":"2","subtotal":10,"currency":"USD"}}
            """);

        var sent = await HostProcess.RunAsync("send", "--source", "segment", file, "--data", data);
        var listed = await HostProcess.RunAsync("quarantine", "list", "--data", data);
        var shown = await HostProcess.RunAsync("quarantine", "show", "channel-online:0", "--data", data);
        var retried = await HostProcess.RunAsync("quarantine", "retry", "--reason", "missing-currency", "--default-currency", "EUR", "--data", data);
        var planned = await HostProcess.RunAsync("rebuild", "--plan", "--data", data);
        var rebuilt = await HostProcess.RunAsync("rebuild", "--data", data);
        var verified = await HostProcess.RunAsync("verify", "--data", data);
        var snapshot = await HostProcess.RunAsync("snapshot", "--data", data);

        Assert.Contains("2 received = 1 stored + 0 duplicate + 0 ignored + 1 quarantined", Line(sent.Output), StringComparison.Ordinal);
        Assert.Contains("missing-currency", Line(listed.Output), StringComparison.Ordinal);
        Assert.Contains("\"order_id\":\"1\"", shown.Output, StringComparison.Ordinal);
        Assert.Contains("1 tried again, 1 left the quarantine", Line(retried.Output), StringComparison.Ordinal);
        Assert.Contains("0 of 2 orders, tickets and profiles become something else", Line(planned.Output), StringComparison.Ordinal);
        Assert.Contains("Nothing was changed", Line(planned.Output), StringComparison.Ordinal);
        Assert.Equal(0, rebuilt.ExitCode);
        Assert.True(verified.ExitCode == 0, verified.Output);
        Assert.Contains("0 published figures restated", Line(snapshot.Output), StringComparison.Ordinal);
    }

    /// <summary>As to a namespace in Azure: over AMQP, by a connection string.</summary>
    [Fact]
    public async Task Files_are_sent_to_queues_elsewhere_and_sent_again_count_once()
    {
        var file = Path.Combine(_folder.Path, "orders.ndjson");
        await File.WriteAllLinesAsync(file, Enumerable.Range(0, 500).Select(n => $$$"""{"type":"track","event":"Order Completed","messageId":"{{{n}}}","userId":"u","timestamp":"2026-01-01T00:00:00Z","properties":{"order_id":"{{{n}}}","subtotal":10,"currency":"USD"}}"""));
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        await using var host = await HostProcess.StartAsync(Path.Combine(_folder.Path, "data"), amqpPort: port);
        var queues = $"Endpoint=sb://localhost:{port};SharedAccessKeyName=any;SharedAccessKey=any;UseDevelopmentEmulator=true";

        var sent = await HostProcess.RunAsync("send", "--source", "segment", file, "--to", queues);

        // What was accepted is there, however the host ends.
        await host.KillAsync();
        await using var again = await HostProcess.StartAsync(Path.Combine(_folder.Path, "data"), amqpPort: port);
        var rest = await HostProcess.RunAsync("send", "--source", "segment", file, "--to", queues, "--skip", "450");
        var refused = await HostProcess.RunAsync("send", "--source", "segment", file, "--to", "shop");

        Assert.True(sent.ExitCode == 0, sent.Output);
        Assert.Contains("500 messages sent to channel-online, 0 rejected", Line(sent.Output), StringComparison.Ordinal);
        Assert.True(rest.ExitCode == 0, rest.Output);
        Assert.Equal(2, refused.ExitCode);
        var messages = (await again.DrainAsync()).GetProperty("messages");

        // The queue remembers their ids, also over a restart.
        Assert.Equal((500, 500), (messages.GetProperty("received").GetInt64(), messages.GetProperty("stored").GetInt64()));
    }

    [Fact]
    public async Task Files_are_sent_to_the_host_that_runs_on_the_folder()
    {
        var file = Path.Combine(_folder.Path, "group.json");
        await File.WriteAllTextAsync(file, "{\"type\":\"group\",\"messageId\":\"1\"}");
        await using var host = await HostProcess.StartAsync(Path.Combine(_folder.Path, "data"));

        var (exitCode, output) = await HostProcess.RunAsync("send", "--source", "segment", file, "--data", Path.Combine(_folder.Path, "data"));

        Assert.True(exitCode == 0, output);
        Assert.Contains("1 accepted, 0 rejected", output, StringComparison.Ordinal);
        Assert.Equal(1, (await host.DrainAsync()).GetProperty("messages").GetProperty("ignored").GetInt64());
    }

    [Theory]
    [InlineData("run")]
    [InlineData("demo")]
    [InlineData("send")]
    [InlineData("verify")]
    [InlineData("rebuild")]
    [InlineData("quarantine")]
    [InlineData("audiences")]
    [InlineData("snapshot")]
    public async Task Every_command_explains_itself(string command)
    {
        var (exitCode, output) = await HostProcess.RunAsync(command, "--help");

        Assert.Equal(0, exitCode);
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_moved_says_where()
    {
        var (exitCode, output) = await HostProcess.RunAsync("bench", "flow", "--messages", "5");

        Assert.Equal(2, exitCode);
        Assert.Contains("bench/CustomerPipeline.Bench", output, StringComparison.Ordinal);
    }

    private static string Line(string output) => string.Join(' ', output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Figures(string output) => output[output.IndexOf("What the shop is worth", StringComparison.Ordinal)..];
}
