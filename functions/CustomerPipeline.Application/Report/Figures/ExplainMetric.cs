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
        var found = new List<ExplainedInteraction>();
        await foreach (var history in customers.ReadHistoriesAsync(metric.Kind == MetricKind.History ? instant : DateTimeOffset.MaxValue, cancellationToken))
        {
            // Pages end between interactions: a customer may have more than a page of them.
            if (continuation is not null && string.CompareOrdinal(history.Customer, continuation.Split(' ')[0]) < 0)
            {
                continue;
            }

            // What one interaction counts as twice on a day is told once: a page could not end between.
            foreach (var interaction in Of(metric, history, instant).GroupBy(PlaceOf, StringComparer.Ordinal).OrderBy(p => p.Key, StringComparer.Ordinal).Select(Sum))
            {
                if (interaction.Day < from || interaction.Day > to || only.Any(d => !d.Value.Contains(Dimension.ValueOf(d.Key, interaction.Day, interaction.Cell)))
                    || (continuation is not null && string.CompareOrdinal(PlaceOf(interaction), continuation) <= 0))
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

    private IEnumerable<ExplainedInteraction> Of(MetricDefinition metric, CustomerHistory history, DateTimeOffset asOf)
    {
        var postings = metric.Kind == MetricKind.History
            ? HistoryPostings.Of(history, asOf, options.Calendar)
            : history.Touches.SelectMany(t => FlowPostings.Of(t, options.Calendar).Select(p => new HistoryPosting(t, p.Day, p.Cell, p.Measures)));
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

    private static ExplainedInteraction Sum(IEnumerable<ExplainedInteraction> same)
    {
        var all = same.ToList();
        return all.Count == 1 ? all[0] : all[0] with { Measures = all.SelectMany(i => i.Measures).GroupBy(m => m.Key, StringComparer.Ordinal).ToDictionary(m => m.Key, m => m.Sum(a => a.Value), StringComparer.Ordinal) };
    }

    private static string PlaceOf(ExplainedInteraction interaction) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{interaction.Customer} {interaction.Touch.At.UtcTicks:D19} {interaction.Touch.Entity.Text} {interaction.Day:yyyyMMdd} {string.Join(' ', interaction.Measures.Keys)}");
}
