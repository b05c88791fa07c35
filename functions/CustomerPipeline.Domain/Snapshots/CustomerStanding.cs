using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Lifetime;

namespace CustomerPipeline.Domain.Snapshots;

/// <summary>
/// What is known of one customer as of an instant. The metrics of the customer base are counts and sums of these: the customers of a stage or a segment are as many as the metric says.
/// </summary>
public sealed record CustomerStanding
{
    /// <summary>The customer's opaque id.</summary>
    public required string Customer { get; init; }

    /// <summary>Whether an identifier says who the customer is. Metrics of the customer base count identified customers only.</summary>
    public required bool IsIdentified { get; init; }

    /// <summary>The stage of life; null for a customer who is not identified.</summary>
    public LifecycleStage? Stage { get; init; }

    /// <summary>What the purchases say; null for a customer without any.</summary>
    public PurchaseStanding? Purchases { get; init; }

    /// <summary>The orders of the last 90 days that were not kept, in order of time; empty for a customer who is not identified.</summary>
    public IReadOnlyList<BrokenPromise> BrokenPromises { get; init; } = [];

    /// <summary>Whether the customer may be written to, as it is known now, whatever the instant (<see cref="Histories.CustomerHistory.MayBeWrittenTo"/>).</summary>
    public bool MayBeWrittenTo { get; init; }

    /// <summary>The RFM segment; null for a customer without purchases, or who is not identified.</summary>
    public string? Segment => Purchases?.Scores?.Segment;
}

/// <summary>What the purchases of one customer say as of an instant, and from what it follows.</summary>
public sealed record PurchaseStanding
{
    /// <summary>The currency of most purchases: amounts are in it, and the customer is compared with customers of the same currency.</summary>
    public required string Currency { get; init; }

    /// <summary>Days since the last purchase, 0 or more.</summary>
    public required int RecencyDays { get; init; }

    /// <summary>How many orders there are of which something was kept.</summary>
    public required int Frequency { get; init; }

    /// <summary>Net sales to date in the currency, in minor units.</summary>
    public required long Value { get; init; }

    /// <summary>The day of the first purchase.</summary>
    public required DateOnly FirstDay { get; init; }

    /// <summary>The day of the last purchase.</summary>
    public required DateOnly LastDay { get; init; }

    /// <summary>The quintile scores that make the segment (<see cref="Rfm"/>); null for a customer who is not identified.</summary>
    public RfmScore? Scores { get; init; }

    /// <summary>How many customers the quintiles are of: those who are identified and purchased, in the same currency.</summary>
    public int ComparedWith { get; init; }

    /// <summary>The probability to be still a customer, with six decimals: where it is known, the stage follows from it. Null with a reason in <see cref="WhyNoProbability"/>.</summary>
    public decimal? ProbabilityActive { get; init; }

    /// <summary>Why there is no probability; null where there is one.</summary>
    public string? WhyNoProbability { get; init; }

    /// <summary>What the customer is expected to spend in the next 52 weeks, discounted, in minor units of the currency. Null with a reason in <see cref="WhyNoPrediction"/>.</summary>
    public long? PredictedValue { get; init; }

    /// <summary>Why there is no predicted value; null where there is one.</summary>
    public string? WhyNoPrediction { get; init; }

    /// <summary>The value in major units of the currency.</summary>
    public decimal ValueInMajor => Money.ToMajorNumber(Value, Currency);

    /// <summary>The predicted value in major units of the currency; null where there is none.</summary>
    public decimal? PredictedValueInMajor => PredictedValue is { } minor ? Money.ToMajorNumber(minor, Currency) : null;

    /// <summary>The model of repeat purchases that was used; null where none could be fitted.</summary>
    public string? Model { get; init; }

    /// <summary>What the model of repeat purchases knows of the customer.</summary>
    public required RepeatPurchases Repeats { get; init; }

    /// <summary>What the model of spend knows of the customer: the mean is in minor units of the currency.</summary>
    public required RepeatSpend Spend { get; init; }
}
