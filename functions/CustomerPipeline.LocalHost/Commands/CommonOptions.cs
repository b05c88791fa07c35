using System.CommandLine;
using CustomerPipeline.LocalHost.Hosting;

namespace CustomerPipeline.LocalHost.Commands;

/// <summary>Options that several commands share, each described once.</summary>
internal static class CommonOptions
{
    public static Option<string> Data(string folder = LocalOptions.DefaultFolder) => new("--data", "-d")
    {
        Description = "Folder that everything is kept in.",
        HelpName = "DIR",
        DefaultValueFactory = _ => folder,
    };

    public static Argument<string> Customer() => new("CUSTOMER") { Description = "A customer's id, of today or of before a merge." };

    public static Option<int> Port() => new("--port", "-p")
    {
        Description = "Port to listen on, on loopback only; 0 for any free one.",
        DefaultValueFactory = _ => LocalOptions.DefaultPort,
    };
}
