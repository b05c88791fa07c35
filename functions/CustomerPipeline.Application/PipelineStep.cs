namespace CustomerPipeline.Application;

/// <summary>A step of the pipeline.</summary>
/// <param name="From">What it takes from: a port, or a container whose changes it reads.</param>
/// <param name="Handler">The handler that a function calls.</param>
/// <param name="To">What it writes: ports and containers.</param>
public sealed record PipelineStep(string From, Type Handler, IReadOnlyList<string> To)
{
    /// <summary>The stage: the folder of its handler.</summary>
    public string Stage => Handler.Namespace!["CustomerPipeline.Application.".Length..];

    internal static PipelineStep Of<THandler>(string from, params IReadOnlyList<string> to) => new(from, typeof(THandler), to);
}
