namespace CustomerPipeline.Domain.Value;

/// <summary>Flow days by one facet, such as the category of goods. They add up to what all together is: what has no value there is the rest, under an empty one.</summary>
public static class FacetFlows
{
    /// <summary>What counts together, where there are too many values to tell them all.</summary>
    public const string Others = "(others)";

    /// <param name="facet">One of <see cref="Dimension.OfFacets"/>.</param>
    /// <param name="days">All that happened on each day.</param>
    /// <param name="known">By day what is known by facets.</param>
    /// <param name="measures">Which measures are known by the facet.</param>
    public static IEnumerable<(DateOnly Day, FlowDay Flow)> Of(string facet, IEnumerable<(DateOnly Day, FlowDay Flow)> days, IReadOnlyDictionary<DateOnly, FlowDay> known, Func<string, bool> measures)
    {
        foreach (var (day, flow) in days)
        {
            var sum = new FlowDay();
            foreach (var (key, amounts) in flow.Cells)
            {
                sum.Post(new FlowPosting(day, FlowCell.Parse(key).By(facet, null).Key, Only(amounts, measures)), 1);
            }

            foreach (var (key, amounts) in known.GetValueOrDefault(day)?.Cells ?? [])
            {
                if (FlowCell.Parse(key) is { } cell && cell.Facet == facet)
                {
                    var posting = new FlowPosting(day, key, Only(amounts, measures));
                    sum.Post(posting, 1);
                    sum.Post(posting with { Cell = (cell with { Value = "" }).Key }, -1);
                }
            }

            yield return (day, sum);
        }
    }

    /// <summary>What has one of some values.</summary>
    public static IEnumerable<(DateOnly Day, FlowDay Flow)> Pick(IEnumerable<(DateOnly Day, FlowDay Flow)> days, IReadOnlySet<string> values) => days.Select(day =>
        (day.Day, new FlowDay { Cells = day.Flow.Cells.Where(c => values.Contains(FlowCell.Parse(c.Key).Value!)).ToDictionary(StringComparer.Ordinal) }));

    /// <summary>The same with few values: all but those to keep, and the rest, count together as <see cref="Others"/>.</summary>
    public static IEnumerable<(DateOnly Day, FlowDay Flow)> Keep(IEnumerable<(DateOnly Day, FlowDay Flow)> days, IReadOnlySet<string> values) => days.Select(day =>
    {
        var sum = new FlowDay();
        foreach (var (key, amounts) in day.Flow.Cells)
        {
            var cell = FlowCell.Parse(key);
            sum.Post(new FlowPosting(day.Day, cell.Value!.Length == 0 || values.Contains(cell.Value) ? key : (cell with { Value = Others }).Key, amounts), 1);
        }

        return (day.Day, sum);
    });

    /// <summary>The values with the largest figures, in whatever currency.</summary>
    /// <param name="rows">Of a question by the facet alone.</param>
    /// <param name="facet">The facet.</param>
    /// <param name="most">How many.</param>
    /// <param name="first">What comes before any others, however large. Where the others are among it, none but these are told.</param>
    public static IReadOnlySet<string> Largest(IEnumerable<MetricRow> rows, string facet, int most, IReadOnlySet<string> first) => first.Contains(Others) ? first : rows
        .Select(row => (Value: row.Dimensions.First(d => d.Key == facet).Value, Size: row.Value is null ? 0 : Math.Abs(Convert.ToDecimal(row.Value, System.Globalization.CultureInfo.InvariantCulture))))
        .Where(row => row.Value.Length > 0)
        .GroupBy(row => row.Value, StringComparer.Ordinal)
        .OrderByDescending(same => first.Contains(same.Key)).ThenByDescending(same => same.Max(row => row.Size)).ThenBy(same => same.Key, StringComparer.Ordinal)
        .Take(most).Select(same => same.Key).ToHashSet(StringComparer.Ordinal);

    private static Dictionary<string, long> Only(IReadOnlyDictionary<string, long> amounts, Func<string, bool> measures) =>
        amounts.Where(a => measures(a.Key)).ToDictionary(StringComparer.Ordinal);
}
