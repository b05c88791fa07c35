using System.Text;
using CustomerPipeline.LocalServices;
using CustomerPipeline.RocksDb;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CustomerPipeline.Cli.Hosting;

/// <summary>Where a running host listens, and the operator's key to it: written into its data folder, so that <c>send</c> finds it.</summary>
internal static class HostAddress
{
    private const string FileName = "host.url";
    private const string KeyFileName = "host.key";

    public static Task WriteAsync(WebApplication app, string dataFolder, CancellationToken cancellationToken)
    {
        OwnersFile.Write(Path.Combine(dataFolder, KeyFileName), Encoding.ASCII.GetBytes(OperatorKeyOf(app)));
        return File.WriteAllTextAsync(Path.Combine(dataFolder, FileName), Of(app), cancellationToken);
    }

    /// <summary>What the host of a data folder lets the operator in with; null where none runs.</summary>
    public static async Task<string?> OperatorKeyAsync(string dataFolder, CancellationToken cancellationToken) =>
        Path.Combine(dataFolder, KeyFileName) is var file && File.Exists(file) ? await File.ReadAllTextAsync(file, cancellationToken) : null;

    public static string OperatorKeyOf(WebApplication app) => app.Services.GetRequiredService<ApiKeyAccess>().OperatorKey;

    /// <summary>Waits for the end (Ctrl+C, SIGTERM or the token) and stops the host.</summary>
    public static async Task ServeUntilStoppedAsync(WebApplication app, string dataFolder, CancellationToken cancellationToken)
    {
        try
        {
            await app.WaitForShutdownAsync(cancellationToken);
        }
        finally
        {
            File.Delete(Path.Combine(dataFolder, FileName));
            File.Delete(Path.Combine(dataFolder, KeyFileName));
        }
    }

    public static string Of(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>The address of the host that uses a data folder now; null when none answers.</summary>
    public static async Task<Uri?> FindAsync(string dataFolder, HttpClient http, CancellationToken cancellationToken)
    {
        var file = Path.Combine(dataFolder, FileName);
        if (!File.Exists(file) || !Uri.TryCreate(await File.ReadAllTextAsync(file, cancellationToken), UriKind.Absolute, out var url) || !url.IsLoopback)
        {
            return null;
        }

        try
        {
            using var answer = await http.GetAsync(new Uri(url, "/health"), cancellationToken);
            return answer.IsSuccessStatusCode ? url : null;
        }
        catch (HttpRequestException)
        {
            // A host that was killed left the file behind.
            return null;
        }
    }
}
