using System.Collections.Concurrent;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Flow.Serve;

/// <summary>The answer to a metric question.</summary>
/// <param name="Metric">What was asked for.</param>
/// <param name="From">First day the answer covers.</param>
/// <param name="To">Last day, included.</param>
/// <param name="AsOf">When the figures were read.</param>
/// <param name="RuleVersion">The rules of value and identity that made them.</param>
/// <param name="Rows">One a cell.</param>
public sealed record MetricAnswer(MetricDefinition Metric, DateOnly From, DateOnly To, DateTimeOffset AsOf, string RuleVersion, IReadOnlyList<MetricRow> Rows);

/// <summary>Answers metric questions from the figures.</summary>
public sealed class MetricsReader(FlowFigures figures, IdentityRules rules, TimeProvider clock)
{
    private const int AnswersKept = 1_000;

    private readonly ConcurrentDictionary<(string Metric, DateOnly? From, DateOnly? To, string By), (string Version, MetricAnswer Answer)> _answers = new();

    /// <summary>Which rules every figure is made with.</summary>
    public string RuleVersion => $"{MetricCatalog.RuleVersion}+{rules.Version}";

    /// <param name="metric">A metric of the catalogue.</param>
    /// <param name="from">First day; null for the first there is.</param>
    /// <param name="to">Last day, included; null for the last there is.</param>
    /// <param name="by">Dimensions of the catalogue, each once.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<MetricAnswer> AskAsync(MetricDefinition metric, DateOnly? from, DateOnly? to, IReadOnlyList<string> by, CancellationToken cancellationToken)
    {
        var current = await figures.ReadAsync(cancellationToken);
        var key = (metric.Name, from, to, string.Join(',', by));
        if (_answers.TryGetValue(key, out var kept) && kept.Version == current.Version)
        {
            return kept.Answer;
        }

        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var first = from ?? Min(to, current.Days.Count == 0 ? today : current.Days[0].Day);
        var last = to ?? (current.Days.Count == 0 ? today : current.Days[^1].Day);
        last = last < first ? first : last;
        var rows = MetricEvaluation.Evaluate(metric, new MetricQuestion(first, last, by), current.Days, current.Purchases);
        var answer = new MetricAnswer(metric, first, last, current.AsOf, RuleVersion, rows);
        if (_answers.Count >= AnswersKept)
        {
            _answers.Clear();
        }

        _answers[key] = (current.Version, answer);
        return answer;
    }

    private static DateOnly Min(DateOnly? limit, DateOnly day) => limit < day ? limit.Value : day;
}
