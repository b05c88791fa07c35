using System.Text.Json;
using System.Text.Json.Serialization;

namespace CustomerPipeline.Application.Documents;

/// <summary>The flow figures of a day that was over, as they were published.</summary>
/// <param name="Day">The day.</param>
/// <param name="Version">1, and one more with each restatement.</param>
/// <param name="PublishedAt">When they were.</param>
/// <param name="RuleVersion">The rules that made them.</param>
/// <param name="Revisions">The state of each value shard: what was counted later is not in them.</param>
/// <param name="Figures">The rows of each flow metric, by channel.</param>
public sealed record PublishedDay(
    [property: JsonRequired] DateOnly Day, [property: JsonRequired] int Version, DateTimeOffset PublishedAt, string RuleVersion,
    [property: JsonRequired] IReadOnlyDictionary<string, long> Revisions, [property: JsonRequired] IReadOnlyDictionary<string, JsonElement> Figures)
{
    /// <summary>Partition of <see cref="Containers.Snapshots"/>.</summary>
    public const string Partition = "published";
}

/// <summary>A published figure that turned out to be another.</summary>
/// <param name="Id">Names restatements in the order in which they were made.</param>
/// <param name="Metric">The metric.</param>
/// <param name="Day">The day it tells of.</param>
/// <param name="Dimensions">The cell.</param>
/// <param name="Old">The value as it was published; null where there was none.</param>
/// <param name="New">The value now; null where there is none any more.</param>
/// <param name="Version">The version of the day's figures that has the new value.</param>
/// <param name="PublishedAt">When the old one was published.</param>
/// <param name="RestatedAt">When the new one was.</param>
/// <param name="Cause">Why.</param>
public sealed record Restatement(
    [property: JsonRequired] string Id, [property: JsonRequired] string Metric, DateOnly Day, [property: JsonRequired] IReadOnlyDictionary<string, string> Dimensions,
    JsonElement? Old, JsonElement? New, int Version, DateTimeOffset PublishedAt, DateTimeOffset RestatedAt, [property: JsonRequired] RestatementCause Cause);

/// <summary>Why a figure was restated.</summary>
/// <param name="Rules">The rules before and after, where they changed.</param>
/// <param name="Interactions">How many interactions of the day were counted, or counted otherwise, since it was published, by source and kind.</param>
public sealed record RestatementCause(string? Rules, IReadOnlyDictionary<string, long> Interactions);
