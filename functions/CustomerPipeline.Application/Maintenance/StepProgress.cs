namespace CustomerPipeline.Application.Maintenance;

/// <summary>How far long work of several steps is.</summary>
/// <param name="Step">What it is at.</param>
/// <param name="Done">How many things of it are done.</param>
/// <param name="All">How many there are; null where that is not known.</param>
public readonly record struct StepProgress<TStep>(TStep Step, long Done, long? All)
    where TStep : struct, Enum;
