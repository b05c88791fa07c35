using CustomerPipeline.Application.Report.Figures;

namespace CustomerPipeline.Cli.Hosting;

/// <summary>Waiting until everything received has arrived in the metrics.</summary>
internal static class Draining
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    public static async Task<PipelineStatus> WaitUntilDrainedAsync(this StatusReader reader, Action<PipelineStatus>? report, CancellationToken cancellationToken)
    {
        while (true)
        {
            var status = await reader.ReadAsync(cancellationToken);
            report?.Invoke(status);
            if (status.IsDrained)
            {
                return status;
            }

            await Task.Delay(LookEvery, cancellationToken);
        }
    }
}
