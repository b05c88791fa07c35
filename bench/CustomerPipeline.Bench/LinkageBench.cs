using System.Globalization;
using CustomerPipeline.Cli.Commands;
using CustomerPipeline.Demo;
using CustomerPipeline.Domain.Identity.Linkage;
using Spectre.Console;

namespace CustomerPipeline.Bench;

/// <summary>
/// Suggestions of which records are one person, on generated people with known truth: precision and recall by threshold and over chains, how long it takes, and
/// whether the probabilities are those of the truth.
/// </summary>
internal static class LinkageBench
{
    private const int Seed = 7;
    private const int Reliable = 20_000;
    private const double Least = 0.01;

    public static Task RunAsync(int count, CancellationToken cancellationToken)
    {
        ShowThresholds(count, cancellationToken);
        ShowChains("registers", PeopleGenerator.Generate(Seed, count), cancellationToken);
        foreach (var records in new[] { 1000, 10_000 })
        {
            ShowChains("sparse records", SparsePeopleGenerator.Generate(Seed, records), cancellationToken);
        }

        foreach (var (title, doubles) in new[] { ("0.1 % have several records", 0.001), ("30 % have several records", 0.3), ("no person has several records", 0) })
        {
            ShowReliability(title, PeopleGenerator.Generate(Seed, Reliable, doubles, households: 0.2, emails: 0.6), cancellationToken);
        }

        return Task.CompletedTask;
    }

    private static void ShowThresholds(int count, CancellationToken cancellationToken)
    {
        var records = PeopleGenerator.Generate(Seed, count);
        var people = records.Select(r => r.Fields).ToList();
        var personOf = PersonOf(records);

        // The simplest thing that could work: everything but the id is equal.
        var exact = new HashSet<string>(StringComparer.Ordinal);
        var baseline = Measured.Of(count, () => exact = [.. people.Select(p => string.Join('|', PersonFields.Fields.Select(f => p[f])))]);
        IReadOnlyList<ScoredPair> pairs = [];
        var measured = Measured.Of(count, () => pairs = LinkageResult.Of(people, Least, cancellationToken).Pairs);
        var table = new Table().Title($"Suggestions for {count:N0} records of {personOf.Values.Distinct().Count():N0} people: {measured.Wall.TotalSeconds:N1} s, {measured.Wall / baseline.Wall:N0} x the time of comparing whole records for equality, which finds {count - exact.Count:N0} pairs")
            .AddColumns("From probability", "Precision", "Recall", "F1");
        foreach (var least in new[] { Least, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999 })
        {
            AddRow(table, $"{least}", LinkageQuality.Of(pairs.Where(p => p.Probability >= least).Select(p => (p.Left, p.Right)), personOf));
        }

        AnsiConsole.Write(table);
    }

    private static void ShowChains(string title, IReadOnlyList<(PersonFields Fields, int Person)> records, CancellationToken cancellationToken)
    {
        var personOf = PersonOf(records);
        var table = new Table().Title($"Chains of {records.Count:N0} {title}").AddColumns("From probability", "Precision", "Recall", "F1");
        foreach (var least in new[] { 0.5, 0.9 })
        {
            var found = LinkageResult.Of([.. records.Select(r => r.Fields)], least, cancellationToken);
            AddRow(table, $"{least}", LinkageQuality.OfChains(found.Chains, personOf));
            AddRow(table, $"{least}, pairs as given", LinkageQuality.Of(found.Pairs.Select(p => (p.Left, p.Right)), personOf));
        }

        AnsiConsole.Write(table);
    }

    // By tenths of the predicted probability, and how many of the pairs are one person.
    private static void ShowReliability(string title, IReadOnlyList<(PersonFields Fields, int Person)> records, CancellationToken cancellationToken)
    {
        var personOf = PersonOf(records);
        var truth = personOf.GroupBy(p => p.Value).Sum(g => (long)g.Count() * (g.Count() - 1) / 2);
        var found = LinkageResult.Of([.. records.Select(r => r.Fields)], Least, cancellationToken);
        var table = new Table().Title($"Reliability, {records.Count:N0} records, {title}: {truth:N0} pairs are one person, {found.EstimatedPairs:N1} by estimate")
            .AddColumns("Probability", "Pairs", "Predicted share", "True share");
        foreach (var tenth in found.Pairs.GroupBy(p => Math.Min(9, (int)(p.Probability * 10))).OrderBy(g => g.Key))
        {
            table.AddRow(
                $"{tenth.Key / 10.0:N1} - {(tenth.Key + 1) / 10.0:N1}", $"{tenth.Count():N0}", $"{tenth.Average(p => p.Probability):N3}", $"{tenth.Average(p => personOf[p.Left] == personOf[p.Right] ? 1.0 : 0.0):N3}");
        }

        AnsiConsole.Write(table);
        AnsiConsole.WriteLine(found.Refused ?? "");
    }

    private static Dictionary<string, string> PersonOf(IReadOnlyList<(PersonFields Fields, int Person)> records) =>
        records.ToDictionary(r => r.Fields.Id, r => r.Person.ToString(CultureInfo.InvariantCulture), StringComparer.Ordinal);

    private static void AddRow(Table table, string name, LinkageQuality quality) => table.AddRow(name, $"{quality.Precision:N4}", $"{quality.Recall:N4}", $"{quality.F1:N4}");
}
