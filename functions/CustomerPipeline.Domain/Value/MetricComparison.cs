using System.Globalization;

namespace CustomerPipeline.Domain.Value;

/// <summary>Figures beside those of other days.</summary>
public static class MetricComparison
{
    /// <summary>Adds to each row the value of <c>before</c>, and the <c>change</c> as a ratio of it: 0.25 is a quarter more. Cells that only the other days have come last, without a value.</summary>
    /// <param name="rows">Of the days that are asked for.</param>
    /// <param name="before">Of the days that are compared with, by the same dimensions.</param>
    public static IReadOnlyList<MetricRow> Of(IReadOnlyList<MetricRow> rows, IReadOnlyList<MetricRow> before)
    {
        var known = before.ToDictionary(r => MetricEvaluation.GroupKey(r.Dimensions), StringComparer.Ordinal);
        var compared = rows.Select(r => Compared(r, known.Remove(MetricEvaluation.GroupKey(r.Dimensions), out var other) ? other.Value : null)).ToList();
        compared.AddRange(before.Where(r => known.ContainsKey(MetricEvaluation.GroupKey(r.Dimensions))).Select(r => Compared(new MetricRow(r.Dimensions, null, []), r.Value)));
        return compared;
    }

    private static MetricRow Compared(MetricRow row, object? before) => row with
    {
        Details = [.. row.Details, new("before", before), new("change", NumberOf(row.Value) is { } now && NumberOf(before) is { } then and not 0 ? decimal.Round((now - then) / Math.Abs(then), 6, MidpointRounding.ToEven) : null)],
    };

    private static decimal? NumberOf(object? value) => value switch
    {
        long number => number,
        decimal number => number,
        string money => decimal.Parse(money, CultureInfo.InvariantCulture),
        _ => null,
    };
}
