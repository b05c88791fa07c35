using System.CommandLine;
using CustomerPipeline.Application.Access;
using CustomerPipeline.LocalServices;
using Spectre.Console;

namespace CustomerPipeline.Cli.Commands;

/// <summary><c>keys</c>: who may ask the host for what.</summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys", "API keys for callers of the host. Without any, everybody on this machine may ask it everything; from the first key on, nobody without one.")
    {
        Add(), List(), Remove(),
    };

    private static Command Add()
    {
        var data = CommonOptions.Data();
        var name = Name("What the key is for, such as powerbi: it stands in the audit log.");
        var scopes = new Option<string[]>("--scope", "-s")
        {
            Description = $"What the key allows, once for each: {string.Join(", ", Scope.All)}.",
            HelpName = "SCOPE",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("add", "Make a key, and show it this once. A running host knows it at once.") { name, scopes, data };
        command.SetAction(result =>
        {
            try
            {
                Console.WriteLine(Of(result.GetValue(data)!).Add(result.GetValue(name)!, result.GetValue(scopes)!));
                return 0;
            }
            catch (ArgumentException e)
            {
                throw new CommandException(e.Message);
            }
        });
        return command;
    }

    private static Command List()
    {
        var data = CommonOptions.Data();
        var command = new Command("list", "The keys there are, and what they allow.") { data };
        command.SetAction(result =>
        {
            if (OfExisting(result.GetValue(data)!).List() is not { } keys)
            {
                Console.WriteLine("There are no keys: everybody on this machine may ask the host everything.");
                return 0;
            }

            var table = new Table().AddColumns("Name", "Allows", "Made");
            foreach (var key in keys)
            {
                table.AddRow(Markup.Escape(key.Name), string.Join(", ", key.Scopes), key.CreatedAt.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
            }

            AnsiConsole.Write(table);
            return 0;
        });
        return command;
    }

    private static Command Remove()
    {
        var data = CommonOptions.Data();
        var name = Name("The key's name.");
        var command = new Command("remove", "Take a key away. A running host stops letting its bearer in at once.") { name, data };
        command.SetAction(result =>
            OfExisting(result.GetValue(data)!).Remove(result.GetValue(name)!) ? 0 : throw new CommandException($"There is no key '{result.GetValue(name)}'."));
        return command;
    }

    private static Argument<string> Name(string description) => new("NAME") { Description = description };

    private static ApiKeys Of(string folder) => new(folder, TimeProvider.System);

    // Keys may be made before the first start of a host.
    private static ApiKeys OfExisting(string folder) => Directory.Exists(folder)
        ? Of(folder)
        : throw new CommandException($"There is no folder '{folder}'. Name the folder of a host with --data.");
}
