using System.Collections.Frozen;
using System.Text.Json.Serialization;

namespace CustomerPipeline.Application.Documents;

/// <summary>Serializes all commits of a value shard, and tells readers whether anything changed, and lately which days.</summary>
/// <param name="Revision">How many commits there were.</param>
public sealed record ShardHead([property: JsonRequired] long Revision)
{
    // With so many, a head takes less than a kilobyte, for which a store charges as for an empty one.
    private const int MostLately = 24;

    /// <summary>What tells these commits from those of a shard of the same name that was made anew; null until it is known.</summary>
    public string? Line { get; init; }

    /// <summary>Documents of days, with the last commit that changed them.</summary>
    public IReadOnlyDictionary<FlowPart, long> Lately { get; init; } = FrozenDictionary<FlowPart, long>.Empty;

    /// <summary>The commit since which <see cref="Lately"/> names every document that changed.</summary>
    public long Since { get; init; }

    /// <summary>The head after one more commit.</summary>
    /// <param name="before">The head before it; null of a new shard.</param>
    /// <param name="changed">The days that the commit changes.</param>
    public static ShardHead After(Stored<ShardHead>? before, IEnumerable<FlowPart> changed)
    {
        if (before is null)
        {
            return new ShardHead(1);
        }

        var revision = before.Value.Revision + 1;
        var (since, lately) = before.Value.Line is null ? (before.Value.Revision, []) : (before.Value.Since, before.Value.Lately.ToDictionary());
        foreach (var part in changed)
        {
            lately[part] = revision;
        }

        foreach (var (part, last) in lately.OrderByDescending(l => l.Value).Skip(MostLately).ToList())
        {
            lately.Remove(part);
            since = Math.Max(since, last);
        }

        return new ShardHead(revision) { Line = before.Value.Line ?? before.ETag, Lately = lately, Since = since };
    }

    /// <summary>The days that changed after an earlier head of the same shard; null where that is not known.</summary>
    public IReadOnlyList<FlowPart>? ChangedAfter(ShardHead earlier) => Line is not null && earlier.Line == Line && Since <= earlier.Revision
        ? [.. Lately.Where(l => l.Value > earlier.Revision).Select(l => l.Key)]
        : null;
}
