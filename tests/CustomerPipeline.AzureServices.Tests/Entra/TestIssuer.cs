using System.Net;
using System.Security.Cryptography;
using CustomerPipeline.Cli.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace CustomerPipeline.AzureServices.Tests.Entra;

/// <summary>An issuer of tokens on this machine, whose discovery document and keys have the form of those of Microsoft Entra ID.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    public const string Tenant = "11111111-1111-1111-1111-111111111111";
    public const string Api = "22222222-2222-2222-2222-222222222222";
    public const string Caller = "33333333-3333-3333-3333-333333333333";

    private const string KeyId = "k1";

    private readonly WebApplication _app;

    private TestIssuer(WebApplication app) => _app = app;

    public Uri Authority => new(HostAddress.Of(_app) + "/");

    /// <summary>Of the tenant.</summary>
    public string Name => $"{Authority}{Tenant}/v2.0";

    /// <summary>What the tokens are signed with.</summary>
    public RSA Key { get; } = RSA.Create(2048);

    private static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    /// <summary>Starts one on loopback, at any free port.</summary>
    public static async Task<TestIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var issuer = new TestIssuer(builder.Build());
        issuer._app.MapGet($"/{Tenant}/v2.0/.well-known/openid-configuration", () => Results.Text($$"""{"issuer":"{{issuer.Name}}","jwks_uri":"{{issuer.Authority}}keys"}""", "application/json"));
        var shown = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(issuer.Key.ExportParameters(includePrivateParameters: false)) { KeyId = KeyId });
        issuer._app.MapGet("/keys", () => Results.Text($$"""{"keys":[{"kty":"RSA","use":"sig","kid":"{{KeyId}}","n":"{{shown.N}}","e":"{{shown.E}}"}]}""", "application/json"));
        await issuer._app.StartAsync();
        return issuer;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Key.Dispose();
    }

    /// <summary>A valid token of the caller.</summary>
    /// <param name="roles">App roles that the caller has.</param>
    public string TokenOf(params string[] roles) => TokenOf(_ => { }, roles);

    /// <summary>A token that differs from a valid one.</summary>
    public string TokenOf(Action<SecurityTokenDescriptor> change, params string[] roles)
    {
        var token = new SecurityTokenDescriptor
        {
            Issuer = Name,
            Audience = Api,
            NotBefore = Now.AddMinutes(-1),
            Expires = Now.AddHours(1),
            Claims = new Dictionary<string, object> { ["oid"] = Caller, ["roles"] = roles },
            SigningCredentials = CredentialsOf(new RsaSecurityKey(Key), SecurityAlgorithms.RsaSha256),
        };
        change(token);
        return new JsonWebTokenHandler().CreateToken(token);
    }

    /// <summary>A key under the name of the issuer's.</summary>
    public static SigningCredentials CredentialsOf(SecurityKey key, string algorithm)
    {
        key.KeyId = KeyId;
        return new SigningCredentials(key, algorithm);
    }
}
