using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.Functions;
using CustomerPipeline.LocalRuntime;
using Microsoft.Azure.Functions.Worker;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>The OpenAPI document against the functions, and against what they answer. Every other test over HTTP holds its answers against it, too.</summary>
public sealed class The_api_as_described
{
    private static readonly string File = Repository.PathOf("functions", "CustomerPipeline.Functions", "OpenApi", "openapi.json");

    [Fact]
    public async Task Is_well_formed()
    {
        using var stream = System.IO.File.OpenRead(File);

        var read = await OpenApiDocument.LoadAsync(stream, "json", new OpenApiReaderSettings());

        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
    }

    [Fact]
    public void Has_every_function_that_answers_over_http_and_no_other()
    {
        var functions = BoundFunction.Discover(typeof(QueryFunctions).Assembly).Where(f => f.Trigger is HttpTriggerAttribute)
            .Select(f => (f.Name, Trigger: (HttpTriggerAttribute)f.Trigger))
            .Select(f =>
                $"{f.Name}: {f.Trigger.Methods!.Single(m => m != "head").ToUpperInvariant()}{(f.Trigger.AuthLevel == AuthorizationLevel.Anonymous ? ", open" : "")}");

        Assert.Equal(
            functions.Order(StringComparer.Ordinal),
            ApiDescription.Operations.Select(o => $"{o.Function}: {o.Method}{(o.Scopes.Count == 0 ? ", open" : "")}").Distinct().Order(StringComparer.Ordinal));
        Assert.All(ApiDescription.Operations, o => Assert.Matches(RouteOf(o.Function), o.Path));
    }

    /// <summary>Each operation once as it should go, after a story that gives each of them something to tell. The answers are held against the description as they come.</summary>
    [Fact]
    public async Task Is_what_is_answered()
    {
        using var folder = new TemporaryFolder();
        await using var host = await HostProcess.StartAsync(folder.Path);
        var gone = new List<string>();
        async Task<JsonNode?> CallAsync(string operation, string id = "", string query = "", string? body = null, string contentType = "application/json", params (string, string)[] headers)
        {
            var described = ApiDescription.Operations.Single(o => o.Id == operation);
            using var request = new HttpRequestMessage(new HttpMethod(described.Method), described.PathWith(_ => id) + query);
            if (body is not null)
            {
                request.Content = new StringContent(body, Encoding.UTF8);
                request.Content.Headers.ContentType = new(contentType);
            }

            foreach (var (name, value) in headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using var answer = await host.Http.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode, $"{operation} answered {(int)answer.StatusCode}: {text}");
            gone.Add(operation);
            return answer.Content.Headers.ContentType?.MediaType == "application/json" ? JsonNode.Parse(text) : null;
        }

        (string, string)[] created = [("X-Shopify-Topic", "orders/create"), ("X-Shopify-Shop-Domain", "s.example")];
        string Order(int number, string email) => $$"""{"id":{{number}},"admin_graphql_api_id":"gid://shopify/Order/{{number}}","created_at":"2026-02-01T10:00:00Z","updated_at":"2026-02-01T10:00:00Z","currency":"USD","source_name":"web","email":"{{email}}","phone":"+4670123456{{number}}","customer":{"id":{{number}},"email":"{{email}}"},"line_items":[{"id":1,"price":"10.00","quantity":1}]}""";
        foreach (var (number, email) in new[] { (1, "jo@example.com"), (2, "jo.ek@example.com"), (3, "kim@example.com") })
        {
            await CallAsync("Receive", "shopify", body: Order(number, email), headers: created);
        }

        await CallAsync("Receive", "shopify", body: """{"id":1,"admin_graphql_api_id":"gid://shopify/Customer/1","created_at":"2026-02-01T10:00:00Z","updated_at":"2026-02-01T10:00:00Z","email":"jo@example.com","email_marketing_consent":{"state":"subscribed"}}""", headers: [("X-Shopify-Topic", "customers/create"), ("X-Shopify-Shop-Domain", "s.example")]);
        var people = Enumerable.Range(0, 300).Select(i => Person($"{i}", SomePeople.Number(i))).Concat(Enumerable.Range(0, 20).Select(i => Person($"{i}x", SomePeople.Misspelt(SomePeople.Number(i), i))));
        await CallAsync("Receive", "import", body: string.Join('\n', people), contentType: "application/x-ndjson");
        await CallAsync("Receive", "shopify", body: ExampleOf("Receive", "application/json"), headers: created);
        await CallAsync("Receive", "shopify", body: """{"id":9}""", headers: created);
        await CallAsync("Receive", "shopify", body: """{"id":10}""", headers: created);
        await CallAsync("ReceiveOfLibrary", "batch", body: ExampleOf("ReceiveOfLibrary", "application/json"));
        await CallAsync("ReceiveEvents", body: ExampleOf("ReceiveEvents", "application/cloudevents+json"), contentType: "application/cloudevents+json");
        await CallAsync("ReceiveEventsHandshake", headers: ("WebHook-Request-Origin", "sender.example"));
        await host.DrainAsync();

        foreach (var metric in (await CallAsync("Metrics"))!["value"]!.AsArray().Select(m => m!["name"]!.GetValue<string>()))
        {
            await CallAsync("Metric", metric);
        }

        await CallAsync("Metric", "net-sales", "?from=2026-02-01&to=2026-02-28&by=channel,day&api-version=2026-11-01");
        await CallAsync("MetricExplain", "net-sales", "?channel=online&top=1");
        await CallAsync("MetricExplain", "customers-by-stage", "?stage=new,lapsed&top=1");
        await CallAsync("MetricExplain", "customers-by-segment", "?format=csv");
        await CallAsync("MetricExplain", "cohort-retention");
        await CallAsync("FeedService");
        await CallAsync("FeedMetadata");
        await CallAsync("FeedRows", "DailyChannelSales", "?$top=1&$count=true");
        await CallAsync("FeedRows", "Metrics('net-sales')");
        await CallAsync("FeedCount", "DailyChannelSales", "?$filter=NetSales gt 0");
        var snapshot = (await CallAsync("SnapshotTake"))!["snapshot"]!.GetValue<string>();
        await CallAsync("Snapshots");
        await CallAsync("Metric", "customers-by-stage", $"?snapshot={snapshot}");
        await CallAsync("Receive", "shopify", body: Order(4, "sam@example.com"), headers: created);
        await host.DrainAsync();
        await CallAsync("SnapshotTake");
        await CallAsync("PublishedDay", "2026-02-01");
        Assert.NotEmpty((await CallAsync("Restatements"))!["value"]!.AsArray());

        var jo = (await CallAsync("CustomerLookup", body: ExampleOf("CustomerLookup", "application/json")))!["id"]!.GetValue<string>();
        var kim = (await CallAsync("CustomerLookup", body: """{"type":"email","value":"kim@example.com"}"""))!["id"]!.GetValue<string>();
        Assert.NotEmpty((await CallAsync("Customers", query: "?purpose=marketing"))!["value"]!.AsArray());
        Assert.NotEmpty((await CallAsync("Customers", query: "?segment=lost,champions&sort=predicted&top=1"))!["value"]!.AsArray());
        await CallAsync("Customers", query: "?format=csv");
        await CallAsync("AudiencePut", "all-of-them", body: """{"filter":{"identified":true}}""");
        await CallAsync("AudiencePut", "at-risk-loyal", body: ExampleOf("AudiencePut", "application/json"));
        Assert.Equal(2, (await CallAsync("Audiences"))!["value"]!.AsArray().Count);
        Assert.True((await CallAsync("Audience", "all-of-them"))!["count"]!.GetValue<int>() > 100);
        Assert.NotEmpty((await CallAsync("AudienceCustomers", "all-of-them", "?sort=customer&top=1"))!["value"]!.AsArray());
        await CallAsync("AudienceCustomers", "all-of-them", "?format=csv");
        Assert.True((await CallAsync("AudienceExport", "all-of-them", "?top=5"))!["withoutConsent"]!.GetValue<int>() > 0);
        await CallAsync("AudienceExport", "all-of-them", "?format=csv");
        await CallAsync("AudienceDelete", "all-of-them");
        await CallAsync("Customer", jo);
        await CallAsync("CustomerTimeline", jo, "?top=1");
        await CallAsync("CustomerWhy", jo);
        await CallAsync("IdentityRules");
        await CallAsync("IdentityPlan", body: (await CallAsync("IdentityRules"))!.ToJsonString());
        await CallAsync("SuggestionsRun", query: "?least=0.9");
        var suggestions = (await CallAsync("Suggestions"))!["value"]!.AsArray();
        Assert.True(suggestions.Count > 1, $"{suggestions}");
        var decided = (await CallAsync("SuggestionsDecide", body: $$"""{"accept":["{{suggestions[1]!["id"]}}"],"refuse":["{{suggestions[2]!["id"]}}","unknown"]}"""))!["value"]!.AsArray();
        Assert.Equal(["accepted", "refused", "failed"], decided.Select(d => d!["state"]!.GetValue<string>()));
        await CallAsync("SuggestionRefuse", suggestions[^1]!["id"]!.GetValue<string>());
        await CallAsync("SuggestionAccept", suggestions[0]!["id"]!.GetValue<string>());
        await host.DrainAsync();
        var decision = (await CallAsync("CustomerNeverLink", jo, body: $$"""{"with":"{{kim}}"}"""))!["decision"]!.GetValue<string>();
        await host.DrainAsync();
        await CallAsync("IdentityDecisionTakeBack", decision);
        await host.DrainAsync();
        await CallAsync("CustomerMerge", jo, body: $$"""{"with":"{{kim}}"}""");
        await host.DrainAsync();
        await CallAsync("CustomerUnmerge", jo, body: """{"type":"email","value":"jo@example.com"}""");
        await host.DrainAsync();

        await CallAsync("Quarantine");
        var waiting = (await CallAsync("QuarantineMessages"))!["value"]!.AsArray();
        await CallAsync("QuarantineMessage", waiting[0]!["id"]!.GetValue<string>());
        await CallAsync("QuarantineRetryMessage", waiting[0]!["id"]!.GetValue<string>(), body: Order(9, "nine@example.com"));
        await CallAsync("QuarantineRetry");
        await CallAsync("QuarantineDiscard", waiting[1]!["id"]!.GetValue<string>());

        await CallAsync("CustomerExport", kim);
        var erasure = (await CallAsync("CustomerErase", kim))!["id"]!.GetValue<string>();
        await CallAsync("PrivacyRequests");
        await CallAsync("PrivacyRequest", erasure);
        await CallAsync("ReceiveOfInstance", "zendesk", body: """{"ticket":{"id":35,"status":"open","created_at":"2026-02-03T10:00:00Z","updated_at":"2026-02-03T10:00:00Z","requester_id":7}}""");
        await CallAsync("Receive", "shopify", body: """{"shop_domain":"s.example","orders_requested":[2],"customer":{"id":2,"email":"jo.ek@example.com"},"data_request":{"id":77}}""", headers: [("X-Shopify-Topic", "customers/data_request"), ("X-Shopify-Shop-Domain", "s.example")]);
        await host.DrainAsync();
        var access = (await CallAsync("PrivacyRequests"))!["value"]!.AsArray().Single(r => r!["kind"]!.GetValue<string>() == "export")!["id"]!.GetValue<string>();
        await CallAsync("PrivacyRequestDone", access);
        await CallAsync("Audit");
        await CallAsync("Status");
        await CallAsync("Health");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(await System.IO.File.ReadAllTextAsync(File)), await CallAsync("OpenApi")));
        await CallAsync("Dashboard");

        // What answers only that it is not supported.
        Assert.Equal(["FeedBatch"], ApiDescription.Operations.Select(o => o.Id).Except(gone));
    }

    // A function that answers several operations has a route for all of them.
    private static string RouteOf(string function)
    {
        var route = ((HttpTriggerAttribute)BoundFunction.Discover(typeof(QueryFunctions).Assembly).Single(f => f.Name == function).Trigger).Route!;
        return route.EndsWith("/{*path}", StringComparison.Ordinal)
            ? $"^/{Regex.Escape(route[..^"/{*path}".Length])}(/|$)"
            : $"^/{Regex.Escape(route.Replace("{*", "{", StringComparison.Ordinal))}$";
    }

    private static string Person(string id, RegisteredPerson person) => JsonSerializer.Serialize(SomePeople.ToImport(id, person));

    private static string ExampleOf(string operation, string mediaType) =>
        ApiDescription.Operations.Single(o => o.Id == operation).Json["requestBody"]!["content"]![mediaType]!["example"]!.ToJsonString();
}
