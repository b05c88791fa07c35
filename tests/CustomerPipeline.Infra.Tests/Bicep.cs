using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using CustomerPipeline.Contracts;

namespace CustomerPipeline.Infra.Tests;

/// <summary>The Bicep compiler, offline: types of all resources come with it.</summary>
internal static class Bicep
{
    private static readonly string Tool = Path.Combine(AppContext.BaseDirectory, "bicep");

    public static string Folder { get; } = Repository.PathOf("infra");

    /// <summary>What the linter and the type checker say about a file; nothing is what we want to hear.</summary>
    public static string Lint(string file) => Run(Folder, file.EndsWith(".bicepparam", StringComparison.Ordinal) ? ["build-params", file, "--stdout"] : ["lint", file]).Errors;

    /// <summary>The resources that a deployment with these parameters would make, with all that can be known beforehand filled in.</summary>
    /// <param name="parameters">Text of a .bicepparam file.</param>
    public static IReadOnlyList<JsonElement> Resources(string parameters)
    {
        using var copy = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(Folder, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(copy.Path, Path.GetRelativePath(Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        File.WriteAllText(Path.Combine(copy.Path, "tested.bicepparam"), parameters);
        var (exitCode, errors) = Run(
            copy.Path, "snapshot", "tested.bicepparam", "--mode", "overwrite", "--subscription-id", "00000000-0000-0000-0000-000000000001", "--tenant-id", "00000000-0000-0000-0000-000000000002",
            "--location", "westeurope", "--deployment-name", "main");
        Assert.True(exitCode == 0, errors);
        using var snapshot = JsonDocument.Parse(File.ReadAllText(Path.Combine(copy.Path, "tested.snapshot.json")));
        return [.. snapshot.RootElement.GetProperty("predictedResources").EnumerateArray().Select(r => r.Clone())];
    }

    private static (int ExitCode, string Errors) Run(string folder, params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64, "SKIPPED: the Bicep compiler of this test runs on Linux x64.");
        if (OperatingSystem.IsLinux() && !File.GetUnixFileMode(Tool).HasFlag(UnixFileMode.UserExecute))
        {
            File.SetUnixFileMode(Tool, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var start = new ProcessStartInfo(Tool, arguments) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
        // By default it unpacks its libraries into the home directory, which not every user may write.
        start.Environment["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = Path.Combine(AppContext.BaseDirectory, "bicep-libraries");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        output.Wait();
        return (process.ExitCode, errors);
    }
}
