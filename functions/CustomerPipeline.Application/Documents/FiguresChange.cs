using System.Text.Json;

namespace CustomerPipeline.Application.Documents;

/// <summary>A change of the snapshots container as the files' writer sees it: a published day, or a snapshot that is whole. All else is passed over.</summary>
public sealed record FiguresChange
{
    public string? Id { get; init; }

    public DateOnly? Day { get; init; }

    public int? Version { get; init; }

    public DateTimeOffset? PublishedAt { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? Figures { get; init; }

    public DateTimeOffset? AsOf { get; init; }

    public DateTimeOffset? TakenAt { get; init; }

    public string? RuleVersion { get; init; }
}
