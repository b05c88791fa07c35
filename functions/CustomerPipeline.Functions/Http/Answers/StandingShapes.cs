using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Snapshots;

namespace CustomerPipeline.Functions.Http.Answers;

/// <summary>What the purchases of a customer say; nothing is written of a customer without any.</summary>
internal abstract record PurchaseFields
{
    private readonly PurchaseStanding? _purchases;

    protected PurchaseFields(PurchaseStanding? purchases) => _purchases = purchases;

    [Description("The currency of most purchases: amounts are in it. This and what follows are absent without purchases.")]
    public string? Currency => _purchases?.Currency;

    [Description("Days since the last purchase.")]
    public int? RecencyDays => _purchases?.RecencyDays;

    [Description("Purchases.")]
    public int? Frequency => _purchases?.Frequency;

    [Description("Net sales to date, in major units.")]
    public string? Value => _purchases is { } known ? Money.ToMajor(known.Value, known.Currency) : null;

    [Description("The probability to be still a customer; null with a reason in why.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never), WrittenWith(nameof(Currency))]
    public decimal? ProbabilityActive => _purchases?.ProbabilityActive;

    [Description("What the customer is expected to spend in the next 52 weeks, discounted, in major units; null with a reason in why.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never), WrittenWith(nameof(Currency))]
    public string? PredictedValue => _purchases is { PredictedValue: { } minor } known ? Money.ToMajor(minor, known.Currency) : null;

    public StandingInputsShape? Why => _purchases is { } known ? StandingInputsShape.Of(known) : null;
}

/// <summary>What is known of a customer as of an instant, or why nothing is.</summary>
[Description("What is known of a customer as of an instant, by the pass that the metrics of the customer base are made by; absent in lists of a purpose.")]
internal sealed record StandingShape : PurchaseFields
{
    private readonly FoundStanding _found;

    public StandingShape(FoundStanding found)
        : base(found.Standing?.Purchases) => _found = found;

    [JsonPropertyOrder(-1)]
    public DateTimeOffset? AsOf => _found.AsOf;

    [Description(
        "Why nothing is known: the customer came after the customer base was read, or a document is damaged. All that follows is absent then.")]
    [JsonPropertyOrder(-1)]
    public string? Reason => _found.WhyNot;

    [Description(StandingText.Identified)]
    [JsonPropertyOrder(-1)]
    public bool? Identified => _found.Standing?.IsIdentified;

    [Description(StandingText.Segment)]
    [JsonPropertyOrder(-1), JsonIgnore(Condition = JsonIgnoreCondition.Never), WrittenWith(nameof(Identified))]
    public string? Segment => _found.Standing?.Segment;

    [Description(StandingText.Stage)]
    [JsonPropertyOrder(-1), JsonIgnore(Condition = JsonIgnoreCondition.Never), WrittenWith(nameof(Identified))]
    public string? Stage => _found.Standing?.Stage?.Name();

    [Description(StandingText.BrokenPromises)]
    public IEnumerable<BrokenPromiseShape>? BrokenPromises => BrokenPromiseShape.Of(_found.Standing);
}

/// <summary>What is known of a customer, in a list.</summary>
internal sealed record ListedCustomerShape : PurchaseFields
{
    private readonly CustomerStanding _standing;

    public ListedCustomerShape(CustomerStanding standing)
        : base(standing.Purchases) => _standing = standing;

    [Description("Opaque id.")]
    [JsonPropertyOrder(-1)]
    public string Customer => _standing.Customer;

    [Description(StandingText.Identified)]
    [JsonPropertyOrder(-1)]
    public bool Identified => _standing.IsIdentified;

    [Description(StandingText.Segment)]
    [JsonPropertyOrder(-1), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Segment => _standing.Segment;

    [Description(StandingText.Stage)]
    [JsonPropertyOrder(-1), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Stage => _standing.Stage?.Name();

    [Description(StandingText.BrokenPromises)]
    public IEnumerable<BrokenPromiseShape>? BrokenPromises => BrokenPromiseShape.Of(_standing);
}

/// <summary>A page of customers by what is known of them.</summary>
internal sealed record ListedCustomerListShape(
    [property: Description("The instant of the figures.")] DateTimeOffset AsOf,
    long Watermark,
    [property: Description("How many customers there are on all pages.")] long Count,
    IEnumerable<ListedCustomerShape> Value,
    [property: Description("Where the next page is; absent on the last one.")] string? NextLink)
{
    public static ListedCustomerListShape Of(StandingPage page, string? nextLink) =>
        new(page.Census.AsOf, page.Census.Watermark, page.Count, page.Customers.Select(c => new ListedCustomerShape(c)), nextLink);
}

/// <summary>What segment, stage and values follow from.</summary>
[Description("What segment, stage and values follow from.")]
internal sealed record StandingInputsShape(
    DateOnly FirstPurchase,
    DateOnly LastPurchase,
    [property: Description("Quintiles, 5 the best; absent for a customer who is not identified.")] ScoresShape? Scores,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    [property: Description("The model of repeat purchases; null where none could be fitted, or the customer is not identified.")] string? Model,
    [property: Description("Days with purchases that were paid for, after the first.")] int RepeatDays,
    [property: Description("Weeks from the first of these days to the last.")] decimal LastRepeatWeek,
    [property: Description("Weeks from the first of these days to the instant.")] decimal ObservedWeeks,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    [property: Description("Mean net sales of a repeat day, in major units; null without one.")] string? MeanRepeatSpend,
    [property: Description("How far the predicted value looks.")] int HorizonWeeks,
    [property: Description("Why there is no probability.")] string? NoProbability,
    [property: Description("Why there is no predicted value.")] string? NoPrediction)
{
    public static StandingInputsShape Of(PurchaseStanding of) => new(
        of.FirstDay, of.LastDay, of.Scores is { } scores ? new ScoresShape(scores.Recency, scores.Frequency, scores.Monetary, of.ComparedWith) : null,
        of.Model, of.Repeats.Count, Rounded(of.Repeats.Last), Rounded(of.Repeats.Observed), MeanOf(of), HistoryRules.HorizonWeeks,
        of.WhyNoProbability, of.WhyNoPrediction);

    private static string? MeanOf(PurchaseStanding of) =>
        of.Spend.Count == 0 ? null : Money.ToMajor((long)Math.Round(of.Spend.Mean, MidpointRounding.ToEven), of.Currency);

    private static decimal Rounded(double weeks) => decimal.Round((decimal)weeks, 2, MidpointRounding.ToEven);
}

/// <summary>An order that was not kept.</summary>
internal sealed record BrokenPromiseShape(
    [property: Description("The business day of the order.")] DateOnly Day,
    [property: Description("Why: cancelled, returned (something of it came back), contact (the customer opened a ticket), each within 30 days.")] IReadOnlyList<string> Causes,
    [property: Description("Categories of what was sold; (none) where the source names none.")] IReadOnlyList<string> Categories,
    [property: Description("The location of the sale; (none) where none is known.")] string Place,
    [property: Description("Whether the customer opened no ticket within 30 days after the order.")] bool Silent)
{
    public static IEnumerable<BrokenPromiseShape>? Of(CustomerStanding? standing) => standing is { BrokenPromises: { Count: > 0 } broken }
        ? broken.Select(p => new BrokenPromiseShape(p.Day, p.Causes, p.Categories, p.Place, p.IsSilent)) : null;
}

/// <summary>The quintiles of a customer.</summary>
internal sealed record ScoresShape(
    [property: Range(1, 5)] int Recency,
    [property: Range(1, 5)] int Frequency,
    [property: Range(1, 5)] int Monetary,
    [property: Description("How many customers of the currency the quintiles are of.")] int ComparedWith);

/// <summary>Descriptions of properties that two answers have.</summary>
internal static class StandingText
{
    public const string Identified = "Whether an identifier says who the customer is.";
    public const string Segment = "RFM segment; null without purchases or identifiers.";
    public const string Stage = "Stage of life; null without identifiers.";
    public const string BrokenPromises = "Orders of the last 90 days that were not kept, in order of time; absent where there are none, or the customer is not identified.";
}
