using System.Diagnostics;

namespace CustomerPipeline.Bench;

/// <summary>Wall and processor time, and managed memory that the process asked for, of something that was run some number of times.</summary>
internal readonly record struct Measured(TimeSpan Wall, TimeSpan Processor, long Allocated, long Count)
{
    public double PerSecond => Count / Wall.TotalSeconds;

    public double ProcessorMicroseconds => Processor.TotalMicroseconds / Count;

    public double AllocatedKilobytes => Allocated / 1024.0 / Count;

    public static Measured Of(long count, Action run)
    {
        using var process = Process.GetCurrentProcess();
        var (processor, allocated) = (process.TotalProcessorTime, GC.GetTotalAllocatedBytes());
        var clock = Stopwatch.StartNew();
        run();
        var wall = clock.Elapsed;
        process.Refresh();
        return new Measured(wall, process.TotalProcessorTime - processor, GC.GetTotalAllocatedBytes() - allocated, count);
    }

    public static async Task<Measured> OfAsync(long count, Func<Task> run)
    {
        using var process = Process.GetCurrentProcess();
        var (processor, allocated) = (process.TotalProcessorTime, GC.GetTotalAllocatedBytes());
        var clock = Stopwatch.StartNew();
        await run();
        var wall = clock.Elapsed;
        process.Refresh();
        return new Measured(wall, process.TotalProcessorTime - processor, GC.GetTotalAllocatedBytes() - allocated, count);
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    public static Measured Median(IReadOnlyList<Measured> runs) => runs.OrderBy(r => r.Wall).ElementAt(runs.Count / 2);
}
