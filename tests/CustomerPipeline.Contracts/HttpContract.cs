using System.Net;
using System.Text.Json;
using CustomerPipeline.Domain.Value;

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

    [Fact]
    public async Task A_figure_can_be_filtered_summed_up_and_compared()
    {
        foreach (var (id, day, channel) in new[] { (1, "2024-02-03", "web"), (2, "2024-02-10", "pos"), (3, "2024-03-10", "web"), (4, "2024-03-11", "web") })
        {
            await _host.PostAsync(
                "/api/ingest/shopify",
                $$"""{"id":{{id}},"created_at":"{{day}}T10:00:00Z","currency":"SEK","source_name":"{{channel}}","line_items":[{"id":1,"price":"20.00","quantity":1}]}""",
                headers: ("X-Shopify-Topic", "orders/create"));
        }

        await _host.DrainAsync();

        var answer = await _host.GetAsync("/api/metrics/net-sales?from=2024-03-01&to=2024-03-31&currency=SEK&channel=online,service&compare=previous");
        var march = answer.GetProperty("value")[0];
        Assert.Equal(("40.00", "20.00", 1m), (march.GetProperty("value").GetString(), march.GetProperty("before").GetString(), march.GetProperty("change").GetDecimal()));
        Assert.Equal("""{"from":"2024-01-30","to":"2024-02-29"}""", answer.GetProperty("comparedWith").GetRawText());
        var months = (await _host.GetAsync("/api/metrics/orders?from=2024-01-01&to=2024-12-31&by=month")).GetProperty("value").EnumerateArray();
        Assert.Equal(["2024-02 2", "2024-03 2"], months.Select(m => $"{m.GetProperty("month").GetString()} {m.GetProperty("value").GetInt32()}"));
        Assert.Single((await _host.GetAsync("/api/metrics/orders/explain?channel=in-store&currency=SEK")).GetProperty("value").EnumerateArray());
    }

    [Fact]
    public async Task A_figure_is_told_by_category_and_by_campaign()
    {
        static string Order(int number, string campaign, params string[] products) => $$"""
            {"type":"track","event":"Order Completed","messageId":"m{{number}}","userId":"u{{number}}","timestamp":"2024-05-0{{number}}T10:00:00Z","context":{"campaign":{"name":"{{campaign}}"} },
             "properties":{"order_id":"{{number}}","currency":"SEK","products":[{{string.Join(',', products)}}]} }
            """;
        const string Shoes = """{"product_id":"a","category":"Shoes","price":30,"quantity":2}""";
        const string Hat = """{"product_id":"b","category":"Hats","price":10,"quantity":1}""";
        const string Card = """{"product_id":"c","price":5,"quantity":1}""";
        foreach (var order in new[] { Order(1, "spring", Shoes, Hat), Order(2, "spring, late", Hat, Card), Order(3, "", Hat) })
        {
            await _host.PostAsync("/api/ingest/segment", order);
        }

        await _host.DrainAsync();

        Assert.Equal([" 5.00", "Hats 30.00", "Shoes 60.00"], await RowsAsync("gross-sales?by=category", "category"));
        Assert.Equal([" 1", "Hats 3", "Shoes 2"], await RowsAsync("units?by=category,channel", "category"));
        Assert.Equal([" 5.00", "(others) 30.00", "Shoes 60.00"], await RowsAsync("gross-sales?by=category&top=1", "category"));
        var compared = (await _host.GetAsync("/api/metrics/gross-sales?by=category&top=1&from=2024-05-02&to=2024-05-02&compare=previous")).GetProperty("value").EnumerateArray();
        Assert.Equal(["  5.00 ", " Hats 10.00 10.00", " (others)  60.00"], compared.Select(r => $" {r.GetProperty("category")} {r.GetProperty("value")} {r.GetProperty("before")}"));
        Assert.Equal(["(others) 30.00", "Shoes 60.00"], await RowsAsync("gross-sales?by=category&category=Hats&category=Shoes&top=1", "category"));
        Assert.Equal(["(others) 15.00", "spring 70.00"], await RowsAsync("net-sales?by=campaign&campaign=spring&campaign=spring,%20late&top=1", "campaign"));
        Assert.Empty(await RowsAsync("gross-sales?by=category&top=1&category=(others)", "category"));
        Assert.Equal(["Hats 30.00"], await RowsAsync("gross-sales?by=category&category=%20Hats%20", "category"));
        Assert.Equal(["2024-05-01 10.00", "2024-05-02 10.00", "2024-05-03 10.00"], await RowsAsync("gross-sales?by=day&category=Hats", "day"));
        Assert.Equal([" 10.00", "spring 70.00", "spring, late 15.00"], await RowsAsync("net-sales?by=campaign", "campaign"));
        Assert.Equal(["SEK 42.50"], await RowsAsync("average-order-value?campaign=spring&campaign=spring,%20late", "currency"));
        var hats = (await _host.GetAsync("/api/metrics/gross-sales/explain?category=Hats&from=2024-05-01&to=2024-05-31")).GetProperty("value").EnumerateArray().ToList();
        Assert.Equal([1_000, 1_000, 1_000], hats.Select(i => i.GetProperty("measures").GetProperty("gross").GetInt64()));
        Assert.Equal(500, Assert.Single((await _host.GetAsync("/api/metrics/gross-sales/explain?category=&from=2024-05-01&to=2024-05-31")).GetProperty("value").EnumerateArray()).GetProperty("measures").GetProperty("gross").GetInt64());

        async Task<IReadOnlyList<string>> RowsAsync(string question, string dimension) =>
            [.. (await _host.GetAsync($"/api/metrics/{question}&from=2024-05-01&to=2024-05-31")).GetProperty("value").EnumerateArray().Select(r => $"{r.GetProperty(dimension).GetString()} {r.GetProperty("value")}")];
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

    /// <summary>From a figure to the people that it counts.</summary>
    [Fact]
    public async Task Customers_of_a_segment_are_as_many_as_the_metric_says_page_by_page_and_as_csv()
    {
        (string, string)[] created = [("X-Shopify-Topic", "orders/create"), ("X-Shopify-Shop-Domain", "s.example")];
        foreach (var number in Enumerable.Range(1, 9))
        {
            var email = number == 9 ? "" : $"\"email\":\"jo{number}@example.com\",";
            await AcceptedAsync(1, 0, await _host.PostAsync(
                "/api/ingest/shopify",
                $$"""{"id":{{number}},"admin_graphql_api_id":"gid://shopify/Order/{{number}}","created_at":"2026-02-0{{number}}T10:00:00Z","currency":"{{(number % 4 == 0 ? "EUR" : "USD")}}",{{email}}"source_name":"web","line_items":[{"id":1,"price":"{{number}}0.00","quantity":1}]}""",
                headers: created));
        }

        await _host.DrainAsync();

        foreach (var row in (await _host.GetAsync("/api/metrics/customers-by-segment")).GetProperty("value").EnumerateArray().ToList())
        {
            var of = await _host.GetAsync($"/api/customers?segment={Uri.EscapeDataString(Text(row, "segment")!)}");
            Assert.Equal((row.GetProperty("value").GetInt32(), row.GetProperty("value").GetInt32()), (of.GetProperty("count").GetInt32(), of.GetProperty("value").GetArrayLength()));
            var name = Uri.EscapeDataString(Text(row, "segment")!);
            Assert.Equal([row.GetRawText()], (await _host.GetAsync($"/api/metrics/customers-by-segment?segment={name}")).GetProperty("value").EnumerateArray().Select(r => r.GetRawText()));
            var explained = await _host.GetAsync($"/api/metrics/customers-by-segment/explain?segment={name}");
            Assert.Equal(row.GetRawText(), Assert.Single(explained.GetProperty("inputs").EnumerateArray()).GetRawText());
            Assert.Equal(of.GetProperty("value").GetRawText(), explained.GetProperty("value").GetRawText());
        }

        var pages = new List<JsonElement>();
        for (string? next = "/api/customers?sort=value&top=4"; next is not null; next = pages[^1].TryGetProperty("nextLink", out var link) ? link.GetString() : null)
        {
            pages.Add(await _host.GetAsync(next));
        }

        var listed = pages.SelectMany(p => p.GetProperty("value").EnumerateArray()).ToList();
        Assert.Equal([4, 4, 1], pages.Select(p => p.GetProperty("value").GetArrayLength()));
        Assert.Equal(
            ["EUR 80.00", "EUR 40.00", "USD 90.00", "USD 70.00", "USD 60.00", "USD 50.00", "USD 30.00", "USD 20.00", "USD 10.00"],
            listed.Select(c => $"{Text(c, "currency")} {Text(c, "value")}"));
        Assert.Equal(
            [("USD 90.00", JsonValueKind.Null)],
            (await _host.GetAsync("/api/customers?identified=false")).GetProperty("value").EnumerateArray().Select(c => ($"{Text(c, "currency")} {Text(c, "value")}", c.GetProperty("stage").ValueKind)));
        Assert.Equal("10.00", Text((await _host.GetAsync("/api/customers?currency=usd&order=asc&top=1")).GetProperty("value")[0], "value"));

        var id = Text(listed[0], "customer");
        var customer = await _host.GetAsync($"/api/customers/{id}");
        Assert.Equal("[{\"currency\":\"EUR\",\"value\":\"80.00\"}]", customer.GetProperty("netSales").GetRawText());
        Assert.Equal(listed[0].EnumerateObject().Skip(1).Select(p => p.ToString()), customer.GetProperty("standing").EnumerateObject().Skip(1).Select(p => p.ToString()));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/customers?top=1&sort=value") { Headers = { { "Accept", "text/csv" } } };
        using var csv = await _host.Http.SendAsync(request);
        var lines = (await csv.Content.ReadAsStringAsync()).Split("\r\n");
        Assert.Equal("text/csv", csv.Content.Headers.ContentType!.MediaType);
        Assert.Equal("customer,identified,segment,stage,currency,recencyDays,frequency,value,probabilityActive,predictedValue,firstPurchase,lastPurchase,recencyScore,frequencyScore,monetaryScore,brokenPromises", lines[0]);
        Assert.StartsWith($"{id},true,{Text(listed[0], "segment")},{Text(listed[0], "stage")},EUR,", lines[1], StringComparison.Ordinal);
        Assert.Equal(("", 3), (lines[2], lines.Length));
        var second = Assert.Single(csv.Headers.GetValues("Link"))[1..].Split('>')[0];
        Assert.Contains(Text(listed[1], "customer")!, await _host.Http.GetStringAsync($"{second}&format=csv"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audiences_are_lists_of_customers_by_a_filter_that_is_saved()
    {
        foreach (var number in Enumerable.Range(1, 3))
        {
            await AcceptedAsync(1, 0, await _host.PostAsync(
                "/api/ingest/shopify",
                $$"""{"id":{{number}},"admin_graphql_api_id":"gid://shopify/Order/{{number}}","created_at":"2026-02-0{{number}}T10:00:00Z","currency":"USD","email":"jo{{number}}@example.com","source_name":"web","line_items":[{"id":1,"price":"{{number}}0.00","quantity":1}]}""",
                headers: [("X-Shopify-Topic", "orders/create"), ("X-Shopify-Shop-Domain", "s.example")]));
        }

        await AcceptedAsync(1, 0, await _host.PostAsync(
            "/api/ingest/shopify",
            """{"id":3,"admin_graphql_api_id":"gid://shopify/Customer/3","created_at":"2026-02-01T10:00:00Z","updated_at":"2026-02-01T10:00:00Z","email":"jo3@example.com","phone":"+46701234567","email_marketing_consent":{"state":"subscribed"}}""",
            headers: [("X-Shopify-Topic", "customers/create"), ("X-Shopify-Shop-Domain", "s.example")]));
        await _host.DrainAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await PutAsync("rich", "{\"title\": \"\\ud800\", \"filter\": {}}")).StatusCode);
        Assert.Equal("unknown-audience", Text(await RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Get, "/api/audiences/rich"), "code"));

        using var put = await PutAsync("rich", """{"title":"Twenty dollars","filter":{"currency":"usd","leastValue":20,"identified":true}}""");
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        var defined = await _host.GetAsync("/api/audiences/rich");
        Assert.Equal(("Twenty dollars", 2), (Text(defined, "title"), defined.GetProperty("count").GetInt32()));
        Assert.Equal("""{"currency":"USD","identified":"true","leastValue":"20"}""", defined.GetProperty("filter").GetRawText());
        Assert.Equal("rich", Text(Assert.Single((await _host.GetAsync("/api/audiences")).GetProperty("value").EnumerateArray()), "name"));

        const string Same = "currency=USD&leastValue=20&identified=true";
        foreach (var query in new[] { "top=1", "sort=frequency&order=asc", "sort=customer" })
        {
            Assert.Equal(
                (await _host.GetAsync($"/api/customers?{Same}&{query}")).GetProperty("value").GetRawText(),
                (await _host.GetAsync($"/api/audiences/rich/customers?{query}")).GetProperty("value").GetRawText());
        }

        Assert.StartsWith("customer,identified,", await _host.Http.GetStringAsync("/api/audiences/rich/customers?format=csv"), StringComparison.Ordinal);
        var export = await _host.GetAsync("/api/audiences/rich/export");
        Assert.Equal(["2", "1", "0"], new[] { "count", "withoutConsent", "gone" }.Select(name => export.GetProperty(name).GetRawText()));
        Assert.Equal(
            """[{"type":"email","value":"jo3@example.com"},{"type":"phone","value":"+46701234567"}]""",
            Assert.Single(export.GetProperty("value").EnumerateArray()).GetProperty("contacts").GetRawText());
        var lines = (await _host.Http.GetStringAsync("/api/audiences/rich/export?format=csv")).Split("\r\n");
        Assert.Equal(("customer,type,value", 4), (lines[0], lines.Length));
        Assert.EndsWith(",email,jo3@example.com", lines[1], StringComparison.Ordinal);
        Assert.Equal("export-audience", Text((await _host.GetAsync("/api/audit?top=1")).GetProperty("value")[0], "action"));

        foreach (var (name, body, code) in new[]
        {
            ("Rich", "{\"filter\":{}}", "invalid-name"),
            ("a", "{\"filter\":{\"stage\":\"retired\"}}", "unknown-stage"), ("a", "{\"filter\":{\"leastValue\":1}}", "currency-needed"),
            ("a", "{\"filter\":[]}", "invalid-audience"), ("a", "stage=new", "invalid-audience"), ("a", "{\"filter\":{},\"color\":1}", "invalid-audience"),
            ("a", $"{{\"filter\":{{}},\"title\":\"{new string('x', 201)}\"}}", "invalid-title"),
        })
        {
            using var refused = await PutAsync(name, body);
            Assert.Equal((HttpStatusCode.BadRequest, code), (refused.StatusCode, Text(await Read(refused), "code")));
        }

        Assert.Equal("unknown-parameter", Text(await RefusedAsync(HttpStatusCode.BadRequest, HttpMethod.Get, "/api/audiences/rich/customers?stage=new"), "code"));
        using var removed = await _host.Http.DeleteAsync("/api/audiences/rich");
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal("unknown-audience", Text(await RefusedAsync(HttpStatusCode.NotFound, HttpMethod.Delete, "/api/audiences/rich"), "code"));
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

    private Task<HttpResponseMessage> PutAsync(string audience, string body) =>
        _host.Http.PutAsync($"/api/audiences/{audience}", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

    private async Task<JsonElement> RefusedAsync(HttpStatusCode status, HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using var answer = await _host.Http.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
        return await Read(answer);
    }

    private static async Task AcceptedAsync(int accepted, int rejected, HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal($"{{\"accepted\":{accepted},\"rejected\":{rejected}}}", (await Read(answer)).GetRawText());
    }

    private static async Task<JsonElement> Read(HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
