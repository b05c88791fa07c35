using System.Net;
using System.Text.Json;
using CustomerPipeline.Contracts;
using CustomerPipeline.Functions.Http;
using Microsoft.AspNetCore.Http;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>A host with something in every list.</summary>
public sealed class HostWithLists : SharedHost
{
    private const int Customers = 4;

    /// <summary>The id of a customer with several interactions.</summary>
    public string Jo { get; private set; } = "";

    protected override async Task<RunningHost> StartAsync(string folder)
    {
        var host = await HostProcess.StartAsync(folder);
        var created = HeadersOf("orders/create");
        for (var number = 1; number <= Customers; number++)
        {
            await host.PostAsync("/api/ingest/shopify", Order(number, $"person{number}@example.com"), headers: created);
            await host.PostAsync("/api/ingest/shopify", Order(10 + number, "jo@example.com"), headers: created);
            await host.PostAsync("/api/ingest/shopify", $$"""{"id":{{90 + number}}}""", headers: created);
            await host.PostAsync("/api/ingest/shopify", Consent(number), headers: HeadersOf("customers/create"));
        }

        await host.DrainAsync();
        await host.PostAsync("/api/snapshots", "");
        await host.PostAsync("/api/ingest/shopify", Order(20, "jo@example.com"), headers: created);
        await host.DrainAsync();
        await host.PostAsync("/api/snapshots", "");
        Jo = await FindAsync(host, "jo@example.com");
        for (var number = 1; number <= 3; number++)
        {
            await host.PostAsync($"/api/customers/{Jo}/never-link", $$"""{"with":"{{await FindAsync(host, $"person{number}@example.com")}}"}""");
            await host.PostAsync("/api/ingest/shopify", DataRequest(number), headers: HeadersOf("customers/data_request"));
        }

        await host.DrainAsync();
        return host;
    }

    private static async Task<string> FindAsync(RunningHost host, string email)
    {
        using var answer = await host.PostAsync("/api/customers/lookup", $$"""{"type":"email","value":"{{email}}"}""");
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("id").GetString()!;
    }

    private static string Order(int number, string email) =>
        $$"""
        {"id":{{number}},"created_at":"2026-02-01T10:{{number:D2}}:00Z","currency":"USD","source_name":"web","email":"{{email}}",
        "line_items":[{"id":1,"price":"10.00","quantity":1}]}
        """;

    private static (string, string)[] HeadersOf(string topic) => [("X-Shopify-Topic", topic), ("X-Shopify-Shop-Domain", "s.example")];

    private static string Consent(int number) => $$$"""
        {"id":{{{number}}},"created_at":"2026-02-01T10:00:00Z","updated_at":"2026-02-01T10:00:00Z","email":"person{{{number}}}@example.com",
        "email_marketing_consent":{"state":"subscribed"}}
        """;

    private static string DataRequest(int number) => $$$"""
        {"shop_domain":"s.example","orders_requested":[],"customer":{"id":{{{number}}},"email":"person{{{number}}}@example.com"},
        "data_request":{"id":{{{number}}}}}
        """;
}

/// <summary>Lists come in pages in one way: <c>value</c>, and <c>nextLink</c> with a token that is good for the same question only.</summary>
public sealed class Pages_of_lists(HostWithLists shared) : IClassFixture<HostWithLists>
{
    private readonly RunningHost _host = shared.Host;

    /// <summary>Every list with pages. {jo} is the id of a customer.</summary>
    public static TheoryData<string> Lists =>
    [
        "/api/customers", "/api/customers?sort=recency&order=asc", "/api/customers?stage=new,active,lapsed", "/api/customers?purpose=marketing",
        "/api/customers/{jo}/timeline", "/api/customers/{jo}/why", "/api/metrics/orders/explain", "/api/metrics/orders/explain?channel=online&from=2026-02-01",
        "/api/metrics/customers-by-stage/explain", "/api/snapshots", "/api/restatements", "/api/quarantine/messages", "/api/audit", "/api/privacy/requests",
    ];

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task Have_in_pages_of_one_entry_what_they_have_in_one_page(string list)
    {
        var whole = await EntriesAsync(With(list, "top=200"));
        var pages = await EntriesAsync(With(list, "top=1"));

        Assert.True(whole.Count > 1, $"The list has {whole.Count} entries: no page follows another.");
        Assert.Equal(whole, pages);
    }

    [Theory]
    [InlineData("/api/customers?sort=value", "/api/customers?sort=recency")]
    [InlineData("/api/customers?sort=value", "/api/customers?sort=value&order=asc")]
    [InlineData("/api/customers", "/api/customers?purpose=marketing")]
    [InlineData("/api/customers", "/api/customers?segment=champions")]
    [InlineData("/api/metrics/orders/explain", "/api/metrics/net-sales/explain")]
    [InlineData("/api/metrics/orders/explain", "/api/metrics/orders/explain?channel=online")]
    [InlineData("/api/metrics/orders/explain?from=2026-01-01", "/api/metrics/orders/explain?from=2026-01-02")]
    [InlineData("/api/metrics/customers-by-stage/explain", "/api/metrics/customers-by-stage/explain?stage=new")]
    [InlineData("/api/customers/{jo}/timeline", "/api/customers/{jo}/why")]
    [InlineData("/api/snapshots", "/api/restatements")]
    [InlineData("/api/restatements", "/api/quarantine/messages")]
    [InlineData("/api/quarantine/messages", "/api/quarantine/messages?reason=missing-currency")]
    [InlineData("/api/audit", "/api/privacy/requests")]
    [InlineData("/api/privacy/requests", "/api/identity/suggestions")]
    public async Task Refuse_a_continuation_of_another_question(string list, string other)
    {
        var token = TokenOf(await _host.GetAsync(Of(With(list, "top=1"))));

        await RefusedAsync("continuation-of-another-question", With(other, $"top=1&continuation={token}"));
    }

    [Theory]
    [InlineData("/api/metrics")]
    [InlineData("/api/quarantine")]
    public async Task Refuse_a_continuation_if_they_have_no_pages(string list)
    {
        var token = TokenOf(await _host.GetAsync("/api/audit?top=1"));

        await RefusedAsync("no-pages", With(list, $"continuation={token}"));
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task Refuse_what_is_no_continuation(string list)
    {
        foreach (var text in new[] { "nonsense", "%00", "w6U", "MTIzNDU2Nzg5MGFi", "====" })
        {
            await RefusedAsync("invalid-page", With(list, $"continuation={text}"));
        }
    }

    [Fact]
    public async Task Go_on_with_another_size_of_the_page_and_in_another_format()
    {
        var first = await _host.GetAsync("/api/customers?sort=value&top=1");

        using var rest = await _host.Http.GetAsync($"/api/customers?continuation={TokenOf(first)}&sort=value&top=100&format=csv");

        Assert.Equal(HttpStatusCode.OK, rest.StatusCode);
        var lines = (await rest.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(first.GetProperty("count").GetInt32(), lines.Length);
    }

    [Theory]
    [InlineData("/api/snapshots", "snapshot")]
    [InlineData("/api/restatements", "id")]
    [InlineData("/api/quarantine/messages", "id")]
    [InlineData("/api/customers?purpose=marketing", "id")]
    public async Task By_id_still_begin_after_an_id(string list, string id)
    {
        var all = await EntriesAsync(list);

        var after = await EntriesAsync(With(list, $"after={JsonElement.Parse(all[0]).GetProperty(id).GetString()}"));

        Assert.Equal(all.Skip(1), after);
    }

    [Fact]
    public void Keep_each_value_of_a_parameter_that_is_sent_several_times()
    {
        var request = new DefaultHttpContext().Request;
        request.Path = "/api/metrics/orders/explain";
        request.QueryString = new QueryString("?place=Main%20St,%201&code=secret&place=Mall&after=x");

        var link = Paging.NextLink(request, "c1");

        Assert.StartsWith("/api/metrics/orders/explain?place=Main%20St%2C%201&place=Mall&continuation=", link, StringComparison.Ordinal);
        Assert.Equal("c1", PageToken.Read(request, link!.Split("continuation=")[1]).Position);
    }

    private static string With(string list, string parameter) => $"{list}{(list.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{parameter}";

    private static string TokenOf(JsonElement page) => page.GetProperty("nextLink").GetString()!.Split("continuation=")[1];

    private string Of(string path) => path.Replace("{jo}", shared.Jo, StringComparison.Ordinal);

    private async Task<List<string>> EntriesAsync(string list)
    {
        var entries = new List<string>();
        for (var next = Of(list); next is not null;)
        {
            var page = await _host.GetAsync(next);
            entries.AddRange(page.GetProperty("value").EnumerateArray().Select(e => e.GetRawText()));
            next = page.TryGetProperty("nextLink", out var link) ? link.GetString() : null;
        }

        return entries;
    }

    private async Task RefusedAsync(string code, string path)
    {
        using var answer = await _host.Http.GetAsync(Of(path));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(code, JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("code").GetString());
    }
}
