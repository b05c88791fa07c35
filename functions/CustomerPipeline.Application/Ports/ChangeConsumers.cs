namespace CustomerPipeline.Application.Ports;

/// <summary>The stages that read a change feed: the names of their functions, and under which their places in the feeds are kept.</summary>
public static class ChangeConsumers
{
    /// <summary>Reads <see cref="Containers.Interactions"/>.</summary>
    public const string Resolve = "Resolve";

    /// <summary>Reads <see cref="Containers.Customers"/>.</summary>
    public const string Value = "Value";

    /// <summary>Reads <see cref="Containers.Snapshots"/>.</summary>
    public const string Publish = "Publish";

    /// <summary>Reads <see cref="Containers.Snapshots"/>.</summary>
    public const string FigureFiles = "FigureFiles";
}
