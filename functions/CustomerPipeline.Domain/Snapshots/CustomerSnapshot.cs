using System.Text.Json;
using System.Text.Json.Serialization;

namespace CustomerPipeline.Domain.Snapshots;

/// <summary>What was published of the customer base as of an instant. It is never changed; a later snapshot supersedes it.</summary>
/// <param name="Id">The instant it was taken at, as a name.</param>
/// <param name="AsOf">The instant that it tells of.</param>
/// <param name="TakenAt">When it was worked out.</param>
/// <param name="RuleVersion">Rules of value and of identity that the figures were made with.</param>
/// <param name="Watermark">Sum of the revisions of all value shards: which state of the store was read.</param>
public sealed record CustomerSnapshot([property: JsonRequired] string Id, [property: JsonRequired] DateTimeOffset AsOf, DateTimeOffset TakenAt, string RuleVersion, long Watermark);

/// <summary>The rows of one metric of a snapshot, as they were answered.</summary>
public sealed record SnapshotRows([property: JsonRequired] CustomerSnapshot Snapshot, [property: JsonRequired] string Metric, [property: JsonRequired] JsonElement Rows);
