namespace CustomerPipeline.Functions;

/// <summary>When timers look for changes that no trigger brought: a trigger counts a batch as done when its function failed or its worker died.</summary>
internal static class CatchUpSchedule
{
    public const string EveryMinute = "0 * * * * *";
}
