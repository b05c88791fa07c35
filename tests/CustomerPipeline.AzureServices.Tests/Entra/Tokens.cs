using System.Net;
using System.Security.Cryptography;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.AzureServices.Entra;
using CustomerPipeline.Cli.Hosting;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace CustomerPipeline.AzureServices.Tests.Entra;

/// <summary>Who is let in by the deployed app: by tokens of an issuer on this machine, whose discovery document and keys have the form of those of Microsoft Entra ID.</summary>
public sealed class Tokens : IAsyncLifetime
{
    private const string Tenant = "11111111-1111-1111-1111-111111111111";
    private const string Api = "22222222-2222-2222-2222-222222222222";
    private const string Somebody = "33333333-3333-3333-3333-333333333333";

    private readonly RSA _key = RSA.Create(2048);
    private WebApplication _issuer = null!;
    private Uri _authority = null!;
    private EntraAccess _access = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        _issuer = builder.Build();
        _issuer.MapGet($"/{Tenant}/v2.0/.well-known/openid-configuration", () => Results.Text($$"""{"issuer":"{{Issuer}}","jwks_uri":"{{_authority}}keys"}""", "application/json"));
        var shown = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(_key.ExportParameters(includePrivateParameters: false)) { KeyId = "k1" });
        _issuer.MapGet("/keys", () => Results.Text($$"""{"keys":[{"kty":"RSA","use":"sig","kid":"k1","n":"{{shown.N}}","e":"{{shown.E}}"}]}""", "application/json"));
        await _issuer.StartAsync();
        _authority = new Uri(HostAddress.Of(_issuer) + "/");
        _access = new EntraAccess(new EntraTenant(_authority, Tenant, Api), NullLogger<EntraAccess>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _issuer.DisposeAsync();
        _key.Dispose();
    }

    private string Issuer => $"{_authority}{Tenant}/v2.0";

    [Fact]
    public async Task Allow_what_their_app_roles_say()
    {
        var token = TokenOf(Scope.CustomersRead, Scope.IdentityWrite);

        Assert.Equal(new Admission.Granted(Somebody), await AdmitAsync(token, Scope.CustomersRead));
        Assert.Equal(new Admission.Granted(Somebody), await AdmitAsync(token, Scope.IdentityWrite));
        Assert.Contains(Scope.PrivacyManage, Assert.IsType<Admission.NotAllowed>(await AdmitAsync(token, Scope.PrivacyManage)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Are_taken_for_the_client_id_and_for_its_uri() =>
        Assert.IsType<Admission.Granted>(await AdmitAsync(TokenOf(d => d.Audience = $"api://{Api}", Scope.CustomersRead), Scope.CustomersRead));

    /// <summary>What an app may do for whoever is signed in says nothing of what that person may.</summary>
    [Fact]
    public async Task With_delegated_scopes_alone_allow_nothing() =>
        Assert.IsType<Admission.NotAllowed>(await AdmitAsync(TokenOf(d => d.Claims["scp"] = Scope.CustomersRead), Scope.CustomersRead));

    public static TheoryData<string> Wrong { get; } = ["audience", "issuer", "expired", "not yet", "other key", "unsigned", "signed with the public key", "changed", "no token"];

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Are_refused_that_are_not_of_the_tenant_for_this_api_and_now(string what)
    {
        using var other = RSA.Create(2048);
        var token = what switch
        {
            "audience" => TokenOf(d => d.Audience = Somebody, Scope.CustomersRead),
            "issuer" => TokenOf(d => d.Issuer = $"{_authority}{Somebody}/v2.0", Scope.CustomersRead),
            "expired" => TokenOf(d => (d.NotBefore, d.Expires) = (Now.AddHours(-2), Now.AddHours(-1)), Scope.CustomersRead),
            "not yet" => TokenOf(d => (d.NotBefore, d.Expires) = (Now.AddHours(1), Now.AddHours(2)), Scope.CustomersRead),
            "other key" => TokenOf(d => d.SigningCredentials = new SigningCredentials(new RsaSecurityKey(other) { KeyId = "k1" }, SecurityAlgorithms.RsaSha256), Scope.CustomersRead),
            "unsigned" => TokenOf(d => d.SigningCredentials = null, Scope.CustomersRead),
            "signed with the public key" => TokenOf(d => d.SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(_key.ExportSubjectPublicKeyInfo()) { KeyId = "k1" }, SecurityAlgorithms.HmacSha256), Scope.CustomersRead),
            "changed" => Changed(TokenOf(Scope.MetricsRead)),
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
        Assert.IsType<Admission.NotKnown>(await access.AdmitAsync(new Credentials("key", TokenOf(Scope.CustomersRead)), Scope.CustomersRead, default));
    }

    [Fact]
    public async Task Are_asked_for_in_the_way_that_power_query_understands()
    {
        using var folder = new TemporaryFolder();
        await using var app = LocalPipeline.Build(LocalOptions.Of(folder.Path), clients: services => services.AddSingleton<IAccessControl>(_access));
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(HostAddress.Of(app)) };

        using var nobody = await http.GetAsync("/api/customers/cnobody");
        http.DefaultRequestHeaders.Authorization = new("Bearer", TokenOf(Scope.CustomersRead));
        using var somebody = await http.GetAsync("/api/customers/cnobody");

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.NotFound), (nobody.StatusCode, somebody.StatusCode));
        Assert.StartsWith($"Bearer authorization_uri=\"{_authority}{Tenant}/oauth2/", nobody.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        await app.StopAsync();
    }

    private static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    private async Task<Admission> AdmitAsync(string token, string scope) => await _access.AdmitAsync(new Credentials("key", token), scope, default);

    private string TokenOf(params string[] roles) => TokenOf(_ => { }, roles);

    private string TokenOf(Action<SecurityTokenDescriptor> change, params string[] roles)
    {
        var token = new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Api,
            NotBefore = Now.AddMinutes(-1),
            Expires = Now.AddHours(1),
            Claims = new Dictionary<string, object> { ["oid"] = Somebody, ["roles"] = roles },
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(_key) { KeyId = "k1" }, SecurityAlgorithms.RsaSha256),
        };
        change(token);
        return new JsonWebTokenHandler().CreateToken(token);
    }

    // The same signature under another claim.
    private static string Changed(string token)
    {
        var parts = token.Split('.');
        var claims = Base64UrlEncoder.Decode(parts[1]).Replace(Scope.MetricsRead, Scope.CustomersRead, StringComparison.Ordinal);
        return $"{parts[0]}.{Base64UrlEncoder.Encode(claims)}.{parts[2]}";
    }
}
