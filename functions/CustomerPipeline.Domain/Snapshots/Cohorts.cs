using System.Globalization;
using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Domain.Snapshots;

/// <summary>Identified customers by the calendar month of their first purchase, and what they did in the months after it.</summary>
internal sealed class Cohorts : ITally
{
    private readonly SortedDictionary<(int Cohort, int Age), long> _customers = [];
    private readonly SortedDictionary<(int Cohort, int Age, string Currency), long> _sales = new(Comparer<(int Cohort, int Age, string Currency)>.Create((left, right) =>
        (left.Cohort, left.Age) != (right.Cohort, right.Age) ? (left.Cohort, left.Age).CompareTo((right.Cohort, right.Age)) : string.CompareOrdinal(left.Currency, right.Currency)));

    public void Add(CustomerHistory history)
    {
        if (!history.IsIdentified || !history.Purchases.Any())
        {
            return;
        }

        var cohort = MonthOf(history.Purchases.Min(p => p.Day));
        foreach (var age in history.Purchases.Select(p => MonthOf(p.Day) - cohort).Distinct())
        {
            _customers[(cohort, age)] = _customers.GetValueOrDefault((cohort, age)) + 1;
        }

        foreach (var purchase in history.Purchases)
        {
            var key = (cohort, MonthOf(purchase.Day) - cohort, purchase.Currency);
            _sales[key] = _sales.GetValueOrDefault(key) + purchase.Kept;
        }
    }

    public IEnumerable<(string Metric, MetricRow Row)> Rows()
    {
        foreach (var ((cohort, age), customers) in _customers)
        {
            var all = _customers[(cohort, 0)];
            yield return ("cohort-retention", StockRow.Of(MetricEvaluation.Ratio(customers, all), ("cohort", NameOf(cohort)), ("month", StockRow.Text(age)))
                .With("customers", customers).With("cohortCustomers", all));
        }

        foreach (var ((cohort, age, currency), sales) in _sales)
        {
            yield return ("cohort-net-sales", StockRow.Of(Money.ToMajor(sales, currency), ("cohort", NameOf(cohort)), ("month", StockRow.Text(age)), (Dimension.Currency, currency)));
        }
    }

    private static int MonthOf(DateOnly day) => (day.Year * 12) + day.Month - 1;

    private static string NameOf(int month) => string.Create(CultureInfo.InvariantCulture, $"{month / 12:D4}-{(month % 12) + 1:D2}");
}

/// <summary>Net revenue retention: what those who bought a year earlier bought in the last one.</summary>
internal sealed class Retention(DateOnly today) : ITally
{
    private readonly SortedDictionary<string, (long Before, long Now, long Customers)> _sales = new(StringComparer.Ordinal);

    public void Add(CustomerHistory history)
    {
        if (!history.IsIdentified)
        {
            return;
        }

        var (yearAgo, twoYearsAgo) = (today.AddYears(-1), today.AddYears(-2));
        foreach (var inOne in history.Purchases.Where(p => p.Day > twoYearsAgo).GroupBy(p => p.Currency, StringComparer.Ordinal))
        {
            var before = inOne.Where(p => p.Day <= yearAgo).Sum(p => p.Kept);
            if (before > 0)
            {
                var (sumBefore, sumNow, customers) = _sales.GetValueOrDefault(inOne.Key);
                _sales[inOne.Key] = (sumBefore + before, sumNow + inOne.Where(p => p.Day > yearAgo).Sum(p => p.Kept), customers + 1);
            }
        }
    }

    public IEnumerable<(string Metric, MetricRow Row)> Rows() => _sales.Select(s => ("net-revenue-retention", StockRow.Of(MetricEvaluation.Ratio(s.Value.Now, s.Value.Before), (Dimension.Currency, s.Key))
        .With("before", Money.ToMajor(s.Value.Before, s.Key)).With("now", Money.ToMajor(s.Value.Now, s.Key)).With("customers", s.Value.Customers)));
}
