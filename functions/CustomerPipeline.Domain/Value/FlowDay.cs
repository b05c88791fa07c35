using System.Text.Json.Serialization;

namespace CustomerPipeline.Domain.Value;

/// <summary>One day of one value shard: measures by cell. Zero sums are not kept, so equal histories give equal documents.</summary>
public sealed class FlowDay
{
    [JsonRequired]
    public Dictionary<string, Dictionary<string, long>> Cells { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Adds (or with sign -1 takes back) a posting.</summary>
    public void Post(FlowPosting posting, int sign)
    {
        if (!Cells.TryGetValue(posting.Cell, out var measures))
        {
            Cells[posting.Cell] = measures = new Dictionary<string, long>(StringComparer.Ordinal);
        }

        foreach (var (measure, amount) in posting.Measures)
        {
            var sum = measures.GetValueOrDefault(measure) + (sign * amount);
            if (sum == 0)
            {
                measures.Remove(measure);
            }
            else
            {
                measures[measure] = sum;
            }
        }

        if (measures.Count == 0)
        {
            Cells.Remove(posting.Cell);
        }
    }
}

/// <summary>
/// What a value shard last counted for one touch: its revision and postings. Replacing the fact and adding the difference to the flow days is one
/// atomic batch, so a redelivered touch adds zero.
/// </summary>
public sealed record Fact
{
    public required long Revision { get; init; }

    /// <summary>When the order was placed, in UTC ticks: breaks ties between a customer's purchases of one day.</summary>
    public long At { get; init; }

    public IReadOnlyList<FlowPosting> Postings { get; init; } = [];

    /// <summary>The shard's revision with which it was counted: tells what was counted after figures were published.</summary>
    public long Counted { get; init; }

    /// <summary>Days that it once counted on and does not any more.</summary>
    public IReadOnlyList<DateOnly> LeftDays { get; init => field = value ?? []; } = [];
}

/// <summary>One kept order of an identified customer, for the metrics that count people.</summary>
public readonly record struct Purchase(string Customer, string Entity, long At, DateOnly Day, FlowCell Cell);
