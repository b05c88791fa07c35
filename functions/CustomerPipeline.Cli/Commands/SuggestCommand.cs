using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CustomerPipeline.Cli.Hosting;

namespace CustomerPipeline.Cli.Commands;

/// <summary><c>identity suggest</c>: customers who may be one person, listed, accepted and refused.</summary>
internal static class SuggestCommand
{
    private const string Path = "/api/identity/suggestions";

    // As many as the endpoint takes at once.
    private const int MostDecisions = 200;

    public static Command Create()
    {
        var least = CommonOptions.Number("--least", "The probability from which a pair is suggested.", 0, 1, 0.9);
        var accept = new Option<string[]>("--accept") { Description = "Merge the two customers of each suggestion.", HelpName = "ID", AllowMultipleArgumentsPerToken = true };
        var refuse = new Option<string[]>("--refuse") { Description = "Never suggest the two again.", HelpName = "ID", AllowMultipleArgumentsPerToken = true };
        const string Description = "Customers who share no identifier and may be one person: list them, accept or refuse some.";
        return IdentityCommand.Over("suggest", Description, works: true, [least, accept, refuse], async (session, result, cancellationToken) =>
        {
            var (accepted, refused) = (result.GetValue(accept) ?? [], result.GetValue(refuse) ?? []);
            return accepted.Length + refused.Length > 0
                ? await DecideAsync(session, [.. accepted.Select(id => (id, true)), .. refused.Select(id => (id, false))], cancellationToken)
                : await ListAsync(session, result.GetValue(least), cancellationToken);
        });
    }

    private static async Task<int> ListAsync(HostSession session, double least, CancellationToken cancellationToken)
    {
        var run = await session.SendAsync(HttpMethod.Post, $"{Path}?least={least.ToString(CultureInfo.InvariantCulture)}", null, cancellationToken);
        if (run.TryGetProperty("refused", out var reason) && reason.ValueKind == JsonValueKind.String)
        {
            Console.WriteLine(reason.GetString());
            return 0;
        }

        var compared = run.GetProperty("compared").EnumerateArray().Select(c => $"{c.GetProperty("field").GetString()} ({c.GetProperty("filled").GetDouble():P0} filled)");
        var (open, estimated) = (run.GetProperty("open").GetInt64(), run.GetProperty("estimatedPairs").GetDouble());
        Console.WriteLine($"{open:N0} suggestions; {estimated:N1} pairs are one person by estimate. Compared: {string.Join(", ", compared)}.");
        for (var next = $"{Path}?top=200"; next is not null;)
        {
            var page = await session.GetAsync(next, cancellationToken);
            foreach (var suggestion in page.GetProperty("value").EnumerateArray())
            {
                var evidence = suggestion.GetProperty("evidence").EnumerateArray().Select(e => $"{e.GetProperty("field")} {e.GetProperty("level")} ({e.GetProperty("weight")})");
                Console.WriteLine($"{suggestion.GetProperty("id")}  {suggestion.GetProperty("probability")}  {suggestion.GetProperty("left")} {suggestion.GetProperty("right")}");
                Console.WriteLine($"    {string.Join(", ", evidence)}");
            }

            next = page.TryGetProperty("nextLink", out var link) ? link.GetString() : null;
        }

        return 0;
    }

    // Fails if one of them does.
    private static async Task<int> DecideAsync(HostSession session, IReadOnlyList<(string Id, bool IsAccepted)> decisions, CancellationToken cancellationToken)
    {
        var failed = 0;
        foreach (var chunk in decisions.Chunk(MostDecisions))
        {
            var answer = await session.SendAsync(HttpMethod.Post, $"{Path}/decide", () => IdentityCommand.Body(writer =>
            {
                WriteIds(writer, "accept", chunk.Where(d => d.IsAccepted));
                WriteIds(writer, "refuse", chunk.Where(d => !d.IsAccepted));
            }), cancellationToken);
            foreach (var decided in answer.GetProperty("value").EnumerateArray())
            {
                var state = decided.GetProperty("state").GetString();
                failed += state == "failed" ? 1 : 0;
                Console.WriteLine($"{decided.GetProperty("id").GetString()}  {state}. {state switch
                {
                    "accepted" => $"Decision {decided.GetProperty("decision").GetString()}. Take it back with 'identity take-back'.",
                    "refused" => "The two are not suggested again.",
                    _ => decided.GetProperty("detail").GetString(),
                }}");
            }
        }

        if (session.IsOwn)
        {
            await session.DrainAsync(cancellationToken);
        }

        return failed == 0 ? 0 : 1;
    }

    private static void WriteIds(Utf8JsonWriter writer, string name, IEnumerable<(string Id, bool IsAccepted)> decisions)
    {
        writer.WriteStartArray(name);
        foreach (var (id, _) in decisions)
        {
            writer.WriteStringValue(id);
        }

        writer.WriteEndArray();
    }
}
