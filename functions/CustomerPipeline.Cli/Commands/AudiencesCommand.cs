using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerPipeline.Cli.Hosting;

namespace CustomerPipeline.Cli.Commands;

/// <summary><c>audiences list|show|set|remove</c>: customers by saved filters, of the running host or of the folder.</summary>
internal static class AudiencesCommand
{
    private const string Audiences = "/api/audiences";

    public static Command Create() => new("audiences", "Customers by saved filters: define them, and see how many customers are members.")
    {
        List(),
        Show(),
        Set(),
        Remove(),
    };

    private static Command List()
    {
        var pipeline = new PipelineOptions();
        var command = new Command("list", "All audiences, with their conditions.");
        pipeline.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var session = await HostSession.OpenAsync(pipeline.Read(result), works: false, cancellationToken);
            foreach (var audience in (await session.GetAsync($"{Audiences}?top=1000", cancellationToken)).GetProperty("value").EnumerateArray())
            {
                Console.WriteLine(LineOf(audience));
            }

            return 0;
        });
        return command;
    }

    private static Command Show()
    {
        var pipeline = new PipelineOptions();
        var name = NameArgument();
        var command = new Command("show", "One audience, with the number of its members now.") { name };
        pipeline.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var session = await HostSession.OpenAsync(pipeline.Read(result), works: false, cancellationToken);
            var audience = await session.GetAsync(PathOf(result.GetValue(name)!), cancellationToken);
            Console.WriteLine(LineOf(audience));
            Console.WriteLine($"{audience.GetProperty("count").GetInt64():N0} customers are members.");
            return 0;
        });
        return command;
    }

    private static Command Set()
    {
        var pipeline = new PipelineOptions();
        var name = NameArgument();
        var title = new Option<string?>("--title") { Description = "What people call it; the name if not said." };
        var where = new Option<string[]>("--where")
        {
            Description = "A condition, such as stage=at-risk,lapsed or leastFrequency=3. Repeat it for several; all must hold.",
            HelpName = "CONDITION",
        };
        var command = new Command("set", "Define an audience, or give one another title and other conditions.") { name, title, where };
        pipeline.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var body = new JsonObject { ["filter"] = FilterOf(result.GetValue(where) ?? []) };
            if (result.GetValue(title) is { } given)
            {
                body["title"] = given;
            }

            var json = body.ToJsonString();
            await using var session = await HostSession.OpenAsync(pipeline.Read(result), works: false, cancellationToken);
            Console.WriteLine(LineOf(await session.SendAsync(
                HttpMethod.Put, PathOf(result.GetValue(name)!), () => new StringContent(json, Encoding.UTF8, "application/json"), cancellationToken)));
            return 0;
        });
        return command;
    }

    private static Command Remove()
    {
        var pipeline = new PipelineOptions();
        var name = NameArgument();
        var command = new Command("remove", "Remove an audience. Subscribers hear nothing of it.") { name };
        pipeline.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var session = await HostSession.OpenAsync(pipeline.Read(result), works: false, cancellationToken);
            await session.SendAsync(HttpMethod.Delete, PathOf(result.GetValue(name)!), null, cancellationToken);
            Console.WriteLine("Removed.");
            return 0;
        });
        return command;
    }

    private static Argument<string> NameArgument() => new("NAME") { Description = "1 to 40 lower-case letters, digits and hyphens." };

    private static string PathOf(string name) => $"{Audiences}/{Uri.EscapeDataString(name)}";

    private static JsonObject FilterOf(IReadOnlyList<string> conditions)
    {
        var filter = new JsonObject();
        foreach (var condition in conditions)
        {
            if (condition.Split('=', 2) is not [{ Length: > 0 } name, var value] || !filter.TryAdd(name, value))
            {
                throw new CommandException($"'{condition}' is no condition, or its name comes twice. Write NAME=VALUE, with commas between several values.");
            }
        }

        return filter;
    }

    private static string LineOf(JsonElement audience)
    {
        var conditions = audience.GetProperty("filter").EnumerateObject().Select(c => $"{c.Name}={c.Value.GetString()}").DefaultIfEmpty("all customers");
        return $"{audience.GetProperty("name").GetString()}: {audience.GetProperty("title").GetString()} ({string.Join(" and ", conditions)})";
    }
}
