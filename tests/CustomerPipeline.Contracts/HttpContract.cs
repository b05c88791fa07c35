using System.Net;
using System.Text.Json;

namespace CustomerPipeline.Contracts;

/// <summary>What other programs are written against: in at HTTP, through the queues and all stages, out at HTTP.</summary>
public abstract class HttpContract : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private RunningHost _host = null!;

    /// <summary>A host that nobody has used yet.</summary>
    protected abstract Task<RunningHost> StartAsync(string folder);

    public async ValueTask InitializeAsync() => _host = await StartAsync(_folder.Path);

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_order_becomes_a_customer_a_sale_and_a_metric()
    {
        var order = """
            {"id":1,"admin_graphql_api_id":"gid://shopify/Order/1","created_at":"2026-02-03T10:00:00-05:00","currency":"USD","email":"jo@example.com","source_name":"web",
             "total_discounts":"5.00","line_items":[{"product_id":1,"price":"20.00","quantity":2}]}
            """;
        var refund = """
            {"id":2,"order_id":1,"created_at":"2026-02-05T10:00:00Z","refund_line_items":[{"subtotal":10.5,"total_tax":0,"subtotal_set":{"shop_money":{"amount":"10.50","currency_code":"USD"}}}]}
            """;

        await AcceptedAsync(1, 0, await _host.PostAsync("/api/ingest/shopify", order, headers: [("X-Shopify-Topic", "orders/create"), ("X-Shopify-Event-Id", "e1"), ("X-Shopify-Shop-Domain", "s.example")]));
        await AcceptedAsync(1, 0, await _host.PostAsync("/api/ingest/shopify", order, headers: [("X-Shopify-Topic", "orders/create"), ("X-Shopify-Event-Id", "e1"), ("X-Shopify-Shop-Domain", "s.example")]));
        await AcceptedAsync(1, 0, await _host.PostAsync("/api/ingest/shopify", refund, headers: [("X-Shopify-Topic", "refunds/create")]));
        var status = await _host.DrainAsync();

        Assert.Equal("{\"received\":3,\"stored\":2,\"duplicate\":1,\"ignored\":0,\"quarantined\":0,\"discarded\":0,\"erased\":0}", status.GetProperty("messages").GetRawText());
        Assert.Equal(["ingest", "resolve", "value"], status.GetProperty("stages").EnumerateArray().Select(s => s.GetProperty("name").GetString()));

        var sales = await _host.GetAsync("/api/metrics/net-sales?from=2026-02-01&to=2026-02-28&by=channel,day");
        Assert.Equal(["metric", "from", "to", "asOf", "ruleVersion", "watermark", "value"], sales.EnumerateObject().Select(p => p.Name));
        Assert.Equal(
            """[{"channel":"online","day":"2026-02-03","currency":"USD","value":"35.00"},{"channel":"online","day":"2026-02-05","currency":"USD","value":"-10.50"}]""",
            sales.GetProperty("value").GetRawText());
        Assert.Equal("[]", (await _host.GetAsync("/api/metrics/net-sales?from=2026-03-01&to=2026-03-31")).GetProperty("value").GetRawText());

        Assert.Equal(
            """[{"Day":"2026-02-03","Channel":"online","Currency":"USD","NetSales":35.00},{"Day":"2026-02-05","Channel":"online","Currency":"USD","NetSales":-10.50}]""",
            (await _host.GetAsync("/api/odata/DailyChannelSales?$select=Day,Channel,Currency,NetSales")).GetProperty("value").GetRawText());

        var found = await Read(await _host.PostAsync("/api/customers/lookup", "{\"type\":\"email\",\"value\":\" JO@example.com\"}"));
        Assert.Equal("""[{"currency":"USD","value":"24.50"}]""", found.GetProperty("netSales").GetRawText());
        var id = found.GetProperty("id").GetString();
        Assert.Equal(found.GetRawText(), (await _host.GetAsync($"/api/customers/{id}")).GetRawText());
        var entry = Assert.Single((await _host.GetAsync($"/api/customers/{id}/timeline")).GetProperty("value").EnumerateArray());
        Assert.Equal(("order", "24.50"), (entry.GetProperty("kind").GetString(), entry.GetProperty("netSales").GetString()));
    }

    [Theory]
    [InlineData("/api/metrics/net-sales?by=day")]
    [InlineData("/api/odata/DailyChannelSales")]
    public async Task An_answer_that_is_known_is_not_sent_again(string path)
    {
        string Order(int number) => $$"""{"id":{{number}},"admin_graphql_api_id":"gid://shopify/Order/{{number}}","created_at":"2026-02-01T10:00:00Z","currency":"USD","source_name":"web","line_items":[{"id":1,"price":"10.00","quantity":1}]}""";
        (string, string)[] created = [("X-Shopify-Topic", "orders/create"), ("X-Shopify-Shop-Domain", "s.example")];
        await _host.PostAsync("/api/ingest/shopify", Order(1), headers: created);
        await _host.DrainAsync();
        using var first = await _host.Http.GetAsync(path);
        async Task<HttpResponseMessage> AskAgainAsync(string known)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("If-None-Match", known);
            return await _host.Http.SendAsync(request);
        }

        var tag = first.Headers.ETag!.Tag;
        foreach (var known in new[] { tag, $"W/{tag}", $"\"other\", {tag}", "*" })
        {
            using var again = await AskAgainAsync(known);
            Assert.Equal((HttpStatusCode.NotModified, "", tag), (again.StatusCode, await again.Content.ReadAsStringAsync(), again.Headers.ETag!.Tag));
        }

        await _host.PostAsync("/api/ingest/shopify", Order(2), headers: created);
        await _host.DrainAsync();
        using var changed = await AskAgainAsync(tag);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.NotEqual(tag, changed.Headers.ETag!.Tag);
    }

    /// <summary>From a figure to the interactions behind it, and to what was published of it.</summary>
    [Fact]
    public async Task A_figure_is_explained_published_and_restated()
    {
        string Order(int number, string day) => $$"""{"id":{{number}},"admin_graphql_api_id":"gid://shopify/Order/{{number}}","created_at":"{{day}}T10:00:00Z","updated_at":"{{day}}T10:00:00Z","currency":"USD","source_name":"web","email":"jo{{number}}@example.com","line_items":[{"id":1,"price":"10.00","quantity":1}]}""";
        (string, string)[] created = [("X-Shopify-Topic", "orders/create"), ("X-Shopify-Shop-Domain", "s.example")];
        await AcceptedAsync(1, 0, await _host.PostAsync("/api/ingest/shopify", Order(1, "2026-02-01"), headers: created));
        await AcceptedAsync(1, 0, await _host.PostAsync("/api/ingest/shopify", Order(2, "2026-02-02"), headers: created));
        await _host.DrainAsync();

        var first = await Read(await _host.PostAsync("/api/snapshots", ""));
        var stages = (await _host.GetAsync("/api/metrics/customers-by-stage")).GetProperty("value").GetRawText();
        await AcceptedAsync(1, 0, await _host.PostAsync("/api/ingest/shopify", Order(3, "2026-02-01"), headers: created));
        await _host.DrainAsync();
        await _host.PostAsync("/api/snapshots", "");

        var restated = Assert.Single((await _host.GetAsync("/api/restatements")).GetProperty("value").EnumerateArray(), r => r.GetProperty("metric").GetString() == "gross-sales");
        Assert.Equal(("2026-02-01", "online", "10.00", "20.00"), (Text(restated, "day"), Text(restated, "channel"), Text(restated, "old"), Text(restated, "new")));
        Assert.Equal("""{"shopify order":1}""", restated.GetProperty("cause").GetProperty("interactions").GetRawText());
        Assert.Equal("10.00", Text((await _host.GetAsync("/api/published/2026-02-01?version=1")).GetProperty("metrics").GetProperty("gross-sales")[0], "value"));
        Assert.Equal("20.00", Text((await _host.GetAsync("/api/published/2026-02-01")).GetProperty("metrics").GetProperty("gross-sales")[0], "value"));
        Assert.Equal(1, (await _host.GetAsync("/api/published/2026-02-02")).GetProperty("version").GetInt32());
        Assert.Equal(stages, (await _host.GetAsync($"/api/metrics/customers-by-stage?snapshot={Text(first, "snapshot")}")).GetProperty("value").GetRawText());
        Assert.Equal(2, (await _host.GetAsync("/api/snapshots")).GetProperty("value").GetArrayLength());

        var page = await _host.GetAsync("/api/metrics/gross-sales/explain?from=2026-02-01&to=2026-02-01&channel=online&top=1");
        var next = await _host.GetAsync(Text(page, "nextLink")!);
        Assert.Equal("20.00", Text(page.GetProperty("inputs")[0], "value"));
        Assert.Equal(
            ["shopify:order:1", "shopify:order:3"],
            new[] { page, next }.SelectMany(p => p.GetProperty("value").EnumerateArray()).Select(i => Text(i, "entity")).Order());
        Assert.False(next.TryGetProperty("nextLink", out _));
    }

    [Fact]
    public async Task The_catalogue_lists_every_metric_with_its_definition()
    {
        var metrics = (await _host.GetAsync("/api/metrics")).GetProperty("value").EnumerateArray().ToList();

        Assert.Superset(
            new HashSet<string?>
            {
                "orders", "net-sales", "gross-sales", "refunds", "average-order-value", "new-customers", "returning-customers", "repeat-rate", "tickets", "first-reply-time",
                "resolution-time", "csat", "cross-channel-customers", "identified-share",
            },
            metrics.Select(m => m.GetProperty("name").GetString()).ToHashSet());
        Assert.All(metrics, m => Assert.Superset(
            new HashSet<string> { "name", "title", "unit", "kind", "dimensions", "definition" }, m.EnumerateObject().Select(p => p.Name).ToHashSet()));
        foreach (var metric in metrics)
        {
            // A stock comes by its own dimensions.
            var by = metric.GetProperty("kind").GetString() == "stock" ? "" : $"?by={string.Join(',', metric.GetProperty("dimensions").EnumerateArray())}";
            using var answer = await _host.Http.GetAsync($"/api/metrics/{metric.GetProperty("name")}{by}");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task An_array_and_lines_are_many_messages_of_which_bad_ones_are_rejected_by_place()
    {
        await AcceptedAsync(2, 0, await _host.PostAsync("/api/ingest/segment", "[{\"type\":\"page\",\"messageId\":\"1\"},{\"type\":\"page\",\"messageId\":\"2\"}]"));
        using var lines = await _host.PostAsync("/api/ingest/segment", "{\"type\":\"page\"}\n\nnot json\r\n{\"type\":\"page\",\"messageId\":\"3\"}\r\n", "application/x-ndjson");

        var receipt = await Read(lines);
        Assert.Equal((2, 1), (receipt.GetProperty("accepted").GetInt32(), receipt.GetProperty("rejected").GetInt32()));
        Assert.Equal(1, receipt.GetProperty("errors")[0].GetProperty("index").GetInt32());
    }

    [Theory]
    [InlineData("/api/ingest/segment", "{", "application/json", 400, "invalid-body")]
    [InlineData("/api/ingest/segment", "", "application/json", 400, "invalid-body")]
    [InlineData("/api/ingest/segment", "{}", "text/plain", 415, "unsupported-media-type")]
    [InlineData("/api/ingest/martians", "{}", "application/json", 404, "unknown-source")]
    [InlineData("/api/customers/lookup", "{\"shoe\":\"42\"}", "application/json", 400, "invalid-identifier")]
    [InlineData("/api/customers/lookup", "{\"type\":\"email\",\"value\":\"nobody@example.com\"}", "application/json", 404, "unknown-customer")]
    public async Task A_bad_post_is_answered_with_problem_details(string path, string body, string contentType, int status, string code) =>
        await ProblemAsync(status, code, await _host.PostAsync(path, body, contentType));

    [Theory]
    [InlineData("/api/metrics/moons", 404, "unknown-metric")]
    [InlineData("/api/metrics/orders?from=yesterday", 400, "invalid-period")]
    [InlineData("/api/metrics/orders?from=2026-02-02&to=2026-02-01", 400, "invalid-period")]
    [InlineData("/api/metrics/orders?by=shoe", 400, "unknown-dimension")]
    [InlineData("/api/metrics/orders?asOf=2026-02-01", 400, "as-of-not-possible")]
    [InlineData("/api/metrics/kept-order-share?asOf=soon", 400, "invalid-instant")]
    [InlineData("/api/metrics/customers-by-stage?by=channel", 400, "stock-metric")]
    [InlineData("/api/metrics/customers-by-stage?snapshot=20260101T000000", 404, "unknown-snapshot")]
    [InlineData("/api/metrics/net-sales?in=EUR", 400, "no-reporting-currency")]
    [InlineData("/api/metrics/orders/explain?top=1000", 400, "invalid-page")]
    [InlineData("/api/published/yesterday", 400, "invalid-day")]
    [InlineData("/api/published/2026-02-01", 404, "not-published")]
    [InlineData("/api/customers/cnobody", 404, "unknown-customer")]
    [InlineData("/api/customers/..%2f..", 404, "unknown-customer")]
    [InlineData("/api/customers/cnobody/timeline?top=0", 400, "invalid-page")]
    [InlineData("/api/customers/cnobody/timeline?continuation=%00", 400, "invalid-page")]
    public async Task A_bad_question_is_answered_with_problem_details(string path, int status, string code) =>
        await ProblemAsync(status, code, await _host.Http.GetAsync(path));

    [Fact]
    public async Task A_message_over_the_limit_is_refused() =>
        await ProblemAsync(413, "message-too-large", await _host.PostAsync("/api/ingest/segment", "\"" + new string('x', 9_000_000) + "\""));

    [Fact]
    public async Task The_host_says_that_it_is_healthy() => Assert.Equal("{\"status\":\"healthy\"}", (await _host.GetAsync("/health")).GetRawText());

    private static async Task AcceptedAsync(int accepted, int rejected, HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal($"{{\"accepted\":{accepted},\"rejected\":{rejected}}}", (await Read(answer)).GetRawText());
    }

    private static async Task ProblemAsync(int status, string code, HttpResponseMessage answer)
    {
        Assert.Equal(((HttpStatusCode)status, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal((status, code), ((await Read(answer)).GetProperty("status").GetInt32(), (await Read(answer)).GetProperty("code").GetString()));
    }

    private static async Task<JsonElement> Read(HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
