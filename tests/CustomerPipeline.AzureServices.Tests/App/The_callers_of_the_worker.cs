using System.Net;
using System.Net.Http.Headers;
using System.Text;
using CustomerPipeline.Application.Access;
using CustomerPipeline.AzureServices.Tests.Entra;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.FunctionsHost;

namespace CustomerPipeline.AzureServices.Tests.App;

/// <summary>
/// Requests as they reach the worker that ships: the host lets nothing through without a function key, and the app decides by scope. A key alone allows what concerns no single person; the rest takes a token of Microsoft Entra ID.
/// </summary>
public sealed class The_callers_of_the_worker
{
    private static readonly string[] OfKeys = [Scope.MessagesWrite, Scope.MetricsRead, Scope.OperationsRead];
    private static readonly HttpStatusCode[] Refusals = [HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden];

    [Fact]
    public async Task Need_a_key_and_where_it_is_about_people_a_token_with_the_scope_of_the_description()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var app = await AppProcess.StartAsync(issuer: issuer);
        using var http = new HttpClient { BaseAddress = app.Http.BaseAddress };

        foreach (var operation in ApiDescription.Operations.Where(o => o.Scopes.Count > 0))
        {
            var scope = Assert.Single(operation.Scopes);
            var isOfKeys = OfKeys.Contains(scope);
            var byKey = isOfKeys ? "allowed" : "Unauthorized, Bearer";
            var right = issuer.TokenOf(scope);
            async Task AssertAsync(string expected, string who, bool hasKey = true, string? token = null, string? principal = null) =>
                Assert.Equal($"{operation.Id} with {who}: {expected}", $"{operation.Id} with {who}: {await StatusOf(http, operation, hasKey, token, principal)}");

            await AssertAsync("Unauthorized, of the host", "nothing", hasKey: false);
            await AssertAsync("Unauthorized, of the host", "a token alone", hasKey: false, right);
            await AssertAsync(byKey, "a key");
            await AssertAsync(byKey, "a principal that the sender made up", principal: scope);
            await AssertAsync("allowed", "the role", token: right);
            await AssertAsync(isOfKeys ? "allowed" : "Forbidden", "all other roles", token: issuer.TokenOf([.. Scope.All.Except([scope])]));
            await AssertAsync("Unauthorized, Bearer", "an expired token", token: issuer.TokenOf(t => (t.NotBefore, t.Expires) = (t.NotBefore!.Value.AddHours(-2), t.NotBefore.Value.AddHours(-1)), scope));
            await AssertAsync(
                "Unauthorized, Bearer", "a token of another tenant", token: issuer.TokenOf(t => t.Issuer = issuer.Name.Replace(TestIssuer.Tenant, TestIssuer.Caller, StringComparison.Ordinal), scope));
        }
    }

    [Fact]
    public async Task May_show_the_key_as_a_parameter_and_no_other_key()
    {
        await using var app = await AppProcess.StartAsync();
        using var http = new HttpClient { BaseAddress = app.Http.BaseAddress };

        using var parameter = await http.GetAsync($"/api/metrics?code={HttpFront.Key}");
        using var wrong = await http.GetAsync("/api/metrics?code=another");
        using var password = new HttpRequestMessage(HttpMethod.Get, "/api/metrics") { Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"anyone:{HttpFront.Key}"))) } };
        using var asPassword = await http.SendAsync(password);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (parameter.StatusCode, wrong.StatusCode, asPassword.StatusCode));
    }

    // What a name in the path stands for does not exist, and the instant is none: where the answer is given, it takes no effect.
    private static async Task<string> StatusOf(HttpClient http, DescribedOperation operation, bool hasKey, string? token, string? principal)
    {
        using var request = new HttpRequestMessage(new HttpMethod(operation.Method), operation.PathWith(_ => "none") + "?asOf=none");
        if (hasKey)
        {
            request.Headers.Add("x-functions-key", HttpFront.Key);
        }

        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (principal is not null)
        {
            // As App Service writes who signed in (learn.microsoft.com/azure/app-service/configure-authentication-user-identities). This app does not use that sign-in, so that a sender could write it.
            var claims = $$"""{"auth_typ":"aad","claims":[{"typ":"roles","val":"{{principal}}"}],"name_typ":"name","role_typ":"roles"}""";
            request.Headers.Add("X-MS-CLIENT-PRINCIPAL", Convert.ToBase64String(Encoding.UTF8.GetBytes(claims)));
            request.Headers.Add("X-MS-CLIENT-PRINCIPAL-ID", TestIssuer.Caller);
        }

        using var answer = await http.SendAsync(request);
        return answer.StatusCode is HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable ? $"{answer.StatusCode}"
            : !Refusals.Contains(answer.StatusCode) ? "allowed"
            : answer.StatusCode == HttpStatusCode.Forbidden ? "Forbidden"
            : answer.Headers.WwwAuthenticate.FirstOrDefault() is { } challenge ? $"Unauthorized, {challenge.Scheme}"
            : "Unauthorized, of the host";
    }
}
