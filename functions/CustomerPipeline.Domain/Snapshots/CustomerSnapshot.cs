namespace CustomerPipeline.Domain.Snapshots;

/// <summary>A stock: what the customer base looked like at an instant. Published figures are never changed; a later snapshot supersedes them.</summary>
public sealed record CustomerSnapshot
{
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>Rules of value and of identity that the figures were made with.</summary>
    public required string RuleVersion { get; init; }

    /// <summary>Sum of the revisions of all value shards: which state of the store was read.</summary>
    public required long Watermark { get; init; }

    /// <summary>Identified customers with at least one purchase.</summary>
    public required long Customers { get; init; }

    public required long RepeatCustomers { get; init; }

    public required long CrossChannelCustomers { get; init; }
}
