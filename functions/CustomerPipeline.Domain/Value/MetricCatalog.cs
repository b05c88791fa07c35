namespace CustomerPipeline.Domain.Value;

/// <summary>What a metric's value is measured in.</summary>
public enum MetricUnit
{
    Count,

    /// <summary>Major units of a currency, as a decimal string. Rows are always split by currency: currencies are never added up.</summary>
    Money,

    /// <summary>A number between 0 and 1.</summary>
    Ratio,

    Seconds,
}

/// <summary>A flow adds up by day; people are counted once however often they come.</summary>
public enum MetricKind
{
    Flow,
    Customers,
}

/// <summary>Dimensions a metric may be asked by.</summary>
public static class Dimension
{
    public const string Day = "day";
    public const string Channel = "channel";
    public const string Source = "source";
    public const string Place = "place";
    public const string Currency = "currency";

    public static IReadOnlyList<string> All { get; } = [Day, Channel, Source, Place, Currency];
}

/// <summary>A metric: what it is called, what it means and how it is worked out.</summary>
public sealed record MetricDefinition(string Name, string Title, MetricUnit Unit, MetricKind Kind, string Definition, string Formula, MetricComputation Computation)
{
    /// <summary>What it can be asked by.</summary>
    public IReadOnlyList<string> Dimensions { get; init; } = Dimension.All;
}

/// <summary>How a metric comes out of summed measures, or of purchases.</summary>
public abstract record MetricComputation
{
    private MetricComputation()
    {
    }

    /// <summary>A sum of measures, each with its sign.</summary>
    public sealed record Sum(params (string Measure, int Sign)[] Terms) : MetricComputation;

    /// <summary>Money for each of something, rounded half to even to the minor unit.</summary>
    public sealed record MoneyPer((string Measure, int Sign)[] Numerator, string Denominator) : MetricComputation;

    /// <summary>Part over the whole of two measures.</summary>
    public sealed record Share(string Part, string Rest) : MetricComputation;

    /// <summary>The share of sales made to customers who are known.</summary>
    public sealed record IdentifiedShare : MetricComputation;

    /// <summary>Median of a histogram; mean, 90th percentile and count go along.</summary>
    public sealed record Median(string Bucket, string Seconds) : MetricComputation;

    /// <summary>People, counted over their purchases.</summary>
    public sealed record People(PeopleCount Count) : MetricComputation;
}

public enum PeopleCount
{
    New,
    Returning,
    RepeatRate,
    CrossChannel,
}

/// <summary>The one place where metrics are defined; the documentation and the API are made from it.</summary>
public static class MetricCatalog
{
    /// <summary>Version of every rule below; goes with each answer.</summary>
    public const string RuleVersion = "value-1";

    public static IReadOnlyList<MetricDefinition> All { get; } =
    [
        new("orders", "Orders", MetricUnit.Count, MetricKind.Flow,
            "Orders placed, on the day they were placed. A cancelled or refunded order stays an order; a payment that was never completed is none.",
            "count of placed orders",
            new MetricComputation.Sum((Measure.Orders, 1))),
        new("units", "Units", MetricUnit.Count, MetricKind.Flow,
            "Items sold, on the day of the order; a weighed item counts as one, gift cards are left out. Sources that send payments without lines (Square) add none.",
            "sum of line quantities",
            new MetricComputation.Sum((Measure.Units, 1))),
        new("gross-sales", "Gross sales", MetricUnit.Money, MetricKind.Flow,
            "Price times quantity on the day of the order, before discounts and returns; without tax, shipping, tips and gift cards.",
            "sum of price x quantity",
            new MetricComputation.Sum((Measure.Gross, 1))),
        new("net-sales", "Net sales", MetricUnit.Money, MetricKind.Flow,
            "Gross sales minus discounts on the day of the order, minus returns on the day of the return.",
            "gross sales - discounts - refunds",
            new MetricComputation.Sum((Measure.Gross, 1), (Measure.Discounts, -1), (Measure.Refunds, -1))),
        new("refunds", "Refunds", MetricUnit.Money, MetricKind.Flow,
            "Goods given back, on the day they were given back; without tax and shipping, never more than the order was worth. A cancellation gives back what is left.",
            "sum of returns",
            new MetricComputation.Sum((Measure.Refunds, 1))),
        new("average-order-value", "Average order value", MetricUnit.Money, MetricKind.Flow,
            "Gross sales minus discounts, for each order; returns do not lower it.",
            "(gross sales - discounts) / orders",
            new MetricComputation.MoneyPer([(Measure.Gross, 1), (Measure.Discounts, -1)], Measure.Orders)),
        new("new-customers", "New customers", MetricUnit.Count, MetricKind.Customers,
            "Identified customers whose first purchase ever lies in the period, in the channel and source of that purchase.",
            "count of customers with first purchase in the period",
            new MetricComputation.People(PeopleCount.New)),
        new("returning-customers", "Returning customers", MetricUnit.Count, MetricKind.Customers,
            "Identified customers with a purchase in the period that is not their first ever; each counted once.",
            "distinct customers with a later purchase in the period",
            new MetricComputation.People(PeopleCount.Returning)),
        new("repeat-rate", "Repeat rate", MetricUnit.Ratio, MetricKind.Customers,
            "Of the identified customers who purchased in the period, the share with two or more purchases in it.",
            "customers with >= 2 purchases / customers with >= 1",
            new MetricComputation.People(PeopleCount.RepeatRate)),
        new("cross-channel-customers", "Cross-channel customers", MetricUnit.Count, MetricKind.Customers,
            "Identified customers who purchased in two or more channels within the period. By channel: those of the channel who also purchased in another.",
            "distinct customers with purchases in >= 2 channels",
            new MetricComputation.People(PeopleCount.CrossChannel)),
        new("identified-share", "Identified share", MetricUnit.Ratio, MetricKind.Flow,
            "Share of sales (gross minus discounts) made to customers who are known: the rest is the blind spot of every customer metric.",
            "identified (gross sales - discounts) / all (gross sales - discounts)",
            new MetricComputation.IdentifiedShare()),
        new("tickets", "Tickets", MetricUnit.Count, MetricKind.Flow,
            "Service tickets opened, on the day they were opened.",
            "count of tickets",
            new MetricComputation.Sum((Measure.Tickets, 1))),
        new("first-reply-time", "First reply time", MetricUnit.Seconds, MetricKind.Flow,
            "Median calendar time from a ticket's creation to the first public reply of an agent, on the day of the reply.",
            "median(first public agent reply - creation)",
            new MetricComputation.Median(Measure.FirstReplyBucket, Measure.FirstReplySeconds)),
        new("resolution-time", "Resolution time", MetricUnit.Seconds, MetricKind.Flow,
            "Median calendar time from a ticket's creation to its last solve, on the day of the solve; a reopened ticket is unsolved until it is solved again.",
            "median(last solve - creation)",
            new MetricComputation.Median(Measure.ResolutionBucket, Measure.ResolutionSeconds)),
        new("csat", "Customer satisfaction", MetricUnit.Ratio, MetricKind.Flow,
            "Good ratings among good and bad ones, on the day of the rating; an offer without an answer is no rating.",
            "good / (good + bad)",
            new MetricComputation.Share(Measure.SatisfactionGood, Measure.SatisfactionBad)),
    ];

    public static MetricDefinition? Find(string name) => All.FirstOrDefault(m => m.Name == name);
}
