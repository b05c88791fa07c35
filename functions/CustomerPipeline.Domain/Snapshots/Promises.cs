using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Domain.Snapshots;

/// <summary>
/// Promises that were broken, and what they put at risk: by cause, category and location, the customers they were broken to in the last 90 days, how many of these told
/// nobody, what they are expected to spend, and how many of such customers purchased again, next to comparable customers whose orders were kept.
/// </summary>
/// <remarks>
/// The share that purchased again is of customers, each by the first order of a year that has had its time: within 30 days the order is kept or broken, and a purchase in
/// the 90 days after that counts, for both alike. The share of the comparable is weighted as the affected are: by channel and by whether it was their first purchase
/// (direct standardization: Rothman, Modern Epidemiology, chapter 3). It goes with the broken promise; whether it follows from it, figures alone do not say.
/// </remarks>
internal sealed class Promises(DateTimeOffset asOf, Worth worth) : ITally
{
    /// <summary>Stands for every cause, category or location.</summary>
    public const string All = "(all)";

    private const int MostRows = 500;

    private readonly Dictionary<string, IReadOnlyList<BrokenPromise>> _recent = new(StringComparer.Ordinal);
    private readonly Dictionary<PromiseCell, long> _before = [];
    private readonly Dictionary<PromiseCell, StrataCounts> _affected = [];
    private readonly Dictionary<PromiseCell, StrataCounts> _kept = [];

    /// <summary>The promises of the last 90 days that were broken to a customer.</summary>
    public IReadOnlyList<BrokenPromise> To(string customer) => _recent.GetValueOrDefault(customer) ?? [];

    public void Add(CustomerHistory history)
    {
        if (!history.IsIdentified || history.Orders.Count == 0)
        {
            return;
        }

        var from = asOf - HistoryRules.AtRiskAfter;
        var recent = Broken(history, from, asOf);
        if (recent.Count > 0)
        {
            _recent[history.Customer] = recent;
        }

        foreach (var cell in Broken(history, from - HistoryRules.AtRiskAfter, from).SelectMany(PromiseCell.Of).ToHashSet())
        {
            _before[cell] = _before.GetValueOrDefault(cell) + 1;
        }

        Judge(history);
    }

    public IEnumerable<(string Metric, MetricRow Row)> Rows()
    {
        var standings = worth.Standings().Where(s => _recent.ContainsKey(s.Customer)).ToDictionary(s => s.Customer, StringComparer.Ordinal);
        return [.. AtRisk(standings), .. Broken(standings).Select(row => ("promises-broken", row))];
    }

    // In order of time; from is left out, and to is not.
    private static List<BrokenPromise> Broken(CustomerHistory history, DateTimeOffset from, DateTimeOffset to) =>
        [.. CustomerHistory.Between(history.Orders, o => o.At, from.AddTicks(1), to).Select(o => BrokenPromise.Of(history, o)).OfType<BrokenPromise>()];

    // By the first order of the year that has had its time, so that each customer counts once.
    private void Judge(CustomerHistory history)
    {
        var until = asOf - HistoryRules.KeptAfter - HistoryRules.AtRiskAfter;
        if (CustomerHistory.Between(history.Orders, o => o.At, until - HistoryRules.JudgedWithin, until).FirstOrDefault() is not { } order)
        {
            return;
        }

        var settled = order.At + HistoryRules.KeptAfter;
        var cameBack = CustomerHistory.Between(history.Orders, o => o.At, settled.AddTicks(1), settled + HistoryRules.AtRiskAfter).Any(o => o.IsPurchase);
        var stratum = (order.Channel, IsFirst: history.Purchases.FirstOrDefault() is not { } first || first.At >= order.At);
        var broken = BrokenPromise.Of(history, order);
        var counts = broken is null ? _kept : _affected;
        foreach (var cell in broken is null ? PromiseCell.Of(order) : PromiseCell.Of(broken).ToHashSet())
        {
            (counts.TryGetValue(cell, out var known) ? known : counts[cell] = new StrataCounts()).Add(stratum, cameBack);
        }
    }

    // Each customer once, in the currency of most purchases.
    private IEnumerable<(string, MetricRow)> AtRisk(Dictionary<string, CustomerStanding> standings)
    {
        var equity = worth.Standings().Select(s => s.Purchases).OfType<PurchaseStanding>().Where(p => p.PredictedValue is not null)
            .GroupBy(p => p.Currency, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(p => p.PredictedValue!.Value), StringComparer.Ordinal);
        foreach (var inOne in standings.Values.Where(s => s.Purchases is not null).GroupBy(s => s.Purchases!.Currency, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var predicted = inOne.Where(s => s.Purchases!.PredictedValue is not null).ToList();
            var silent = predicted.Where(s => To(s.Customer).Any(p => p.IsSilent)).ToList();
            long Sum(List<CustomerStanding> customers) => customers.Sum(s => s.Purchases!.PredictedValue!.Value);
            var row = predicted.Count == 0
                ? StockRow.Of(null, (Dimension.Currency, inOne.Key)).With("reason", inOne.First().Purchases!.WhyNoPrediction)
                : StockRow.Of(Money.ToMajor(Sum(predicted), inOne.Key), (Dimension.Currency, inOne.Key))
                    .With("shareOfEquity", MetricEvaluation.Ratio(Sum(predicted), equity[inOne.Key]))
                    .With("silentCustomers", (long)silent.Count).With("silentValue", Money.ToMajor(Sum(silent), inOne.Key));
            yield return ("customer-value-at-risk", row.With("customers", (long)predicted.Count).With("unpredicted", inOne.LongCount() - predicted.Count));
        }
    }

    private IEnumerable<MetricRow> Broken(Dictionary<string, CustomerStanding> standings)
    {
        var cells = new Dictionary<PromiseCell, List<(string Customer, int Orders, bool IsSilent)>>();
        foreach (var (customer, promises) in _recent)
        {
            foreach (var cell in promises.SelectMany(p => PromiseCell.Of(p).Select(c => (Cell: c, p.IsSilent))).GroupBy(p => p.Cell))
            {
                (cells.TryGetValue(cell.Key, out var known) ? known : cells[cell.Key] = []).Add((customer, cell.Count(), cell.Any(p => p.IsSilent)));
            }
        }

        return cells.Where(c => c.Value.Count >= HistoryRules.LeastCustomersShown)
            .OrderByDescending(c => c.Value.Count).ThenBy(c => c.Key).Take(MostRows)
            .OrderBy(c => c.Key)
            .Select(c => RowOf(c.Key, c.Value, standings));
    }

    private MetricRow RowOf(PromiseCell cell, List<(string Customer, int Orders, bool IsSilent)> affected, Dictionary<string, CustomerStanding> standings)
    {
        var row = StockRow.Of((long)affected.Count, ("cause", cell.Cause), ("category", cell.Category), (Dimension.Place, cell.Place))
            .With("orders", affected.Sum(a => (long)a.Orders))
            .With("silentCustomers", affected.LongCount(a => a.IsSilent))
            .With("customersBefore", _before.GetValueOrDefault(cell));
        var worthOf = affected.Select(a => standings[a.Customer].Purchases).OfType<PurchaseStanding>().Where(p => p.PredictedValue is not null)
            .GroupBy(p => p.Currency, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal);
        foreach (var inOne in worthOf)
        {
            row = row.With($"valueAtRisk{inOne.Key}", Money.ToMajor(inOne.Sum(p => p.PredictedValue!.Value), inOne.Key));
        }

        if (!_affected.TryGetValue(cell, out var judged) || judged.Customers < HistoryRules.LeastCustomersShown)
        {
            return row;
        }

        var (low, high) = Wilson.Interval(judged.CameBack, judged.Customers);
        row = row.With("repeatRate", MetricEvaluation.Ratio(judged.CameBack, judged.Customers)).With("low", low).With("high", high).With("judgedCustomers", judged.Customers);
        return _kept.TryGetValue(cell with { Cause = All }, out var kept) && kept.WeightedAs(judged) is { } comparable
            ? row.With("comparableRepeatRate", comparable).With("comparableCustomers", kept.Customers)
            : row;
    }
}

/// <summary>A row of broken promises: a cause, a category and a location, or <see cref="Promises.All"/>.</summary>
internal readonly record struct PromiseCell(string Cause, string Category, string Place) : IComparable<PromiseCell>
{
    /// <summary>The cells that a broken promise counts in.</summary>
    public static IEnumerable<PromiseCell> Of(BrokenPromise promise) =>
        promise.Causes.Append(Promises.All).SelectMany(cause => Of(cause, promise.Categories, promise.Place));

    /// <summary>The cells that an order which was kept compares with.</summary>
    public static IEnumerable<PromiseCell> Of(HistoryOrder order) => Of(Promises.All, BrokenPromise.CategoriesOf(order), BrokenPromise.PlaceOf(order));

    public int CompareTo(PromiseCell other) =>
        string.CompareOrdinal(Cause, other.Cause) is var byCause and not 0 ? byCause
        : string.CompareOrdinal(Category, other.Category) is var byCategory and not 0 ? byCategory
        : string.CompareOrdinal(Place, other.Place);

    private static IEnumerable<PromiseCell> Of(string cause, IReadOnlyList<string> categories, string place) =>
        from category in categories.Append(Promises.All) from location in new[] { place, Promises.All } select new PromiseCell(cause, category, location);
}

/// <summary>How many customers came back, by what makes them comparable: channel, and whether it was the first purchase.</summary>
internal sealed class StrataCounts
{
    private readonly Dictionary<(string Channel, bool IsFirst), (long Customers, long CameBack)> _strata = [];

    public long Customers => _strata.Values.Sum(s => s.Customers);

    public long CameBack => _strata.Values.Sum(s => s.CameBack);

    public void Add((string Channel, bool IsFirst) stratum, bool cameBack)
    {
        var (customers, back) = _strata.GetValueOrDefault(stratum);
        _strata[stratum] = (customers + 1, back + (cameBack ? 1 : 0));
    }

    /// <summary>The share that came back if these customers were distributed over channels and first purchases as others are; null where some of the others have no like.</summary>
    public decimal? WeightedAs(StrataCounts others)
    {
        var share = 0m;
        foreach (var (stratum, (customers, _)) in others._strata.OrderBy(s => s.Key))
        {
            if (!_strata.TryGetValue(stratum, out var mine))
            {
                return null;
            }

            share += (decimal)customers * mine.CameBack / mine.Customers;
        }

        return decimal.Round(share / others.Customers, 6, MidpointRounding.ToEven);
    }
}
