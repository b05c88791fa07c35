using System.Text.Json;

namespace CustomerPipeline.Application.Documents;

/// <summary>A change of the snapshots container as Publish sees it: all but restatements and news of customers are passed over.</summary>
public sealed record PublishedChange
{
    /// <summary>Of the document or of the restatement, as the store has it: both name the restatement.</summary>
    public string? Id { get; init; }

    public string? Metric { get; init; }

    public DateOnly? Day { get; init; }

    public IReadOnlyDictionary<string, string>? Dimensions { get; init; }

    public JsonElement? Old { get; init; }

    public JsonElement? New { get; init; }

    public int? Version { get; init; }

    public DateTimeOffset? PublishedAt { get; init; }

    public DateTimeOffset? RestatedAt { get; init; }

    public RestatementCause? Cause { get; init; }

    /// <summary>Of news of a customer: <see cref="CustomerNewsItem"/>.</summary>
    public string? News { get; init; }

    public string? Customer { get; init; }

    public string? From { get; init; }

    public string? To { get; init; }

    public string? Audience { get; init; }

    public DateTimeOffset? At { get; init; }
}
