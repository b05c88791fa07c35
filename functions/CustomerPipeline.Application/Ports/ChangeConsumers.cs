using CustomerPipeline.Application.Documents;

namespace CustomerPipeline.Application.Ports;

/// <summary>A stage that reads a change feed.</summary>
/// <param name="Name">The name of its function, under which its positions in the feed are kept.</param>
/// <param name="Container">Whose changes it reads.</param>
public sealed record FeedConsumer(string Name, string Container);

/// <summary>The stages that read a change feed.</summary>
public static class ChangeConsumers
{
    public const string Resolve = "Resolve";
    public const string Value = "Value";
    public const string Publish = "Publish";
    public const string FigureFiles = "FigureFiles";

    private static readonly FeedConsumer OfResolve = new(Resolve, Containers.Interactions);
    private static readonly FeedConsumer OfValue = new(Value, Containers.Customers);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FeedConsumer> All { get; } = [OfResolve, OfValue, new(Publish, Containers.Snapshots), new(FigureFiles, Containers.Snapshots)];

    /// <summary>Those that a message passes on its way to the figures, in order, by the name under which <see cref="IStageBacklog"/> counts what waits for them.</summary>
    public static IReadOnlyList<(string Stage, FeedConsumer Consumer)> OnTheWay { get; } = [("resolve", OfResolve), ("value", OfValue)];
}
