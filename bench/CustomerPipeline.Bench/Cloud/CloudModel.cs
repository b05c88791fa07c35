using System.Globalization;
using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using Spectre.Console;

namespace CustomerPipeline.Bench.Cloud;

/// <summary>What a rate of messages needs in Azure, and what a million of them cost.</summary>
/// <param name="Rate">Messages a second.</param>
/// <param name="QueueBatch">Messages a function takes at once.</param>
/// <param name="FeedBatch">Changed documents a function takes at once.</param>
/// <param name="UnitsPerMessage">Request units, those of the positions in the change feeds included.</param>
/// <param name="PositionUnits">Request units of the positions for a message, those of the timers that look for what no trigger brought included.</param>
/// <param name="Throughput">Request units a second.</param>
/// <param name="PhysicalPartitions">Of all containers, by throughput.</param>
/// <param name="Executions">Of functions, for a million messages.</param>
/// <param name="GigabyteSeconds">For a million messages.</param>
/// <param name="Instances">That are busy at once.</param>
/// <param name="MessagingUnits">Of Service Bus Premium; none where Standard does.</param>
/// <param name="DocumentGigabytes">That a million messages add.</param>
/// <param name="Dollars">For a million messages, by what they are paid for.</param>
internal sealed record CloudEstimate(
    double Rate, double QueueBatch, double FeedBatch, double UnitsPerMessage, double PositionUnits, double Throughput, int PhysicalPartitions, double Executions, double GigabyteSeconds, double Instances, int MessagingUnits,
    double DocumentGigabytes, IReadOnlyDictionary<string, double> Dollars)
{
    public double AllDollars => Dollars.Values.Sum();
}

/// <summary>From measured inputs and published limits and prices to what a rate needs. docs/scale.md shows its results; a test keeps the two together.</summary>
internal static class CloudModel
{
    /// <summary>Request units a second of a physical partition, and so of a logical one: https://learn.microsoft.com/azure/cosmos-db/concepts-limits.</summary>
    public const double PartitionThroughput = 10_000;

    /// <summary>Messages a second of Service Bus Standard: 1,000 credits a second, and a send and a receive for each message (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-throttling).</summary>
    public const double StandardQueueRate = 500;

    private const double Million = 1e6;
    private const int LargestQueueBatch = 500;
    private const int LargestFeedBatch = 500;

    // The trigger looks for changes every five seconds; a billed execution lasts a second at least.
    private const double FeedWaitSeconds = 5;
    private const double ShortestBilledSeconds = 1;

    // A call of a stage reads its position once, and writes it when it begins, after each page and when it ends; it reads a page and finds that there is no other. A timer finds no page at all. The test The_positions_of_the_stages
    // counts them, and that a position is smaller than a kilobyte. Four timers look once a minute (docs/decisions/0038).
    private const long PositionBytes = 1024;
    private const int CallsOfStage = 6;
    private const double TimersPerHour = 4 * 60;

    private const double InstanceGigabytes = 2;

    // An instance of 2 GB has one core. A function takes one batch at a time on an instance, and each function has instances of its own
    // (https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan#per-function-scaling): while a batch waits for Cosmos DB, nothing else uses the core. How much of the time that is, is an
    // assumption, as are the tenth of a millisecond for a call of the client library and the load of a messaging unit.
    private const double CoreUse = 0.35;
    private const double CallMicroseconds = 100;
    private const double MessagingUnitBytes = 4 * 1024 * 1024;

    // Autoscale bills the highest second of an hour.
    private const double Headroom = 1.5;
    private const double LeastBilledThroughput = 100;

    /// <summary>The containers whose change feeds stages read for each message.</summary>
    public static IReadOnlyList<string> Feeds { get; } = [Containers.Interactions, Containers.Customers];

    /// <summary>Request units of the position for a call of a stage that found a page.</summary>
    public static double UnitsOfCall { get; } = RequestUnits.Read(PositionBytes) + (3 * RequestUnits.Replace(PositionBytes));

    /// <summary>Request units of the position for a range that a timer looked at in vain, and of the look.</summary>
    public static double UnitsOfLook { get; } = (2 * RequestUnits.Read(PositionBytes)) + (2 * RequestUnits.Replace(PositionBytes));

    public static IReadOnlyList<double> Rates { get; } = [1, 1_000, 100_000];

    public static CloudEstimate Of(CloudProfile profile, double rate)
    {
        var queueBatch = Math.Clamp(rate * profile.BusiestQueue, 1, LargestQueueBatch);
        var batch = profile.At(queueBatch);
        double FeedBatchOf(string feed) => Math.Clamp(rate * batch.Changed[feed] * FeedWaitSeconds, 1, LargestFeedBatch);
        int PartitionsOf(double units) => (int)Math.Ceiling(units * rate * Headroom / PartitionThroughput);
        var hours = Million / rate / 3600;
        var stageCalls = Feeds.Sum(feed => batch.Changed[feed] / FeedBatchOf(feed));
        var timers = TimersPerHour / 3600 / rate;

        // Two of the four timers look at a container that has one range at any rate: that of published figures.
        var looks = timers / 4 * (2 + Feeds.Sum(feed => PartitionsOf(batch.Units[feed])));
        var positionUnits = (stageCalls * UnitsOfCall) + (looks * UnitsOfLook);
        var units = batch.AllUnits + positionUnits;
        var throughput = units * rate;
        var executions = (1 / queueBatch) + stageCalls + timers;
        var calls = batch.Calls + (stageCalls * CallsOfStage) + (looks * (CallsOfStage - 2));
        var busySeconds = Math.Max(executions * ShortestBilledSeconds, (batch.ProcessorMicroseconds + (calls * CallMicroseconds)) / Million / CoreUse);
        var messagingUnits = rate <= StandardQueueRate ? 0 : (int)Math.Ceiling(2 * rate * profile.MessageBytes / MessagingUnitBytes);
        var dollars = new Dictionary<string, double>
        {
            ["Cosmos DB"] = Math.Max(throughput * Headroom, LeastBilledThroughput) / 100 * CloudPrices.ThroughputHour * hours,
            ["Functions"] = (busySeconds * InstanceGigabytes * CloudPrices.MemorySecond * Million) + (executions * CloudPrices.Executions),
            ["Service Bus"] = messagingUnits == 0 ? 2 * CloudPrices.QueueOperations : messagingUnits * CloudPrices.MessagingUnitHour * hours,
            ["Blob Storage"] = 1 / queueBatch * CloudPrices.BlobWrites,
            ["Storage, a month"] = ((batch.StoredBytes * CloudPrices.DocumentsMonth) + (profile.ArchivedBytes * CloudPrices.BlobsMonth)) * Million / (1 << 30),
        };
        return new CloudEstimate(
            rate, queueBatch, FeedBatchOf(Containers.Interactions), units, positionUnits, throughput, batch.Units.Values.Append(positionUnits).Sum(PartitionsOf), executions * Million,
            busySeconds * InstanceGigabytes * Million, busySeconds * rate, messagingUnits, batch.StoredBytes * Million / (1 << 30), dollars);
    }

    /// <summary>Messages a second at which the busiest logical partition of a container is full, where the number of partitions is set and not grown.</summary>
    public static double FullAt(CloudProfile profile, string container)
    {
        var batch = profile.Batches[^1];
        var busiest = container == Containers.Values ? 1.0 / new ValueOptions().Shards : batch.BusiestPartition[container];
        return PartitionThroughput / (batch.Units[container] * busiest);
    }

    public static Table Report(CloudProfile profile)
    {
        var table = new Table().Title("A million messages in Azure").AddColumns("Messages a second", "Request units", "Throughput", "GB-seconds", "Instances", "Dollars");
        foreach (var estimate in Rates.Select(r => Of(profile, r)))
        {
            table.AddRow(
                Number(estimate.Rate), Number(estimate.UnitsPerMessage * Million), $"{Number(estimate.Throughput)} RU/s", Number(estimate.GigabyteSeconds), Number(Math.Ceiling(estimate.Instances)), Money(estimate.AllDollars));
        }

        return table;
    }

    public static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Money(double value) => value.ToString("N2", CultureInfo.InvariantCulture);
}
