using System.Net;
using System.Net.Sockets;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>A mistake is answered with one line on the standard error stream and exit code 2, and makes nothing.</summary>
public sealed class Mistakes_on_the_command_line : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => Path.Combine(_folder.Path, "data");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--port must be a number from 0 to 65535, not '99999'.", "run", "--port", "99999")]
    [InlineData("--amqp-port must be a number from 0 to 65535, not '-1'.", "run", "--amqp-port", "-1")]
    [InlineData("--messages must be a number from 1 to 10000000, not '-5'.", "demo", "--messages", "-5")]
    [InlineData("--messages must be a number from 1 to 10000000, not 'many'.", "demo", "--messages", "many")]
    [InlineData("--least must be a number from 0 to 1, not '7'.", "identity", "suggest", "--least", "7")]
    [InlineData("Unrecognized command or argument '--prot'", "run", "--prot", "7071")]
    public async Task An_impossible_argument_is_refused_with_what_is_possible(string expected, params string[] arguments) =>
        await AssertRefusedAsync(expected, arguments);

    [Theory]
    [InlineData("verify")]
    [InlineData("rebuild")]
    [InlineData("snapshot")]
    [InlineData("quarantine", "list")]
    [InlineData("identity", "rules")]
    [InlineData("audit")]
    [InlineData("keys", "list")]
    public async Task A_data_folder_that_does_not_exist_is_refused(params string[] arguments) =>
        await AssertRefusedAsync($"'{Data}'. Name the folder of a host with --data", arguments);

    [Fact]
    public async Task A_folder_of_something_else_is_no_data_folder()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "notes.txt"), "");

        var (exitCode, _, errors) = await HostProcess.RunApartAsync("verify", "--data", Data);

        Assert.Equal(2, exitCode);
        Assert.StartsWith($"error: There is no data in '{Data}'.", errors, StringComparison.Ordinal);
        Assert.Equal(["notes.txt"], Directory.EnumerateFileSystemEntries(Data).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("run", "--amqp-port", "0", "--port")]
    [InlineData("run", "--port", "0", "--amqp-port")]
    [InlineData("demo", "--port")]
    public async Task A_port_that_is_in_use_is_refused(params string[] arguments)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        await AssertRefusedAsync($"Port {port} is in use. Choose another one with {arguments[^1]}", [.. arguments, $"{port}"]);
    }

    [Fact]
    public async Task Two_hosts_do_not_share_a_port_for_amqp()
    {
        var port = FreePort();
        await using var first = await HostProcess.StartAsync(Path.Combine(_folder.Path, "first"), amqpPort: port);

        await AssertRefusedAsync($"Port {port} is in use. Choose another one with --amqp-port", "run", "--port", "0", "--amqp-port", $"{port}");
    }

    [Theory]
    [InlineData("snapshot")]
    [InlineData("verify")]
    [InlineData("rebuild")]
    public async Task A_folder_that_a_host_uses_is_left_to_it(string command)
    {
        await using var host = await HostProcess.StartAsync(Data);

        var (exitCode, output, errors) = await HostProcess.RunApartAsync(command, "--data", Data);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Equal($"error: The data folder '{Data}' is in use by another process. Stop it, or choose another folder with --data.\n", errors);
    }

    [Fact]
    public async Task A_demo_does_not_delete_the_folder_of_a_demo_that_runs()
    {
        await using var host = await HostProcess.StartAsync(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "demo-folder"), "");

        var (exitCode, output, errors) = await HostProcess.RunApartAsync("demo", "--port", "0", "--data", Data);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith($"error: A host runs on the folder '{Data}'", errors, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Data, "CURRENT")));
    }

    [Fact]
    public async Task A_host_that_stops_while_files_are_sent_to_it_is_named()
    {
        var file = Path.Combine(_folder.Path, "visits.ndjson");
        await File.WriteAllLinesAsync(file, Enumerable.Range(0, 100_000).Select(n => $$$"""{"type":"group","messageId":"{{{n}}}"}"""));
        await using var host = await HostProcess.StartAsync(Data);

        var sending = HostProcess.RunApartAsync("send", "--source", "segment", file, "--data", Data);
        while ((await host.GetAsync("/api/status")).GetProperty("messages").GetProperty("received").GetInt64() == 0)
        {
            await Task.Delay(10);
        }

        await host.KillAsync();
        var (exitCode, _, errors) = await sending;

        Assert.Equal(2, exitCode);
        Assert.Equal(
            $"error: The host at {host.Http.BaseAddress} does not answer any more. Start it again and repeat the command: what it took already counts once.\n",
            errors);
    }

    [Fact]
    public async Task Lines_that_go_into_a_file_or_a_program_are_not_wrapped()
    {
        var name = $"{new string('x', 120)}.ndjson";
        var file = Path.Combine(_folder.Path, name);
        await File.WriteAllTextAsync(file, """{"type":"group","messageId":"1"}""");

        var (exitCode, output, _) = await HostProcess.RunApartAsync("send", "--source", "segment", file, "--data", Data);

        Assert.Equal(0, exitCode);
        Assert.Contains($"{name}: 1 accepted, 0 rejected\n", output, StringComparison.Ordinal);
    }

    private async Task AssertRefusedAsync(string expected, params string[] arguments)
    {
        var (exitCode, output, errors) = await HostProcess.RunApartAsync([.. arguments, "--data", Data]);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith("error: ", errors, StringComparison.Ordinal);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.Single(errors.TrimEnd('\n').Split('\n'));
        Assert.False(Directory.Exists(Data));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
