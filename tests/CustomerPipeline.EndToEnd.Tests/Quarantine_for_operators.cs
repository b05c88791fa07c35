using System.Net;
using System.Text.Json;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>Settings, signatures and the quarantine, over HTTP and on the command line, on a host that runs and on a folder where none does.</summary>
public sealed class Quarantine_for_operators : IDisposable
{
    private const string WithoutCurrency = """{"type":"track","event":"Order Completed","messageId":"1","userId":"u","timestamp":"2026-01-01T00:00:00Z","properties":{"order_id":"1","subtotal":10}}""";

    private readonly TemporaryFolder _folder = new();

    private string Data => Path.Combine(_folder.Path, "data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_webhook_needs_a_signature_once_its_secret_is_in_the_settings()
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "settings.json"), """{"webhooks":{"segment":{"secrets":["s3cret"]}}}""");
        await using var host = await HostProcess.StartAsync(Data);

        using var unsigned = await host.PostAsync("/api/ingest/segment", "{}");
        using var signed = await host.PostAsync("/api/ingest/segment", "{\"id\":1,\"name\":\"é\"}", headers: [("X-Signature", "376a6975e35c10884de174b7b40ad2167f924b08")]);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Accepted), (unsigned.StatusCode, signed.StatusCode));
        Assert.Equal(1, (await host.DrainAsync()).GetProperty("wrongSignatures").GetInt64());
    }

    [Theory]
    [InlineData("""{"colour":"red"}""", "There is no setting 'colour'")]
    [InlineData("""{"storeTimeZones":{"9":"Mars/Olympus"}}""", "Mars/Olympus")]
    [InlineData("""{"webhooks":{"poslog":{"secrets":["x"]}}}""", "'poslog' signs nothing")]
    [InlineData("{", "settings.json")]
    public async Task Settings_that_cannot_work_are_refused_by_name(string settings, string says)
    {
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(Path.Combine(Data, "settings.json"), settings);

        var (exitCode, output) = await HostProcess.RunAsync("quarantine", "list", "--data", Data);

        Assert.Equal(2, exitCode);
        Assert.Contains(says, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_is_mended_by_hand_on_the_command_line_while_the_host_runs()
    {
        var edited = Path.Combine(_folder.Path, "edited.json");
        await using var host = await HostProcess.StartAsync(Data);
        await host.PostAsync("/api/ingest/segment", $"[{WithoutCurrency},{WithoutCurrency.Replace("\"1\"", "\"2\"", StringComparison.Ordinal)}]");
        await host.DrainAsync();

        var shown = await HostProcess.RunAsync("quarantine", "show", "channel-online:0", "--payload", "--data", Data);
        Assert.Equal(WithoutCurrency, shown.Output);
        await File.WriteAllTextAsync(edited, shown.Output.Replace("\"subtotal\":10", "\"subtotal\":10,\"currency\":\"EUR\"", StringComparison.Ordinal));
        var retried = await HostProcess.RunAsync("quarantine", "retry", "channel-online:0", "--with", edited, "--data", Data);
        var discarded = await HostProcess.RunAsync("quarantine", "discard", "channel-online:1", "--data", Data);

        Assert.Contains("1 tried again, 1 left the quarantine", retried.Output, StringComparison.Ordinal);
        Assert.Contains("1 discarded", discarded.Output, StringComparison.Ordinal);
        Assert.Equal("{\"received\":2,\"stored\":1,\"duplicate\":0,\"ignored\":0,\"quarantined\":0,\"discarded\":1,\"erased\":0}", (await host.DrainAsync()).GetProperty("messages").GetRawText());
    }

    [Fact]
    public async Task Messages_are_listed_shown_retried_and_discarded_over_http()
    {
        await using var host = await HostProcess.StartAsync(Data);
        await host.PostAsync("/api/ingest/segment", $"[{WithoutCurrency},{WithoutCurrency.Replace("\"1\"", "\"2\"", StringComparison.Ordinal)}]");
        await host.DrainAsync();

        var group = Assert.Single((await host.GetAsync("/api/quarantine")).GetProperty("value").EnumerateArray());
        Assert.Equal(("missing-currency", "segment", "ingest", 2L), (Text(group, "reason"), Text(group, "source"), Text(group, "stage"), group.GetProperty("count").GetInt64()));
        var page = await host.GetAsync("/api/quarantine/messages?reason=missing-currency&top=1");
        Assert.Equal("channel-online:0", Text(Assert.Single(page.GetProperty("value").EnumerateArray()), "id"));
        Assert.Equal("channel-online:1", Text(Assert.Single((await host.GetAsync($"/api/quarantine/messages?after={Text(page, "after")}")).GetProperty("value").EnumerateArray()), "id"));
        Assert.Equal(WithoutCurrency, Text(await host.GetAsync("/api/quarantine/messages/channel-online:0"), "payload"));

        using var kept = await host.PostAsync("/api/quarantine/messages/channel-online:0/retry", "");
        using var all = await host.PostAsync("/api/quarantine/retry?reason=missing-currency", "");
        using var gone = await host.Http.DeleteAsync("/api/quarantine/messages/channel-online:0");
        using var unknown = await host.Http.DeleteAsync("/api/quarantine/messages/channel-online:0");

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.NoContent, HttpStatusCode.NotFound), (kept.StatusCode, gone.StatusCode, unknown.StatusCode));
        Assert.Equal("{\"tried\":2,\"released\":0}", await all.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task What_the_queue_gave_up_arrives_there_and_a_retry_makes_it_good()
    {
        var message = Some.Segment("Order Completed", new { order_id = "1", subtotal = 10, currency = "EUR" });
        using (var engine = RocksEngine.Open(Data, TimeProvider.System))
        {
            var queues = new RocksQueues(engine);
            await queues.SendAsync(Queues.Online, [message], default);
            await queues.DeadLetterAsync(Queues.Online, await queues.ReceiveAsync(Queues.Online, 1, TimeSpan.FromMinutes(1)));
        }

        await using var host = await HostProcess.StartAsync(Data);
        await host.DrainAsync();
        var group = Assert.Single((await host.GetAsync("/api/quarantine")).GetProperty("value").EnumerateArray());
        Assert.Equal(("dead-lettered", "segment", "queue"), (Text(group, "reason"), Text(group, "source"), Text(group, "stage")));

        using var retried = await host.PostAsync("/api/quarantine/retry", "");
        Assert.Equal("{\"tried\":1,\"released\":1}", await retried.Content.ReadAsStringAsync());
        Assert.Equal(1, (await host.DrainAsync()).GetProperty("messages").GetProperty("stored").GetInt64());
    }

    [Fact]
    public async Task A_csv_file_and_its_mapping_are_posted_in_one_form_or_sent_as_files()
    {
        const string Mapping = """{"kind":"order","system":"erp","fields":{"id":"No","placed_at":"Day","currency":"Cur","net":"Net","channel":{"constant":"online"},"time_zone":{"constant":"UTC"}}}""";
        const string Csv = "No,Day,Cur,Net\n1,2026-03-01,EUR,5.00\n2,2026-03-02,EUR,7.50\n";
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "m.json"), Mapping);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "s.csv"), Csv);
        await using (var host = await HostProcess.StartAsync(Data))
        {
            using var form = new MultipartFormDataContent { { new StringContent(Mapping), "mapping" }, { new StringContent(Csv), "file", "s.csv" } };
            using var answer = await host.Http.PostAsync("/api/ingest/import", form);
            Assert.Equal("{\"accepted\":2,\"rejected\":0}", await answer.Content.ReadAsStringAsync());
            await host.DrainAsync();
        }

        var (exitCode, output) = await HostProcess.RunAsync("send", "--source", "import", "--mapping", Path.Combine(_folder.Path, "m.json"), Path.Combine(_folder.Path, "s.csv"), "--data", Data);

        Assert.True(exitCode == 0, output);
        Assert.Contains("2 received = 0 stored + 2 duplicate", output, StringComparison.Ordinal);
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
