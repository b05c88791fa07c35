using System.Globalization;
using System.Text;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Bench.Cloud;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Infra.Tests;

/// <summary>docs/scale.md has the figures of the model, made from what was measured (docs/scale.json). <c>UPDATE_DOCS=1</c> writes them.</summary>
public sealed class The_scale_document
{
    private const string Start = "<!-- made by the model: do not edit -->\n";
    private const string End = "<!-- end -->";

    private static readonly CloudProfile Profile = CloudProfile.Parse(Repository.Read("docs", "scale.json"));

    [Fact]
    public void Has_the_figures_of_the_model()
    {
        var text = Repository.Read("docs", "scale.md");
        var from = text.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        var expected = text[..from] + Render() + text[text.IndexOf(End, StringComparison.Ordinal)..];
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(Repository.PathOf("docs", "scale.md"), expected);
        }

        Assert.Equal(expected, Repository.Read("docs", "scale.md"));
    }

    [Fact]
    public void Charges_a_point_read_and_a_write_as_the_published_table_does()
    {
        Assert.Equal(2.0, RequestUnits.Read(100));
        Assert.Equal(2 * 1.02, RequestUnits.Read(1536), 3);
        Assert.Equal(4.95 + 0.4, RequestUnits.Create(1024), 3);
        Assert.Equal(2 * 6.67, RequestUnits.Replace(4096), 3);
        Assert.Equal(2 * 1250.0, RequestUnits.Replace(long.MaxValue), 3);
    }

    [Fact]
    public void Counts_positions_in_the_change_feeds_and_the_timers_that_look_at_them()
    {
        var (few, many) = (CloudModel.Of(Profile, 1), CloudModel.Of(Profile, 1_000));

        // At one message a second a call of each stage is for what came in five seconds, and four timers look at four ranges once a minute.
        var timers = 4 / 60.0;
        Assert.Equal((2 / 5.0 * CloudModel.UnitsOfCall) + (timers * CloudModel.UnitsOfLook), few.PositionUnits, 1);
        Assert.Equal(1 + (2 / 5.0) + timers, few.Executions / 1e6, 3);
        Assert.True(many.PositionUnits < few.PositionUnits / 10);
        Assert.All([few, many], e => Assert.True(e.UnitsPerMessage > e.PositionUnits));
    }

    [Fact]
    public void Says_that_a_message_costs_less_the_more_there_are_and_never_nothing()
    {
        var estimates = CloudModel.Rates.Select(r => CloudModel.Of(Profile, r)).ToList();

        Assert.Equal(estimates.Select(e => e.AllDollars).OrderDescending(), estimates.Select(e => e.AllDollars));
        Assert.All(estimates, e => Assert.All(e.Dollars.Values, d => Assert.True(d > 0)));
        Assert.All(estimates, e => Assert.Equal(e.UnitsPerMessage * e.Rate, e.Throughput, 6));
        Assert.Equal(0, CloudModel.Of(Profile, CloudModel.StandardQueueRate).MessagingUnits);
        Assert.True(CloudModel.Of(Profile, CloudModel.StandardQueueRate + 1).MessagingUnits > 0);
    }

    private static string Render()
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        Line(Invariant($"Measured {Profile.Measured:yyyy-MM-dd} with {Profile.Messages:N0} messages of the demo shop at each batch size, {Profile.MessageBytes:N0} bytes each in the queue, {Profile.ArchivedBytes:N0} in the archive:"));
        Line("");
        Line("| messages at once | calls of Cosmos DB a message | request units a message | of those of single messages | processor, µs a message |");
        Line("|---|---|---|---|---|");
        foreach (var batch in Profile.Batches)
        {
            Line(Invariant($"| {batch.Batch} | {batch.Calls:N1} | {batch.AllUnits:N1} | {batch.AllUnits / Profile.Batches[0].AllUnits:N2} | {batch.ProcessorMicroseconds:N0} |"));
        }

        Line("");
        Line(Invariant($"Request units by container, in batches of {Profile.Batches[0].Batch} and of {Profile.Batches[^1].Batch}:"));
        Line("");
        Line("| container | single | batched |");
        Line("|---|---|---|");
        foreach (var container in Profile.Batches[0].Units.Keys)
        {
            Line(Invariant($"| `{container}` | {Profile.Batches[0].Units[container]:N2} | {Profile.Batches[^1].Units[container]:N2} |"));
        }

        Line("");
        Line("What a million messages need and cost:");
        Line("");
        var estimates = CloudModel.Rates.Select(r => CloudModel.Of(Profile, r)).ToList();
        Line($"| at so many a second | {string.Join(" | ", estimates.Select(e => CloudModel.Number(e.Rate)))} |");
        Line($"|---|{string.Concat(estimates.Select(_ => "---|"))}");
        void Row(string name, Func<CloudEstimate, string> value) => Line($"| {name} | {string.Join(" | ", estimates.Select(value))} |");
        Row("messages a function takes at once", e => CloudModel.Number(e.QueueBatch));
        Row("changed documents a function takes at once", e => CloudModel.Number(e.FeedBatch));
        Row("request units, millions", e => CloudModel.Number(e.UnitsPerMessage));
        Row("of these for positions in the change feeds, and by timers", e => e.PositionUnits.ToString("N1", CultureInfo.InvariantCulture));
        Row("throughput, RU/s", e => CloudModel.Number(e.Throughput));
        Row("physical partitions for it", e => CloudModel.Number(e.PhysicalPartitions));
        Row("executions, thousands", e => CloudModel.Number(e.Executions / 1000));
        Row("GB-seconds", e => CloudModel.Number(e.GigabyteSeconds));
        Row("busy instances", e => CloudModel.Number(Math.Ceiling(e.Instances)));
        Row("Service Bus", e => e.MessagingUnits == 0 ? "Standard" : $"Premium, {CloudModel.Number(e.MessagingUnits)} units");
        Row("documents added, GB", e => e.DocumentGigabytes.ToString("N2", CultureInfo.InvariantCulture));
        foreach (var what in estimates[0].Dollars.Keys)
        {
            Row($"{what}, $", e => CloudModel.Money(e.Dollars[what]));
        }

        Row("**together, $**", e => $"**{CloudModel.Money(e.AllDollars)}**");
        Line("");
        Line("Where the number of logical partitions is set and does not grow with the customers, one of them is full at:");
        Line("");
        Line("| container | messages a second |");
        Line("|---|---|");
        Line($"| `values`, with the usual number of shards | {CloudModel.Number(CloudModel.FullAt(Profile, Containers.Values))} |");
        Line($"| `ledger` | {CloudModel.Number(CloudModel.FullAt(Profile, Containers.Ledger))} |");
        Line($"| `privacy` | {CloudModel.Number(CloudModel.FullAt(Profile, Containers.Privacy))} |");
        return text.ToString();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
