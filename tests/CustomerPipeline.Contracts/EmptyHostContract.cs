using System.Net;
using System.Text.Json;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Contracts;

/// <summary>What a host answers that has received nothing. These tests change nothing, and share the host.</summary>
public abstract class EmptyHostContract(SharedHost shared)
{
    private readonly RunningHost _host = shared.Host;

    protected RunningHost Host => _host;

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
    [InlineData("/api/events", "[]", "application/cloudevents-batch+json")]
    [InlineData("/api/events", "[]", "application/json")]
    [InlineData("/api/ingest/segment", "[]", "application/json")]
    [InlineData("/api/ingest/shopify", "{\"orders\":[]}", "application/json")]
    public async Task An_empty_list_is_accepted_as_nothing(string path, string body, string contentType)
    {
        using var answer = await _host.PostAsync(path, body, contentType);

        Assert.Equal((HttpStatusCode.Accepted, "{\"accepted\":0,\"rejected\":0}"), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData("/api/metrics/moons", 404, "unknown-metric")]
    [InlineData("/api/metrics/orders?from=yesterday", 400, "invalid-period")]
    [InlineData("/api/metrics/orders?from=2026-02-02&to=2026-02-01", 400, "invalid-period")]
    [InlineData("/api/metrics/orders?by=shoe", 400, "unknown-dimension")]
    [InlineData("/api/metrics/orders?chanel=online", 400, "unknown-parameter")]
    [InlineData("/api/metrics/orders?by=category", 400, "unknown-dimension")]
    [InlineData("/api/metrics/orders?category=Shoes", 400, "unknown-parameter")]
    [InlineData("/api/metrics/customers-by-stage?segment=lost", 400, "unknown-parameter")]
    [InlineData("/api/metrics/channel-transitions?from=online", 400, "invalid-period")]
    [InlineData("/api/metrics/units?by=category,place", 400, "dimensions-not-together")]
    [InlineData("/api/metrics/units?by=category&campaign=spring", 400, "dimensions-not-together")]
    [InlineData("/api/metrics/units?by=category&top=0", 400, "invalid-top")]
    [InlineData("/api/metrics/units?by=channel&top=5", 400, "invalid-top")]
    [InlineData("/api/customers?purpose=fun", 400, "invalid-purpose")]
    [InlineData("/api/customers?purpose=marketing&segment=lost", 400, "unknown-parameter")]
    [InlineData("/api/customers?segmnt=lost", 400, "unknown-parameter")]
    [InlineData("/api/customers?segment=gone", 400, "unknown-segment")]
    [InlineData("/api/customers?stage=gone", 400, "unknown-stage")]
    [InlineData("/api/customers?identified=yes", 400, "invalid-identified")]
    [InlineData("/api/customers?currency=XYZ", 400, "unknown-currency")]
    [InlineData("/api/customers?sort=name", 400, "unknown-sort")]
    [InlineData("/api/customers?order=up", 400, "unknown-order")]
    [InlineData("/api/customers?format=xml", 400, "unknown-format")]
    [InlineData("/api/customers?continuation=nonsense", 400, "invalid-page")]
    [InlineData("/api/customers?top=1001", 400, "invalid-page")]
    [InlineData("/api/metrics/orders/explain?compare=year", 400, "unknown-parameter")]
    [InlineData("/api/metrics/contacts-per-hundred-orders?channel=online", 400, "unknown-parameter")]
    [InlineData("/api/metrics/orders?compare=month", 400, "unknown-comparison")]
    [InlineData("/api/metrics/orders?compare=year&from=0001-01-01&to=0001-01-02", 400, "comparison-not-possible")]
    [InlineData("/api/metrics/orders?compare=year&to=0001-01-01", 400, "comparison-not-possible")]
    [InlineData("/api/metrics/orders?compare=previous&to=0001-01-01", 400, "comparison-not-possible")]
    [InlineData("/api/metrics/orders?compare=previous&from=1950-01-01&to=9999-12-31", 400, "comparison-not-possible")]
    [InlineData("/api/metrics/kept-order-share?asOf=9999-12-31", 400, "invalid-instant")]
    [InlineData("/api/metrics/orders?compare=year&by=week", 400, "comparison-not-possible")]
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

    protected static async Task ProblemAsync(int status, string code, HttpResponseMessage answer)
    {
        Assert.Equal(((HttpStatusCode)status, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal((status, code), ((await Read(answer)).GetProperty("status").GetInt32(), (await Read(answer)).GetProperty("code").GetString()));
    }

    private static async Task<JsonElement> Read(HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
}
