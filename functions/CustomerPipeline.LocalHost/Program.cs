using System.CommandLine;
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

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
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
