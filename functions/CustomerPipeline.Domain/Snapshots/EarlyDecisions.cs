using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Domain.Snapshots;

/// <summary>
/// What was decided early in a customer's life, and what the life was like later: who came back, bought and asked for help within so many days of the first purchase.
/// What goes together need not follow from each other.
/// </summary>
internal sealed class EarlyDecisions(DateTimeOffset asOf, DateOnly today) : ITally
{
    private static readonly int[] Horizons = [90, 180, 365];

    private readonly SortedDictionary<string, Tally> _groups = new(StringComparer.Ordinal);

    public void Add(CustomerHistory history)
    {
        if (!history.IsIdentified || history.Purchases.FirstOrDefault() is not { } first)
        {
            return;
        }

        var facts = FactsOf(history, first).ToList();
        foreach (var days in Horizons.Where(d => first.Day.AddDays(d) <= today && first.At.AddDays(d) <= asOf))
        {
            var until = first.At.AddDays(days);
            var later = history.Purchases.Where(p => p.At <= until).ToList();
            foreach (var (fact, value) in facts)
            {
                var key = $"{fact}\u0001{value}\u0001{days:D3}";
                (_groups.TryGetValue(key, out var tally) ? tally : _groups[key] = new Tally(fact, value, days))
                    .Add(later.Any(p => p.Day > first.Day), CustomerHistory.Between(history.Tickets, t => t.At, first.At, until).LongCount(), later);
            }
        }
    }

    public IEnumerable<(string Metric, MetricRow Row)> Rows() => _groups.Values.Where(g => g.Customers >= HistoryRules.LeastCustomersShown).Select(g => ("early-decisions", g.Row()));

    private static IEnumerable<(string Fact, string Value)> FactsOf(CustomerHistory history, HistoryOrder first)
    {
        var touch = history.Contacts[0];
        yield return ("first-channel", touch.Channel?.Name() ?? "unknown");
        yield return ("first-campaign", history.Contacts.Select(c => c.Campaign).FirstOrDefault(c => c is not null) ?? "none");
        yield return ("first-discount", DepthOf(first.Touch.Order!.Discounts, first.Touch.Order.Gross));
        yield return ("first-order-returned", first.FirstReturnAt <= first.At + HistoryRules.KeptAfter ? "yes" : "no");
        yield return ("first-category", first.Touch.Goods.FirstOrDefault(g => g.StartsWith(Good.CategoryPrefix, StringComparison.Ordinal))?[Good.CategoryPrefix.Length..] ?? "unknown");
        if (history.Tickets.Count > 0)
        {
            yield return ("first-reply", history.Tickets[0].Touch.Ticket!.FirstReplyAt is not { } repliedAt ? "none" : (repliedAt - history.Tickets[0].At) switch
            {
                { TotalHours: <= 1 } => "within an hour",
                { TotalDays: <= 1 } => "within a day",
                _ => "later",
            });
        }
    }

    private static string DepthOf(long discounts, long gross) => discounts <= 0 ? "none" : (100 * discounts) switch
    {
        var percent when percent <= 10 * gross => "up to 10 %",
        var percent when percent <= 25 * gross => "up to 25 %",
        _ => "over 25 %",
    };

    private sealed class Tally(string fact, string value, int days)
    {
        private readonly SortedDictionary<string, long> _sales = new(StringComparer.Ordinal);
        private long _retained;
        private long _contacts;

        public long Customers { get; private set; }

        public void Add(bool isRetained, long contacts, IEnumerable<HistoryOrder> purchases)
        {
            Customers++;
            _retained += isRetained ? 1 : 0;
            _contacts += contacts;
            foreach (var purchase in purchases)
            {
                _sales[purchase.Currency] = _sales.GetValueOrDefault(purchase.Currency) + purchase.Kept;
            }
        }

        public MetricRow Row()
        {
            var (low, high) = Wilson.Interval(_retained, Customers);
            var row = StockRow.Of(MetricEvaluation.Ratio(_retained, Customers), ("fact", fact), ("is", value), ("days", StockRow.Text(days)))
                .With("low", low).With("high", high).With("customers", Customers).With("contactsPerCustomer", MetricEvaluation.Ratio(_contacts, Customers));
            return _sales.Aggregate(row, (told, sales) => told.With($"netSales{sales.Key}", Money.ToMajor(sales.Value, sales.Key)));
        }
    }
}

/// <summary>Wilson's score interval for a share (Wilson 1927).</summary>
public static class Wilson
{
    // Two-sided 95 %: the 97.5th percentile of the normal distribution.
    private const double Z = 1.959963984540054;

    /// <summary>Within which the true share lies with 95 % confidence, with six decimals.</summary>
    /// <param name="hits">Of so many.</param>
    /// <param name="trials">At least one.</param>
    public static (decimal Low, decimal High) Interval(long hits, long trials)
    {
        var (n, share) = ((double)trials, (double)hits / trials);
        var center = share + (Z * Z / (2 * n));
        var margin = Z * Math.Sqrt((share * (1 - share) / n) + (Z * Z / (4 * n * n)));
        var scale = 1 + (Z * Z / n);
        return (Round((center - margin) / scale), Round((center + margin) / scale));
    }

    private static decimal Round(double share) => decimal.Round((decimal)Math.Clamp(share, 0, 1), 6, MidpointRounding.ToEven);
}
