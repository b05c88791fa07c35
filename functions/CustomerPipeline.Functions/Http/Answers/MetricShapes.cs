using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Functions.Http.Answers;

/// <summary>A metric of the catalogue.</summary>
internal sealed record MetricShape(
    string Name,
    string Title,
    [property: JsonConverter(typeof(LowerCaseEnumConverter<MetricUnit>))] MetricUnit Unit,
    [property: Description("A flow is of days, a stock of an instant; customers and history metrics are of days in the light of who each customer is.")]
    [property: JsonConverter(typeof(LowerCaseEnumConverter<MetricKind>))] MetricKind Kind,
    IEnumerable<string> Dimensions,
    [property: Description("Dimensions beside these, one at a time, and not together with source or place.")] IEnumerable<string> Facets,
    string Definition,
    string Formula)
{
    public static MetricShape Of(MetricDefinition metric) =>
        new(metric.Name, metric.Title, metric.Unit, metric.Kind, metric.Dimensions, metric.Facets, metric.Definition, metric.Formula);
}

/// <summary>A row of a metric.</summary>
[Description("One cell: its dimensions as texts, the figure, and for some metrics what the figure is made of.")]
[OpenMembers("string", "number", "null")]
internal readonly record struct MetricRowShape([property: JsonIgnore] MetricRow Row)
{
    [Figure, Description(FigureText.OfRow), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public object? Value => Row.Value;

    public static IEnumerable<MetricRowShape> Of(IEnumerable<MetricRow> rows) => rows.Select(row => new MetricRowShape(row));
}

/// <summary>Writes rows as they are stored in snapshots, too.</summary>
internal sealed class MetricRowConverter : JsonConverter<MetricRowShape>
{
    public override void Write(Utf8JsonWriter writer, MetricRowShape value, JsonSerializerOptions options) => MetricRowJson.Write(writer, value.Row);

    public override MetricRowShape Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Answers are written only.");
}

/// <summary>Days from one to another.</summary>
internal sealed record PeriodShape(DateOnly From, DateOnly To);

/// <summary>An exchange rate that was used.</summary>
internal sealed record ExchangeRateShape(string Currency, DateOnly Day, decimal Rate)
{
    public static ExchangeRateShape Of(UsedRate rate) => new(rate.Currency, rate.Day, rate.Rate);
}

/// <summary>The answer to a question for a metric.</summary>
internal sealed record MetricAnswerShape(
    string Metric,
    DateOnly From,
    DateOnly To,
    [property: Description("The days that before and change tell of, where they were asked for.")] PeriodShape? ComparedWith,
    [property: Description("In the light of what was known then. Of very many customers, figures stay for a while, and this says since when.")]
    DateTimeOffset AsOf,
    string RuleVersion,
    [property: Description("How many changes of customers had been counted: answers with the same watermark are of the same state.")] long Watermark,
    IEnumerable<MetricRowShape> Value,
    [property: Description("How much of the sales the figure knows the customer of.")] IEnumerable<MetricRowShape>? Coverage,
    [property: Description("The exchange rates that were used, where the answer is in the reporting currency.")] IEnumerable<ExchangeRateShape>? Rates)
{
    public static MetricAnswerShape Of(MetricAnswer answer) => new(
        answer.Metric.Name,
        answer.From,
        answer.To,
        answer.ComparedWith is { } before ? new PeriodShape(before.From, before.To) : null,
        answer.AsOf,
        answer.RuleVersion,
        answer.Watermark,
        MetricRowShape.Of(answer.Rows),
        answer.Metric.Kind == MetricKind.Flow ? null : MetricRowShape.Of(answer.Coverage),
        answer.Rates.Count == 0 ? null : answer.Rates.Select(ExchangeRateShape.Of));
}

/// <summary>What a figure is described by, wherever one stands.</summary>
internal static class FigureText
{
    public const string OfRow =
        "The figure: a count or seconds as a number, a ratio as a number, money as a decimal text in major units; " +
        "null where nothing can be said, and then a reason stands beside it.";
}

/// <summary>Writes the values of an enumeration in camel case.</summary>
internal sealed class LowerCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
