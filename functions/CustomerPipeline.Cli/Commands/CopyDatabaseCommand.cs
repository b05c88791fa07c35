using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Azure.Identity;
using CustomerPipeline.AzureServices.Cosmos;
using Microsoft.Azure.Cosmos;
using Spectre.Console;

namespace CustomerPipeline.Cli.Commands;

/// <summary><c>copy-database</c>: what a rebuild beside the running app, or in another account, starts from.</summary>
internal static class CopyDatabaseCommand
{
    public static Command Create()
    {
        var from = new Option<Uri>("--from") { Description = "Endpoint of the Cosmos DB account to read.", HelpName = "URL", Required = true };
        var to = new Option<Uri?>("--to") { Description = "Endpoint of the account to write; the same where nothing is said.", HelpName = "URL" };
        var fromDatabase = new Option<string>("--from-database") { Description = "Database to read.", HelpName = "NAME", Required = true };
        var toDatabase = new Option<string>("--to-database") { Description = "Database to write, with its containers made.", HelpName = "NAME", Required = true };
        var place = new Option<FileInfo>("--place") { Description = "File that keeps how far the copy is: the next run goes on from there.", HelpName = "FILE", DefaultValueFactory = _ => new FileInfo("copy-place.json") };
        var refold = new Option<bool>("--refold") { Description = "Fold the states of orders, tickets and profiles anew in the copy: after an update that reads records otherwise." };
        var final = new Option<bool>("--final") { Description = "Delete in the copy what the original no longer has, too: the last step before switching, with the original at rest." };
        var command = new Command("copy-database", "Copy interactions, and what happened to messages and by hand, to another Cosmos DB database, with your own identity (docs/operations.md). Run it again to bring the copy up to date.")
        {
            from, to, fromDatabase, toDatabase, place, refold, final,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var source = (Endpoint: result.GetValue(from)!, Database: result.GetValue(fromDatabase)!);
            var target = (Endpoint: result.GetValue(to) ?? source.Endpoint, Database: result.GetValue(toDatabase)!);
            if (source == target)
            {
                throw new CommandException("The copy would be written onto the original: name another database, or another account.");
            }

            using var reading = Client(source.Endpoint);
            using var writing = Client(target.Endpoint);
            using var charges = new RequestCharges();
            var (originals, copies) = (new CosmosContainers(reading, source.Database), new CosmosContainers(writing, target.Database));
            var copy = new DatabaseCopy(originals, new CosmosDocumentStore(originals, charges), copies, new CosmosDocumentStore(copies, charges));
            await RunAsync(copy, result.GetValue(place)!.FullName, result.GetValue(refold), result.GetValue(final), cancellationToken);
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(DatabaseCopy copy, string file, bool refold, bool isFinal, CancellationToken cancellationToken)
    {
        var place = File.Exists(file) ? JsonSerializer.Deserialize(await File.ReadAllTextAsync(file, cancellationToken), CopyJson.Default.CopyPlace)! : CopyPlace.Beginning;
        var (reached, documents) = await AnsiConsole.Status().StartAsync(
            "Copying…", context => copy.FollowAsync(place, refold, new Progress<long>(n => context.Status($"Copying… {n:N0} documents")), cancellationToken));
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(reached, CopyJson.Default.CopyPlace), cancellationToken);
        AnsiConsole.MarkupLineInterpolated($"{documents:N0} documents copied.");
        if (isFinal)
        {
            AnsiConsole.MarkupLineInterpolated($"{await copy.DropGoneAsync(cancellationToken):N0} documents deleted that the original no longer has.");
        }
    }

    private static CosmosClient Client(Uri endpoint) => CosmosClients.Create(endpoint, new DefaultAzureCredential(), ConnectionMode.Direct, isBulk: true);
}

[JsonSerializable(typeof(CopyPlace))]
internal sealed partial class CopyJson : JsonSerializerContext;
