using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.EndToEnd.Tests;

public sealed class In_a_reporting_currency
{
    [Fact]
    public async Task Money_is_told_with_the_rates_and_refused_where_there_is_none()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "settings.json"), """{"ReportingCurrency": "USD", "ExchangeRates": "rates.csv"}""");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "rates.csv"), "date,currency,rate\n2026-03-01,EUR,1.10\n");
        await using var host = await HostProcess.StartAsync(folder.Path);
        foreach (var (id, day) in new[] { (1, "2026-02-01"), (2, "2026-03-02") })
        {
            var order = $$"""{"id":{{id}},"admin_graphql_api_id":"gid://shopify/Order/{{id}}","created_at":"{{day}}T10:00:00Z","currency":"EUR","source_name":"web","line_items":[{"id":1,"price":"10.00","quantity":1}]}""";
            using var accepted = await host.PostAsync("/api/ingest/shopify", order, headers: [("X-Shopify-Topic", "orders/create"), ("X-Shopify-Shop-Domain", "s.example")]);
            Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        }

        await host.DrainAsync();

        var march = await host.GetAsync("/api/metrics/gross-sales?from=2026-03-01&in=USD");
        Assert.Equal("""[{"currency":"USD","value":"11.00"}]""", march.GetProperty("value").GetRawText());
        Assert.Equal("""[{"currency":"EUR","day":"2026-03-01","rate":1.10}]""", march.GetProperty("rates").GetRawText());
        foreach (var path in new[] { "/api/metrics/gross-sales?in=USD", "/api/metrics/gross-sales/explain?in=USD" })
        {
            using var refused = await host.Http.GetAsync(path);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.Equal("no-rate", (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
        }
    }
}
