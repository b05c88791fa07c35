using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Domain.Snapshots;

/// <summary>How many customers purchase in more than one channel.</summary>
internal sealed class ChannelMix : ITally
{
    private long _customers;
    private long _cross;

    public void Add(CustomerHistory history)
    {
        if (history.IsIdentified && history.Purchases.Any())
        {
            _customers++;
            _cross += history.Purchases.Select(p => p.Channel).Distinct(StringComparer.Ordinal).Skip(1).Any() ? 1 : 0;
        }
    }

    public IEnumerable<(string Metric, MetricRow Row)> Rows() => _customers == 0 ? []
        : [("cross-channel-share", StockRow.Of(MetricEvaluation.Ratio(_cross, _customers)).With("crossChannelCustomers", _cross).With("customers", _customers))];
}

/// <summary>Which channel follows which, and the paths on which customers come.</summary>
internal sealed class Journeys : ITally
{
    private const int MostPaths = 50;

    private readonly SortedDictionary<(string From, string To), long> _transitions = new(Comparer<(string From, string To)>.Create((left, right) =>
        left.From == right.From ? string.CompareOrdinal(left.To, right.To) : string.CompareOrdinal(left.From, right.From)));

    private readonly Dictionary<string, long> _paths = new(StringComparer.Ordinal);

    public void Add(CustomerHistory history)
    {
        if (!history.IsIdentified || history.Contacts.Count == 0)
        {
            return;
        }

        for (var i = 1; i < history.Contacts.Count; i++)
        {
            var key = (ChannelOf(history.Contacts[i - 1]), ChannelOf(history.Contacts[i]));
            _transitions[key] = _transitions.GetValueOrDefault(key) + 1;
        }

        var path = string.Join(" > ", history.Contacts.Take(HistoryRules.JourneySteps).Select(StepOf));
        _paths[path] = _paths.GetValueOrDefault(path) + 1;
    }

    public IEnumerable<(string Metric, MetricRow Row)> Rows()
    {
        foreach (var from in _transitions.GroupBy(t => t.Key.From, StringComparer.Ordinal))
        {
            var all = from.Sum(t => t.Value);
            foreach (var ((_, to), count) in from)
            {
                yield return ("channel-transitions", StockRow.Of(MetricEvaluation.Ratio(count, all), ("from", from.Key), ("to", to)).With("transitions", count));
            }
        }

        var customers = _paths.Values.Sum();
        foreach (var (path, count) in _paths.OrderByDescending(p => p.Value).ThenBy(p => p.Key, StringComparer.Ordinal).Take(MostPaths))
        {
            yield return ("journeys", StockRow.Of(count, ("path", path)).With("share", MetricEvaluation.Ratio(count, customers)));
        }
    }

    private static string ChannelOf(Touch touch) => touch.Channel?.Name() ?? "unknown";

    private static string StepOf(Touch touch) => $"{ChannelOf(touch)} {(touch.Kind == EntityKind.Browse ? "visit" : touch.Kind == EntityKind.Ticket ? "ticket" : "order")}";
}

/// <summary>What hurts the most valuable: what tickets are about, by what the customers behind them have spent.</summary>
internal sealed class TroubleSubjects : ITally
{
    private const int MostSubjects = 50;
    private const string Unknown = "(no subject)";
    private const string Other = "(other)";

    private readonly Dictionary<string, (long Customers, long Tickets, SortedDictionary<string, long> Sales)> _subjects = new(StringComparer.Ordinal);

    public void Add(CustomerHistory history)
    {
        foreach (var subject in history.Tickets.GroupBy(t => t.Subject ?? Unknown, StringComparer.Ordinal))
        {
            Count(_subjects, subject.Key, 1, subject.LongCount(), history.NetSales);
        }
    }

    public IEnumerable<(string Metric, MetricRow Row)> Rows()
    {
        // What few people wrote may tell who they are.
        var shown = new Dictionary<string, (long Customers, long Tickets, SortedDictionary<string, long> Sales)>(StringComparer.Ordinal);
        foreach (var (subject, (customers, tickets, sales)) in _subjects)
        {
            Count(shown, customers >= HistoryRules.LeastCustomersShown ? subject : Other, customers, tickets, sales);
        }

        return shown
            .SelectMany(s => s.Value.Sales.Select(sales => (Subject: s.Key, Currency: sales.Key, Sales: sales.Value, s.Value.Customers, s.Value.Tickets)))
            .GroupBy(s => s.Currency, StringComparer.Ordinal).OrderBy(c => c.Key, StringComparer.Ordinal)
            .SelectMany(c => c.OrderByDescending(s => s.Sales).ThenBy(s => s.Subject, StringComparer.Ordinal).Take(MostSubjects))
            .Select(s => ("trouble-of-the-valuable", StockRow.Of(Money.ToMajor(s.Sales, s.Currency), ("subject", s.Subject), (Dimension.Currency, s.Currency)).With("customers", s.Customers).With("tickets", s.Tickets)));
    }

    private static void Count(
        Dictionary<string, (long Customers, long Tickets, SortedDictionary<string, long> Sales)> subjects, string subject, long customers, long tickets, IEnumerable<KeyValuePair<string, long>> sales)
    {
        var (knownCustomers, knownTickets, sums) = subjects.TryGetValue(subject, out var known) ? known : (0, 0, new SortedDictionary<string, long>(StringComparer.Ordinal));
        foreach (var (currency, amount) in sales)
        {
            sums[currency] = sums.GetValueOrDefault(currency) + amount;
        }

        subjects[subject] = (knownCustomers + customers, knownTickets + tickets, sums);
    }
}
