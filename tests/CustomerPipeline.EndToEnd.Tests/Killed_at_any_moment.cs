using System.Text;
using System.Text.Json;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>Invariant 3: kill -9 of the real process, again and again, while messages are coming.</summary>
[Slow]
public sealed class Killed_at_any_moment(ITestOutputHelper output)
{
    private const int Kills = 20;
    private const int BatchSize = 40;

    private static readonly string[] Metrics = ["orders", "gross-sales", "net-sales", "refunds", "new-customers", "returning-customers", "repeat-rate", "cross-channel-customers", "identified-share"];

    [Fact]
    public async Task The_host_loses_nothing_it_acknowledged_and_counts_nothing_twice()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var killed = new TemporaryFolder();
        using var undisturbed = new TemporaryFolder();
        var batches = Enumerable.Range(0, 60).Select(Batch).ToList();

        var acknowledged = 0;
        var sent = 0;
        var kills = 0;
        var host = await HostProcess.StartAsync(killed.Path);
        for (var next = 0; next < batches.Count;)
        {
            if (kills < Kills && random.Next(3) == 0)
            {
                // While a batch is on its way, or shortly after it was acknowledged and is being worked on.
                var dying = Task.Run(async () =>
                {
                    await Task.Delay(random.Next(60));
                    await host.KillAsync();
                });
                sent += BatchSize;
                acknowledged += await TryPostAsync(host, batches[next]) ? BatchSize : 0;
                await dying;
                await host.DisposeAsync();
                host = await HostProcess.StartAsync(killed.Path);
                kills++;
                await RestAsync(host, kills);
                continue;
            }

            // Sent (again) until it is acknowledged, as a webhook sender does.
            sent += BatchSize;
            Assert.True(await TryPostAsync(host, batches[next]));
            acknowledged += BatchSize;
            next++;
        }

        while (kills++ < Kills)
        {
            await Task.Delay(random.Next(80));
            await host.KillAsync();
            await host.DisposeAsync();
            host = await HostProcess.StartAsync(killed.Path);
            await RestAsync(host, kills);
        }

        var messages = (await host.DrainAsync()).GetProperty("messages");
        var received = messages.GetProperty("received").GetInt64();
        Assert.InRange(received, acknowledged, sent);
        Assert.Equal(received, messages.GetProperty("stored").GetInt64() + messages.GetProperty("duplicate").GetInt64() + messages.GetProperty("quarantined").GetInt64());
        Assert.True(
            batches.Count * (BatchSize - 1) == messages.GetProperty("stored").GetInt64(),
            $"{batches.Count * (BatchSize - 1)} different messages, {sent} sent, {acknowledged} acknowledged; {messages}; half a second later {await LaterAsync(host)}");

        var whole = await HostProcess.StartAsync(undisturbed.Path);
        foreach (var batch in batches)
        {
            Assert.True(await TryPostAsync(whole, batch));
        }

        await whole.DrainAsync();
        var (expected, figures) = (await FiguresAsync(whole), await FiguresAsync(host));
        await host.DisposeAsync();
        await whole.DisposeAsync();
        await VerifyAsync(killed.Path);
        await VerifyAsync(undisturbed.Path);
        Assert.Equal(expected, figures);
    }

    // What kills its worker ten times is taken for poison: on a slow machine the same messages are in hand at every kill.
    private static async Task RestAsync(HostProcess host, int kills)
    {
        if (kills % 5 == 0)
        {
            await host.DrainAsync();
        }
    }

    private static async Task VerifyAsync(string folder)
    {
        var (exitCode, report) = await HostProcess.RunAsync("verify", "--data", folder);
        Assert.True(exitCode == 0, report);
    }

    private static async Task<List<string>> FiguresAsync(HostProcess host)
    {
        var figures = new List<string>();
        foreach (var metric in Metrics)
        {
            figures.Add((await host.GetAsync($"/api/metrics/{metric}?by=day,channel")).GetProperty("value").GetRawText());
        }

        return figures;
    }

    // Tells what was lost from what was only not counted yet.
    private static async Task<JsonElement> LaterAsync(HostProcess host)
    {
        await Task.Delay(500);
        return await host.GetAsync("/api/status");
    }

    // Orders and refunds of few customers who merge as they go, and one broken message a batch.
    private static string Batch(int number)
    {
        var lines = new StringBuilder();
        for (var i = 0; i < BatchSize - 1; i++)
        {
            var id = (number * 100) + i;
            var day = new DateTimeOffset(2026, 1, 1 + (id % 28), 10, 0, 0, TimeSpan.Zero).ToString("o");
            object message = i % 5 == 4
                ? new
                {
                    id,
                    order_id = id - 1,
                    created_at = day,
                    refund_line_items = new[] { new { subtotal = 3.5, subtotal_set = new { shop_money = new { amount = "3.50", currency_code = "USD" } } } },
                    admin_graphql_api_id = $"gid://shopify/Refund/{id}",
                }
                : new
                {
                    id,
                    admin_graphql_api_id = $"gid://shopify/Order/{id}",
                    created_at = day,
                    currency = "USD",
                    source_name = i % 2 == 0 ? "web" : "pos",
                    email = i % 3 == 0 ? $"mail{id % 23}@example.com" : null,
                    customer = i % 4 == 0 ? new { id = 1 + (id % 31) } : null,
                    line_items = new[] { new { price = "12.50", quantity = 1 + (i % 3) } },
                };
            lines.AppendLine(JsonSerializer.Serialize(message));
        }

        return lines.AppendLine($"{{\"broken\":{number}}}").ToString();
    }

    private static async Task<bool> TryPostAsync(HostProcess host, string batch)
    {
        try
        {
            using var answer = await host.PostAsync("/api/ingest/shopify", batch, "application/x-ndjson");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
