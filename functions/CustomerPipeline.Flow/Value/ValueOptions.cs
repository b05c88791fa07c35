namespace CustomerPipeline.Flow.Value;

/// <summary>Settings that figures depend on; changing them takes a rebuild.</summary>
public sealed record ValueOptions
{
    /// <summary>How many partitions the figures are kept in. More of them take more writers at once and cost more to read.</summary>
    public int Shards { get; init; } = 8;

    /// <summary>The zone that says which day an instant belongs to.</summary>
    public TimeZoneInfo BusinessTimeZone { get; init; } = TimeZoneInfo.Utc;

    public string ShardOf(string customer) => ShardName(Domain.StableHash.Bucket(customer, Shards));

    public IEnumerable<string> AllShards => Enumerable.Range(0, Shards).Select(ShardName);

    private static string ShardName(int shard) => $"shard-{shard.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
}
