using CustomerPipeline.Application.Maintenance;
using Spectre.Console;

namespace CustomerPipeline.Cli.Commands;

/// <summary>Progress bars of long work, one for each of its steps.</summary>
internal static class StepBars
{
    public static Task<T> ShowAsync<TStep, T>(Func<IProgress<StepProgress<TStep>>, Task<T>> work)
        where TStep : struct, Enum => AnsiConsole.Progress()
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
        .StartAsync(async context =>
        {
            var bars = Enum.GetValues<TStep>().Select(step => (Step: step, Bar: context.AddTask($"{step}", autoStart: false))).ToList();
            var result = await work(new Progress<StepProgress<TStep>>(progress =>
            {
                var at = bars.FindIndex(b => b.Step.Equals(progress.Step));
                bars[..at].ForEach(b => Finish(b.Bar));
                Show(bars[at].Bar, progress);
            }));
            bars.ForEach(b => Finish(b.Bar));
            return result;
        });

    private static void Show<TStep>(ProgressTask bar, StepProgress<TStep> progress)
        where TStep : struct, Enum
    {
        // What was told late does not begin it once more.
        if (bar.IsFinished)
        {
            return;
        }

        if (!bar.IsStarted)
        {
            bar.StartTask();
        }

        bar.Description = $"{progress.Step} {progress.Done:N0}";
        bar.IsIndeterminate(progress.All is null).MaxValue(progress.All ?? double.MaxValue).Value(progress.Done);
    }

    private static void Finish(ProgressTask bar)
    {
        if (!bar.IsFinished)
        {
            bar.IsIndeterminate(false).MaxValue(Math.Max(1, bar.Value)).Value(bar.MaxValue).StopTask();
        }
    }
}
