using System.Net;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.EndToEnd.Tests;

public sealed class A_store_that_cannot_be_written
{
    [Fact]
    public async Task Because_the_disk_is_full_says_so_and_keeps_what_was_acknowledged()
    {
        // No file may grow past a megabyte (the runtime's own memory files are left out): the next write fails as on a full disk.
        Assert.SkipWhen(OperatingSystem.IsWindows(), "File size limits are set by a POSIX shell.");
        using var folder = new TemporaryFolder();
        var acknowledged = 0;
        await using (var host = await HostProcess.StartAsync(folder.Path, "trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0; ulimit -f 2048;"))
        {
            var filler = new string('x', 60_000);
            HttpStatusCode status;
            do
            {
                using var answer = await host.PostAsync("/api/ingest/segment", $"{{\"type\":\"page\",\"messageId\":\"{acknowledged}\",\"filler\":\"{filler}\"}}");
                status = answer.StatusCode;
                acknowledged += status == HttpStatusCode.Accepted ? 1 : 0;
            }
            while (status == HttpStatusCode.Accepted && acknowledged < 200);

            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            await host.SaysAsync("is full");
        }

        Assert.InRange(acknowledged, 1, 199);
        await using var again = await HostProcess.StartAsync(folder.Path);
        var messages = (await again.DrainAsync()).GetProperty("messages");
        Assert.InRange(messages.GetProperty("received").GetInt64(), acknowledged, acknowledged + 1);
    }

    [Fact]
    public async Task Because_of_its_rights_is_refused_with_advice()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "a-file");
        await File.WriteAllTextAsync(file, "");

        var (exitCode, output) = await HostProcess.RunAsync("run", "--data", Path.Combine(file, "data"), "--port", "0");

        Assert.Equal(2, exitCode);
        Assert.StartsWith("error: The data folder", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Because_a_file_of_it_is_missing_is_refused_with_one_line_each_time()
    {
        using var folder = new TemporaryFolder();
        await using (var host = await HostProcess.StartAsync(folder.Path))
        {
            using var answer = await host.PostAsync("/api/ingest/segment", "{\"type\":\"page\",\"messageId\":\"1\"}");
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        }

        File.Delete(Path.Combine(folder.Path, "CURRENT"));
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var (exitCode, output) = await HostProcess.RunAsync("run", "--data", folder.Path, "--port", "0", "--amqp-port", "0");
            Assert.Equal(2, exitCode);
            Assert.StartsWith("error: The data folder", Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Because_another_host_uses_it_is_refused_with_advice()
    {
        using var folder = new TemporaryFolder();
        await using var first = await HostProcess.StartAsync(folder.Path);

        var (exitCode, output) = await HostProcess.RunAsync("verify", "--data", folder.Path);

        Assert.Equal(2, exitCode);
        Assert.Contains("in use by another process", output, StringComparison.Ordinal);
    }
}
