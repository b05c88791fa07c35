namespace CustomerPipeline.Domain.Value;

/// <summary>What was spent for each customer who purchased for the first time, in the same days and in the currency of that purchase.</summary>
internal static class AcquisitionCost
{
    public const string NoSpend = "No marketing spend is known of these days. Send it with the import (docs/import.md, kind spend).";
    public const string NoNewCustomers = "No identified customer purchased for the first time in these days.";
    public const string OtherCurrency =
        "New customers purchased in a currency that nothing was spent in: they cannot be compared. Ask in the reporting currency (in=...).";

    public static IReadOnlyList<MetricRow> Evaluate(MetricQuestion question, IEnumerable<(DateOnly Day, FlowDay Flow)> days, IEnumerable<Purchase> purchases)
    {
        var groups = new SortedDictionary<string, Group>(StringComparer.Ordinal);
        Group GroupOf(DateOnly day, FlowCell cell)
        {
            // Currencies stand side by side, so that it is seen where one of them has no spend.
            var dimensions = MetricEvaluation.DimensionsOf(day, cell, [.. question.By.Where(d => d != Dimension.Currency)], splitByCurrency: false);
            var key = MetricEvaluation.GroupKey(dimensions);
            return groups.TryGetValue(key, out var group) ? group : groups[key] = new Group(dimensions);
        }

        foreach (var (day, flow) in days.Where(d => d.Day >= question.From && d.Day <= question.To))
        {
            foreach (var (key, measures) in flow.Cells)
            {
                if (measures.TryGetValue(Measure.Spend, out var spend) && FlowCell.Parse(key) is var cell && question.Includes(cell))
                {
                    GroupOf(day, cell).Add(cell.Currency, spend, 0);
                }
            }
        }

        foreach (var customer in purchases.GroupBy(p => p.Customer, StringComparer.Ordinal))
        {
            var first = customer.OrderBy(p => p.At).ThenBy(p => p.Entity, StringComparer.Ordinal).First();
            if (first.Day >= question.From && first.Day <= question.To && question.Includes(first.Cell))
            {
                GroupOf(first.Day, first.Cell).Add(first.Cell.Currency, 0, 1);
            }
        }

        return [.. groups.Values.SelectMany(g => g.Rows())];
    }

    private sealed class Group(IReadOnlyList<KeyValuePair<string, string>> dimensions)
    {
        private readonly SortedDictionary<string, (long Spend, long Customers)> _byCurrency = new(StringComparer.Ordinal);

        public void Add(string currency, long spend, long customers)
        {
            var known = _byCurrency.GetValueOrDefault(currency);
            _byCurrency[currency] = (known.Spend + spend, known.Customers + customers);
        }

        public IEnumerable<MetricRow> Rows()
        {
            var isMixed = _byCurrency.Values.Any(c => c.Spend > 0) && _byCurrency.Values.Any(c => c is { Spend: 0, Customers: > 0 });
            foreach (var (currency, (spend, customers)) in _byCurrency)
            {
                var reason = isMixed ? OtherCurrency : spend == 0 ? NoSpend : customers == 0 ? NoNewCustomers : null;
                List<KeyValuePair<string, object?>> details = [new("spend", Money.ToMajor(spend, currency)), new("newCustomers", customers)];
                IReadOnlyList<KeyValuePair<string, string>> here = [.. dimensions, new(Dimension.Currency, currency)];
                yield return reason is null
                    ? new MetricRow(here, Money.ToMajor(Money.DivideHalfEven(spend, customers), currency), details)
                    : new MetricRow(here, null, [.. details, new(MetricRow.Reason, reason)]);
            }
        }
    }
}
