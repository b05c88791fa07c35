using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Domain.Snapshots;

/// <summary>
/// What customers who were won while marketing spend is known brought since, against what was spent to win them.
/// Customers of one first day are kept together, because they are known for equally long.
/// </summary>
internal sealed class Acquisition(DateOnly today, DateTimeOffset asOf, BusinessCalendar calendar) : ITally
{
    private const string OtherCurrency = "New customers purchased in a currency that nothing was spent in: they cannot be compared.";
    private const string NotCovered = "The gross margin of a customer did not reach the cost of acquisition in the months that are over.";

    private readonly SortedDictionary<string, Spent> _spent = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SortedDictionary<DateOnly, Cohort>> _cohorts = new(StringComparer.Ordinal);

    public void Add(CustomerHistory history)
    {
        foreach (var spend in history.Touches.Select(t => t.Spend).OfType<Entities.SpendStatement>().Where(s => s.Day <= today && s.Amount > 0))
        {
            var known = _spent.GetValueOrDefault(spend.Currency) ?? new Spent(0, spend.Day, spend.Day);
            var (first, last) = (spend.Day < known.First ? spend.Day : known.First, spend.Day > known.Last ? spend.Day : known.Last);
            _spent[spend.Currency] = new Spent(known.Amount + spend.Amount, first, last);
        }

        if (history.IsIdentified && history.Purchases.FirstOrDefault() is { } purchase)
        {
            var days = _cohorts.TryGetValue(purchase.Currency, out var known) ? known : _cohorts[purchase.Currency] = [];
            var cohort = days.TryGetValue(purchase.Day, out var others) ? others : days[purchase.Day] = new Cohort(purchase.Day);
            cohort.Add(history, purchase.Currency, asOf, calendar);
        }
    }

    public IEnumerable<(string Metric, MetricRow Row)> Rows()
    {
        bool IsWon(DateOnly day) => day >= _spent.Values.Min(s => s.First) && day <= _spent.Values.Max(s => s.Last);
        var isMixed = _spent.Count > 0 && _cohorts.Any(c => !_spent.ContainsKey(c.Key) && c.Value.Keys.Any(IsWon));
        foreach (var currency in _spent.Keys.Union(_cohorts.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            MetricRow Row(object? value) => StockRow.Of(value, (Dimension.Currency, currency));
            var spent = _spent.GetValueOrDefault(currency);
            var won = spent is null ? []
                : _cohorts.GetValueOrDefault(currency)?.Values.Where(c => c.First >= spent.First && c.First <= spent.Last).ToList() ?? [];
            if ((isMixed ? OtherCurrency : spent is null ? AcquisitionCost.NoSpend : won.Count == 0 ? AcquisitionCost.NoNewCustomers : null) is { } reason)
            {
                yield return ("ltv-to-cac", Row(null).With(MetricRow.Reason, reason));
                yield return ("payback-months", Row(null).With(MetricRow.Reason, reason));
                continue;
            }

            yield return ("ltv-to-cac", ValueRow(Row, currency, spent!, won));
            yield return ("payback-months", PaybackRow(Row, currency, spent!, won));
        }
    }

    // Both the value and the cost of acquisition are for each customer, so that their quotient is that of the sums.
    private static MetricRow ValueRow(Func<object?, MetricRow> row, string currency, Spent spent, List<Cohort> won)
    {
        var (customers, sales) = (won.Sum(c => c.Customers), won.Sum(c => c.Sales));
        var value = row(MetricEvaluation.Ratio(sales, spent.Amount)).With("basis", "net sales to date")
            .With("customerValue", Money.ToMajor(Money.DivideHalfEven(sales, customers), currency));
        var told = Covered(value, currency, spent, customers);
        return won.Exists(c => c.IsCostKnown)
            ? told.With("marginToCac", MetricEvaluation.Ratio(won.Sum(c => c.Margins.Values.Sum()), spent.Amount)).With("shareWithCost", ShareWithCost(won))
            : told.With("marginToCac", null);
    }

    private MetricRow PaybackRow(Func<object?, MetricRow> row, string currency, Spent spent, List<Cohort> won)
    {
        var customers = won.Sum(c => c.Customers);
        if (!won.Exists(c => c.IsCostKnown))
        {
            return Covered(row(null), currency, spent, customers).With(MetricRow.Reason, MarginEvaluation.NoCost);
        }

        // Of each month the mean of the customers who are known for all of it: those who came later have not had it yet.
        var (cost, margin) = ((decimal)spent.Amount / customers, 0m);
        for (var month = 0; ; month++)
        {
            var known = won.FindAll(c => c.First.AddMonths(month + 1) <= today);
            if (known.Sum(c => c.Customers) < HistoryRules.LeastCustomersShown)
            {
                return Told(null, month).With(MetricRow.Reason, NotCovered);
            }

            margin += (decimal)known.Sum(c => c.Margins.GetValueOrDefault(month)) / known.Sum(c => c.Customers);
            if (margin >= cost)
            {
                return Told((long)month + 1, month + 1);
            }
        }

        MetricRow Told(long? months, int over) => Covered(row(months), currency, spent, customers)
            .With("marginPerCustomer", Money.ToMajor((long)Math.Round(margin, MidpointRounding.ToEven), currency))
            .With("monthsKnown", (long)over).With("shareWithCost", ShareWithCost(won));
    }

    private static MetricRow Covered(MetricRow row, string currency, Spent spent, long customers) => row
        .With("cac", Money.ToMajor(Money.DivideHalfEven(spent.Amount, customers), currency)).With("spend", Money.ToMajor(spent.Amount, currency))
        .With("customers", customers)
        .With("from", StockRow.Text(spent.First)).With("to", StockRow.Text(spent.Last));

    private static decimal? ShareWithCost(List<Cohort> won) => MetricEvaluation.Ratio(won.Sum(c => c.CostedSales), won.Sum(c => c.Sold));

    /// <summary>What was spent in a currency, and on which days first and last.</summary>
    private sealed record Spent(long Amount, DateOnly First, DateOnly Last);

    /// <summary>Customers who purchased on one day for the first time.</summary>
    private sealed class Cohort(DateOnly first)
    {
        public DateOnly First { get; } = first;

        public long Customers { get; private set; }

        /// <summary>Net sales to date.</summary>
        public long Sales { get; private set; }

        /// <summary>Gross sales less discounts.</summary>
        public long Sold { get; private set; }

        /// <summary>Of these, those of goods whose cost is known.</summary>
        public long CostedSales { get; private set; }

        public bool IsCostKnown { get; private set; }

        /// <summary>Gross margin by month since the first day, from 0.</summary>
        public SortedDictionary<int, long> Margins { get; } = [];

        public void Add(CustomerHistory history, string currency, DateTimeOffset asOf, BusinessCalendar calendar)
        {
            Customers++;
            Sales += history.NetSales.GetValueOrDefault(currency);
            foreach (var order in history.Orders.Where(o => o.Currency == currency))
            {
                Sold += order.Net;
                if (order.Touch.Order!.Cost is not { } cost)
                {
                    continue;
                }

                IsCostKnown = true;
                CostedSales += cost.Sales;
                Post(order.Day, cost.Sales - cost.Cost);
                foreach (var returned in cost.Returns.Where(r => r.At <= asOf))
                {
                    Post(returned.BusinessDay ?? calendar.DayOf(returned.At), returned.Cost - returned.Sales);
                }
            }
        }

        private void Post(DateOnly day, long margin)
        {
            var months = ((day.Year - First.Year) * 12) + day.Month - First.Month;
            var month = Math.Max(0, First.AddMonths(months) > day ? months - 1 : months);
            Margins[month] = Margins.GetValueOrDefault(month) + margin;
        }
    }
}
