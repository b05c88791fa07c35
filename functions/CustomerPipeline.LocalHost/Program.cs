using System.CommandLine;
using System.CommandLine.Invocation;
using CustomerPipeline.Embedded;
using CustomerPipeline.Flow;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.LocalHost.Bench;
using CustomerPipeline.LocalHost.Commands;
using Spectre.Console;

var root = new RootCommand("CustomerPipeline on one machine: web shop, till and service desk as one customer view, and what customers and company are worth to each other.")
{
    RunCommand.Create(),
    DemoCommand.Create(),
    SendCommand.Create(),
    VerifyCommand.Create(),
    RebuildCommand.Create(),
    BackupCommands.Backup(),
    BackupCommands.Restore(),
    CopyDatabaseCommand.Create(),
    QuarantineCommand.Create(),
    IdentityCommand.Create(),
    PrivacyCommands.Export(),
    PrivacyCommands.Erase(),
    PrivacyCommands.Audit(),
    SnapshotCommand.Create(),
    KeysCommand.Create(),
    BenchCommand.Create(),
};

// A terminal that is not there is no reason to break lines: programs read them.
if (Console.IsOutputRedirected)
{
    AnsiConsole.Profile.Width = short.MaxValue;
}

var parsed = root.Parse(args);

// A command that is only half named is answered with its help, as usual; any other mistake with one line.
if (parsed.Action is ParseErrorAction && (parsed.UnmatchedTokens.Count > 0 || parsed.CommandResult.Command.Subcommands.Count == 0))
{
    Console.Error.WriteLine($"error: {string.Join(' ', parsed.Errors.Select(e => e.Message).Distinct())} See --help.");
    return 2;
}

try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception e) when (e is DataFolderException or CorruptDocumentException or CommandException or SettingsException or System.Net.Sockets.SocketException)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return 2;
}
catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    Console.Error.WriteLine("error: The port is in use. Choose another one with --port.");
    return 2;
}
catch (OperationCanceledException)
{
    AnsiConsole.MarkupLine("[grey]Stopped.[/]");
    return 130;
}
