namespace CustomerPipeline.Bench.Cloud;

/// <summary>List prices in US dollars, one region of the United States, without discounts or free grants. docs/scale.md says where each was read, and when.</summary>
internal static class CloudPrices
{
    /// <summary>Cosmos DB, autoscale: 100 request units a second for an hour.</summary>
    public const double ThroughputHour = 0.012;

    /// <summary>Cosmos DB: a GB for a month.</summary>
    public const double DocumentsMonth = 0.25;

    /// <summary>Functions, Flex Consumption, on demand: a GB-second.</summary>
    public const double MemorySecond = 0.000026;

    /// <summary>Functions, Flex Consumption: a million executions.</summary>
    public const double Executions = 0.40;

    /// <summary>Service Bus Standard: a million operations, beyond those included.</summary>
    public const double QueueOperations = 0.80;

    /// <summary>Service Bus Premium: a messaging unit for an hour.</summary>
    public const double MessagingUnitHour = 0.928;

    /// <summary>Blob Storage, hot, zone-redundant: a million writes.</summary>
    public const double BlobWrites = 6.50;

    /// <summary>Blob Storage, hot, zone-redundant: a GB for a month.</summary>
    public const double BlobsMonth = 0.023;
}
