using System.Text.Json.Serialization;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Domain.Snapshots;
using Parquet.Serialization;
using Parquet.Serialization.Attributes;

namespace CustomerPipeline.Application.Report.Publish;

/// <summary>A row of the Parquet file of customers: one customer by an opaque id. The columns are a contract (docs/analysts.md): they may be added to, and keep their names, types and meaning.</summary>
public sealed record CustomerRow
{
    /// <summary>The opaque id.</summary>
    [JsonPropertyName("customer")]
    [ParquetRequired]
    public string Customer { get; init; } = "";

    /// <summary>Whether an identifier says who the customer is.</summary>
    [JsonPropertyName("identified")]
    public bool Identified { get; init; }

    /// <summary>The RFM segment; null without purchases or identifiers.</summary>
    [JsonPropertyName("segment")]
    public string? Segment { get; init; }

    /// <summary>The stage of life; null without identifiers.</summary>
    [JsonPropertyName("stage")]
    public string? Stage { get; init; }

    /// <summary>ISO 4217, of the amounts; null without purchases, as all that follows but the instant.</summary>
    [JsonPropertyName("currency")]
    public string? Currency { get; init; }

    /// <summary>Days since the last purchase.</summary>
    [JsonPropertyName("recency_days")]
    public int? RecencyDays { get; init; }

    /// <summary>The number of purchases.</summary>
    [JsonPropertyName("frequency")]
    public int? Frequency { get; init; }

    /// <summary>Net sales to date, in major units.</summary>
    [JsonPropertyName("value")]
    [ParquetDecimal(28, 6)]
    public decimal? Value { get; init; }

    /// <summary>What the customer is expected to spend in the next 52 weeks, discounted, in major units; null where no model says it.</summary>
    [JsonPropertyName("predicted_value")]
    [ParquetDecimal(28, 6)]
    public decimal? PredictedValue { get; init; }

    /// <summary>The probability to be still a customer, 0 to 1; null where no model says it.</summary>
    [JsonPropertyName("probability_active")]
    [ParquetDecimal(28, 6)]
    public decimal? ProbabilityActive { get; init; }

    /// <summary>Orders of the last 90 days that were cancelled, came back or were followed by a ticket.</summary>
    [JsonPropertyName("broken_promises")]
    public int BrokenPromises { get; init; }

    /// <summary>The day of the first purchase.</summary>
    [JsonPropertyName("first_purchase")]
    public DateOnly? FirstPurchase { get; init; }

    /// <summary>The day of the last purchase.</summary>
    [JsonPropertyName("last_purchase")]
    public DateOnly? LastPurchase { get; init; }

    /// <summary>The instant that the row is as of, UTC: that of the last snapshot.</summary>
    [JsonPropertyName("as_of")]
    [ParquetTimestamp]
    public DateTime AsOf { get; init; }

    /// <summary>The rows of a file.</summary>
    public static IReadOnlyCollection<CustomerRow> Of(CustomersAsOf read) => [.. read.Customers.Select(c => Of(c, read.Census.AsOf.UtcDateTime))];

    /// <summary>A Parquet file of rows.</summary>
    public static async Task<ReadOnlyMemory<byte>> ToParquetAsync(IReadOnlyCollection<CustomerRow> rows, CancellationToken cancellationToken)
    {
        using var file = new MemoryStream();
        await ParquetSerializer.SerializeAsync(rows, file, cancellationToken: cancellationToken);
        return file.ToArray();
    }

    private static CustomerRow Of(CustomerStanding standing, DateTime asOf) => new()
    {
        Customer = standing.Customer,
        Identified = standing.IsIdentified,
        Segment = standing.Segment,
        Stage = standing.Stage?.Name(),
        Currency = standing.Purchases?.Currency,
        RecencyDays = standing.Purchases?.RecencyDays,
        Frequency = standing.Purchases?.Frequency,
        Value = standing.Purchases?.ValueInMajor,
        PredictedValue = standing.Purchases?.PredictedValueInMajor,
        ProbabilityActive = standing.Purchases?.ProbabilityActive,
        BrokenPromises = standing.BrokenPromises.Count,
        FirstPurchase = standing.Purchases?.FirstDay,
        LastPurchase = standing.Purchases?.LastDay,
        AsOf = asOf,
    };
}
