namespace CustomerPipeline.Domain.Histories;

/// <summary>The windows and limits that metrics of histories go by. They are part of the rule version.</summary>
public static class HistoryRules
{
    /// <summary>An order is kept when for so long nothing of it came back and its customer asked for no help.</summary>
    public static TimeSpan KeptAfter { get; } = TimeSpan.FromDays(30);

    /// <summary>A contact within so long of another, about the same, repeats it.</summary>
    public static TimeSpan RepeatWithin { get; } = TimeSpan.FromDays(7);

    /// <summary>A contact within so long of an order, a refund or an unsolved ticket is demand that a failure made.</summary>
    public static TimeSpan FailureWithin { get; } = TimeSpan.FromDays(30);

    /// <summary>A purchase within so long of a look at the goods somewhere else followed from it.</summary>
    public static TimeSpan ResearchWithin { get; } = TimeSpan.FromDays(14);

    /// <summary>After so long without a contact the next begins a new journey.</summary>
    public static TimeSpan JourneyGap { get; } = TimeSpan.FromDays(30);

    /// <summary>A journey's path is told by so many steps.</summary>
    public const int JourneySteps = 5;

    /// <summary>A promise that was broken within so long puts at risk what its customer is expected to spend; and so long is waited for another purchase.</summary>
    public static TimeSpan AtRiskAfter { get; } = TimeSpan.FromDays(90);

    /// <summary>Whether customers come back after a broken promise is judged by their first orders of so long.</summary>
    public static TimeSpan JudgedWithin { get; } = TimeSpan.FromDays(365);

    /// <summary>Who purchased within so many days is active, where no model says otherwise.</summary>
    public const int ActiveDays = 90;

    /// <summary>Who did not for so many days has lapsed.</summary>
    public const int LapsedDays = 180;

    /// <summary>From this probability to be still a customer on, somebody is active.</summary>
    public const double ActiveProbability = 0.7;

    /// <summary>Below this one, somebody has lapsed.</summary>
    public const double LapsedProbability = 0.3;

    /// <summary>A predictive value is what a customer is expected to be worth in so many weeks.</summary>
    public const int HorizonWeeks = 52;

    /// <summary>By how much money is worth less a year later.</summary>
    public const double YearlyDiscount = 0.10;

    /// <summary>What fewer customers than this have in common is not shown, where it could tell who they are.</summary>
    public const int LeastCustomersShown = 5;
}
