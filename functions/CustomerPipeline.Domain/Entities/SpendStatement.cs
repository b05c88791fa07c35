namespace CustomerPipeline.Domain.Entities;

/// <summary>What was spent on a campaign on one day, in minor units of a currency. The campaign and the channel stand beside it.</summary>
/// <param name="Day">The day, as the source counts days.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="Amount">Without tax; 0 or more.</param>
public sealed record SpendStatement(DateOnly Day, string Currency, long Amount)
{
    /// <summary>The first moment of the day in UTC: where it stands among interactions.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public DateTimeOffset At => new(Day, TimeOnly.MinValue, TimeSpan.Zero);
}
