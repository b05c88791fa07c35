using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CustomerPipeline.FunctionsHost;

/// <summary>
/// What an app finds around itself in Azure: the endpoint that gives out tokens of its managed identity (learn.microsoft.com/azure/app-service/overview-managed-identity, "REST endpoint reference"), and an Event Grid topic.
/// </summary>
public sealed class PlatformServices : IAsyncDisposable
{
    private const string Header = "secret-of-the-platform";

    private readonly WebApplication _app;

    private PlatformServices(X509Certificate2 certificate, string certificateFile, string keyFile)
    {
        (CertificateFile, KeyFile) = (certificateFile, keyFile);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate));
        });
        _app = builder.Build();
        _app.MapGet("/msi/token", GiveTokenAsync);
        _app.MapPost("/topic/api/events", TakeEventsAsync);
    }

    /// <summary>Of the servers on this machine, as PEM. A process trusts them when its variable SSL_CERT_FILE names this file.</summary>
    public string CertificateFile { get; }

    /// <summary>The key of the certificate, as PEM.</summary>
    public string KeyFile { get; }

    /// <summary>Bodies that were sent to the topic.</summary>
    public ConcurrentQueue<string> Events { get; } = new();

    /// <summary>The endpoint of the topic.</summary>
    public Uri Topic => new(AddressOf("https"), "/topic/api/events");

    /// <summary>Variables by which the client libraries find the identity, and trust the servers of this machine.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["IDENTITY_ENDPOINT"] = new Uri(AddressOf("http"), "/msi/token").ToString(),
        ["IDENTITY_HEADER"] = Header,
        ["SSL_CERT_FILE"] = CertificateFile,
    };

    /// <summary>Starts them.</summary>
    /// <param name="folder">For the certificate.</param>
    public static async Task<PlatformServices> StartAsync(string folder)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var (certificateFile, keyFile) = (Path.Combine(folder, "server.pem"), Path.Combine(folder, "server.key"));
        await File.WriteAllTextAsync(certificateFile, made.ExportCertificatePem());
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());
        var platform = new PlatformServices(X509Certificate2.CreateFromPemFile(certificateFile, keyFile), certificateFile, keyFile);
        await platform._app.StartAsync();
        return platform;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(true));
        await _app.DisposeAsync();
    }

    private Uri AddressOf(string scheme) =>
        _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a)).Single(a => a.Scheme == scheme);

    private static Task GiveTokenAsync(HttpContext context)
    {
        if (context.Request.Headers["X-IDENTITY-HEADER"] != Header)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        }

        var (now, resource) = (TimeProvider.System.GetUtcNow(), context.Request.Query["resource"].ToString());
        var (from, until) = (now.AddMinutes(-5).ToUnixTimeSeconds(), now.AddHours(8).ToUnixTimeSeconds());
        var token = $"{Part("""{"alg":"none","typ":"JWT"}""")}.{Part($$"""{"aud":"{{resource}}","iss":"https://sts.windows.net/tenant/","iat":{{from}},"nbf":{{from}},"exp":{{until}},"oid":"app"}""")}.{Part("none")}";
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync($$"""{"access_token":"{{token}}","expires_on":"{{until}}","resource":"{{resource}}","token_type":"Bearer"}""");
    }

    private async Task TakeEventsAsync(HttpContext context)
    {
        using var body = new StreamReader(context.Request.Body);
        Events.Enqueue(await body.ReadToEndAsync(context.RequestAborted));
    }

    private static string Part(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
