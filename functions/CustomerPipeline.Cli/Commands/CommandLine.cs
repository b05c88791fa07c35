using System.CommandLine;
using System.CommandLine.Invocation;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.LocalServices;
using CustomerPipeline.RocksDb;
using Spectre.Console;

namespace CustomerPipeline.Cli.Commands;

/// <summary>How a program of commands reads its arguments, and what it says when something is wrong with them.</summary>
internal static class CommandLine
{
    private const int WrongUse = 2;
    private const int Interrupted = 130;

    /// <summary>Runs the command that is named.</summary>
    /// <param name="root">All commands.</param>
    /// <param name="args">The arguments of the process.</param>
    /// <returns>The exit code: 2 where the user can correct something, after one line that says what; 130 where the user stopped it.</returns>
    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        // A terminal that is not there is no reason to break lines: programs read them.
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = short.MaxValue;
        }

        var parsed = root.Parse(args);

        // A command that is only half named is answered with its help, as usual; any other mistake with one line.
        if (parsed.Action is ParseErrorAction && (parsed.UnmatchedTokens.Count > 0 || parsed.CommandResult.Command.Subcommands.Count == 0))
        {
            return Refuse($"{string.Join(' ', parsed.Errors.Select(e => e.Message).Distinct())} See --help.");
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is DataFolderException or CorruptDocumentException or CommandException or ListeningPortException or SettingsException or System.Net.Sockets.SocketException)
        {
            return Refuse(e.Message);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            return Refuse("The port is in use. Choose another one with --port.");
        }
        catch (OperationCanceledException)
        {
            AnsiConsole.MarkupLine("[grey]Stopped.[/]");
            return Interrupted;
        }
    }

    /// <summary>The command of earlier builds: it says where its parts are now.</summary>
    public static Command MovedBench()
    {
        var command = new Command("bench", "Measures the pipeline; a program of its own now.") { Hidden = true, TreatUnmatchedTokensAsErrors = false };
        command.SetAction(int (ParseResult _) => throw new CommandException("'bench' is a program of its own: dotnet run -c Release --project bench/CustomerPipeline.Bench -- --help, in a clone of the repository."));
        return command;
    }

    private static int Refuse(string reason)
    {
        Console.Error.WriteLine($"error: {reason}");
        return WrongUse;
    }
}
