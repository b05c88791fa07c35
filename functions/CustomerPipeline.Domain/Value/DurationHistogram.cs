using System.Globalization;

namespace CustomerPipeline.Domain.Value;

/// <summary>
/// Durations as counts in fixed buckets, which add up in any order: to the second up to an hour, to the nearest minute up to two days and
/// to the nearest hour beyond, so that a quantile is off by at most half a minute, or half an hour.
/// </summary>
public static class DurationHistogram
{
    private const long Minute = 60;
    private const long Hour = 60 * Minute;
    private const long TwoDays = 48 * Hour;

    /// <summary>The measure name of the bucket a duration falls into: its middle in seconds behind the prefix. A duration between two goes to the longer one.</summary>
    public static string Bucket(string prefix, long seconds)
    {
        var width = seconds < Hour ? 1 : seconds < TwoDays ? Minute : Hour;
        return prefix + ((seconds + (width / 2)) / width * width).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// The lower median and other quantiles: the smallest bucket at which at least <paramref name="share"/> of all durations are reached. Null for none.
    /// </summary>
    public static long? Quantile(IReadOnlyDictionary<string, long> measures, string prefix, decimal share)
    {
        var buckets = measures
            .Where(m => m.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(m => (Seconds: long.Parse(m.Key.AsSpan(prefix.Length), CultureInfo.InvariantCulture), Count: m.Value))
            .OrderBy(b => b.Seconds)
            .ToList();
        var wanted = Math.Ceiling(buckets.Sum(b => b.Count) * share);
        var reached = 0L;
        foreach (var (seconds, count) in buckets)
        {
            reached += count;
            if (reached >= wanted)
            {
                return seconds;
            }
        }

        return null;
    }

    /// <summary>How many durations the buckets hold.</summary>
    public static long Count(IReadOnlyDictionary<string, long> measures, string prefix) =>
        measures.Where(m => m.Key.StartsWith(prefix, StringComparison.Ordinal)).Sum(m => m.Value);
}
