using CustomerPipeline.Cli.Commands;
using CustomerPipeline.Demo;
using CustomerPipeline.Domain.Identity.Linkage;
using Spectre.Console;

namespace CustomerPipeline.Bench;

/// <summary>Suggestions of who may be one, on generated people with known truth: precision and recall by threshold, and how long it takes.</summary>
internal static class LinkageBench
{
    private const int Seed = 7;

    public static Task RunAsync(int count, CancellationToken cancellationToken)
    {
        var records = PeopleGenerator.Generate(Seed, count);
        var people = records.Select(r => r.Fields).ToList();
        var personOf = records.ToDictionary(r => r.Fields.Id, r => r.Person.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparer.Ordinal);

        // The simplest thing that could work: everything but the id is equal.
        var exact = new HashSet<string>(StringComparer.Ordinal);
        var baseline = Measured.Of(count, () => exact = [.. people.Select(p => string.Join('|', PersonFields.Fields.Select(f => p[f])))]);
        IReadOnlyList<ScoredPair> pairs = [];
        var measured = Measured.Of(count, () => pairs = LinkageModel.Match(people, 0.01, cancellationToken));
        var table = new Table().Title($"Suggestions for {count:N0} records of {personOf.Values.Distinct().Count():N0} people: {measured.Wall.TotalSeconds:N1} s, {measured.Wall / baseline.Wall:N0} x the time of comparing whole records for equality, which finds {count - exact.Count:N0} pairs")
            .AddColumns("From probability", "Precision", "Recall", "F1");
        foreach (var least in new[] { 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999 })
        {
            var quality = LinkageQuality.Of(pairs, least, personOf, isClosed: false);
            table.AddRow($"{least}", $"{quality.Precision:N4}", $"{quality.Recall:N4}", $"{quality.F1:N4}");
        }

        AnsiConsole.Write(table);
        return Task.CompletedTask;
    }
}
