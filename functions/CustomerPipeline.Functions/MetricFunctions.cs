using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Report.Snapshots;
using CustomerPipeline.Domain.Snapshots;
using CustomerPipeline.Domain.Value;
using CustomerPipeline.Functions.Access;
using CustomerPipeline.Functions.Http;
using CustomerPipeline.Functions.Http.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace CustomerPipeline.Functions;

/// <summary>Metrics and what is behind them, over HTTP.</summary>
public sealed class MetricFunctions(AccessGate gate, MetricsReader metrics, ExplainMetric explain, StandingsReader standings, TakeSnapshotHandler snapshots, ValueOptions options)
{
    private const int FirstCompared = 1900;

    private static readonly string[] Known = ["from", "to", "by", "asOf", "in"];

    [Function("Metrics")]
    public Task<IActionResult> Metrics([HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/metrics")] HttpRequest request, CancellationToken cancellationToken) =>
        gate.AnswerAsync(request, Scope.MetricsRead, () => Task.FromResult(
            Paging.RefuseContinuation(request) ?? JsonBytesResult.Ok(new ListShape<MetricShape>(MetricCatalog.All.Select(MetricShape.Of)))), cancellationToken);

    [Function("Metric")]
    public Task<IActionResult> Metric(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/metrics/{name}")] HttpRequest request, string name, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.MetricsRead, async () =>
    {
        if (request.Query["snapshot"].ToString() is { Length: > 0 } snapshot)
        {
            return snapshot.All(char.IsAsciiLetterOrDigit) && await snapshots.FindAsync(snapshot, name, cancellationToken) is { } rows
                ? JsonBytesResult.Ok(SnapshotRowsShape.Of(rows))
                : Problem.Result(StatusCodes.Status404NotFound, "unknown-snapshot", "No snapshot of this id has this metric: GET /api/snapshots lists them. They keep metrics of stocks and of histories.");
        }

        var ofRows = DimensionsOfRows(MetricCatalog.Find(name));
        var (question, problem) = Read(request, name, ["compare", "snapshot", "top", .. ofRows]);
        if (question is null)
        {
            return problem!;
        }

        var isByFacet = question.By.Any(Dimension.OfFacets.Contains);
        if (Paging.SizeOf(request, MetricRequest.MostValues, MetricRequest.MostValues) is not { } top || (request.Query.ContainsKey("top") && !isByFacet))
        {
            return Problem.Result(
                StatusCodes.Status400BadRequest, "invalid-top", $"top is how many values of {string.Join(" or ", Dimension.OfFacets)} to tell, 1 to {MetricRequest.MostValues}; the others count together. It goes with by=category or by=campaign.");
        }

        var only = OnlyOf(request, ofRows);
        return await AnswerAsync(
            question with { Top = top }, answer => Task.FromResult<IActionResult>(JsonBytesResult.Ok(MetricAnswerShape.Of(answer with { Rows = RowsOf(answer, only) }))), cancellationToken);
    }, cancellationToken);

    [Function("MetricExplain")]
    public Task<IActionResult> Explain(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "api/metrics/{name}/explain")] HttpRequest request, string name, CancellationToken cancellationToken) => gate.AnswerAsync(request, Scope.CustomersRead, async () =>
    {
        // The rows of a stock metric are chosen by its own dimensions, to see the customers behind them.
        var byCustomers = MetricCatalog.Find(name) is { } known && StockMembers.AreKnownOf(known) ? known : null;
        var (question, problem) = Read(request, name, ["top", Paging.Continuation, .. byCustomers is null ? [] : DimensionsOfRows(byCustomers).Prepend(Csv.FormatParameter)]);
        if (question is null)
        {
            return problem!;
        }

        if (byCustomers is not null)
        {
            return await ExplainByCustomersAsync(request, question, cancellationToken);
        }

        var (asked, invalid) = Paging.Read(request, ExplainMetric.LargestPage);
        if (asked is null)
        {
            return invalid!;
        }

        return await AnswerAsync(
            question with { By = [.. question.By.Union(question.Only.Keys)] },
            async answer =>
            {
                var page = await explain.RunAsync(
                    question.Metric, question.From, question.To, question.Only, question.AsOf, asked.Size, asked.After, cancellationToken);
                return JsonBytesResult.Ok(ExplanationShape.Of(answer, page.Interactions, Paging.NextLink(request, page.Continuation)));
            },
            cancellationToken);
    }, cancellationToken);

    private async Task<IActionResult> ExplainByCustomersAsync(HttpRequest request, MetricRequest question, CancellationToken cancellationToken)
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

        var only = OnlyOf(request, DimensionsOfRows(question.Metric));
        return await AnswerAsync(question, async answer =>
        {
            var page = await standings.ListBehindAsync(question.Metric, only, question.AsOf, asked.Size, asked.After, cancellationToken);
            return StandingAnswers.Of(request, answer with { Rows = RowsOf(answer, only) }, page, isCsv);
        }, cancellationToken);
    }

    // The dimensions that choose rows of a stock metric. Some have names that mean another thing in a question: channels from and to.
    private static List<string> DimensionsOfRows(MetricDefinition? metric) => metric?.Kind == MetricKind.Stock ? [.. metric.Dimensions.Except(Known)] : [];

    private static Dictionary<string, IReadOnlyList<string>> OnlyOf(HttpRequest request, IEnumerable<string> dimensions) => dimensions.Where(request.Query.ContainsKey).ToDictionary(
        d => d,
        d => (IReadOnlyList<string>)[.. ValuesOfRows(request, d).Select(value => d == "segment" && Rfm.SegmentNamed(value) is { } segment ? segment : value)],
        StringComparer.Ordinal);

    // Names of goods, places and subjects may have commas: several of these are said one by one.
    private static IEnumerable<string> ValuesOfRows(HttpRequest request, string dimension) =>
        dimension is "category" or "subject" or "path" or Dimension.Place ? request.Query[dimension].OfType<string>() : QueryParameters.ValuesOf(request, dimension);

    private static IReadOnlyList<MetricRow> RowsOf(MetricAnswer answer, Dictionary<string, IReadOnlyList<string>> only) => only.Count == 0 ? answer.Rows
        : [.. answer.Rows.Where(row => only.All(o => row.Dimensions.Any(d => d.Key == o.Key && o.Value.Contains(d.Value, StringComparer.Ordinal))))];

    private async Task<IActionResult> AnswerAsync(MetricRequest question, Func<MetricAnswer, Task<IActionResult>> write, CancellationToken cancellationToken)
    {
        try
        {
            return await write(await metrics.AskAsync(question, cancellationToken));
        }
        catch (MissingRateException e)
        {
            return Problem.Result(StatusCodes.Status400BadRequest, "no-rate", e.Message);
        }
    }

    private (MetricRequest? Question, IActionResult? Problem) Read(HttpRequest request, string name, params string[] others)
    {
        if (MetricCatalog.Find(name) is not { } metric)
        {
            return (null, Problem.Result(StatusCodes.Status404NotFound, "unknown-metric", "No metric of this name. GET /api/metrics lists them."));
        }

        var filters = metric.Kind == MetricKind.Stock ? [] : metric.Dimensions.Except(Dimension.OfTime).Concat(metric.Facets).ToList();
        if (QueryParameters.RefuseUnknown(request, "This metric", [.. Known, .. others, .. filters]) is { } refusal)
        {
            return (null, refusal);
        }

        if (!DayText.TryRead(request.Query["from"], out var from) || !DayText.TryRead(request.Query["to"], out var to) || to < from)
        {
            return (null, Problem.Result(StatusCodes.Status400BadRequest, "invalid-period", "from and to are days such as 2026-01-31, both included, from not after to."));
        }

        var by = request.Query["by"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).ToList();
        if (metric.Kind == MetricKind.Stock && (by.Count > 0 || from is not null || to is not null))
        {
            return (null, Problem.Result(StatusCodes.Status400BadRequest, "stock-metric", "This metric tells of an instant: ask it with asOf, and without from, to and by. It comes by dimensions of its own."));
        }

        if (by.Any(d => !metric.Dimensions.Contains(d) && !metric.Facets.Contains(d)))
        {
            return (null, Problem.Result(StatusCodes.Status400BadRequest, "unknown-dimension", $"This metric can be asked by {string.Join(", ", metric.Dimensions.Concat(metric.Facets))}."));
        }

        var dimensions = by.Concat(filters.Where(request.Query.ContainsKey)).ToHashSet(StringComparer.Ordinal);
        if (dimensions.Intersect(Dimension.OfFacets).ToList() is { Count: > 0 } facets && (facets.Count > 1 || dimensions.Overlaps(Dimension.NotWithFacets)))
        {
            return (null, Problem.Result(
                StatusCodes.Status400BadRequest, "dimensions-not-together", $"Ask by one of {string.Join(", ", Dimension.OfFacets)} at a time, and not together with {string.Join(" or ", Dimension.NotWithFacets)}."));
        }

        if (!DayText.TryReadInstant(request.Query["asOf"], out var asOf))
        {
            return (null, DayText.InvalidInstant());
        }

        var currency = request.Query["in"].ToString();
        var isReporting = currency.Length > 0;
        if (isReporting && (!metric.IsConvertible || options.Rates?.Currency.Code != currency))
        {
            return (null, Problem.Result(
                StatusCodes.Status400BadRequest, "no-reporting-currency",
                options.Rates is { } rates ? $"Flow metrics of money can be told in {rates.Currency.Code}." : "No reporting currency is configured: set ReportingCurrency and ExchangeRates."));
        }

        return asOf is not null && metric.Kind is not (MetricKind.History or MetricKind.Stock)
            ? (null, Problem.Result(StatusCodes.Status400BadRequest, "as-of-not-possible", "Only metrics of kind history and stock can be asked as of an instant. What a day was published as is at /api/published/{day}."))
            : WithComparison(request, new MetricRequest(metric, from, to, by, asOf, isReporting)
            {
                Only = filters.Where(request.Query.ContainsKey).ToDictionary(d => d, d => (IReadOnlyList<string>)[.. request.Query[d].OfType<string>().SelectMany(v => ValuesOf(d, v)).Distinct(StringComparer.Ordinal)], StringComparer.Ordinal),
            });
    }

    // Names may have commas. Those of a facet are asked for as they are kept.
    private static IEnumerable<string> ValuesOf(string dimension, string asked) => dimension == Dimension.Place ? [asked]
        : Dimension.OfFacets.Contains(dimension) ? [FlowCell.ValueOf(asked)]
        : asked.Split(',', StringSplitOptions.TrimEntries);

    private static (MetricRequest? Question, IActionResult? Problem) WithComparison(HttpRequest request, MetricRequest question)
    {
        Comparison? comparison = request.Query["compare"].ToString() switch { "previous" => Comparison.Previous, "year" => Comparison.Year, _ => null };
        return request.Query["compare"].ToString().Length == 0 ? (question, null)
            : comparison is null ? (null, Problem.Result(StatusCodes.Status400BadRequest, "unknown-comparison", "compare is previous (as many days, just before) or year (the same days of the year before)."))
            : question.Metric.Kind == MetricKind.Stock || question.By.Any(Dimension.OfTime.Contains)
                ? (null, Problem.Result(StatusCodes.Status400BadRequest, "comparison-not-possible", "Only figures of a whole period are compared: ask without by=day, week, month, quarter or year, and not for a metric of kind stock."))
            : (question.From ?? question.To) is { } from && (from.Year < FirstCompared || (question.To ?? from).DayNumber - from.DayNumber >= from.DayNumber - DateOnly.MinValue.AddYears(FirstCompared).DayNumber)
                ? (null, Problem.Result(StatusCodes.Status400BadRequest, "comparison-not-possible", $"There are no days to compare with before these. Ask for a period since {FirstCompared}."))
            : (question with { Compare = comparison }, null);
    }
}
