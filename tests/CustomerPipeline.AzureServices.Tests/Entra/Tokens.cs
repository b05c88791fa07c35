using System.Net;
using System.Security.Cryptography;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.AzureServices.Entra;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.Tokens;

namespace CustomerPipeline.AzureServices.Tests.Entra;

/// <summary>Who is let in by the deployed app: by tokens of an issuer on this machine, whose discovery document and keys have the form of those of Microsoft Entra ID.</summary>
public sealed class Tokens : IAsyncLifetime
{
    private TestIssuer _issuer = null!;
    private EntraAccess _access = null!;

    public async ValueTask InitializeAsync()
    {
        _issuer = await TestIssuer.StartAsync();
        _access = new EntraAccess(new EntraTenant(_issuer.Authority, TestIssuer.Tenant, TestIssuer.Api), NullLogger<EntraAccess>.Instance);
    }

    public ValueTask DisposeAsync() => _issuer.DisposeAsync();

    [Fact]
    public async Task Allow_what_their_app_roles_say()
    {
        var token = _issuer.TokenOf(Scope.CustomersRead, Scope.IdentityWrite);

        Assert.Equal(new Admission.Granted(TestIssuer.Caller), await AdmitAsync(token, Scope.CustomersRead));
        Assert.Equal(new Admission.Granted(TestIssuer.Caller), await AdmitAsync(token, Scope.IdentityWrite));
        Assert.Contains(Scope.PrivacyManage, Assert.IsType<Admission.NotAllowed>(await AdmitAsync(token, Scope.PrivacyManage)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Are_taken_for_the_client_id_and_for_its_uri() =>
        Assert.IsType<Admission.Granted>(await AdmitAsync(_issuer.TokenOf(d => d.Audience = $"api://{TestIssuer.Api}", Scope.CustomersRead), Scope.CustomersRead));

    /// <summary>What an app may do for the person who is signed in says nothing of what that person may.</summary>
    [Fact]
    public async Task With_delegated_scopes_alone_allow_nothing() =>
        Assert.IsType<Admission.NotAllowed>(await AdmitAsync(_issuer.TokenOf(d => d.Claims["scp"] = Scope.CustomersRead), Scope.CustomersRead));

    public static TheoryData<string> Wrong { get; } = ["audience", "issuer", "expired", "not yet", "other key", "unsigned", "signed with the public key", "changed", "no token"];

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Are_refused_that_are_not_of_the_tenant_for_this_api_and_now(string what)
    {
        using var other = RSA.Create(2048);
        var token = what switch
        {
            "audience" => _issuer.TokenOf(d => d.Audience = TestIssuer.Caller, Scope.CustomersRead),
            "issuer" => _issuer.TokenOf(d => d.Issuer = $"{_issuer.Authority}{TestIssuer.Caller}/v2.0", Scope.CustomersRead),
            "expired" => _issuer.TokenOf(d => (d.NotBefore, d.Expires) = (Now.AddHours(-2), Now.AddHours(-1)), Scope.CustomersRead),
            "not yet" => _issuer.TokenOf(d => (d.NotBefore, d.Expires) = (Now.AddHours(1), Now.AddHours(2)), Scope.CustomersRead),
            "other key" => _issuer.TokenOf(d => d.SigningCredentials = TestIssuer.CredentialsOf(new RsaSecurityKey(other), SecurityAlgorithms.RsaSha256), Scope.CustomersRead),
            "unsigned" => _issuer.TokenOf(d => d.SigningCredentials = null, Scope.CustomersRead),
            "signed with the public key" => _issuer.TokenOf(d => d.SigningCredentials = TestIssuer.CredentialsOf(new SymmetricSecurityKey(_issuer.Key.ExportSubjectPublicKeyInfo()), SecurityAlgorithms.HmacSha256), Scope.CustomersRead),
            "changed" => Changed(_issuer.TokenOf(Scope.MetricsRead)),
            _ => "nonsense",
        };

        var refused = Assert.IsType<Admission.NotKnown>(await AdmitAsync(token, Scope.CustomersRead));

        Assert.DoesNotContain(token, refused.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Are_not_needed_for_what_tells_of_no_person()
    {
        Assert.All([Scope.MessagesWrite, Scope.MetricsRead, Scope.OperationsRead], scope => Assert.IsType<Admission.Granted>(_access.AdmitAsync(new Credentials("key", null), scope, default).AsTask().Result));
        foreach (var scope in Scope.All.Except([Scope.MessagesWrite, Scope.MetricsRead, Scope.OperationsRead]))
        {
            Assert.IsType<Admission.NotKnown>(await _access.AdmitAsync(new Credentials("key", null), scope, default));
        }
    }

    [Fact]
    public async Task Of_nobody_are_taken_where_no_tenant_is_configured()
    {
        var access = new EntraAccess(null, NullLogger<EntraAccess>.Instance);

        Assert.IsType<Admission.NotAllowed>(await access.AdmitAsync(new Credentials("key", null), Scope.CustomersRead, default));
        Assert.IsType<Admission.NotKnown>(await access.AdmitAsync(new Credentials("key", _issuer.TokenOf(Scope.CustomersRead)), Scope.CustomersRead, default));
    }

    [Fact]
    public async Task Are_asked_for_in_the_way_that_power_query_understands()
    {
        using var folder = new TemporaryFolder();
        await using var app = LocalPipeline.Build(LocalOptions.Of(folder.Path), clients: services => services.AddSingleton<IAccessControl>(_access));
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(HostAddress.Of(app)) };

        using var nobody = await http.GetAsync("/api/customers/cnobody");
        http.DefaultRequestHeaders.Authorization = new("Bearer", _issuer.TokenOf(Scope.CustomersRead));
        using var somebody = await http.GetAsync("/api/customers/cnobody");

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.NotFound), (nobody.StatusCode, somebody.StatusCode));
        Assert.StartsWith($"Bearer authorization_uri=\"{_issuer.Authority}{TestIssuer.Tenant}/oauth2/", nobody.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        await app.StopAsync();
    }

    private static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    private async Task<Admission> AdmitAsync(string token, string scope) => await _access.AdmitAsync(new Credentials("key", token), scope, default);

    // The same signature under another claim.
    private static string Changed(string token)
    {
        var parts = token.Split('.');
        var claims = Base64UrlEncoder.Decode(parts[1]).Replace(Scope.MetricsRead, Scope.CustomersRead, StringComparison.Ordinal);
        return $"{parts[0]}.{Base64UrlEncoder.Encode(claims)}.{parts[2]}";
    }
}
