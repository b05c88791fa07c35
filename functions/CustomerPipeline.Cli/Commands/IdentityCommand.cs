using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CustomerPipeline.Cli.Hosting;

namespace CustomerPipeline.Cli.Commands;

/// <summary><c>identity plan|rules|why|merge|unmerge|never-link|take-back</c>: who is one customer, and why.</summary>
internal static class IdentityCommand
{
    private const int MostChangesShown = 20;

    public static Command Create() => new("identity", "Who is one customer, and why: look, decide, take back, and try other rules before they apply.")
    {
        Plan(),
        Rules(),
        Why(),
        WithOther("merge", "Make one customer of two."),
        WithOther("never-link", "Keep two customers apart for ever; a customer and an id that was merged into it are parted again."),
        Unmerge(),
        TakeBack(),
        SuggestCommand.Create(),
        MatchCommand.Create(),
    };

    private static Command Plan()
    {
        var rules = new Option<FileInfo>("--rules") { Description = "The rules to try (docs/identity.md). Nothing is changed.", HelpName = "FILE", Required = true };
        return Over("plan", "Tell what other identity rules would change. Then set IdentityRules in the settings, and run rebuild.", works: false, [rules], async (session, result, cancellationToken) =>
        {
            var file = result.GetValue(rules)!;
            var body = file.Exists ? await File.ReadAllBytesAsync(file.FullName, cancellationToken) : throw new CommandException($"There is no file '{file}'.");
            var plan = await session.SendAsync(HttpMethod.Post, "/api/identity/plan", () => new ByteArrayContent(body), cancellationToken);
            Console.WriteLine($"{plan.GetProperty("interactions").GetInt64():N0} interactions");
            Show("now ", plan.GetProperty("now"));
            Show("then", plan.GetProperty("then"));
            Console.WriteLine($"{Number(plan, "joined")} groups of customers are joined, {Number(plan, "split")} fall apart, {Number(plan, "rearranged")} change otherwise.");
            foreach (var change in plan.GetProperty("changes").EnumerateArray().Take(MostChangesShown))
            {
                var before = change.GetProperty("before").EnumerateArray().Select(c => c.GetString()).ToList();
                Console.WriteLine($"  {string.Join(' ', before.Take(4))}{(before.Count > 4 ? " …" : "")}: {before.Count} become {Number(change, "after")}, {Number(change, "interactions")} interactions");
            }

            return 0;
        });
    }

    private static Command Rules() => Over("rules", "Print the rules in force, to start a file of your own from.", works: false, [], async (session, _, cancellationToken) =>
    {
        Console.WriteLine((await session.GetAsync("/api/identity/rules", cancellationToken)).GetRawText());
        return 0;
    });

    private static Command Why()
    {
        var id = CommonOptions.Customer();
        return Over("why", "The evidence that a customer is one: which interactions, which identifiers, since when. Shows personal data.", works: false, [id], async (session, result, cancellationToken) =>
        {
            var next = $"/api/customers/{result.GetValue(id)}/why";
            while (next is not null)
            {
                var page = await session.GetAsync(next, cancellationToken);
                foreach (var entity in page.GetProperty("value").EnumerateArray())
                {
                    Console.WriteLine($"{entity.GetProperty("at").GetString()}  {entity.GetProperty("entity").GetString()}");
                    foreach (var evidence in entity.GetProperty("identifiers").EnumerateArray())
                    {
                        var by = evidence.TryGetProperty("decision", out var decision) ? $", decision {decision}" : "";
                        Console.WriteLine($"    {evidence.GetProperty("tie"),-8}{evidence.GetProperty("type")}:{evidence.GetProperty("value")}  since {evidence.GetProperty("since")}, {evidence.GetProperty("delivery")}{by}");
                    }
                }

                next = page.TryGetProperty("nextLink", out var link) ? link.GetString() : Last(page);
            }

            return 0;
        });

        static string? Last(JsonElement page)
        {
            Console.WriteLine($"One customer ({page.GetProperty("customer")}) by rules {page.GetProperty("ruleVersion")}.");
            return null;
        }
    }

    private static Command WithOther(string name, string description)
    {
        var id = CommonOptions.Customer();
        var other = new Argument<string>("OTHER") { Description = "The other customer's id." };
        return Over(name, description, works: true, [id, other], (session, result, cancellationToken) =>
            DecideAsync(session, HttpMethod.Post, $"/api/customers/{result.GetValue(id)}/{name}", writer => writer.WriteString("with", result.GetValue(other)), cancellationToken));
    }

    private static Command Unmerge()
    {
        var id = CommonOptions.Customer();
        var identifier = new Argument<string>("IDENTIFIER") { Description = "What wrongly ties the customer together, as why shows it: type:value." };
        return Over("unmerge", "Cut an identifier off all interactions of a customer: it does not link them any more.", works: true, [id, identifier], (session, result, cancellationToken) =>
        {
            var parts = result.GetValue(identifier)!.Split(':', 2);
            return parts.Length < 2
                ? throw new CommandException("An identifier is written type:value, as why shows it.")
                : DecideAsync(session, HttpMethod.Post, $"/api/customers/{result.GetValue(id)}/unmerge", writer =>
                {
                    writer.WriteString("type", parts[0]);
                    writer.WriteString("value", parts[1]);
                }, cancellationToken);
        });
    }

    private static Command TakeBack()
    {
        var id = new Argument<string>("DECISION") { Description = "The decision's id, as it was given or as audit lists it." };
        return Over("take-back", "Take a decision back: as if it had never been.", works: true, [id], (session, result, cancellationToken) =>
            DecideAsync(session, HttpMethod.Delete, $"/api/identity/decisions/{Uri.EscapeDataString(result.GetValue(id)!)}", null, cancellationToken));
    }

    private static async Task<int> DecideAsync(HostSession session, HttpMethod method, string path, Action<Utf8JsonWriter>? write, CancellationToken cancellationToken)
    {
        var answer = await session.SendAsync(method, path, write is null ? null : () => Body(write), cancellationToken);
        if (session.IsOwn)
        {
            await session.DrainAsync(cancellationToken);
        }

        Console.WriteLine($"Decision {answer.GetProperty("decision").GetString()}. Take it back with 'identity take-back'.");
        return 0;
    }

    internal static StringContent Body(Action<Utf8JsonWriter> write)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return new StringContent(Encoding.UTF8.GetString(body.ToArray()), Encoding.UTF8, "application/json");
    }

    /// <summary>A command that talks to the running host, or to one of its own.</summary>
    internal static Command Over(
        string name, string description, bool works, IReadOnlyList<Symbol> more, Func<HostSession, ParseResult, CancellationToken, Task<int>> run)
    {
        var pipeline = new PipelineOptions();
        var command = new Command(name, description);
        foreach (var symbol in more)
        {
            if (symbol is Argument argument)
            {
                command.Add(argument);
            }
            else
            {
                command.Add((Option)symbol);
            }
        }

        pipeline.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var session = await HostSession.OpenAsync(pipeline.Read(result), works, cancellationToken);
            return await run(session, result, cancellationToken);
        });
        return command;
    }

    private static string Number(JsonElement element, string name) => element.GetProperty(name).GetInt64().ToString("N0", CultureInfo.InvariantCulture);

    private static void Show(string when, JsonElement outcome)
    {
        var shared = string.Join(", ", outcome.GetProperty("sharedIdentifiers").EnumerateObject().Select(s => $"{s.Value} {s.Name}"));
        Console.WriteLine($"{when} {outcome.GetProperty("ruleVersion").GetString()}: {Number(outcome, "customers")} customers, {Number(outcome, "identifiedInteractions")} interactions identified; shared by too many: {(shared.Length == 0 ? "none" : shared)}");
    }
}
