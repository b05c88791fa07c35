namespace CustomerPipeline.Domain.Snapshots;

/// <summary>Scores of recency, frequency and monetary value, 1 to 5 each, and the segment they make.</summary>
public readonly record struct RfmScore(int Recency, int Frequency, int Monetary)
{
    /// <summary>The one segment the customer is in.</summary>
    public string Segment => Rfm.SegmentOf(this);
}

/// <summary>Recency, frequency, monetary value (Hughes 1994, Strategic Database Marketing).</summary>
public static class Rfm
{
    // A row for each score of recency, from 5 down to 1; a column for the mean of frequency and monetary value, rounded up, from 1 to 5.
    private static readonly string[][] Table =
    [
        ["New", "Potential Loyalist", "Potential Loyalist", "Champions", "Champions"],
        ["Promising", "Potential Loyalist", "Loyal", "Champions", "Champions"],
        ["About To Sleep", "Need Attention", "Need Attention", "Loyal", "Loyal"],
        ["Hibernating", "About To Sleep", "At Risk", "At Risk", "At Risk"],
        ["Lost", "Hibernating", "At Risk", "Can't Lose Them", "Can't Lose Them"],
    ];

    /// <summary>All segments, best first.</summary>
    public static IReadOnlyList<string> Segments { get; } =
    [
        "Champions", "Loyal", "Potential Loyalist", "New", "Promising", "Need Attention", "About To Sleep", "At Risk", "Can't Lose Them", "Hibernating", "Lost",
    ];

    /// <summary>
    /// Scores customers against each other by quintiles: 1 plus the fifths of all customers who are worse. Equals are worse than the same customers, so that they share
    /// the lower score, and the order in which they come does not matter.
    /// </summary>
    /// <param name="customers">Days since the last purchase, purchases, and net sales in one currency.</param>
    public static IReadOnlyList<RfmScore> Score(IReadOnlyList<(int DaysSince, int Purchases, long Sales)> customers)
    {
        var recency = Quintiles([.. customers.Select(c => -(long)c.DaysSince)]);
        var frequency = Quintiles([.. customers.Select(c => (long)c.Purchases)]);
        var monetary = Quintiles([.. customers.Select(c => c.Sales)]);
        return [.. customers.Select((_, i) => new RfmScore(recency[i], frequency[i], monetary[i]))];
    }

    /// <summary>Returns the segment that a name means, as it is or in kebab-case (<c>at-risk</c>, <c>cant-lose-them</c>); null for any other text.</summary>
    public static string? SegmentNamed(string name) => Segments.FirstOrDefault(s => s == name || KebabOf(s) == name);

    /// <summary>A segment's name in kebab-case, as it is written in addresses.</summary>
    public static string KebabOf(string segment) => segment.ToLowerInvariant().Replace("'", "", StringComparison.Ordinal).Replace(' ', '-');

    internal static string SegmentOf(RfmScore score) => Table[5 - score.Recency][((score.Frequency + score.Monetary + 1) / 2) - 1];

    private static int[] Quintiles(long[] values)
    {
        var sorted = values.ToArray();
        Array.Sort(sorted);
        var worse = new Dictionary<long, int>();
        for (var i = 0; i < sorted.Length; i++)
        {
            worse.TryAdd(sorted[i], i);
        }

        return [.. values.Select(v => 1 + (int)(5L * worse[v] / values.Length))];
    }
}
