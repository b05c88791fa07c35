using System.Globalization;
using System.Text.Json;
using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Report.Snapshots;

/// <summary>
/// Publishes the flow figures of days that are over, once; where late data changes them afterwards, the old figures stay readable, and restatements say what became of them
/// and why. Everything about a day is one commit.
/// </summary>
public sealed class PublishFigures(IDocumentStore store, FlowFigures figures, MetricsReader metrics, StageTelemetry telemetry, ValueOptions options)
{
    private const string DayPrefix = "day:";
    private const string DayFormat = "yyyy-MM-dd";

    // What is worked out by campaigns is no figure of a day alone.
    private static readonly IReadOnlyList<MetricDefinition> Published = [.. MetricCatalog.All.Where(m => m.Kind == MetricKind.Flow && m.Computation is not MetricComputation.ReturnOnSpend)];

    /// <summary>Publishes what is new, and restates what changed.</summary>
    /// <param name="now">Days before the business day of this instant are over.</param>
    /// <param name="cancellationToken">Stops the work; the days that were published stay so.</param>
    public async Task<IReadOnlyList<Restatement>> RunAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var today = options.Calendar.DayOf(now);
        var current = await figures.ReadAsync(cancellationToken);
        var days = current.Days.Where(d => d.Day < today).ToDictionary(d => d.Day, d => d.Flow);
        var known = new Dictionary<DateOnly, Stored<PublishedDay>>();
        var damaged = new HashSet<DateOnly>();
        await foreach (var document in store.ReadPartitionAsync(Containers.Snapshots, PublishedDay.Partition, DayPrefix, cancellationToken))
        {
            var day = DateOnly.ParseExact(document.Id[DayPrefix.Length..], DayFormat, CultureInfo.InvariantCulture);
            if (telemetry.Read(StageTelemetry.Snapshot, document, d => d.As(DocumentJson.Default.PublishedDay)) is { } published)
            {
                known[day] = new Stored<PublishedDay>(published, document.ETag);
            }
            else
            {
                // What was published then is not known any more: nothing can be said of what became of it.
                damaged.Add(day);
            }
        }

        var changed = days.Keys.Union(known.Keys).Except(damaged).Order()
            .Select(day => (Day: day, Figures: FiguresOf(day, days.GetValueOrDefault(day) ?? new FlowDay()), Before: known.GetValueOrDefault(day)))
            .Where(d => d.Before is null || !AreSame(d.Before.Value.Figures, d.Figures))
            .ToList();
        var causes = await CausesAsync([.. changed.Select(c => c.Before?.Value).OfType<PublishedDay>()], cancellationToken);
        var restatements = new List<Restatement>();
        foreach (var (day, rows, before) in changed)
        {
            var next = new PublishedDay(day, (before?.Value.Version ?? 0) + 1, now, metrics.RuleVersion, current.Revisions, rows);
            var restated = before is null ? [] : Differences(before.Value, next, causes.GetValueOrDefault(day) ?? []).ToList();

            // Who loses the race for a day has nothing to say: the other one said it.
            if (await TryCommitAsync(next, before, restated, cancellationToken))
            {
                restatements.AddRange(restated);
            }
        }

        return restatements;
    }

    /// <summary>The figures of a day as they were published; null where they were not.</summary>
    /// <param name="day">The day.</param>
    /// <param name="version">Which of them; null for the last.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<PublishedDay?> FindAsync(DateOnly day, int? version, CancellationToken cancellationToken)
    {
        var latest = (await store.ReadAsync(Containers.Snapshots, PublishedDay.Partition, DayPrefix + Text(day), DocumentJson.Default.PublishedDay, cancellationToken))?.Value;
        return version is null || latest?.Version == version
            ? latest
            : (await store.ReadAsync(Containers.Snapshots, PublishedDay.Partition, OldId(day, version.Value), DocumentJson.Default.PublishedDay, cancellationToken))?.Value;
    }

    /// <summary>Restatements after one of them, oldest first.</summary>
    public async Task<IReadOnlyList<Restatement>> ListAsync(int size, string after, CancellationToken cancellationToken) =>
        await telemetry.ReadableAsync(
            StageTelemetry.List,
            store.ReadPartitionAsync(
                Containers.Snapshots, PublishedDay.Partition, Containers.RestatedPrefix, Containers.RestatedPrefix + after, cancellationToken),
            d => d.As(DocumentJson.Default.Restatement))
            .Select(r => r.Value).Take(size).ToListAsync(cancellationToken);

    private static Dictionary<string, JsonElement> FiguresOf(DateOnly day, FlowDay flow) => Published.ToDictionary(
        m => m.Name,
        m => MetricRowJson.ToElement([.. MetricEvaluation.Evaluate(m, new MetricQuestion(day, day, m.Dimensions.Contains(Dimension.Channel) ? [Dimension.Channel] : []), [(day, flow)], []).Where(r => !r.IsRefused)]),
        StringComparer.Ordinal);

    private static bool AreSame(IReadOnlyDictionary<string, JsonElement> left, IReadOnlyDictionary<string, JsonElement> right) =>
        right.All(r => left.TryGetValue(r.Key, out var l) ? JsonElement.DeepEquals(l, r.Value) : r.Value.GetArrayLength() == 0);

    private static IEnumerable<Restatement> Differences(PublishedDay before, PublishedDay next, IReadOnlyDictionary<string, long> interactions)
    {
        var cause = new RestatementCause(before.RuleVersion == next.RuleVersion ? null : $"{before.RuleVersion} to {next.RuleVersion}", interactions);
        var number = 0;
        foreach (var (metric, rows) in next.Figures.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var dimensions = MetricCatalog.Find(metric)!.Dimensions.ToHashSet(StringComparer.Ordinal);
            var old = before.Figures.TryGetValue(metric, out var known) ? CellsOf(known, dimensions) : [];
            var now = CellsOf(rows, dimensions);
            foreach (var cell in old.Keys.Union(now.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                var (oldRow, newRow) = (old.GetValueOrDefault(cell), now.GetValueOrDefault(cell));
                if (oldRow.Value is not { } oldValue || newRow.Value is not { } newValue || !JsonElement.DeepEquals(oldValue, newValue))
                {
                    var id = string.Create(CultureInfo.InvariantCulture, $"{next.PublishedAt.UtcDateTime:yyyyMMdd'T'HHmmssfffffff}-{next.Day:yyyyMMdd}-{number++:D4}");
                    yield return new Restatement(id, metric, next.Day, newRow.Dimensions ?? oldRow.Dimensions, oldRow.Value, newRow.Value, next.Version, before.PublishedAt, next.PublishedAt, cause);
                }
            }
        }
    }

    private static Dictionary<string, (IReadOnlyDictionary<string, string> Dimensions, JsonElement? Value)> CellsOf(JsonElement rows, HashSet<string> dimensions)
    {
        var cells = new Dictionary<string, (IReadOnlyDictionary<string, string>, JsonElement?)>(StringComparer.Ordinal);
        foreach (var row in rows.EnumerateArray())
        {
            var where = new SortedDictionary<string, string>(row.EnumerateObject().Where(p => dimensions.Contains(p.Name)).ToDictionary(p => p.Name, p => p.Value.GetString()!), StringComparer.Ordinal);
            cells[string.Join('\u0001', where.Values)] = (where, row.GetProperty("value"));
        }

        return cells;
    }

    // What was counted since a day was published, and belongs to it or did.
    private async Task<Dictionary<DateOnly, SortedDictionary<string, long>>> CausesAsync(IReadOnlyList<PublishedDay> restated, CancellationToken cancellationToken)
    {
        var since = restated.ToDictionary(d => d.Day, d => d.Revisions);
        var causes = restated.ToDictionary(d => d.Day, _ => new SortedDictionary<string, long>(StringComparer.Ordinal));
        if (causes.Count == 0)
        {
            return causes;
        }

        foreach (var shard in options.AllShards)
        {
            foreach (var prefix in new[] { Containers.OrderFactPrefix, Containers.TicketFactPrefix, Containers.SpendFactPrefix })
            {
                await foreach (var document in store.ReadPartitionAsync(Containers.Values, shard, prefix, cancellationToken))
                {
                    var fact = document.As(DocumentJson.Default.Fact);
                    foreach (var day in fact.Postings.Select(p => p.Day).Union(fact.LeftDays).Where(causes.ContainsKey))
                    {
                        if (fact.Counted > since[day].GetValueOrDefault(shard))
                        {
                            var what = FactId.Read(document.Id) is { } id ? $"{id.Entity.Source} {id.Kind.ToString().ToLowerInvariant()}" : document.Id;
                            causes[day][what] = causes[day].GetValueOrDefault(what) + 1;
                        }
                    }
                }
            }
        }

        return causes;
    }

    private async Task<bool> TryCommitAsync(PublishedDay next, Stored<PublishedDay>? before, IReadOnlyList<Restatement> restated, CancellationToken cancellationToken)
    {
        List<Write> writes = [Write.CreateOrReplace(DayPrefix + Text(next.Day), next.ToBody(DocumentJson.Default.PublishedDay), before?.ETag)];
        if (before is not null)
        {
            writes.Add(Write.Upsert(OldId(next.Day, before.Value.Version), before.Value.ToBody(DocumentJson.Default.PublishedDay)));
        }

        // More cells than a commit has room for come before it: who reads them then finds the day at its old version still.
        var overflow = Math.Max(0, writes.Count + restated.Count - CommitLimits.Writes);
        foreach (var chunk in restated.Take(overflow).Chunk(CommitLimits.Writes))
        {
            await store.CommitAsync(Containers.Snapshots, PublishedDay.Partition, [.. chunk.Select(Restated)], cancellationToken);
        }

        writes.AddRange(restated.Skip(overflow).Select(Restated));
        return (await store.CommitAsync(Containers.Snapshots, PublishedDay.Partition, writes, cancellationToken)).IsCommitted;
    }

    private static Write Restated(Restatement restatement) => Write.Upsert(Containers.RestatedPrefix + restatement.Id, restatement.ToBody(DocumentJson.Default.Restatement));

    private static string OldId(DateOnly day, int version) => string.Create(CultureInfo.InvariantCulture, $"{Containers.OldPrefix}{Text(day)}:{version:D6}");

    private static string Text(DateOnly day) => day.ToString(DayFormat, CultureInfo.InvariantCulture);
}
