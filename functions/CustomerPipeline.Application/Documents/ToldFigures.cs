using System.Text.Json.Serialization;

namespace CustomerPipeline.Application.Documents;

/// <summary>What flow figures looked like when they were told of last.</summary>
/// <param name="Version">The state of the shards.</param>
/// <param name="At">When it was looked at.</param>
/// <param name="Measures">By measure and month: a hash of its sums.</param>
public sealed record ToldFigures([property: JsonRequired] string Version, DateTimeOffset At, [property: JsonRequired] IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Measures)
{
    /// <summary>Partition of <see cref="Containers.Events"/>.</summary>
    public const string Partition = "figures";
}
