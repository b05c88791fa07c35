using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Snapshots;
using CustomerPipeline.Functions.Http.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace CustomerPipeline.Functions.Http;

/// <summary>Pages of customers as JSON or as CSV: other programs are written against both.</summary>
internal static class StandingAnswers
{
    private static readonly string[] Columns =
    [
        "customer", "identified", "segment", "stage", "currency", "recencyDays", "frequency", "value", "probabilityActive", "predictedValue",
        "firstPurchase", "lastPurchase", "recencyScore", "frequencyScore", "monetaryScore", "brokenPromises",
    ];

    /// <summary>The page of customers that is asked for, in the format that the caller wants.</summary>
    public static async Task<IActionResult> ListAsync(
        HttpRequest request, StandingsReader standings, StandingQuestion question, CancellationToken cancellationToken)
    {
        var (asked, invalid) = Paging.Read(request, StandingsReader.LargestPage, isPosition: StandingsReader.IsContinuation);
        if (asked is null)
        {
            return invalid!;
        }

        if (Csv.IsWanted(request) is not { } isCsv)
        {
            return Csv.UnknownFormat();
        }

        var page = await standings.ListAsync(question, asked.Size, asked.After, cancellationToken);
        var next = Paging.NextLink(request, page.Continuation);
        return isCsv ? CsvOf(request, page, next) : JsonBytesResult.Ok(ListedCustomerListShape.Of(page, next));
    }

    /// <summary>A page of the customers behind a figure, in the format that the caller wants.</summary>
    public static JsonBytesResult Of(HttpRequest request, MetricAnswer answer, StandingPage page, bool isCsv)
    {
        var next = Paging.NextLink(request, page.Continuation);
        return isCsv ? CsvOf(request, page, next) : JsonBytesResult.Ok(ExplanationByCustomersShape.Of(answer, page, next));
    }

    private static JsonBytesResult CsvOf(HttpRequest request, StandingPage page, string? next) =>
        Csv.Result(request, Columns, page.Customers.Select(RowOf), next);

    private static IReadOnlyList<object?> RowOf(CustomerStanding standing)
    {
        var purchases = standing.Purchases;
        return
        [
            standing.Customer, standing.IsIdentified, standing.Segment, standing.Stage?.Name(),
            purchases?.Currency, purchases?.RecencyDays, purchases?.Frequency, MajorOf(purchases?.Value, purchases?.Currency),
            purchases?.ProbabilityActive, MajorOf(purchases?.PredictedValue, purchases?.Currency), purchases?.FirstDay, purchases?.LastDay,
            purchases?.Scores?.Recency, purchases?.Scores?.Frequency, purchases?.Scores?.Monetary,
            standing.BrokenPromises.Count,
        ];
    }

    private static string? MajorOf(long? minor, string? currency) => minor is { } amount ? Money.ToMajor(amount, currency!) : null;
}
