using CustomerPipeline.Domain.Identity.Linkage;

namespace CustomerPipeline.Application.Documents;

/// <summary>Two customers who may be one person, for somebody to decide. It says how alike they are, never what is known of them.</summary>
public sealed record Suggestion
{
    public const string Open = "open";
    public const string Accepted = "accepted";
    public const string Refused = "refused";

    public required string Id { get; init; }

    public required string Left { get; init; }

    public required string Right { get; init; }

    /// <summary>That they are one person, by the model.</summary>
    public required double Probability { get; init; }

    public required IReadOnlyList<FieldWeight> Evidence { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>open, accepted or refused.</summary>
    public string State { get; init; } = Open;

    /// <summary>The merge that followed from it.</summary>
    public string? Decision { get; init; }
}
