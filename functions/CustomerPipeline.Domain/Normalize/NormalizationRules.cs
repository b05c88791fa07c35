namespace CustomerPipeline.Domain.Normalize;

/// <summary>What the operator decides about reading messages.</summary>
public sealed record NormalizationRules
{
    /// <summary>Currency for messages of sources that leave it out; without it such a message is quarantined.</summary>
    public string? DefaultCurrency { get; init; }

    /// <summary>ISO 3166 alpha-2 region for phone numbers without a country code and without an address beside them.</summary>
    public string? DefaultRegion { get; init; }

    /// <summary>Count orders that the shop marks as tests. Off: they are ignored.</summary>
    public bool IncludeTestOrders { get; init; }

    public static NormalizationRules Default { get; } = new();
}
