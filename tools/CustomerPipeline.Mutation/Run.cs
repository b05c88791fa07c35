using System.Diagnostics;

namespace CustomerPipeline.Mutation;

/// <summary>Another process, to its end.</summary>
internal static class Run
{
    /// <exception cref="OperationCanceledException">It was to stop: the process is gone then.</exception>
    public static async Task<(int ExitCode, string Text)> AsyncToEnd(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken, params IReadOnlyList<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
