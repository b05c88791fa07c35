namespace CustomerPipeline.Domain.Value;

/// <summary>A rate that figures were converted with.</summary>
public readonly record struct UsedRate(string Currency, DateOnly Day, decimal Rate);

/// <summary>Flow days in one currency: every sum of a day and cell is converted at the rate of its day, and rounded half to even.</summary>
public static class ReportingFlows
{
    private static readonly HashSet<string> OfMoney = [Measure.Gross, Measure.Discounts, Measure.Refunds, Measure.RefundsByOrder, Measure.Tax, Measure.Shipping,
        Measure.Cost, Measure.CostReturned, Measure.CostedSales, Measure.CostedReturns, Measure.Spend];

    /// <param name="days">Days, in order.</param>
    /// <param name="question">Which of them are asked for.</param>
    /// <param name="rates">The table.</param>
    /// <param name="used">Takes the rates.</param>
    /// <exception cref="MissingRateException">A currency has no rate on a day that it was used on.</exception>
    public static IReadOnlyList<(DateOnly Day, FlowDay Flow)> Convert(IEnumerable<(DateOnly Day, FlowDay Flow)> days, MetricQuestion question, ReportingRates rates, ISet<UsedRate> used)
    {
        var converted = new List<(DateOnly, FlowDay)>();
        foreach (var (day, flow) in days.Where(d => d.Day >= question.From && d.Day <= question.To))
        {
            var sum = new FlowDay();
            foreach (var (key, measures) in flow.Cells)
            {
                var cell = FlowCell.Parse(key);
                if (cell.Currency.Length == 0)
                {
                    sum.Post(new FlowPosting(day, key, measures), 1);
                    continue;
                }

                var (since, rate) = rates.Find(cell.Currency, day) ?? throw new MissingRateException(cell.Currency, day);
                if (cell.Currency != rates.Currency.Code)
                {
                    used.Add(new UsedRate(cell.Currency, since, rate));
                }

                var amounts = measures.ToDictionary(m => m.Key, m => OfMoney.Contains(m.Key) ? rates.Convert(m.Value, cell.Currency, rate) : m.Value, StringComparer.Ordinal);
                sum.Post(new FlowPosting(day, (cell with { Currency = rates.Currency.Code }).Key, amounts), 1);
            }

            converted.Add((day, sum));
        }

        return converted;
    }
}

/// <summary>The table of rates has none for a currency on a day.</summary>
public sealed class MissingRateException(string currency, DateOnly day)
    : Exception(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The table of rates has no rate of {currency} on {day:yyyy-MM-dd} or before. Add one."));
