using System.Text.Json.Serialization;

namespace CustomerPipeline.Application.Documents;

/// <summary>A secret key of the store, as it is kept.</summary>
public sealed record StoredKey([property: JsonRequired] byte[] Key)
{
    /// <summary>Partition of <see cref="Containers.Privacy"/>.</summary>
    public const string Partition = "key";
}
