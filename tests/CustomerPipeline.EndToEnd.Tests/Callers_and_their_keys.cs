using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.LocalServices;

namespace CustomerPipeline.EndToEnd.Tests;

/// <summary>A host in whose folder keys were made: one for each scope, and one for each that has all others.</summary>
public sealed class GuardedHost : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _keys = [];

    public HostProcess Host { get; private set; } = null!;

    public string Folder => _folder.Path;

    public string KeyOf(string scope) => _keys[scope];

    public string KeyWithout(string scope) => _keys[$"all-but-{scope}"];

    public async ValueTask InitializeAsync()
    {
        var keys = new ApiKeys(_folder.Path, TimeProvider.System);
        foreach (var scope in Scope.All)
        {
            var name = scope.Replace('.', '-');
            _keys[scope] = keys.Add(name, [scope]);
            _keys[$"all-but-{scope}"] = keys.Add($"all-but-{name}", [.. Scope.All.Except([scope])]);
        }

        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "settings.json"), """{ "RequestsPerMinute": 1000 }""");
        Host = await HostProcess.StartAsync(_folder.Path);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>Who may ask the local host for what.</summary>
public sealed class Callers_and_their_keys(GuardedHost guarded) : IClassFixture<GuardedHost>
{
    private const string Wrong = "cp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    public static TheoryData<string> Guarded { get; } = [.. ApiDescription.Operations.Where(o => o.Scopes.Count > 0).Select(o => o.Id)];

    public static TheoryData<string> Open { get; } = [.. ApiDescription.Operations.Where(o => o.Scopes.Count == 0).Select(o => o.Id)];

    [Theory]
    [MemberData(nameof(Guarded))]
    public async Task Need_the_scope_that_the_description_says(string operation)
    {
        var scope = Assert.Single(Of(operation).Scopes);

        using var nobody = await AskAsync(operation, null);
        Assert.Equal((HttpStatusCode.Unauthorized, "Basic"), (nobody.StatusCode, nobody.Headers.WwwAuthenticate.First().Scheme));
        Assert.Equal("not-authenticated", await CodeAsync(nobody));
        using var stranger = await AskAsync(operation, Wrong);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
        using var other = await AskAsync(operation, guarded.KeyWithout(scope));
        Assert.Equal((HttpStatusCode.Forbidden, "not-allowed"), (other.StatusCode, await CodeAsync(other)));
        using var right = await AskAsync(operation, guarded.KeyOf(scope));
        Assert.DoesNotContain(right.StatusCode, new[] { HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.MethodNotAllowed, HttpStatusCode.InternalServerError });
    }

    [Theory]
    [MemberData(nameof(Open))]
    public async Task Need_no_key_for_what_tells_nothing(string operation)
    {
        using var answer = await AskAsync(operation, null);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task May_show_a_key_in_a_header_as_a_parameter_as_a_password_or_as_a_user_name_alone()
    {
        var key = guarded.KeyOf(Scope.MetricsRead);
        using var parameter = await guarded.Host.Http.GetAsync($"/api/metrics?code={key}");
        using var password = await AskAsync("Metrics", null, request => request.Headers.Authorization = Basic($"anyone:{key}"));
        using var user = await AskAsync("Metrics", null, request => request.Headers.Authorization = Basic($"{key}:"));
        using var userBesideAnother = await AskAsync("Metrics", null, request => request.Headers.Authorization = Basic($"{key}:{Wrong}"));
        using var nonsense = await AskAsync("Metrics", null, request => request.Headers.TryAddWithoutValidation("Authorization", "Basic !!!"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Unauthorized), (parameter.StatusCode, password.StatusCode, nonsense.StatusCode));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (user.StatusCode, userBesideAnother.StatusCode));
    }

    private static AuthenticationHeaderValue Basic(string credentials) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));

    [Fact]
    public async Task Never_find_a_key_in_an_answer()
    {
        var key = guarded.KeyOf(Scope.MetricsRead);
        using var page = new HttpRequestMessage(HttpMethod.Get, $"/api/odata/Dates?code={key}");
        page.Headers.Add("Prefer", "maxpagesize=1");
        using var answer = await guarded.Host.Http.SendAsync(page);

        Assert.DoesNotContain(key, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(key, await File.ReadAllTextAsync(Path.Combine(guarded.Folder, "keys.json")), StringComparison.Ordinal);
        Assert.DoesNotContain(key, guarded.Host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Are_slowed_down_each_for_itself_when_they_ask_too_often()
    {
        var keys = new ApiKeys(guarded.Folder, TimeProvider.System);
        var (busy, other) = (keys.Add("busy", [Scope.MetricsRead]), keys.Add("other", [Scope.MetricsRead]));
        using var answers = new AnswersToDispose();

        // A hundred at once, and as many more every six seconds.
        while (answers.Count < 1_000 && (answers.Count == 0 || answers.Last().StatusCode == HttpStatusCode.OK))
        {
            answers.Add(await AskAsync("Metrics", busy));
        }

        var refused = answers.Last();
        Assert.InRange(answers.Count, 101, 999);
        Assert.Equal((HttpStatusCode.TooManyRequests, "too-many-requests"), (refused.StatusCode, await CodeAsync(refused)));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(6));
        answers.Add(await AskAsync("Metrics", other));
        Assert.Equal(HttpStatusCode.OK, answers.Last().StatusCode);
    }

    /// <summary>A message may ask what its sender may: the body is a shop's request to erase a customer.</summary>
    [Theory]
    [InlineData("/api/ingest/shopify", Scope.MessagesWrite, false)]
    [InlineData("/api/events", Scope.MessagesWrite, false)]
    [InlineData("/api/ingest/shopify", null, false)]
    [InlineData("/api/events", null, false)]
    [InlineData("/api/ingest/shopify", Scope.PrivacyManage, true)]
    [InlineData("/api/events", Scope.PrivacyManage, true)]
    public async Task May_ask_about_people_through_any_door_what_they_may_ask_at_all(string door, string? scope, bool isTaken)
    {
        // A key for messages alone; one for all but requests of people; one for messages and those.
        var name = $"{(isTaken ? "officer" : scope is null ? "no-officer" : "sender")}-{door.Split('/')[2]}";
        var keys = new ApiKeys(guarded.Folder, TimeProvider.System);
        var key = keys.Add(name, scope is null ? [.. Scope.All.Except([Scope.PrivacyManage])] : [Scope.MessagesWrite, scope]);
        var body = $$"""{"shop_id":1,"shop_domain":"s.example","customer":{"id":4711,"email":"{{name}}@mail.example"},"orders_to_redact":[1]}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, door) { Headers = { { "x-functions-key", key } } };
        request.Content = new StringContent(door == "/api/events" ? $$"""{"specversion":"1.0","id":"{{name}}","source":"/s","type":"shopify.customers/redact","data":{{body}}}""" : body, Encoding.UTF8);
        request.Content.Headers.ContentType = new(door == "/api/events" ? "application/cloudevents+json" : "application/json");
        request.Headers.Add("X-Shopify-Topic", "customers/redact");
        using var answer = await guarded.Host.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);

        async Task<bool> IsThereAsync(string path, string scopeToSee, string what) =>
            (await guarded.Host.Http.GetStringAsync($"{path}?code={guarded.KeyOf(scopeToSee)}")).Contains(what, StringComparison.Ordinal);
        Task<bool> IsTakenAsync() => IsThereAsync("/api/privacy/requests", Scope.PrivacyManage, $"shopify, {name}\"");
        Task<bool> WaitsAsync() => IsThereAsync("/api/quarantine", Scope.OperationsRead, "\"not-allowed\"");
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!(isTaken ? await IsTakenAsync() : await WaitsAsync()))
        {
            await Task.Delay(50, patience.Token);
        }

        Assert.Equal(isTaken, await IsTakenAsync());
    }

    [Fact]
    public async Task Are_let_in_and_shut_out_while_the_host_runs()
    {
        var (exitCode, output) = await HostProcess.RunAsync("keys", "add", "for-a-while", "--scope", Scope.MetricsRead, "--data", guarded.Folder);
        Assert.Equal(0, exitCode);
        var key = output.Trim();

        using (var let = await AskAsync("Metrics", key))
        {
            Assert.Equal(HttpStatusCode.OK, let.StatusCode);
        }

        Assert.Contains("for-a-while", (await HostProcess.RunAsync("keys", "list", "--data", guarded.Folder)).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await HostProcess.RunAsync("keys", "remove", "for-a-while", "--data", guarded.Folder)).ExitCode);
        using var shut = await AskAsync("Metrics", key);
        Assert.Equal(HttpStatusCode.Unauthorized, shut.StatusCode);
    }

    [Theory]
    [InlineData("keys", "add", "a b", "--scope", "metrics.read")]
    [InlineData("keys", "add", "operator", "--scope", "metrics.read")]
    [InlineData("keys", "add", "metrics-read", "--scope", "metrics.read")]
    [InlineData("keys", "add", "new", "--scope", "everything")]
    [InlineData("keys", "remove", "nobody")]
    public async Task Get_no_key_that_makes_no_sense(params string[] arguments)
    {
        var (exitCode, output) = await HostProcess.RunAsync([.. arguments, "--data", guarded.Folder]);

        Assert.Equal(2, exitCode);
        Assert.StartsWith("error: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Are_all_shut_out_when_the_keys_cannot_be_read()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "keys.json"), "[{");
        await using var host = await HostProcess.StartAsync(folder.Path);

        using var answer = await host.Http.GetAsync("/api/metrics");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("keys.json", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(folder.Path, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await host.SaysAsync("keys.json");
    }

    /// <summary>Commands run by whoever can read the folder, and need no key.</summary>
    [Fact]
    public async Task Are_not_the_operator_whose_commands_work_as_ever()
    {
        var (exitCode, output) = await HostProcess.RunAsync("quarantine", "list", "--data", guarded.Folder);

        Assert.True(exitCode == 0, output);
        if (!OperatingSystem.IsWindows())
        {
            foreach (var file in new[] { "host.key", "keys.json" })
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(guarded.Folder, file)));
            }
        }
    }

    [Fact]
    public async Task Are_told_when_they_were_written_against_another_version()
    {
        var key = guarded.KeyOf(Scope.MetricsRead);
        using var known = await guarded.Host.Http.GetAsync($"/api/metrics?api-version=2026-11-01&code={key}");
        using var unknown = await guarded.Host.Http.GetAsync($"/api/metrics?api-version=2019-01-01&code={key}");

        Assert.Equal((HttpStatusCode.OK, "2026-11-01"), (known.StatusCode, known.Headers.GetValues("api-supported-versions").Single()));
        Assert.Equal((HttpStatusCode.BadRequest, "unsupported-api-version"), (unknown.StatusCode, await CodeAsync(unknown)));
    }

    /// <summary>The host is on loopback, where every page that is open in a browser on this machine can send requests to.</summary>
    [Theory]
    [InlineData("Host", "evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("Origin", "https://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "null", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.OK)]
    public async Task Are_no_pages_of_other_sites(string header, string value, HttpStatusCode expected)
    {
        using var folder = new TemporaryFolder();
        await using var host = await HostProcess.StartAsync(folder.Path);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/status");
        request.Headers.TryAddWithoutValidation(header, value);

        using var answer = await host.Http.SendAsync(request);

        Assert.Equal(expected, answer.StatusCode);
        Assert.DoesNotContain(answer.Headers, h => h.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Of_other_sites_are_told_nothing_when_their_browser_asks_first()
    {
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/metrics");
        preflight.Headers.Add("Access-Control-Request-Method", "GET");

        using var answer = await guarded.Host.Http.SendAsync(preflight);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.DoesNotContain(answer.Headers, h => h.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    private static DescribedOperation Of(string operation) => ApiDescription.Operations.Single(o => o.Id == operation);

    private Task<HttpResponseMessage> AskAsync(string operation, string? key, Action<HttpRequestMessage>? more = null)
    {
        var described = Of(operation);
        var path = described.PathWith(parameter => parameter switch
        {
            "day" => "2026-01-31",
            "name" => "net-sales",
            "source" => "shopify",
            "table" => "Dates",
            "call" => "batch",
            "file" => "",
            _ => "cnobody",
        });
        var request = new HttpRequestMessage(new HttpMethod(described.Method), path);
        if (key is not null)
        {
            request.Headers.Add("x-functions-key", key);
        }

        more?.Invoke(request);
        return guarded.Host.Http.SendAsync(request);
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString();

    private sealed class AnswersToDispose : List<HttpResponseMessage>, IDisposable
    {
        public void Dispose() => ForEach(a => a.Dispose());
    }
}
