using System.Globalization;
using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Lifetime;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Domain.Snapshots;

/// <summary>What the customer base looks like at an instant.</summary>
/// <param name="Customers">How many customers there are with anything to tell, identified or not.</param>
/// <param name="Days">What interactions count as in the light of their customers' histories, by day.</param>
/// <param name="Stocks">The rows of every stock metric of the catalogue, by name.</param>
public sealed record CensusFigures(long Customers, IReadOnlyDictionary<DateOnly, FlowDay> Days, IReadOnlyDictionary<string, IReadOnlyList<MetricRow>> Stocks)
{
    /// <summary>The rows of a metric of histories, or of a stock, which has no days to ask for.</summary>
    public IReadOnlyList<MetricRow> Rows(MetricDefinition metric, MetricQuestion question) =>
        metric.Kind == MetricKind.Stock ? Stocks[metric.Name] : MetricEvaluation.Evaluate(metric, question, Days.Select(d => (d.Key, d.Value)), []);
}

/// <summary>Something that is counted over all customers, one at a time and in any order.</summary>
internal interface ITally
{
    void Add(CustomerHistory history);

    IEnumerable<(string Metric, MetricRow Row)> Rows();
}

/// <summary>
/// Histories to the figures of an instant. Customers come one at a time; of each only some numbers are kept. All sums are of integers, so that the figures do
/// not depend on the order in which customers come.
/// </summary>
public sealed class CustomerCensus
{
    private readonly DateTimeOffset _asOf;
    private readonly BusinessCalendar _calendar;
    private readonly SortedDictionary<DateOnly, FlowDay> _days = [];
    private readonly Worth _worth;
    private readonly Promises _promises;
    private readonly Acquisition _acquisition;
    private readonly IReadOnlyList<ITally> _tallies;
    private readonly HashSet<string> _mayBeWrittenTo = new(StringComparer.Ordinal);
    private long _customers;

    /// <param name="asOf">The instant; the histories are cut at it.</param>
    /// <param name="calendar">Says which day an instant belongs to.</param>
    /// <param name="model">The model that says what customers will do.</param>
    public CustomerCensus(DateTimeOffset asOf, BusinessCalendar calendar, PurchaseModelKind model = PurchaseModelKind.BgNbd)
    {
        _asOf = asOf;
        _calendar = calendar;
        var today = calendar.DayOf(asOf);
        _worth = new Worth(today, model);
        _promises = new Promises(asOf, _worth);
        _acquisition = new Acquisition(today, asOf, calendar);
        _tallies =
        [
            _worth, new Cohorts(), new Retention(today), new ChannelMix(), new Journeys(), new EarlyDecisions(asOf, today), new TroubleSubjects(), _promises, _acquisition,
        ];
    }

    public void Add(CustomerHistory history)
    {
        if (history.IsSpendAlone)
        {
            _acquisition.Add(history);
            return;
        }

        _customers++;
        if (history.MayBeWrittenTo)
        {
            _mayBeWrittenTo.Add(history.Customer);
        }

        foreach (var posting in HistoryPostings.Of(history, _asOf, _calendar))
        {
            (_days.TryGetValue(posting.Day, out var day) ? day : _days[posting.Day] = new FlowDay()).Post(new FlowPosting(posting.Day, posting.Cell, posting.Measures), 1);
        }

        foreach (var tally in _tallies)
        {
            tally.Add(history);
        }
    }

    /// <summary>What is known of each customer that was added by then, in order of their ids.</summary>
    public IReadOnlyList<CustomerStanding> Standings() => [.. _worth.Standings().Select(Completed)];

    private CustomerStanding Completed(CustomerStanding standing)
    {
        var broken = _promises.To(standing.Customer);
        var mayBeWrittenTo = _mayBeWrittenTo.Contains(standing.Customer);
        return broken.Count == 0 && !mayBeWrittenTo ? standing : standing with { BrokenPromises = broken, MayBeWrittenTo = mayBeWrittenTo };
    }

    public CensusFigures Build()
    {
        var stocks = MetricCatalog.All.Where(m => m.Kind == MetricKind.Stock).ToDictionary(m => m.Name, _ => new List<MetricRow>(), StringComparer.Ordinal);
        foreach (var (metric, row) in _tallies.SelectMany(t => t.Rows()))
        {
            stocks[metric].Add(row);
        }

        return new CensusFigures(_customers, _days, stocks.ToDictionary(s => s.Key, s => (IReadOnlyList<MetricRow>)s.Value, StringComparer.Ordinal));
    }
}

/// <summary>Rows of stock metrics.</summary>
internal static class StockRow
{
    public static MetricRow Of(object? value, params (string Dimension, string Value)[] dimensions) =>
        new([.. dimensions.Select(d => KeyValuePair.Create(d.Dimension, d.Value))], value, []);

    public static MetricRow With(this MetricRow row, string name, object? detail) => row with { Details = [.. row.Details, KeyValuePair.Create(name, detail)] };

    public static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A number with six decimals; null where it is none.</summary>
    public static decimal? Decimal(double number) => double.IsFinite(number) && Math.Abs(number) < 1e15 ? decimal.Round((decimal)number, 6, MidpointRounding.ToEven) : null;
}
