using System.Text.Json.Serialization;

namespace CustomerPipeline.Application.Documents;

/// <summary>Something that became of a customer. Opaque ids only.</summary>
/// <param name="News">One of the kinds below.</param>
/// <param name="Customer">Who it is about.</param>
/// <param name="From">The stage before; null where there was none.</param>
/// <param name="To">The stage since, the customer that interactions went to, or whether an audience was entered or left.</param>
/// <param name="At">When it was found out.</param>
public sealed record CustomerNewsItem([property: JsonRequired] string News, [property: JsonRequired] string Customer, string? From, [property: JsonRequired] string To, DateTimeOffset At)
{
    /// <summary>Partition of <see cref="Containers.Snapshots"/>.</summary>
    public const string Partition = "customer-news";

    /// <summary>Interactions of a customer went to another one: the two were merged, or it was split.</summary>
    public const string Moved = "moved";

    public const string Stage = "stage";

    /// <summary>The customer entered or left an audience.</summary>
    public const string Membership = "audience";

    public const string Entered = "entered";

    public const string Left = "left";

    /// <summary>The name of the audience; null of other kinds.</summary>
    public string? Audience { get; init; }
}

/// <summary>The stages of some customers, as they were told of last.</summary>
public sealed record ToldStages([property: JsonRequired] IReadOnlyDictionary<string, string> Stages)
{
    /// <summary>Partition of <see cref="Containers.Events"/>.</summary>
    public const string Partition = "stages";
}
