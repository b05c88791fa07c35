using System.Globalization;
using System.Text.Json;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Snapshots;
using Microsoft.AspNetCore.Http;

namespace CustomerPipeline.Functions.Http;

/// <summary>What is known of customers as JSON and as CSV: other programs are written against both.</summary>
internal static class StandingAnswers
{
    private static readonly string[] Columns =
    [
        "customer", "identified", "segment", "stage", "currency", "recencyDays", "frequency", "value", "probabilityActive", "predictedValue", "firstPurchase", "lastPurchase", "recencyScore", "frequencyScore", "monetaryScore",
    ];

    /// <summary>One customer at a glance, with what is known of the customer as of now.</summary>
    public static JsonBytesResult Of(CustomerSummary summary, FoundStanding found) => JsonBytesResult.Ok(writer =>
    {
        writer.WriteStartObject();
        Answers.WriteFields(writer, summary);
        writer.WriteStartObject("standing");
        if (found.AsOf is { } asOf)
        {
            writer.WriteString("asOf", asOf);
        }

        if (found.Standing is { } standing)
        {
            WriteFields(writer, standing);
        }
        else
        {
            writer.WriteString("reason", found.WhyNot);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    /// <summary>A page of customers in the format that the caller wants.</summary>
    public static JsonBytesResult Of(HttpRequest request, StandingPage page, bool isCsv)
    {
        var next = page.Continuation is { } continuation ? Paging.NextLink(request, continuation) : null;
        return isCsv ? Csv.Result(request, Columns, page.Customers.Select(RowOf), next) : JsonBytesResult.Ok(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("asOf", page.Census.AsOf);
            writer.WriteNumber("watermark", page.Census.Watermark);
            writer.WriteNumber("count", page.Count);
            ValueList.WriteArray(writer, "value", page.Customers, Write);
            if (next is not null)
            {
                writer.WriteString("nextLink", next);
            }

            writer.WriteEndObject();
        });
    }

    /// <summary>Rows of a stock metric with a page of the customers behind them, in the format that the caller wants.</summary>
    public static JsonBytesResult Of(HttpRequest request, MetricAnswer answer, StandingPage page, bool isCsv)
    {
        var next = page.Continuation is { } continuation ? Paging.NextLink(request, continuation) : null;
        return isCsv ? Csv.Result(request, Columns, page.Customers.Select(RowOf), next) : JsonBytesResult.Ok(writer => Answers.WriteExplanation(writer, answer, next, () =>
        {
            writer.WriteNumber("count", page.Count);
            ValueList.WriteArray(writer, "value", page.Customers, Write);
        }));
    }

    private static void Write(Utf8JsonWriter writer, CustomerStanding standing)
    {
        writer.WriteStartObject();
        writer.WriteString("customer", standing.Customer);
        WriteFields(writer, standing);
        writer.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter writer, CustomerStanding standing)
    {
        writer.WriteBoolean("identified", standing.IsIdentified);
        writer.WriteString("segment", standing.Segment);
        writer.WriteString("stage", standing.Stage?.Name());
        if (standing.Purchases is not { } purchases)
        {
            return;
        }

        writer.WriteString("currency", purchases.Currency);
        writer.WriteNumber("recencyDays", purchases.RecencyDays);
        writer.WriteNumber("frequency", purchases.Frequency);
        writer.WriteString("value", Money.ToMajor(purchases.Value, purchases.Currency));
        WriteNumber(writer, "probabilityActive", purchases.ProbabilityActive);
        writer.WriteString("predictedValue", MajorOf(purchases.PredictedValue, purchases.Currency));
        WriteWhy(writer, purchases);
    }

    private static void WriteWhy(Utf8JsonWriter writer, PurchaseStanding purchases)
    {
        writer.WriteStartObject("why");
        writer.WriteString("firstPurchase", Day(purchases.FirstDay));
        writer.WriteString("lastPurchase", Day(purchases.LastDay));
        if (purchases.Scores is { } scores)
        {
            writer.WriteStartObject("scores");
            writer.WriteNumber("recency", scores.Recency);
            writer.WriteNumber("frequency", scores.Frequency);
            writer.WriteNumber("monetary", scores.Monetary);
            writer.WriteNumber("comparedWith", purchases.ComparedWith);
            writer.WriteEndObject();
        }

        writer.WriteString("model", purchases.Model);
        writer.WriteNumber("repeatDays", purchases.Repeats.Count);
        WriteNumber(writer, "lastRepeatWeek", Rounded(purchases.Repeats.Last));
        WriteNumber(writer, "observedWeeks", Rounded(purchases.Repeats.Observed));
        writer.WriteString("meanRepeatSpend", purchases.Spend.Count == 0 ? null : Money.ToMajor((long)Math.Round(purchases.Spend.Mean, MidpointRounding.ToEven), purchases.Currency));
        writer.WriteNumber("horizonWeeks", HistoryRules.HorizonWeeks);
        if (purchases.WhyNoProbability is { } noProbability)
        {
            writer.WriteString("noProbability", noProbability);
        }

        if (purchases.WhyNoPrediction is { } noPrediction)
        {
            writer.WriteString("noPrediction", noPrediction);
        }

        writer.WriteEndObject();
    }

    private static IReadOnlyList<object?> RowOf(CustomerStanding standing)
    {
        var purchases = standing.Purchases;
        return
        [
            standing.Customer, standing.IsIdentified, standing.Segment, standing.Stage?.Name(), purchases?.Currency, purchases?.RecencyDays, purchases?.Frequency, MajorOf(purchases?.Value, purchases?.Currency),
            purchases?.ProbabilityActive, MajorOf(purchases?.PredictedValue, purchases?.Currency), purchases?.FirstDay, purchases?.LastDay, purchases?.Scores?.Recency, purchases?.Scores?.Frequency, purchases?.Scores?.Monetary,
        ];
    }

    private static string? MajorOf(long? minor, string? currency) => minor is { } amount ? Money.ToMajor(amount, currency!) : null;

    private static decimal Rounded(double weeks) => decimal.Round((decimal)weeks, 2, MidpointRounding.ToEven);

    private static void WriteNumber(Utf8JsonWriter writer, string name, decimal? number)
    {
        if (number is { } known)
        {
            writer.WriteNumber(name, known);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
