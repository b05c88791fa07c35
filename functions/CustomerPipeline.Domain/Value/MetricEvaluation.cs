namespace CustomerPipeline.Domain.Value;

/// <summary>Summed cells and purchases to the rows of an answer, in order of their dimensions.</summary>
public static class MetricEvaluation
{
    /// <param name="metric">A metric of the catalogue.</param>
    /// <param name="question">Days and dimensions.</param>
    /// <param name="days">The flow days of all shards, in any order; a day may come several times, once a shard.</param>
    /// <param name="purchases">All purchases ever; only asked for by metrics that count people.</param>
    public static IReadOnlyList<MetricRow> Evaluate(
        MetricDefinition metric, MetricQuestion question, IEnumerable<(DateOnly Day, FlowDay Flow)> days, IEnumerable<Purchase> purchases)
    {
        var rows = metric.Computation is MetricComputation.People people
            ? PeopleEvaluation.Evaluate(people.Count, question, purchases)
            : metric.Computation is MetricComputation.SpendPerNewCustomer ? AcquisitionCost.Evaluate(question, days, purchases)
            : EvaluateFlow(metric, question, days);

        // "How many?" has an answer where nothing happened.
        return rows.Count == 0 && metric.Unit == MetricUnit.Count && question.By.Count == 0 ? [new MetricRow([], 0L, [])] : rows;
    }

    private static List<MetricRow> EvaluateFlow(MetricDefinition metric, MetricQuestion question, IEnumerable<(DateOnly Day, FlowDay Flow)> days)
    {
        // Money in two currencies has no sum, and a share of sales weighs money.
        var splitByCurrency = metric.Unit == MetricUnit.Money || metric.Computation is MetricComputation.IdentifiedShare or MetricComputation.Margin or MetricComputation.ReturnOnSpend
            or MetricComputation.Quotient { IsOfMoney: true };
        var groups = new SortedDictionary<string, Group>(StringComparer.Ordinal);
        foreach (var (day, flow) in days)
        {
            if (day < question.From || day > question.To)
            {
                continue;
            }

            foreach (var (key, measures) in flow.Cells)
            {
                var cell = FlowCell.Parse(key);
                if ((splitByCurrency && cell.Currency.Length == 0) || !question.Includes(cell))
                {
                    continue;
                }

                var dimensions = DimensionsOf(day, cell, question.By, splitByCurrency);
                var groupKey = GroupKey(dimensions);
                if (!groups.TryGetValue(groupKey, out var group))
                {
                    groups[groupKey] = group = new Group(dimensions, cell.Currency);
                }

                group.Add(measures, cell.Identified);
            }
        }

        return [.. groups.Values.Select(g => g.Row(metric)).OfType<MetricRow>()];
    }

    internal static string GroupKey(IReadOnlyList<KeyValuePair<string, string>> dimensions) => string.Join('\u0001', dimensions.Select(d => d.Value));

    internal static IReadOnlyList<KeyValuePair<string, string>> DimensionsOf(DateOnly day, FlowCell cell, IReadOnlyList<string> by, bool splitByCurrency)
    {
        var dimensions = new List<KeyValuePair<string, string>>(by.Count + 1);
        foreach (var dimension in by)
        {
            dimensions.Add(new(dimension, Dimension.ValueOf(dimension, day, cell)));
        }

        if (splitByCurrency && !by.Contains(Dimension.Currency))
        {
            dimensions.Add(new(Dimension.Currency, cell.Currency));
        }

        return dimensions;
    }

    /// <summary>A ratio with six decimals; null of nothing.</summary>
    internal static decimal? Ratio(long part, long whole) => whole == 0 ? null : decimal.Round((decimal)part / whole, 6, MidpointRounding.ToEven);

    private sealed class Group(IReadOnlyList<KeyValuePair<string, string>> dimensions, string currency)
    {
        private readonly Dictionary<string, long> _sums = new(StringComparer.Ordinal);
        private long _identifiedSales;

        public void Add(IReadOnlyDictionary<string, long> measures, bool identified)
        {
            foreach (var (measure, amount) in measures)
            {
                _sums[measure] = _sums.GetValueOrDefault(measure) + amount;
            }

            if (identified)
            {
                _identifiedSales += measures.GetValueOrDefault(Measure.Gross) - measures.GetValueOrDefault(Measure.Discounts);
            }
        }

        /// <summary>Null where the group has nothing of this metric: a ticket is no row of the orders.</summary>
        public MetricRow? Row(MetricDefinition metric) => metric.Computation switch
        {
            MetricComputation.Sum sum => SumRow(sum, metric.Unit),
            MetricComputation.MoneyPer per => PerRow(per),
            MetricComputation.Share share => ShareRow(share),
            MetricComputation.Quotient quotient => QuotientRow(quotient),
            MetricComputation.IdentifiedShare => IdentifiedRow(),
            MetricComputation.Margin margin => MarginEvaluation.Row(margin.Figure, dimensions, currency, _sums),
            MetricComputation.ReturnOnSpend => CampaignReturns.Row(dimensions, currency, _sums),
            MetricComputation.Median median => MedianRow(median),
            _ => throw new InvalidOperationException($"{metric.Name} is not worked out of flows."),
        };

        private MetricRow? SumRow(MetricComputation.Sum sum, MetricUnit unit)
        {
            if (!sum.Terms.Any(t => _sums.ContainsKey(t.Measure)))
            {
                return null;
            }

            var total = Total(sum.Terms);
            return new MetricRow(dimensions, unit == MetricUnit.Money ? Money.ToMajor(total, currency) : total, []);
        }

        private MetricRow? PerRow(MetricComputation.MoneyPer per)
        {
            var count = _sums.GetValueOrDefault(per.Denominator);
            return count == 0
                ? null
                : new MetricRow(dimensions, Money.ToMajor(Money.DivideHalfEven(Total(per.Numerator), count), currency), [new(per.Denominator, count)]);
        }

        private MetricRow? ShareRow(MetricComputation.Share share)
        {
            var part = _sums.GetValueOrDefault(share.Part);
            var rest = _sums.GetValueOrDefault(share.Rest);
            return part + rest == 0 ? null : new MetricRow(dimensions, Ratio(part, part + rest), [new("good", part), new("bad", rest)]);
        }

        private MetricRow? QuotientRow(MetricComputation.Quotient quotient)
        {
            var (part, whole) = (Total(quotient.Part), Total(quotient.Whole));
            var undecided = quotient.Undecided is { } measure ? _sums.GetValueOrDefault(measure) : 0;

            // A part without a whole, such as refunds on a day without sales, is a row of its own without a value, so that the parts of all rows add up to the part of the whole.
            if (part == 0 && whole == 0 && undecided == 0)
            {
                return null;
            }

            List<KeyValuePair<string, object?>> details = quotient.IsOfMoney
                ? [new("part", Money.ToMajor(part, currency)), new("whole", Money.ToMajor(whole, currency))]
                : [new("part", part), new("whole", whole)];
            return new MetricRow(dimensions, Ratio(part * quotient.Factor, whole), quotient.Undecided is null ? details : [.. details, new("notYetKnown", undecided)]);
        }

        private MetricRow? IdentifiedRow()
        {
            var sales = Total([(Measure.Gross, 1), (Measure.Discounts, -1)]);
            return _sums.GetValueOrDefault(Measure.Orders) == 0
                ? null
                : new MetricRow(dimensions, Ratio(_identifiedSales, sales), [new("identifiedSales", Money.ToMajor(_identifiedSales, currency)), new("sales", Money.ToMajor(sales, currency))]);
        }

        private MetricRow? MedianRow(MetricComputation.Median median)
        {
            var count = DurationHistogram.Count(_sums, median.Bucket);
            return count == 0
                ? null
                : new MetricRow(dimensions, DurationHistogram.Quantile(_sums, median.Bucket, 0.5m), [
                    new("mean", decimal.Round((decimal)_sums.GetValueOrDefault(median.Seconds) / count, 1, MidpointRounding.ToEven)),
                    new("p90", DurationHistogram.Quantile(_sums, median.Bucket, 0.9m)),
                    new("count", count),
                ]);
        }

        private long Total((string Measure, int Sign)[] terms) => terms.Sum(t => t.Sign * _sums.GetValueOrDefault(t.Measure));
    }
}

/// <summary>Metrics that count people once, whatever they did: worked out from all purchases of each customer.</summary>
internal static class PeopleEvaluation
{
    public static IReadOnlyList<MetricRow> Evaluate(PeopleCount count, MetricQuestion question, IEnumerable<Purchase> purchases)
    {
        var groups = new SortedDictionary<string, Tally>(StringComparer.Ordinal);
        foreach (var customer in purchases.GroupBy(p => p.Customer, StringComparer.Ordinal))
        {
            var ordered = customer.OrderBy(p => p.At).ThenBy(p => p.Entity, StringComparer.Ordinal).ToList();
            foreach (var (dimensions, counted, all) in CountOne(count, question, ordered))
            {
                var key = MetricEvaluation.GroupKey(dimensions);
                if (!groups.TryGetValue(key, out var tally))
                {
                    groups[key] = tally = new Tally(dimensions);
                }

                tally.Counted += counted;
                tally.All += all;
            }
        }

        return [.. groups.Values.Select(tally => tally.Row(count)).OfType<MetricRow>()];
    }

    // One customer's contribution to each group: how much counts there, and to the whole that a rate is taken of.
    private static IEnumerable<(IReadOnlyList<KeyValuePair<string, string>> Dimensions, int Counted, int All)> CountOne(
        PeopleCount count, MetricQuestion question, List<Purchase> ordered)
    {
        var inPeriod = ordered.Where(p => p.Day >= question.From && p.Day <= question.To);
        var groups = inPeriod.Where(p => question.Includes(p.Cell)).GroupBy(p => MetricEvaluation.GroupKey(DimensionsOf(p, question.By)), StringComparer.Ordinal);
        foreach (var group in groups)
        {
            var here = group.ToList();
            var counted = count switch
            {
                PeopleCount.New => here[0] == ordered[0] ? 1 : 0,
                PeopleCount.Returning => here[^1] != ordered[0] ? 1 : 0,
                PeopleCount.RepeatRate => here.Count >= 2 ? 1 : 0,
                PeopleCount.Frequency => here.Count,
                _ => SpansChannels(here, inPeriod, question) ? 1 : 0,
            };
            yield return (DimensionsOf(here[0], question.By), counted, 1);
        }
    }

    // By channel, or of one, a customer spans channels when there was a purchase in another channel too: of the whole period, or of the same day, week or month where those are told.
    private static bool SpansChannels(List<Purchase> here, IEnumerable<Purchase> inPeriod, MetricQuestion question)
    {
        if (!question.By.Contains(Dimension.Channel) && !question.Only.ContainsKey(Dimension.Channel))
        {
            return here.Select(p => p.Cell.Channel).Distinct().Skip(1).Any();
        }

        var others = question.By.Where(Dimension.OfTime.Contains).ToList();
        var key = MetricEvaluation.GroupKey(DimensionsOf(here[0], others));
        return inPeriod.Any(p => p.Cell.Channel != here[0].Cell.Channel && MetricEvaluation.GroupKey(DimensionsOf(p, others)) == key);
    }

    private static IReadOnlyList<KeyValuePair<string, string>> DimensionsOf(Purchase purchase, IReadOnlyList<string> by) =>
        MetricEvaluation.DimensionsOf(purchase.Day, purchase.Cell, by, splitByCurrency: false);

    private sealed class Tally(IReadOnlyList<KeyValuePair<string, string>> dimensions)
    {
        public long Counted { get; set; }

        public long All { get; set; }

        public MetricRow? Row(PeopleCount count) => count switch
        {
            PeopleCount.RepeatRate => new MetricRow(dimensions, MetricEvaluation.Ratio(Counted, All), [new("repeatCustomers", Counted), new("customers", All)]),
            PeopleCount.Frequency => new MetricRow(dimensions, MetricEvaluation.Ratio(Counted, All), [new("purchases", Counted), new("customers", All)]),
            PeopleCount.CrossChannel => Counted == 0 ? null : new MetricRow(dimensions, Counted, [new("customers", All)]),
            _ => Counted == 0 ? null : new MetricRow(dimensions, Counted, []),
        };
    }
}
