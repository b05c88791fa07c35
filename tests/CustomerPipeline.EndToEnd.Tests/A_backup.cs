using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>The data folder, kept elsewhere while the host works, and brought back.</summary>
public sealed class A_backup
{
    [Fact]
    public async Task Brings_back_what_was_there_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var (data, backups) = (Path.Combine(folder.Path, "data"), Path.Combine(folder.Path, "backups"));
        Directory.CreateDirectory(data);
        await File.WriteAllTextAsync(Path.Combine(data, "settings.json"), "{\"DefaultCurrency\":\"EUR\"}");
        string first;
        await using (var host = await HostProcess.StartAsync(data))
        {
            await OrderAsync(host, 1, 100);
            var one = await HostProcess.RunAsync("backup", "--data", data, "--to", backups);
            Assert.True(one.ExitCode == 0, one.Output);
            first = NameOf(one.Output);

            // Messages keep coming while the second one is made.
            await OrderAsync(host, 101, 200);
            await Task.Delay(1_000);
            var sending = OrderAsync(host, 201, 300);
            var two = await HostProcess.RunAsync("backup", "--data", data, "--to", backups);
            await sending;
            Assert.True(two.ExitCode == 0, two.Output);
            Assert.Contains("There are 2 backups.", two.Output, StringComparison.Ordinal);
        }

        Assert.Equal(100, await RestoredAsync("first", "--backup", first));
        Assert.InRange(await RestoredAsync("latest"), 200, 300);
        Assert.Equal(300, await OrdersAsync(data));

        var kept = await HostProcess.RunAsync("backup", "--data", data, "--to", backups, "--keep", "1");
        Assert.Contains("There are 1 backups.", kept.Output, StringComparison.Ordinal);
        Assert.Equal(300, await RestoredAsync("only"));

        async Task<int> RestoredAsync(string name, params string[] options)
        {
            var target = Path.Combine(folder.Path, name);
            var restored = await HostProcess.RunAsync(["restore", "--from", backups, "--data", target, .. options]);
            Assert.True(restored.ExitCode == 0, restored.Output);
            Assert.Contains("EUR", await File.ReadAllTextAsync(Path.Combine(target, "settings.json")), StringComparison.Ordinal);
            return await OrdersAsync(target);
        }
    }

    [Fact]
    public async Task That_is_damaged_or_not_there_is_not_restored()
    {
        using var folder = new TemporaryFolder();
        var (data, backups) = (Path.Combine(folder.Path, "data"), Path.Combine(folder.Path, "backups"));
        await using (var host = await HostProcess.StartAsync(data))
        {
            await OrderAsync(host, 1, 10);
        }

        Assert.Equal(0, (await HostProcess.RunAsync("backup", "--data", data, "--to", backups)).ExitCode);
        var table = new DirectoryInfo(Path.Combine(backups, "files")).EnumerateFiles().MaxBy(f => f.Length)!;
        var bytes = await File.ReadAllBytesAsync(table.FullName);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(table.FullName, bytes);

        var target = Path.Combine(folder.Path, "new");
        await RefusesAsync("is damaged", "restore", "--from", backups, "--data", target);
        Assert.False(File.Exists(Path.Combine(target, "CURRENT")));
        await RefusesAsync("is not empty", "restore", "--from", backups, "--data", data);
        await RefusesAsync("There is no backup 'x'", "restore", "--from", backups, "--backup", "x", "--data", Path.Combine(folder.Path, "other"));
        await RefusesAsync("There is no backup in", "restore", "--from", folder.Path, "--data", Path.Combine(folder.Path, "other"));
        await RefusesAsync("typo", "backup", "--data", Path.Combine(folder.Path, "typo"), "--to", backups);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "typo")));
    }

    /// <summary>A key of the API lets nobody make copies of the store.</summary>
    [Fact]
    public async Task Is_for_the_operator_alone()
    {
        using var folder = new TemporaryFolder();
        await using var host = await HostProcess.StartAsync(folder.Path);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/local/checkpoint");
        request.Headers.Add("x-functions-key", "guessed");

        using var answer = await host.Http.SendAsync(request);

        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "checkpoint")));
    }

    private static async Task RefusesAsync(string why, params string[] command)
    {
        var (exitCode, output) = await HostProcess.RunAsync(command);

        Assert.True(exitCode == 2 && output.Contains(why, StringComparison.Ordinal), output);
    }

    private static async Task OrderAsync(HostProcess host, int from, int to)
    {
        for (var order = from; order <= to; order++)
        {
            using var answer = await host.PostAsync(
                "/api/ingest/shopify",
                $$"""{"id":{{order}},"created_at":"2026-02-03T10:00:00-05:00","email":"a{{order}}@example.com","source_name":"web","line_items":[{"id":1,"price":"20.00","quantity":2}]}""",
                headers: ("X-Shopify-Topic", "orders/create"));
            answer.EnsureSuccessStatusCode();
        }
    }

    private static async Task<int> OrdersAsync(string data)
    {
        var verified = await HostProcess.RunAsync("verify", "--data", data);
        Assert.True(verified.ExitCode == 0, verified.Output);
        await using var host = await HostProcess.StartAsync(data);
        return (await host.GetAsync("/api/metrics/orders?from=2026-01-01&to=2026-12-31")).GetProperty("value")[0].GetProperty("value").GetInt32();
    }

    private static string NameOf(string output) => output[(output.IndexOf("Backup 2", StringComparison.Ordinal) + "Backup ".Length)..][..16];
}
