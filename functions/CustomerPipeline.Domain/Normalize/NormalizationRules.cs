namespace CustomerPipeline.Domain.Normalize;

/// <summary>What the operator decides about reading messages.</summary>
public sealed record NormalizationRules
{
    /// <summary>The key of <see cref="StoreTimeZones"/> that stands for every store without its own entry.</summary>
    public const string AnyStore = "*";

    /// <summary>Currency for messages of sources that leave it out; without it such a message is quarantined.</summary>
    public string? DefaultCurrency { get; init; }

    /// <summary>ISO 3166 alpha-2 region for phone numbers without a country code and without an address beside them.</summary>
    public string? DefaultRegion { get; init; }

    /// <summary>Count orders that the shop marks as tests. Off: they are ignored.</summary>
    public bool IncludeTestOrders { get; init; }

    /// <summary>
    /// IANA time zone of each store, for tills that write times without an offset; <c>*</c> for all stores without their own. A sale of a store
    /// without a zone is quarantined: a guess would put sales on wrong days.
    /// </summary>
    public IReadOnlyDictionary<string, string> StoreTimeZones { get; init; } = new Dictionary<string, string>();

    /// <summary>How far a sender's clock may be ahead of ours. What claims to happen later than that is kept with the time it was received, and flagged.</summary>
    public TimeSpan FutureTolerance { get; init; } = TimeSpan.FromMinutes(15);

    public static NormalizationRules Default { get; } = new();
}
