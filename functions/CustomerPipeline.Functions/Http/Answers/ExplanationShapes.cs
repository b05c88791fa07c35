using System.ComponentModel;
using System.Text.Json.Serialization;
using CustomerPipeline.Application.Report.Figures;

namespace CustomerPipeline.Functions.Http.Answers;

/// <summary>An interaction behind a figure.</summary>
internal sealed record ExplainedInteractionShape(
    string Customer,
    string Entity,
    DateTimeOffset At,
    DateOnly Day,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Channel,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Source,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Place,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Currency,
    [property: Description("What the interaction adds to the figure's inputs, money in minor units.")] IReadOnlyDictionary<string, long> Measures)
{
    public static ExplainedInteractionShape Of(ExplainedInteraction of) => new(
        of.Customer, of.Touch.Entity.Text, of.Touch.At, of.Day, of.Cell.Channel, of.Cell.Source, of.Cell.Place, of.Cell.Currency, of.Measures);
}

/// <summary>A figure, how it is worked out, and the interactions behind it.</summary>
internal sealed record ExplanationShape(
    string Metric,
    string Definition,
    string Formula,
    DateTimeOffset AsOf,
    string RuleVersion,
    long Watermark,
    [property: Description("The figure by the dimensions that were asked for.")] IEnumerable<MetricRowShape> Inputs,
    [property: Description("The interactions behind the figure.")] IEnumerable<ExplainedInteractionShape> Value,
    [property: Description("Where the next page is; absent on the last one.")] string? NextLink)
{
    public static ExplanationShape Of(MetricAnswer answer, IEnumerable<ExplainedInteraction> behind, string? nextLink) => new(
        answer.Metric.Name, answer.Metric.Definition, answer.Metric.Formula, answer.AsOf, answer.RuleVersion, answer.Watermark,
        MetricRowShape.Of(answer.Rows), behind.Select(ExplainedInteractionShape.Of), nextLink);
}

/// <summary>A figure of a stock metric, how it is worked out, and the customers behind it.</summary>
internal sealed record ExplanationByCustomersShape(
    string Metric,
    string Definition,
    string Formula,
    DateTimeOffset AsOf,
    string RuleVersion,
    long Watermark,
    [property: Description("The rows that were asked for.")] IEnumerable<MetricRowShape> Inputs,
    [property: Description("How many customers there are on all pages.")] long Count,
    [property: Description("The customers behind the figure, the most valuable first.")] IEnumerable<ListedCustomerShape> Value,
    [property: Description("Where the next page is; absent on the last one.")] string? NextLink)
{
    public static ExplanationByCustomersShape Of(MetricAnswer answer, StandingPage page, string? nextLink) => new(
        answer.Metric.Name, answer.Metric.Definition, answer.Metric.Formula, answer.AsOf, answer.RuleVersion, answer.Watermark,
        MetricRowShape.Of(answer.Rows), page.Count, page.Customers.Select(c => new ListedCustomerShape(c)), nextLink);
}
