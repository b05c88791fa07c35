using CustomerPipeline.Domain.Entities;

namespace CustomerPipeline.Application.Documents;

/// <summary>Who did what to whose data: ids of customers, never what is known of them.</summary>
public sealed record AuditEntry
{
    /// <summary>Begins with the day, so that it can be found again.</summary>
    public required string Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>An opaque id of the caller, as the platform gives it; never a name.</summary>
    public required string By { get; init; }

    /// <summary>merge, unmerge, never-link, take-back, refuse, export, export-audience, hand-over, erase.</summary>
    public required string Action { get; init; }

    public IReadOnlyList<string> Customers { get; init; } = [];

    /// <summary>The decision that it takes back, or the name of the audience that was exported.</summary>
    public string? Of { get; init; }

    /// <summary>The decision that took this one back.</summary>
    public string? TakenBackBy { get; init; }

    /// <summary>What a decision was about, to take it back by; an erasure removes them.</summary>
    public IReadOnlyList<EntityKey>? Entities { get; init; }

    /// <summary>What a never-link cut off since, to be restored with it; an erasure removes them.</summary>
    public IReadOnlyList<EntityKey>? Cut { get; init; }
}
