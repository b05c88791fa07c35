using System.Text.Json.Serialization;

namespace CustomerPipeline.Application.Documents;

/// <summary>Ignored messages of one hour, by their delivery ids.</summary>
public sealed record IgnoredDeliveries([property: JsonRequired] IReadOnlyList<string> Deliveries)
{
    /// <summary>Partition of <see cref="Containers.Privacy"/>.</summary>
    public const string Partition = "ignored";

    /// <summary>The document that says that every ignored message of the archive is listed.</summary>
    public const string CompleteId = "complete";
}
