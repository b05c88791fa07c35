using CustomerPipeline.Domain.Lifetime;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Count;

/// <summary>Settings that figures depend on; changing them takes a rebuild.</summary>
public sealed record ValueOptions
{
    /// <summary>More partitions than this would make every question slow.</summary>
    public const int MostShards = 1_024;

    /// <summary>How many partitions the figures are kept in. More of them take more writers at once and cost more to read.</summary>
    public int Shards { get; init; } = 8;

    /// <summary>Says which day an instant belongs to, and when the company works.</summary>
    public BusinessCalendar Calendar { get; init; } = BusinessCalendar.Utc;

    /// <summary>The model that says what customers will do.</summary>
    public PurchaseModelKind PurchaseModel { get; init; } = PurchaseModelKind.BgNbd;

    /// <summary>What money is worth in one currency for all; null where none is configured.</summary>
    public ReportingRates? Rates { get; init; }

    /// <summary>What stored figures were made with; the model and the rates are used when a question is asked.</summary>
    public string Stamp => $"{MetricCatalog.RuleVersion} {Calendar.Text} {Shards}";

    public string ShardOf(string customer) => ShardName(Domain.StableHash.Bucket(customer, Shards));

    public IEnumerable<string> AllShards => Enumerable.Range(0, Shards).Select(ShardName);

    private static string ShardName(int shard) => $"shard-{shard.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
}
