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

    /// <summary>The probability that a buyer is still a customer; null for a customer who never came back, of whom the BG/NBD knows nothing.</summary>
    internal static double? ProbabilityOf(Buyer buyer, PurchaseModel model) => buyer.Repeats.Count == 0 ? null : model.ProbabilityAlive(buyer.Repeats);

    /// <summary>Returns the stage that a name means; null for any other text.</summary>
    public static LifecycleStage? StageNamed(string name) => Enum.GetValues<LifecycleStage>().Where(s => s.Name() == name).Select(s => (LifecycleStage?)s).FirstOrDefault();

    /// <summary>Returns the stage of a customer who purchased.</summary>
    /// <param name="buyer">The customer.</param>
    /// <param name="today">The day of the instant.</param>
    /// <param name="probability">The probability to be still a customer; null where no model says it.</param>
    internal static LifecycleStage StageOf(Buyer buyer, DateOnly today, double? probability)
    {
        var days = today.DayNumber - buyer.LastDay.DayNumber;
        if (buyer.DayBefore is not { } before)
        {
            return days <= HistoryRules.ActiveDays ? LifecycleStage.New : ByWindow(days);
        }

        var stage = probability switch
        {
            null => ByWindow(days),
            >= HistoryRules.ActiveProbability => LifecycleStage.Active,
            < HistoryRules.LapsedProbability => LifecycleStage.Lapsed,
            _ => LifecycleStage.AtRisk,
        };
        return stage == LifecycleStage.Active && buyer.LastDay.DayNumber - before.DayNumber > HistoryRules.LapsedDays ? LifecycleStage.WonBack : stage;
    }

    private static LifecycleStage ByWindow(int days) =>
        days <= HistoryRules.ActiveDays ? LifecycleStage.Active : days <= HistoryRules.LapsedDays ? LifecycleStage.AtRisk : LifecycleStage.Lapsed;
}
