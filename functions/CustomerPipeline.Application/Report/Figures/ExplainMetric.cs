using CustomerPipeline.Application.Count;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Report.Figures;

/// <summary>One interaction behind a figure.</summary>
/// <param name="Customer">Whose it is.</param>
/// <param name="Touch">The interaction.</param>
/// <param name="Day">The day it counts on.</param>
/// <param name="Cell">Where it counts.</param>
/// <param name="Measures">What it counts as: of these the figure is made.</param>
public sealed record ExplainedInteraction(string Customer, Touch Touch, DateOnly Day, FlowCell Cell, IReadOnlyDictionary<string, long> Measures);

/// <summary>A page of what is behind a figure.</summary>
/// <param name="Interactions">In order of customer, then of time.</param>
/// <param name="Continuation">Where the next page begins; null on the last.</param>
public sealed record Explanation(IReadOnlyList<ExplainedInteraction> Interactions, string? Continuation);

/// <summary>Tells which interactions a figure is made of. What people who were erased added is in the figures, and is of nobody.</summary>
public sealed class ExplainMetric(CensusReader customers, ValueOptions options, TimeProvider clock)
{
    public const int LargestPage = 200;

    /// <param name="metric">A metric of flows, histories or customers.</param>
    /// <param name="from">First day; null for no limit.</param>
    /// <param name="to">Last day, included.</param>
    /// <param name="only">What of it, by dimension: any of the values. Empty for everything.</param>
    /// <param name="asOf">The instant to look from; null for now.</param>
    /// <param name="size">How many at most.</param>
    /// <param name="continuation">From the page before.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<Explanation> RunAsync(
        MetricDefinition metric, DateOnly? from, DateOnly? to, IReadOnlyDictionary<string, IReadOnlyList<string>> only, DateTimeOffset? asOf, int size, string? continuation, CancellationToken cancellationToken)
    {
        var instant = asOf ?? clock.GetUtcNow();
        var facet = only.Keys.FirstOrDefault(Dimension.OfFacets.Contains);
        var found = new List<ExplainedInteraction>();

        // Pages end between interactions: a customer may have more than a page of them.
        var first = continuation?.Split(' ')[0] ?? "";
        var until = metric.Kind == MetricKind.History ? instant : DateTimeOffset.MaxValue;
        await foreach (var history in customers.ReadHistoriesAsync(until, first, cancellationToken))
        {
            // What one interaction counts as twice on a day is told once: a page could not end between.
            var asked = Of(metric, history, instant, facet).Where(i => !(i.Day < from) && !(i.Day > to) && only.All(d => d.Value.Contains(Dimension.ValueOf(d.Key, i.Day, i.Cell))));
            foreach (var interaction in asked.GroupBy(PlaceOf, StringComparer.Ordinal).OrderBy(p => p.Key, StringComparer.Ordinal).Select(Sum))
            {
                if (continuation is not null && string.CompareOrdinal(PlaceOf(interaction), continuation) <= 0)
                {
                    continue;
                }

                if (found.Count == size)
                {
                    return new Explanation(found, PlaceOf(found[^1]));
                }

                found.Add(interaction);
            }
        }

        return new Explanation(found, null);
    }

    private IEnumerable<ExplainedInteraction> Of(MetricDefinition metric, CustomerHistory history, DateTimeOffset asOf, string? facet)
    {
        var postings = metric.Kind == MetricKind.History
            ? HistoryPostings.Of(history, asOf, options.Calendar)
            : history.Touches.SelectMany(t => FlowsOf(metric, t, facet));
        foreach (var posting in postings)
        {
            var measures = posting.Measures.Where(m => metric.Computation.Uses(m.Key)).ToDictionary(StringComparer.Ordinal);
            var cell = FlowCell.Parse(posting.Cell);
            if (measures.Count > 0 && (metric.Kind != MetricKind.Customers || cell.Identified))
            {
                yield return new ExplainedInteraction(history.Customer, posting.Touch, posting.Day, cell, measures);
            }
        }
    }

    private IEnumerable<HistoryPosting> FlowsOf(MetricDefinition metric, Touch touch, string? facet)
    {
        var postings = FlowPostings.Of(touch, options.Calendar).ToLookup(p => p.IsOfFacet);
        if (facet is null)
        {
            return postings[false].Select(p => new HistoryPosting(touch, p.Day, p.Cell, p.Measures));
        }

        var known = postings[true].GroupBy(p => p.Day).ToDictionary(d => d.Key, DayOf);
        return FacetFlows.Of(facet, postings[false].GroupBy(p => p.Day).Select(d => (d.Key, DayOf(d))), known, metric.Computation.Uses)
            .SelectMany(d => d.Flow.Cells.Select(cell => new HistoryPosting(touch, d.Day, (FlowCell.Of(touch) with { Facet = facet, Value = FlowCell.Parse(cell.Key).Value }).Key, cell.Value)));
    }

    private static FlowDay DayOf(IEnumerable<FlowPosting> postings)
    {
        var day = new FlowDay();
        foreach (var posting in postings)
        {
            day.Post(posting, 1);
        }

        return day;
    }

    private static ExplainedInteraction Sum(IEnumerable<ExplainedInteraction> same)
    {
        var all = same.ToList();
        return all.Count == 1 ? all[0] : all[0] with { Measures = all.SelectMany(i => i.Measures).GroupBy(m => m.Key, StringComparer.Ordinal).ToDictionary(m => m.Key, m => m.Sum(a => a.Value), StringComparer.Ordinal) };
    }

    private static string PlaceOf(ExplainedInteraction interaction) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{interaction.Customer} {interaction.Touch.At.UtcTicks:D19} {interaction.Touch.Entity.Text} {interaction.Day:yyyyMMdd} {string.Join(' ', interaction.Measures.Keys)}");
}
