using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>Identity and privacy as operators use them: on the command line and over HTTP.</summary>
public sealed partial class People_and_their_rights : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Data => Path.Combine(_folder.Path, "data");

    public void Dispose() => _folder.Dispose();

    [Slow]
    [Fact]
    public async Task Two_customers_are_merged_explained_parted_exported_and_erased()
    {
        var file = Path.Combine(_folder.Path, "orders.ndjson");
        await File.WriteAllTextAsync(file, """
            {"type":"track","event":"Order Completed","messageId":"1","userId":"u1","timestamp":"2026-01-01T00:00:00Z","context":{"traits":{"email":"josephine@example.com"}},"properties":{"order_id":"1","subtotal":10,"currency":"USD"}}
            {"type":"track","event":"Order Completed","messageId":"2","userId":"u2","timestamp":"2026-01-02T00:00:00Z","context":{"traits":{"email":"other@example.com"}},"properties":{"order_id":"2","subtotal":7,"currency":"USD"}}
            """);
        await SucceedAsync("send", "--source", "segment", file);
        var josephine = await LookUpAsync("josephine@example.com");
        var other = await LookUpAsync("other@example.com");

        var merged = await SucceedAsync("identity", "merge", josephine, other);
        var decision = DecisionId().Match(merged).Value;
        Assert.Equal(await LookUpAsync("other@example.com"), await LookUpAsync("josephine@example.com"));
        Assert.Contains(decision, await SucceedAsync("identity", "why", josephine), StringComparison.Ordinal);
        await SucceedAsync("identity", "take-back", decision);
        Assert.NotEqual(await LookUpAsync("other@example.com"), await LookUpAsync("josephine@example.com"));

        var person = JsonDocument.Parse(await SucceedAsync("export", josephine)).RootElement;
        Assert.Contains("josephine@example.com", person.GetProperty("messages")[0].GetProperty("payload").GetString(), StringComparison.Ordinal);

        await SucceedAsync("erase", josephine, "--yes");

        Assert.Null(await FindAsync("josephine@example.com"));
        Assert.NotNull(await FindAsync("other@example.com"));
        Assert.DoesNotContain(Directory.EnumerateFiles(Data, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith("LOCK", StringComparison.Ordinal)), f => File.ReadAllBytes(f).AsSpan().IndexOf("josephine"u8) >= 0);
        var audit = await SucceedAsync("audit");
        Assert.All(new[] { "merge", "take-back", "export", "erase" }, action => Assert.Contains($"  {action}", audit, StringComparison.Ordinal));
        await SucceedAsync("verify");
        await SucceedAsync("rebuild");
        await SucceedAsync("verify");
    }

    [Fact]
    public async Task Other_rules_are_tried_before_they_apply_and_need_a_rebuild()
    {
        var file = Path.Combine(_folder.Path, "orders.ndjson");
        await File.WriteAllTextAsync(file, """
            {"type":"track","event":"Order Completed","messageId":"1","userId":"u1","anonymousId":"d1","timestamp":"2026-01-01T00:00:00Z","properties":{"order_id":"1","subtotal":10,"currency":"USD"}}
            {"type":"track","event":"Order Completed","messageId":"2","anonymousId":"d1","timestamp":"2026-01-02T00:00:00Z","properties":{"order_id":"2","subtotal":7,"currency":"USD"}}
            """);
        await SucceedAsync("send", "--source", "segment", file);
        var rules = Path.Combine(Data, "strict.json");
        await File.WriteAllTextAsync(rules, """{"version":"strict-1","types":{"account":{"identifies":true}}}""");

        var plan = await SucceedAsync("identity", "plan", "--rules", rules);
        Assert.Contains("then strict-1: 2 customers", plan, StringComparison.Ordinal);
        Assert.Contains("1 fall apart", plan, StringComparison.Ordinal);

        await File.WriteAllTextAsync(Path.Combine(Data, "settings.json"), """{"IdentityRules":"strict.json"}""");
        var (exitCode, output) = await HostProcess.RunAsync("verify", "--data", Data);
        Assert.Equal(2, exitCode);
        Assert.Contains("run rebuild", output, StringComparison.Ordinal);
        await SucceedAsync("rebuild");
        Assert.Contains("2 customers", await SucceedAsync("verify"), StringComparison.Ordinal);
    }

    /// <summary>Invariant 8: whatever the demo's people are called, no log, metric or error says it.</summary>
    [Fact]
    public async Task Nothing_personal_of_a_whole_demo_stands_in_logs_metrics_or_errors()
    {
        var demo = await HostProcess.RunAsync("demo", "--no-serve", "--messages", "2000", "--data", Data, "--port", "0");
        Assert.Equal(0, demo.ExitCode);
        var said = new StringBuilder(demo.Output);
        foreach (var log in Directory.EnumerateFiles(Data, "LOG*"))
        {
            said.AppendLine(await File.ReadAllTextAsync(log));
        }

        var people = new HashSet<string>(StringComparer.Ordinal);
        await using (var host = await HostProcess.StartAsync(Data))
        {
            foreach (var message in (await host.GetAsync("/api/quarantine/messages")).GetProperty("value").EnumerateArray())
            {
                said.AppendLine(message.GetRawText());
            }

            foreach (var metric in (await host.GetAsync("/api/metrics")).GetProperty("value").EnumerateArray())
            {
                said.AppendLine((await host.GetAsync($"/api/metrics/{metric.GetProperty("name").GetString()}")).GetRawText());
            }

            said.AppendLine((await host.GetAsync("/api/status")).GetRawText());
            foreach (var (path, body) in new[] { ("/api/customers/lookup", "{\"type\":\"email\",\"value\":\"nobody.at.all@example.com\"}"), ("/api/ingest/nowhere", "{\"email\":\"x@example.com\"}"), ("/api/customers/cnobody/merge", "{\"with\":1}") })
            {
                said.AppendLine(await (await host.PostAsync(path, body)).Content.ReadAsStringAsync());
            }

            foreach (var customer in Suspects(Data))
            {
                people.Add(customer);
            }
        }

        Assert.True(people.Count > 100, $"Only {people.Count} personal values were found: the test is asleep.");
        Assert.All(people, value => Assert.DoesNotContain(value, said.ToString(), StringComparison.OrdinalIgnoreCase));
    }

    // What the demo's people are known by, as the store's files have it.
    private static IEnumerable<string> Suspects(string folder) => Directory.EnumerateFiles(folder, "*.log").Concat(Directory.EnumerateFiles(folder, "*.sst"))
        .SelectMany(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return Personal().Matches(Encoding.Latin1.GetString(bytes.ToArray())).Select(m => m.Value).Distinct();
        });

    [GeneratedRegex("[a-z]+\\.[a-z]+[0-9]+@example\\.(com|org)|\\+1[0-9]{3}55501[0-9]{2}|\\+491512[0-9]{7}")]
    private static partial Regex Personal();

    [GeneratedRegex("[0-9]{8}-[0-9a-f]{16}")]
    private static partial Regex DecisionId();

    private async Task<string> SucceedAsync(params string[] arguments)
    {
        var (exitCode, output) = await HostProcess.RunAsync([.. arguments, "--data", Data]);
        Assert.True(exitCode == 0, output);
        return output;
    }

    private async Task<string> LookUpAsync(string email) => (await FindAsync(email))!;

    private async Task<string?> FindAsync(string email)
    {
        await using var host = await HostProcess.StartAsync(Data);
        var answer = await host.PostAsync("/api/customers/lookup", $"{{\"type\":\"email\",\"value\":\"{email}\"}}");
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString() : null;
    }
}
