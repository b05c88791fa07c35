using System.Globalization;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Flow.Value;

/// <summary>
/// One of the two documents of a shard's day: counts and sums, or the buckets of durations. There are thousands of buckets on a busy day and few kinds of
/// sums: kept apart, an order does not rewrite what tickets filled.
/// </summary>
/// <param name="Day">The business day.</param>
/// <param name="IsDurations">Whether it holds the buckets.</param>
public readonly record struct FlowPart(DateOnly Day, bool IsDurations)
{
    private const string DayFormat = "yyyy-MM-dd";
    private const string DurationsSuffix = ":durations";

    public string Id => Containers.FlowPrefix + Day.ToString(DayFormat, CultureInfo.InvariantCulture) + (IsDurations ? DurationsSuffix : "");

    /// <summary>Reads what <see cref="Id"/> wrote.</summary>
    /// <exception cref="FormatException">It is no such id.</exception>
    public static FlowPart Parse(string id)
    {
        var name = id.AsSpan(Containers.FlowPrefix.Length);
        var isDurations = name.EndsWith(DurationsSuffix, StringComparison.Ordinal);
        return new FlowPart(DateOnly.ParseExact(isDurations ? name[..^DurationsSuffix.Length] : name, DayFormat, CultureInfo.InvariantCulture), isDurations);
    }

    /// <summary>A posting by the documents that keep it.</summary>
    public static IEnumerable<(FlowPart Part, FlowPosting Posting)> Of(FlowPosting posting) => posting.Measures
        .GroupBy(m => Measure.IsBucket(m.Key))
        .Select(g => (new FlowPart(posting.Day, g.Key), posting with { Measures = g.ToDictionary(StringComparer.Ordinal) }));
}
