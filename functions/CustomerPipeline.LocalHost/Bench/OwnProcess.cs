using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace CustomerPipeline.LocalHost.Bench;

/// <summary>This program, or another build of it, in a process of its own.</summary>
internal static class OwnProcess
{
    /// <summary>The program that runs now.</summary>
    public static string Program { get; } = typeof(OwnProcess).Assembly.Location;

    /// <summary>Starts a command; what it prints is to be read.</summary>
    /// <param name="program">An assembly, or an executable of its own.</param>
    /// <param name="arguments">The command and its options.</param>
    public static Process Start(string program, IEnumerable<string> arguments) => Process.Start(program.EndsWith(".dll", StringComparison.Ordinal)
        ? new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true }
        : new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;

    /// <summary>A port that nobody listens on now.</summary>
    public static int FreePort()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }
}
