using System.CommandLine;

namespace CustomerPipeline.Cli.Commands;

/// <summary><c>export</c> and <c>erase</c>: people's rights over their data; and <c>audit</c>: who did what.</summary>
internal static class PrivacyCommands
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    public static Command Export()
    {
        var id = CommonOptions.Customer();
        var file = new Option<FileInfo?>("--out", "-o") { Description = "File to write to; the screen otherwise.", HelpName = "FILE" };
        return IdentityCommand.Over("export", "Everything that is known of one person, as JSON (GDPR articles 15 and 20).", works: false, [id, file], async (session, result, cancellationToken) =>
        {
            var person = await session.GetAsync($"/api/customers/{result.GetValue(id)}/export", cancellationToken);
            if (result.GetValue(file) is { } path)
            {
                await File.WriteAllTextAsync(path.FullName, person.GetRawText(), cancellationToken);
                Console.WriteLine($"Written to {path}.");
            }
            else
            {
                Console.WriteLine(person.GetRawText());
            }

            return 0;
        });
    }

    public static Command Erase()
    {
        var id = CommonOptions.Customer();
        var isSure = new Option<bool>("--yes") { Description = "Erase without asking. There is no way back." };
        return IdentityCommand.Over("erase", "Take a person out of everything (GDPR article 17). Figures keep sums of nobody. There is no way back.", works: true, [id, isSure], async (session, result, cancellationToken) =>
        {
            var customer = result.GetValue(id)!;
            if (!result.GetValue(isSure))
            {
                Console.Write($"Type {customer} to erase everything that is known of this person: ");
                if (Console.ReadLine()?.Trim() != customer)
                {
                    throw new CommandException("Nothing was erased.");
                }
            }

            var request = await session.SendAsync(HttpMethod.Post, $"/api/customers/{customer}/erase", null, cancellationToken);
            var path = $"/api/privacy/requests/{Uri.EscapeDataString(request.GetProperty("id").GetString()!)}";
            while ((await session.GetAsync(path, cancellationToken)).GetProperty("state").GetString() != "done")
            {
                await Task.Delay(LookEvery, cancellationToken);
            }

            Console.WriteLine($"Erased, request {request.GetProperty("id").GetString()}.");
            return 0;
        });
    }

    public static Command Audit()
    {
        var top = CommonOptions.Number("--top", "How many entries, latest first.", 1, 1_000, 50);
        return IdentityCommand.Over("audit", "Who did what to whose data.", works: false, [top], async (session, result, cancellationToken) =>
        {
            foreach (var entry in (await session.GetAsync($"/api/audit?top={result.GetValue(top)}", cancellationToken)).GetProperty("value").EnumerateArray())
            {
                var of = entry.TryGetProperty("of", out var decision) ? $" of {decision}" : "";
                var back = entry.TryGetProperty("takenBackBy", out var by) ? $", taken back by {by}" : "";
                Console.WriteLine($"{entry.GetProperty("at")}  {entry.GetProperty("id")}  {entry.GetProperty("action")}{of} {string.Join(' ', entry.GetProperty("customers").EnumerateArray())} by {entry.GetProperty("by")}{back}");
            }

            return 0;
        });
    }
}
