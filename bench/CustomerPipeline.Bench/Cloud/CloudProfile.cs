using System.Text.Json;
using System.Text.Json.Serialization;

namespace CustomerPipeline.Bench.Cloud;

/// <summary>What a message costs, measured on this program: the inputs of <see cref="CloudModel"/>. <c>bench cloud --out docs/scale.json</c> writes it.</summary>
internal sealed record CloudProfile
{
    /// <summary>When it was measured.</summary>
    public required DateOnly Measured { get; init; }

    /// <summary>How many messages were measured at each batch size.</summary>
    public required int Messages { get; init; }

    /// <summary>Mean size of a message in its queue.</summary>
    public required double MessageBytes { get; init; }

    /// <summary>Mean size of a message in the archive, compressed.</summary>
    public required double ArchivedBytes { get; init; }

    /// <summary>Share of the busiest of the three queues.</summary>
    public required double BusiestQueue { get; init; }

    /// <summary>By how many messages or documents a function takes at once.</summary>
    public required IReadOnlyList<BatchProfile> Batches { get; init; }

    /// <summary>The profile at a batch size: the one measured at the largest that is not larger.</summary>
    public BatchProfile At(double batch) => Batches.Last(b => b.Batch <= Math.Max(batch, Batches[0].Batch));

    public static CloudProfile Parse(string json) => JsonSerializer.Deserialize(json, CloudJson.Default.CloudProfile)!;

    public string ToJson() => JsonSerializer.Serialize(this, CloudJson.Default.CloudProfile) + "\n";
}

/// <summary>Measured with batches of one size; all figures for one message.</summary>
internal sealed record BatchProfile
{
    public required int Batch { get; init; }

    /// <summary>Processor time of all stages on the embedded store, in microseconds.</summary>
    public required double ProcessorMicroseconds { get; init; }

    /// <summary>Requests to Cosmos DB.</summary>
    public required double Calls { get; init; }

    /// <summary>Documents written, in the last state that each has: what storage grows by.</summary>
    public required double StoredBytes { get; init; }

    /// <summary>Documents in the change feeds that the stages read, by container.</summary>
    public required IReadOnlyDictionary<string, double> Changed { get; init; }

    /// <summary>Request units by container.</summary>
    public required IReadOnlyDictionary<string, double> Units { get; init; }

    /// <summary>Of the busiest logical partition of a container: its share of the container's units.</summary>
    public required IReadOnlyDictionary<string, double> BusiestPartition { get; init; }

    [JsonIgnore]
    public double AllUnits => Units.Values.Sum();
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(CloudProfile))]
internal sealed partial class CloudJson : JsonSerializerContext;
