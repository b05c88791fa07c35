using System.Text.Json.Serialization;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Application.Documents;

/// <summary>What an identifier or an entity is claimed for.</summary>
public sealed record Claim
{
    /// <summary>The customer it belongs to, maybe an alias; null where it was known to be shared before anybody claimed it.</summary>
    public string? Customer { get; init; }

    /// <summary>What the identifier comes with, kept while that is limited.</summary>
    public Companions? With { get; init; }

    /// <summary>The customer that it is being split off from, until that is done.</summary>
    public string? From { get; init; }

    /// <summary>People who are gone shared it: it stays shared, also when everything is worked out anew.</summary>
    public bool StaysShared { get; init; }

    /// <summary>It turned out to be shared, and its customer may still hold together by it.</summary>
    public bool Unsettled { get; init; }

    [JsonIgnore]
    public bool IsShared => With is { TooMany: true };
}
