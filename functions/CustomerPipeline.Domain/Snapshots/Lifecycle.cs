using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Lifetime;

namespace CustomerPipeline.Domain.Snapshots;

/// <summary>Where a customer is in the life with the company.</summary>
public enum LifecycleStage
{
    /// <summary>Known, and never purchased.</summary>
    Prospect,

    /// <summary>Purchased on one day, not long ago.</summary>
    New,

    Active,

    AtRisk,

    Lapsed,

    /// <summary>Had lapsed, and is active again.</summary>
    WonBack,
}

/// <summary>Which stage a customer is in.</summary>
public static class Lifecycle
{
    public static string Name(this LifecycleStage stage) => stage switch
    {
        LifecycleStage.Prospect => "prospect",
        LifecycleStage.New => "new",
        LifecycleStage.Active => "active",
        LifecycleStage.AtRisk => "at-risk",
        LifecycleStage.Lapsed => "lapsed",
        _ => "won-back",
    };

    /// <param name="buyer">Somebody who purchased.</param>
    /// <param name="today">The day of the instant.</param>
    /// <param name="model">What says how probable it is that somebody is still a customer; null where it could not be fitted. Of who never came back the BG/NBD knows nothing.</param>
    internal static LifecycleStage StageOf(Buyer buyer, DateOnly today, PurchaseModel? model)
    {
        var days = today.DayNumber - buyer.LastDay.DayNumber;
        if (buyer.DayBefore is not { } before)
        {
            return days <= HistoryRules.ActiveDays ? LifecycleStage.New : ByWindow(days);
        }

        var stage = model is null || buyer.Repeats.Count == 0 ? ByWindow(days) : model.ProbabilityAlive(buyer.Repeats) switch
        {
            >= HistoryRules.ActiveProbability => LifecycleStage.Active,
            < HistoryRules.LapsedProbability => LifecycleStage.Lapsed,
            _ => LifecycleStage.AtRisk,
        };
        return stage == LifecycleStage.Active && buyer.LastDay.DayNumber - before.DayNumber > HistoryRules.LapsedDays ? LifecycleStage.WonBack : stage;
    }

    private static LifecycleStage ByWindow(int days) =>
        days <= HistoryRules.ActiveDays ? LifecycleStage.Active : days <= HistoryRules.LapsedDays ? LifecycleStage.AtRisk : LifecycleStage.Lapsed;
}
