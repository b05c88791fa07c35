using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using CustomerPipeline.Application.Count;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Report.Figures;

/// <summary>A question about a metric.</summary>
/// <param name="Metric">A metric of the catalogue.</param>
/// <param name="From">First day; null for the first there is.</param>
/// <param name="To">Last day, included; null for the last there is.</param>
/// <param name="By">Dimensions of the metric, each once.</param>
/// <param name="AsOf">The instant to look from; null for now. Only of metrics of histories and of stocks.</param>
/// <param name="InReportingCurrency">Whether money is converted to the one currency for all. Only of flows.</param>
public sealed record MetricRequest(MetricDefinition Metric, DateOnly? From, DateOnly? To, IReadOnlyList<string> By, DateTimeOffset? AsOf = null, bool InReportingCurrency = false)
{
    /// <summary>What counts, by dimension: any of the values. Empty for everything.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Only { get; init; } = ReadOnlyDictionary<string, IReadOnlyList<string>>.Empty;

    /// <summary>How many values of a facet to tell; the others count together.</summary>
    public int Top { get; init; } = MostValues;

    /// <summary>The values of a facet to tell before any others, so that two answers tell the same; null for the largest.</summary>
    internal IReadOnlySet<string>? First { get; init; }

    /// <summary>The most values of a facet in an answer.</summary>
    public const int MostValues = 100;

    /// <summary>The days to tell the change from; null for none. Not where the answer is by days, weeks or the like.</summary>
    public Comparison? Compare { get; init; }

    public static MetricRequest All(MetricDefinition metric, params IReadOnlyList<string> by) => new(metric, null, null, by);
}

/// <summary>Which days are compared with.</summary>
public enum Comparison
{
    /// <summary>As many days, just before.</summary>
    Previous,

    /// <summary>The same days of the year before.</summary>
    Year,
}

/// <summary>The answer to a metric question.</summary>
/// <param name="Metric">What was asked for.</param>
/// <param name="From">First day the answer covers.</param>
/// <param name="To">Last day, included.</param>
/// <param name="AsOf">The instant that the figures are as of.</param>
/// <param name="Watermark">Which state of the store was read: one more with each commit of a shard.</param>
/// <param name="RuleVersion">The rules of value and identity that made them.</param>
/// <param name="Rows">One a cell.</param>
/// <param name="Coverage">Of metrics of customers: the identified share of sales by channel in the same days, the blind spot of the answer.</param>
/// <param name="Rates">The rates that money was converted with, in order of currency and day; empty where nothing was.</param>
public sealed record MetricAnswer(
    MetricDefinition Metric, DateOnly From, DateOnly To, DateTimeOffset AsOf, long Watermark, string RuleVersion, IReadOnlyList<MetricRow> Rows, IReadOnlyList<MetricRow> Coverage,
    IReadOnlyList<UsedRate> Rates)
{
    /// <summary>The days that the figures are compared with; null where none are.</summary>
    public (DateOnly From, DateOnly To)? ComparedWith { get; init; }
}

/// <summary>Answers metric questions from the figures.</summary>
public sealed class MetricsReader(FlowFigures figures, CensusReader customers, IdentityRules rules, ValueOptions options, TimeProvider clock)
{
    private const int AnswersKept = 1_000;

    private static readonly System.Collections.Frozen.FrozenSet<string> Nothing = System.Collections.Frozen.FrozenSet<string>.Empty;

    private static readonly MetricDefinition IdentifiedShare = MetricCatalog.Find("identified-share")!;

    private readonly ConcurrentDictionary<(string Metric, DateOnly? From, DateOnly? To, string By, bool IsReporting), (string Version, MetricAnswer Answer)> _answers = new();

    /// <summary>Which rules every figure is made with.</summary>
    public string RuleVersion => $"{MetricCatalog.RuleVersion}+{rules.Version}";

    /// <exception cref="MissingRateException">Money cannot be converted.</exception>
    public async Task<MetricAnswer> AskAsync(MetricRequest request, CancellationToken cancellationToken)
    {
        var answer = await AskOneAsync(request, cancellationToken);
        if (request.Compare is not { } comparison)
        {
            return answer;
        }

        var (from, to) = comparison == Comparison.Year
            ? (answer.From.AddYears(-1), answer.To.AddYears(-1))
            : (answer.From.AddDays(answer.From.DayNumber - answer.To.DayNumber - 1), answer.From.AddDays(-1));
        var before = await AskOneAsync(request with { From = from, To = to, First = ValuesOf(request, answer) }, cancellationToken);
        return answer with { Rows = MetricComparison.Of(answer.Rows, before.Rows), ComparedWith = (from, to) };
    }

    // Where others count together, they have to be the same ones on both sides.
    private static IReadOnlySet<string>? ValuesOf(MetricRequest request, MetricAnswer answer) => request.By.FirstOrDefault(Dimension.OfFacets.Contains) is { } facet
        ? answer.Rows.Select(r => r.Dimensions.First(d => d.Key == facet).Value).ToHashSet(StringComparer.Ordinal)
        : null;

    private async Task<MetricAnswer> AskOneAsync(MetricRequest request, CancellationToken cancellationToken)
    {
        if (request.Metric.Kind is MetricKind.History or MetricKind.Stock)
        {
            return await AskAsOfAsync(request, cancellationToken);
        }

        var purchases = request.Metric.Kind == MetricKind.Customers ? await figures.ReadPurchasesAsync(cancellationToken) : null;
        var current = await figures.ReadAsync(cancellationToken);
        var key = (request.Metric.Name, request.From, request.To, $"{request.Top} {string.Join(',', (request.First ?? Nothing).Select(Uri.EscapeDataString))} {string.Join(',', request.By)} {string.Join('&', request.Only.Select(d => $"{d.Key}={string.Join(',', d.Value.Select(Uri.EscapeDataString))}"))}", request.InReportingCurrency);
        var version = $"{current.Version} {purchases?.Version}";
        if (_answers.TryGetValue(key, out var kept) && kept.Version == version)
        {
            return kept.Answer;
        }

        var question = QuestionOf(request, current.Days);
        var used = new HashSet<UsedRate>();
        var byFacet = question.Facet ?? (request.Metric.Computation is MetricComputation.ReturnOnSpend ? Dimension.Campaign : null);
        var (asked, counted) = byFacet is { } facet ? ByFacet(request, facet, question, current, used) : (question, current.Days);
        var days = request.InReportingCurrency ? ReportingFlows.Convert(counted, question, options.Rates!, used) : counted;
        var bought = request.InReportingCurrency ? purchases?.All.Select(p => p with { Cell = p.Cell with { Currency = options.Rates!.Currency.Code } }) : purchases?.All;
        var answer = Answer(request.Metric, question, purchases?.AsOf ?? current.AsOf, current, MetricEvaluation.Evaluate(request.Metric, asked, days, bought ?? [])) with
        {
            Watermark = purchases?.Watermark ?? current.Watermark,
            Rates = [.. used.OrderBy(r => r.Currency, StringComparer.Ordinal).ThenBy(r => r.Day)],
        };
        if (_answers.Count >= AnswersKept)
        {
            _answers.Clear();
        }

        _answers[key] = (version, answer);
        return answer;
    }

    // The days with what is asked for by the facet, and the question about them. First what is asked for is picked, then the largest of it: so that no value that was named is lost among the others.
    private (MetricQuestion Question, IReadOnlyList<(DateOnly Day, FlowDay Flow)> Days) ByFacet(MetricRequest request, string facet, MetricQuestion question, Figures current, HashSet<UsedRate> used)
    {
        var days = FacetFlows.Of(facet, current.Days.Where(d => d.Day >= question.From && d.Day <= question.To), current.Facets, request.Metric.Computation.Uses).ToList();
        if (request.Metric.Computation is MetricComputation.ReturnOnSpend)
        {
            days = [.. CampaignReturns.Of(request.InReportingCurrency ? ReportingFlows.Convert(days, question, options.Rates!, used) : days)];
        }

        if (question.Only.TryGetValue(facet, out var values))
        {
            days = [.. FacetFlows.Pick(days, values.ToHashSet(StringComparer.Ordinal))];
        }

        var picked = question with { Only = question.Only.Where(o => o.Key != facet).ToDictionary(StringComparer.Ordinal) };
        if (!question.By.Contains(facet))
        {
            return (picked, days);
        }

        var largest = FacetFlows.Largest(MetricEvaluation.Evaluate(request.Metric, picked with { By = [facet] }, days, []), facet, request.Top, request.First ?? Nothing);
        return (picked, [.. FacetFlows.Keep(days, largest)]);
    }

    private async Task<MetricAnswer> AskAsOfAsync(MetricRequest request, CancellationToken cancellationToken)
    {
        var all = await customers.ReadAsync(request.AsOf, cancellationToken);
        var current = await figures.ReadAsync(cancellationToken);
        var question = QuestionOf(request, request.Metric.Kind == MetricKind.Stock ? current.Days : [.. all.Figures.Days.Select(d => (d.Key, d.Value))]);
        return Answer(request.Metric, question, all.AsOf, current, all.Figures.Rows(request.Metric, question)) with { Watermark = all.Watermark };
    }

    private MetricAnswer Answer(MetricDefinition metric, MetricQuestion question, DateTimeOffset asOf, Figures current, IReadOnlyList<MetricRow> rows) => new(
        metric, question.From, question.To, asOf, current.Watermark, RuleVersion, rows,
        metric.Kind == MetricKind.Flow ? [] : MetricEvaluation.Evaluate(IdentifiedShare, question with { By = [Dimension.Channel] }, current.Days, []), []);

    private MetricQuestion QuestionOf(MetricRequest request, IReadOnlyList<(DateOnly Day, FlowDay Flow)> days)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var first = request.From ?? Min(request.To, days.Count == 0 ? today : days[0].Day);
        var last = request.To ?? (days.Count == 0 ? today : days[^1].Day);
        return new MetricQuestion(first, last < first ? first : last, request.By) { Only = request.Only };
    }

    private static DateOnly Min(DateOnly? limit, DateOnly day) => limit < day ? limit.Value : day;
}
