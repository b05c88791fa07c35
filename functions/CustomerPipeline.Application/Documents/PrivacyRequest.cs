using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Application.Documents;

/// <summary>Somebody's right that was asked for. While it is worked on it names what it is about; when it is done, nothing of that is left.</summary>
public sealed record PrivacyRequest
{
    /// <summary>Partition of <see cref="Containers.Privacy"/>.</summary>
    public const string Partition = "requests";

    public const string Erasure = "erase";
    public const string Access = "export";

    public required string Id { get; init; }

    /// <summary>erase or export.</summary>
    public required string Kind { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>Who asked: an opaque id, or the source that forwarded it.</summary>
    public required string By { get; init; }

    public IReadOnlyList<string> Customers { get; init; } = [];

    public IReadOnlyList<Identifier> Identifiers { get; init; } = [];

    public IReadOnlyList<EntityKey> Entities { get; init; } = [];

    /// <summary>What the people did after they asked: it stays theirs, and a customer of its own.</summary>
    public IReadOnlyList<EntityKey> Returning { get; init => field = value ?? []; } = [];

    /// <summary>When everything known was taken out; what was under way then is taken out once the stages have passed it.</summary>
    public DateTimeOffset? TakenOutAt { get; init; }

    /// <summary>How many stages, in order of the flow, have passed it.</summary>
    public int PassedStages { get; init; }

    /// <summary>When the last of them was found to have; null while none has.</summary>
    public DateTimeOffset? PassedAt { get; init; }

    public DateTimeOffset? DoneAt { get; init; }
}
