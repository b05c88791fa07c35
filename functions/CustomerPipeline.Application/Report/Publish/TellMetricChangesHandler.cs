using System.Globalization;
using System.Text.Json;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Report.Publish;

/// <summary>
/// Tells subscribers which metrics changed since it looked last: one event for each metric, however many messages came in between. What people and the customer base are worth is told by snapshots.
/// </summary>
public sealed class TellMetricChangesHandler(IDocumentStore store, FlowFigures figures, IEventPublisher publisher)
{
    private const string Id = "told";

    private static readonly IReadOnlyList<MetricDefinition> Told = [.. MetricCatalog.All.Where(m => m.Kind is MetricKind.Flow or MetricKind.Customers)];

    private static readonly IReadOnlyDictionary<string, string> Never = new Dictionary<string, string>();

    public async Task HandleAsync(CancellationToken cancellationToken)
    {
        // Where it is damaged, everything is told of once more.
        var kept = await store.ReadAsync(Containers.Events, ToldFigures.Partition, Id, cancellationToken);
        var told = kept?.AsOrNull(DocumentJson.Default.ToldFigures);
        var current = await figures.ReadAsync(cancellationToken);
        if (told?.Version == current.Version || current.Revisions.Count == 0)
        {
            return;
        }

        var now = new ToldFigures(current.Version, current.AsOf, HashesOf(current.Days));
        var months = now.Measures.Keys.Union(told?.Measures.Keys ?? [], StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(m => (Measure: m, Changed: Changed(told?.Measures.GetValueOrDefault(m) ?? Never, now.Measures.GetValueOrDefault(m) ?? Never)))
            .Where(m => m.Changed.Count > 0).ToList();
        var events = Told
            .Select(metric => (Metric: metric, Months: months.Where(m => metric.Computation.Uses(m.Measure)).SelectMany(m => m.Changed).ToList()))
            .Where(m => m.Months.Count > 0)
            .Select(m => EventOf(new MetricChanged(m.Metric.Name, FirstOf(m.Months.Min(StringComparer.Ordinal)!), FirstOf(m.Months.Max(StringComparer.Ordinal)!).AddMonths(1).AddDays(-1), current.Watermark, told?.At, current.AsOf), current.Version))
            .ToList();
        if (events.Count > 0)
        {
            await publisher.PublishAsync(events, cancellationToken);
        }

        // Told first: a crash in between tells the same again under the same ids. Who loses this race has told nothing else than the other.
        await store.CommitAsync(Containers.Events, ToldFigures.Partition, [Write.CreateOrReplace(Id, now.ToBody(DocumentJson.Default.ToldFigures), kept?.ETag)], cancellationToken);
    }

    private static OutgoingEvent EventOf(MetricChanged data, string version) => new(
        StableHash.Of(EventTypes.MetricChanged, data.Metric, version), EventTypes.MetricChanged, data.Metric, data.At, JsonSerializer.SerializeToElement(data, EventJson.Default.MetricChanged));

    private static List<string> Changed(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) =>
        [.. before.Keys.Union(after.Keys, StringComparer.Ordinal).Where(month => before.GetValueOrDefault(month) != after.GetValueOrDefault(month))];

    private static Dictionary<string, IReadOnlyDictionary<string, string>> HashesOf(IReadOnlyList<(DateOnly Day, FlowDay Flow)> days)
    {
        var sums = days
            .SelectMany(d => d.Flow.Cells.SelectMany(cell => cell.Value.Select(m => (Measure: m.Key, Month: d.Day.ToString("yyyy-MM", CultureInfo.InvariantCulture), Sum: $"{d.Day:dd} {cell.Key} {m.Value}"))))
            .GroupBy(s => s.Measure, StringComparer.Ordinal);
        return sums.ToDictionary(
            measure => measure.Key,
            measure => (IReadOnlyDictionary<string, string>)measure.GroupBy(s => s.Month, StringComparer.Ordinal).ToDictionary(m => m.Key, m => StableHash.Of([.. m.Select(s => s.Sum).Order(StringComparer.Ordinal)])[..16]),
            StringComparer.Ordinal);
    }

    private static DateOnly FirstOf(string month) => DateOnly.ParseExact($"{month}-01", "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
