using System.Security.Cryptography;
using System.Text;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Ports;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace CustomerPipeline.AzureServices.Entra;

/// <summary>Whose tokens are accepted.</summary>
/// <param name="Authority">Of Microsoft Entra ID, such as <c>https://login.microsoftonline.com</c>.</param>
/// <param name="Tenant">The directory's id: tokens of no other one are accepted.</param>
/// <param name="Audience">The app registration's client id, which stands for this API.</param>
public sealed record EntraTenant(Uri Authority, string Tenant, string Audience);

/// <summary>
/// Callers of the deployed app. The platform lets nobody through without a function key; a key alone allows what concerns no single person. Everything else takes a token of Microsoft Entra ID with
/// the app role of the scope's name. Roles are assigned to people and programs one by one; delegated scopes (<c>scp</c>), which say what an app may do for whoever is signed in, are not looked at.
/// </summary>
public sealed partial class EntraAccess : IAccessControl
{
    private static readonly string[] OfKeys = [Scope.MessagesWrite, Scope.MetricsRead, Scope.OperationsRead];

    private readonly EntraTenant? _tenant;
    private readonly TokenValidationParameters? _accepted;
    private readonly ILogger<EntraAccess> _logger;
    private readonly JsonWebTokenHandler _tokens = new() { MapInboundClaims = false };

    /// <param name="tenant">Whose tokens are accepted; null for none.</param>
    /// <param name="logger">For what is wrong with tokens.</param>
    public EntraAccess(EntraTenant? tenant, ILogger<EntraAccess> logger)
    {
        (_tenant, _logger) = (tenant, logger);
        _accepted = tenant is null ? null : AcceptedOf(tenant);
    }

    /// <summary>As Power Query looks for it: https://learn.microsoft.com/power-bi/connect-data/desktop-troubleshoot-odata.</summary>
    public string Challenge => _tenant is { } tenant
        ? $"Bearer authorization_uri=\"{new Uri(tenant.Authority, $"{tenant.Tenant}/oauth2/v2.0/authorize")}\", realm=\"{new Uri(tenant.Authority, tenant.Tenant)}\""
        : "Bearer";

    public async ValueTask<Admission> AdmitAsync(Credentials credentials, string scope, CancellationToken cancellationToken)
    {
        if (credentials.Token is { } token)
        {
            return await AdmitAsync(token, scope, cancellationToken);
        }

        return OfKeys.Contains(scope) ? new Admission.Granted(CallerOf(credentials.Key))
            : _tenant is null ? new Admission.NotAllowed($"This needs a token with the app role {scope}, and no tenant is configured whose tokens are accepted (EntraTenantId, EntraClientId).")
            : new Admission.NotKnown($"This needs a token of Microsoft Entra ID with the app role {scope}.");
    }

    private async Task<Admission> AdmitAsync(string token, string scope, CancellationToken cancellationToken)
    {
        if (_accepted is null)
        {
            return new Admission.NotKnown("Tokens are not accepted: no tenant is configured (EntraTenantId, EntraClientId).");
        }

        var validated = await _tokens.ValidateTokenAsync(token, _accepted);
        cancellationToken.ThrowIfCancellationRequested();
        if (!validated.IsValid || validated.SecurityToken is not JsonWebToken read)
        {
            LogInvalidToken(_logger, validated.Exception?.GetType().Name ?? "");
            return new Admission.NotKnown("The token is not valid: it is expired, or not for this API, or of another tenant.");
        }

        var roles = read.Claims.Where(c => c.Type == "roles").Select(c => c.Value).ToList();
        return roles.Contains(scope) || OfKeys.Contains(scope)
            ? new Admission.Granted(read.TryGetValue<string>("oid", out var principal) ? principal : read.Subject)
            : new Admission.NotAllowed($"This needs the app role {scope}. The token has: {string.Join(", ", roles.Where(Scope.All.Contains).DefaultIfEmpty("none"))}.");
    }

    private static TokenValidationParameters AcceptedOf(EntraTenant tenant) => new()
    {
        ConfigurationManager = new ConfigurationManager<OpenIdConnectConfiguration>(
            new Uri(tenant.Authority, $"{tenant.Tenant}/v2.0/.well-known/openid-configuration").ToString(), new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever { RequireHttps = !tenant.Authority.IsLoopback }),
        ValidAudiences = [tenant.Audience, $"api://{tenant.Audience}"],
        ValidIssuers = [new Uri(tenant.Authority, $"{tenant.Tenant}/v2.0").ToString(), $"https://sts.windows.net/{tenant.Tenant}/"],
        ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
        ValidTypes = ["JWT", "at+jwt"],
        RequireSignedTokens = true,
        RequireExpirationTime = true,
    };

    // So that callers with different keys do not share a limit; the key cannot be read from it.
    private static string CallerOf(string? key) => key is null ? "key" : $"key-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..12]}";

    [LoggerMessage(Level = LogLevel.Warning, Message = "A token was refused: {Reason}")]
    private static partial void LogInvalidToken(ILogger logger, string reason);
}
