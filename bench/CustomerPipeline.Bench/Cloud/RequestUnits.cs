namespace CustomerPipeline.Bench.Cloud;

/// <summary>
/// What Cosmos DB charges for an operation, by the size of the document: https://learn.microsoft.com/azure/cosmos-db/understand-request-unit-consumption (of 2026-04-21), and twice as much for
/// reads with strong consistency (https://learn.microsoft.com/azure/cosmos-db/optimize-cost-reads-writes).
/// </summary>
internal static class RequestUnits
{
    private const double StrongReads = 2;
    private const double IndexedTerm = 0.2;

    // The partition key and the composite of it with the id.
    private const int IndexedTerms = 2;

    private static readonly (double Kilobytes, double Read, double Write)[] BySize =
    [
        (1, 1.00, 4.95), (2, 1.04, 6.29), (4, 1.14, 6.67), (8, 1.33, 7.04), (16, 1.67, 9.52), (32, 2.19, 11.23), (64, 4.76, 22.67), (128, 9.95, 48.19), (256, 20.28, 98.29), (512, 40.95, 184.57),
        (1_024, 145.90, 625.00), (2_048, 291.80, 1_250.00),
    ];

    public static double Read(long bytes) => StrongReads * Between(bytes, row => row.Read);

    public static double Create(long bytes) => Between(bytes, row => row.Write) + (IndexedTerms * IndexedTerm);

    /// <summary>A replace deletes and inserts; the indexed values stay.</summary>
    public static double Replace(long bytes) => 2 * Between(bytes, row => row.Write);

    // Between the sizes of the table, in proportion.
    private static double Between(long bytes, Func<(double Kilobytes, double Read, double Write), double> column)
    {
        var size = Math.Clamp(bytes / 1024.0, BySize[0].Kilobytes, BySize[^1].Kilobytes);
        var upper = Array.FindIndex(BySize, row => row.Kilobytes >= size);
        if (upper == 0)
        {
            return column(BySize[0]);
        }

        var (low, high) = (BySize[upper - 1], BySize[upper]);
        return column(low) + ((column(high) - column(low)) * (size - low.Kilobytes) / (high.Kilobytes - low.Kilobytes));
    }
}
