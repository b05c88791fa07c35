using System.Globalization;

namespace CustomerPipeline.Domain.Value;

/// <summary>What a metric's value is measured in.</summary>
public enum MetricUnit
{
    Count,

    /// <summary>Major units of a currency, as a decimal string. Rows are always split by currency: currencies are never added up.</summary>
    Money,

    /// <summary>A number between 0 and 1.</summary>
    Ratio,

    /// <summary>A number that is no share.</summary>
    Number,

    Seconds,
}

/// <summary>What a metric is worked out of.</summary>
public enum MetricKind
{
    /// <summary>What happened on a day: kept up to date with every message, and adds up.</summary>
    Flow,

    /// <summary>People, each counted once however often they come.</summary>
    Customers,

    /// <summary>What happened on a day, seen in the light of what the same customer did before and after: as of an instant.</summary>
    History,

    /// <summary>What the customer base looks like at an instant: has no days, and dimensions of its own.</summary>
    Stock,
}

/// <summary>Dimensions a metric may be asked by.</summary>
public static class Dimension
{
    public const string Day = "day";

    /// <summary>An ISO 8601 week, such as <c>2026-W05</c>.</summary>
    public const string Week = "week";
    public const string Month = "month";

    /// <summary>Such as <c>2026-Q1</c>.</summary>
    public const string Quarter = "quarter";
    public const string Year = "year";
    public const string Channel = "channel";
    public const string Source = "source";
    public const string Place = "place";
    public const string Currency = "currency";

    /// <summary>The category that a source files the goods under.</summary>
    public const string Category = "category";

    /// <summary>The campaign that led to an order.</summary>
    public const string Campaign = "campaign";

    /// <summary>Days, and what days are summed up to. All in the business time zone.</summary>
    public static IReadOnlyList<string> OfTime { get; } = [Day, Week, Month, Quarter, Year];

    public static IReadOnlyList<string> All { get; } = [.. OfTime, Channel, Source, Place, Currency];

    /// <summary>Those that only some metrics have. A question has one of them at most, and beside it time, channel and currency: all of them with all others would be very many cells (docs/decisions/0041).</summary>
    public static IReadOnlyList<string> OfFacets { get; } = [Category, Campaign];

    /// <summary>Those that do not go together with one of <see cref="OfFacets"/>.</summary>
    public static IReadOnlyList<string> NotWithFacets { get; } = [Source, Place];

    /// <summary>Where something stands in a dimension.</summary>
    /// <param name="dimension">One of <see cref="All"/> or <see cref="OfFacets"/>.</param>
    /// <param name="day">The day that it counts on.</param>
    /// <param name="cell">The cell that it counts in.</param>
    public static string ValueOf(string dimension, DateOnly day, FlowCell cell) => dimension switch
    {
        Day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        Week => string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(day.ToDateTime(default)):D4}-W{ISOWeek.GetWeekOfYear(day.ToDateTime(default)):D2}"),
        Month => day.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        Quarter => string.Create(CultureInfo.InvariantCulture, $"{day.Year:D4}-Q{(day.Month + 2) / 3}"),
        Year => day.Year.ToString("D4", CultureInfo.InvariantCulture),
        Channel => cell.Channel,
        Source => cell.Source,
        Place => cell.Place,
        Currency => cell.Currency,
        Category or Campaign when cell.Facet == dimension => cell.Value!,
        _ => throw new ArgumentException($"'{dimension}' is no dimension.", nameof(dimension)),
    };
}

/// <summary>A metric: what it is called, what it means and how it is worked out.</summary>
public sealed record MetricDefinition(string Name, string Title, MetricUnit Unit, MetricKind Kind, string Definition, string Formula, MetricComputation Computation)
{
    /// <summary>What it can be asked by.</summary>
    public IReadOnlyList<string> Dimensions { get; init; } = Dimension.All;

    /// <summary>Dimensions beside these, one at a time: of <see cref="Dimension.OfFacets"/>.</summary>
    public IReadOnlyList<string> Facets { get; init; } = [];

    /// <summary>Whether it can be told in the reporting currency.</summary>
    public bool IsConvertible => (Kind == MetricKind.Flow && Unit == MetricUnit.Money)
        || Computation is MetricComputation.Margin or MetricComputation.ReturnOnSpend or MetricComputation.SpendPerNewCustomer;
}

/// <summary>How a metric comes out of summed measures, or of purchases.</summary>
public abstract record MetricComputation
{
    private MetricComputation()
    {
    }

    /// <summary>Whether a measure is part of what is worked out.</summary>
    public bool Uses(string measure) => this switch
    {
        Sum sum => sum.Terms.Any(t => t.Measure == measure),
        MoneyPer per => per.Denominator == measure || per.Numerator.Any(t => t.Measure == measure),
        Share share => share.Part == measure || share.Rest == measure,
        Quotient quotient => quotient.Part.Concat(quotient.Whole).Any(t => t.Measure == measure),
        IdentifiedShare => measure is Measure.Gross or Measure.Discounts,
        Margin => measure is Measure.Cost or Measure.CostReturned or Measure.CostedSales or Measure.CostedReturns or Measure.Gross or Measure.Discounts,
        ReturnOnSpend => measure is Measure.Spend or Measure.Gross or Measure.Discounts or Measure.Refunds,
        SpendPerNewCustomer => measure is Measure.Spend or Measure.Purchases,
        Median median => measure.StartsWith(median.Bucket, StringComparison.Ordinal),
        People => measure == Measure.Purchases,
        _ => false,
    };

    /// <summary>A sum of measures, each with its sign.</summary>
    public sealed record Sum(params (string Measure, int Sign)[] Terms) : MetricComputation;

    /// <summary>Money for each of something, rounded half to even to the minor unit.</summary>
    public sealed record MoneyPer((string Measure, int Sign)[] Numerator, string Denominator) : MetricComputation;

    /// <summary>Part over the whole of two measures.</summary>
    public sealed record Share(string Part, string Rest) : MetricComputation;

    /// <summary>One sum of measures over another, with six decimals.</summary>
    /// <param name="Part">What is divided.</param>
    /// <param name="Whole">By what.</param>
    /// <param name="Factor">Times this: a hundred for percentage points.</param>
    /// <param name="IsOfMoney">Both are money, so that each currency has its own.</param>
    public sealed record Quotient((string Measure, int Sign)[] Part, (string Measure, int Sign)[] Whole, int Factor = 1, bool IsOfMoney = false) : MetricComputation
    {
        /// <summary>How many are too young to be in the whole; null where none is.</summary>
        public string? Undecided { get; init; }
    }

    /// <summary>The share of sales made to customers who are known.</summary>
    public sealed record IdentifiedShare : MetricComputation;

    /// <summary>Sales against what the goods had cost, of sales whose cost is known; the share of those goes along.</summary>
    public sealed record Margin(MarginFigure Figure) : MetricComputation;

    /// <summary>Net sales of the orders of campaigns over what was spent on these.</summary>
    public sealed record ReturnOnSpend : MetricComputation;

    /// <summary>Marketing spend over customers with a first purchase.</summary>
    public sealed record SpendPerNewCustomer : MetricComputation;

    /// <summary>Median of a histogram; mean, 90th percentile and count go along.</summary>
    public sealed record Median(string Bucket, string Seconds) : MetricComputation;

    /// <summary>Something of the customer base as a whole; <c>Snapshots/CustomerCensus</c> works it out.</summary>
    public sealed record Census : MetricComputation;

    /// <summary>People, counted over their purchases.</summary>
    public sealed record People(PeopleCount Count) : MetricComputation;
}

public enum MarginFigure
{
    /// <summary>The cost of what was sold.</summary>
    Cost,

    /// <summary>Net sales less cost.</summary>
    Amount,

    /// <summary>The share of net sales that this is.</summary>
    Rate,
}

public enum PeopleCount
{
    New,
    Returning,
    RepeatRate,
    Frequency,
    CrossChannel,
}
