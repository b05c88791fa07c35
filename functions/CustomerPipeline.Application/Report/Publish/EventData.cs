using System.Text.Json.Serialization;

namespace CustomerPipeline.Application.Report.Publish;

/// <summary>Types of the events that this pipeline tells. Their data is described by JSON Schemas in docs/events.</summary>
public static class EventTypes
{
    public const string MetricChanged = "customerpipeline.metric.changed";
    public const string MetricRestated = "customerpipeline.metric.restated";
    public const string CustomerMerged = "customerpipeline.customer.merged";
    public const string CustomerSplit = "customerpipeline.customer.split";
    public const string CustomerStageChanged = "customerpipeline.customer.stage-changed";
    public const string CustomerAtRisk = "customerpipeline.customer.at-risk";
    public const string CustomerEnteredAudience = "customerpipeline.customer.entered-audience";
    public const string CustomerLeftAudience = "customerpipeline.customer.left-audience";

    public static IReadOnlyList<string> All { get; } =
        [MetricChanged, MetricRestated, CustomerMerged, CustomerSplit, CustomerStageChanged, CustomerAtRisk, CustomerEnteredAudience, CustomerLeftAudience];
}

/// <summary>A metric has other figures than when it was told of last: ask it anew.</summary>
/// <param name="Metric">Name in the catalogue.</param>
/// <param name="From">The first day of the first month with a figure that changed.</param>
/// <param name="To">The last day of the last one.</param>
/// <param name="Watermark">Which state of the figures was looked at: it only grows.</param>
/// <param name="Since">When it was looked at before; null the first time.</param>
/// <param name="At">When it was looked at.</param>
public sealed record MetricChanged(string Metric, DateOnly From, DateOnly To, long Watermark, DateTimeOffset? Since, DateTimeOffset At);

/// <summary>Two customers turned out to be one.</summary>
/// <param name="Customer">The one that stays.</param>
/// <param name="Merged">The one that leads there from now on.</param>
/// <param name="At">When it was found out.</param>
public sealed record CustomerMerged(string Customer, string Merged, DateTimeOffset At);

/// <summary>Interactions of a customer turned out to be of another one.</summary>
/// <param name="Customer">Whose they were.</param>
/// <param name="Into">Whose they are.</param>
/// <param name="At">When it was found out.</param>
public sealed record CustomerSplit(string Customer, string Into, DateTimeOffset At);

/// <summary>A customer came into another stage of life.</summary>
/// <param name="Customer">Who.</param>
/// <param name="From">The stage before; null of who is new.</param>
/// <param name="To">The stage since.</param>
/// <param name="AsOf">As of when.</param>
public sealed record CustomerStageChanged(string Customer, string? From, string To, DateTimeOffset AsOf);

/// <summary>A customer may not come back.</summary>
/// <param name="Customer">Who.</param>
/// <param name="From">The stage before; null of who is new.</param>
/// <param name="AsOf">As of when.</param>
public sealed record CustomerAtRisk(string Customer, string? From, DateTimeOffset AsOf);

/// <summary>A customer entered an audience.</summary>
/// <param name="Audience">The name of the audience.</param>
/// <param name="Customer">Who.</param>
/// <param name="AsOf">As of when: of several events of a customer and an audience the last by this holds.</param>
public sealed record CustomerEnteredAudience(string Audience, string Customer, DateTimeOffset AsOf);

/// <summary>A customer left an audience.</summary>
/// <param name="Audience">The name of the audience.</param>
/// <param name="Customer">Who.</param>
/// <param name="MergedInto">The customer that the id leads to now, who may be a member; null where it was not merged.</param>
/// <param name="AsOf">As of when: of several events of a customer and an audience the last by this holds.</param>
public sealed record CustomerLeftAudience(string Audience, string Customer, string? MergedInto, DateTimeOffset AsOf);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MetricChanged))]
[JsonSerializable(typeof(CustomerMerged))]
[JsonSerializable(typeof(CustomerSplit))]
[JsonSerializable(typeof(CustomerStageChanged))]
[JsonSerializable(typeof(CustomerAtRisk))]
[JsonSerializable(typeof(CustomerEnteredAudience))]
[JsonSerializable(typeof(CustomerLeftAudience))]
internal sealed partial class EventJson : JsonSerializerContext;
