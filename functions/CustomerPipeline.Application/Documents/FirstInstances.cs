using System.Text.Json.Serialization;

namespace CustomerPipeline.Application.Documents;

/// <summary>The first instance of each source that sent anything.</summary>
/// <param name="BySource">Its name, by the name of the source.</param>
public sealed record FirstInstances([property: JsonRequired] IReadOnlyDictionary<string, string> BySource)
{
    /// <summary>Partition of <see cref="Containers.Identifiers"/>.</summary>
    public const string Partition = "instances";

    /// <summary>The one document there.</summary>
    public const string Id = "first";
}
