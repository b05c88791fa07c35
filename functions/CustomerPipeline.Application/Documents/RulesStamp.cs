using System.Text.Json.Serialization;

namespace CustomerPipeline.Application.Documents;

/// <summary>The rules that the customers in the store were worked out by.</summary>
/// <param name="Version">Their version.</param>
/// <param name="Hash">Of all they say.</param>
/// <param name="Value">The rules that the figures were made by.</param>
public sealed record RulesStamp([property: JsonRequired] string Version, [property: JsonRequired] string Hash, string? Value = null)
{
    /// <summary>Partition of <see cref="Containers.Identifiers"/>.</summary>
    public const string Partition = "rules";
}
