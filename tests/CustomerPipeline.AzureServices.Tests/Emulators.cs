using System.Diagnostics;
using System.Net.Sockets;
using CustomerPipeline.Contracts;

namespace CustomerPipeline.AzureServices.Tests;

/// <summary>
/// Emulators and clients from npm, which nobody here wrote. They are installed beside the test's own files the first time they are needed; where npm is missing the tests that
/// need them are skipped, and say so.
/// </summary>
internal static class Emulators
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "emulators");
    private static readonly Lazy<Task<string?>> Installation = new(InstallAsync);

    /// <summary>A program of the installed packages, or a script of ours.</summary>
    public static async Task<Process> StartAsync(string script, params string[] arguments)
    {
        if (await MissingAsync() is { } missing)
        {
            Assert.Skip(missing);
        }

        return Process.Start(Node([script, .. arguments]))!;
    }

    /// <summary>Why they cannot be started here; null if they can.</summary>
    public static async Task<string?> MissingAsync() => await Installation.Value is { } missing
        ? $"THE EMULATORS FROM NPM ARE MISSING, so the Azure adapters were not checked against them: {missing}"
        : null;

    /// <summary>Runs a script to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string script, params string[] arguments)
    {
        using var process = await StartAsync(script, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static ProcessStartInfo Node(IEnumerable<string> arguments) =>
        new("node", arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };

    private static async Task<string?> InstallAsync()
    {
        if (InstalledProgram.Find("node") is null || InstalledProgram.Find("npm") is null)
        {
            return "Node.js and npm are not in the PATH.";
        }

        // npm writes this file last: older than the list of packages, it is of another one.
        if (File.GetLastWriteTimeUtc(Path.Combine(Folder, "node_modules", ".package-lock.json")) >= File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
        {
            return null;
        }

        using var npm = Process.Start(new ProcessStartInfo("npm", ["ci", "--omit=optional", "--no-progress"]) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = npm.StandardOutput.ReadToEndAsync();
        var errors = await npm.StandardError.ReadToEndAsync();
        await npm.WaitForExitAsync();
        return npm.ExitCode == 0 ? null : $"npm ci: {errors}{await output}";
    }
}
