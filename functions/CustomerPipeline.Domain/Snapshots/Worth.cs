using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Lifetime;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Domain.Snapshots;

/// <summary>What an identified customer who purchased did, in numbers.</summary>
/// <param name="Currency">The currency of most purchases, of several the first by name: what is worth something is told in it.</param>
/// <param name="Purchases">Purchases.</param>
/// <param name="Sales">Net sales in the currency, in minor units.</param>
/// <param name="Repeats">Purchase days after the first.</param>
/// <param name="Spend">Mean net sales of those in the currency, in minor units; 0 for none.</param>
/// <param name="FirstDay">The first purchase day.</param>
/// <param name="LastDay">The last purchase day.</param>
/// <param name="DayBefore">The one before it.</param>
/// <param name="Calibration">What was known of the customer half a year ago; null of who came since.</param>
/// <param name="Holdout">How many purchase days there were since.</param>
internal sealed record Buyer(
    string Currency, int Purchases, long Sales, RepeatPurchases Repeats, RepeatSpend Spend, DateOnly FirstDay, DateOnly LastDay, DateOnly? DayBefore, RepeatPurchases? Calibration, int Holdout)
{
    public const int HoldoutWeeks = 26;

    public static Buyer Of(CustomerHistory history, DateOnly today)
    {
        var purchases = history.Purchases.ToList();
        // One text for all customers of a currency, because they are kept for as long as the census is.
        var currency = Domain.Currency.Of(purchases.GroupBy(p => p.Currency, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).First().Key).Code;

        // What was free is an order and no purchase to the models.
        var days = purchases.Where(p => p.Kept > 0).GroupBy(p => p.Day).OrderBy(d => d.Key).Select(d => (Day: d.Key, Spent: d.Where(p => p.Currency == currency).Sum(p => p.Kept))).ToList();
        var spent = days.Skip(1).Where(d => d.Spent > 0).Select(d => d.Spent).ToList();
        var calibrated = today.AddDays(-7 * HoldoutWeeks);
        var before = days.Count(d => d.Day <= calibrated);
        var last = purchases.Max(p => p.Day);
        return new Buyer(
            currency,
            purchases.Count,
            history.NetSales.GetValueOrDefault(currency),
            days.Count == 0 ? default : Known([.. days.Select(d => d.Day)], days.Count, today),
            spent.Count == 0 ? default : new RepeatSpend(spent.Count, spent.Sum() / (double)spent.Count),
            purchases.Min(p => p.Day),
            last,
            purchases.Select(p => p.Day).Where(d => d < last).Select(d => (DateOnly?)d).Max(),
            before == 0 ? null : Known([.. days.Select(d => d.Day)], before, calibrated),
            days.Count - before);
    }

    // A store's business day may lie a day ahead of the clock.
    private static RepeatPurchases Known(IReadOnlyList<DateOnly> days, int count, DateOnly until)
    {
        var last = Weeks(days[0], days[count - 1]);
        return new RepeatPurchases(count - 1, last, Math.Max(last, Weeks(days[0], until)));
    }

    private static double Weeks(DateOnly from, DateOnly to) => (to.DayNumber - from.DayNumber) / 7.0;
}

/// <summary>What customers are worth: to date, and by what the models expect of them; which segment and which stage of life they are in. Metrics are of those who are identified.</summary>
internal sealed class Worth(DateOnly today, PurchaseModelKind kind) : ITally
{
    private const string NotIdentified = "The customer is not identified: metrics of the customer base, and models, are of identified customers only.";

    private const string NeverCameBack = "The customer did not purchase on a second day, of which the model would know: the stage follows from days since the last purchase.";
    private const string Unbounded = "The expected spend has no bound: the customer's own purchases do not outweigh the mean of all customers.";

    private readonly List<Buyer> _buyers = [];
    private readonly List<string> _names = [];
    private readonly List<string> _prospects = [];
    private readonly List<CustomerStanding> _unidentified = [];
    private Fit<PurchaseModel>? _fit;
    private Dictionary<string, Fit<GammaGamma>>? _spend;
    private IReadOnlyList<CustomerStanding>? _standings;

    // Fitted once: to the buyers that were added by then.
    private Fit<PurchaseModel> Fitted => _fit ??= PurchaseModel.Fit(kind, PurchaseSample.Of(_buyers.Where(b => b.Repeats != default).Select(b => b.Repeats)));

    // Money has an order, and a mean, within a currency only.
    private Dictionary<string, Fit<GammaGamma>> Spend =>
        _spend ??= _buyers.GroupBy(b => b.Currency, StringComparer.Ordinal).ToDictionary(g => g.Key, g => GammaGamma.Fit([.. g.Select(b => b.Spend)]), StringComparer.Ordinal);

    public void Add(CustomerHistory history)
    {
        var buyer = history.Purchases.Any() ? Buyer.Of(history, today) : null;
        if (!history.IsIdentified)
        {
            var purchases = buyer is null ? null : Standing(buyer) with { WhyNoProbability = NotIdentified, WhyNoPrediction = NotIdentified };
            _unidentified.Add(new CustomerStanding { Customer = history.Customer, IsIdentified = false, Purchases = purchases });
        }
        else if (buyer is null)
        {
            _prospects.Add(history.Customer);
        }
        else
        {
            _buyers.Add(buyer);
            _names.Add(history.Customer);
        }
    }

    /// <summary>What is known of each customer that was added by then, in order of their ids.</summary>
    public IReadOnlyList<CustomerStanding> Standings() => _standings ??=
    [
        .. Buyers().Concat(_prospects.Select(name => new CustomerStanding { Customer = name, IsIdentified = true, Stage = LifecycleStage.Prospect })).Concat(_unidentified)
            .OrderBy(s => s.Customer, StringComparer.Ordinal),
    ];

    public IEnumerable<(string Metric, MetricRow Row)> Rows()
    {
        var identified = Standings().Where(s => s.IsIdentified).ToList();
        return [.. HistoricValue(), .. Active(), .. Segments(identified), .. Stages(identified), .. ModelRows(Fitted), .. Expectations(identified), .. Holdout()];
    }

    private IEnumerable<(string, MetricRow)> HistoricValue()
    {
        foreach (var (currency, sales) in _buyers.GroupBy(b => b.Currency, b => b.Sales, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Key, g.Order().ToList())))
        {
            string Major(long minor) => Money.ToMajor(minor, currency);
            yield return ("historic-value", StockRow.Of(Major(Money.DivideHalfEven(sales.Sum(), sales.Count)), (Dimension.Currency, currency))
                .With("total", Major(sales.Sum())).With("median", Major(Quantile(sales, 0.5m))).With("p90", Major(Quantile(sales, 0.9m))).With("customers", (long)sales.Count));

            // A tenth of the customers, rounded up.
            var top = sales.AsEnumerable().Reverse().Take((sales.Count + 9) / 10).ToList();
            yield return ("revenue-concentration", StockRow.Of(MetricEvaluation.Ratio(top.Sum(), sales.Sum()), (Dimension.Currency, currency))
                .With("topCustomers", (long)top.Count).With("topSales", Major(top.Sum())).With("customers", (long)sales.Count).With("sales", Major(sales.Sum())));
        }
    }

    private static long Quantile(List<long> sorted, decimal share) => sorted[Math.Max(0, (int)Math.Ceiling(sorted.Count * share) - 1)];

    private IEnumerable<(string, MetricRow)> Active()
    {
        foreach (var days in StockMembers.ActiveWithin)
        {
            yield return ("active-customers", StockRow.Of((long)_buyers.Count(b => DaysSince(b) <= days), ("days", StockRow.Text(days))).With("customers", (long)_buyers.Count));
        }
    }

    private IEnumerable<(string, MetricRow)> Segments(List<CustomerStanding> identified)
    {
        foreach (var segment in Rfm.Segments)
        {
            var members = identified.Where(s => s.Segment == segment).Select(s => s.Purchases!).ToList();
            yield return ("customers-by-segment", StockRow.Of((long)members.Count, ("segment", segment)).With("share", MetricEvaluation.Ratio(members.Count, _buyers.Count)));
            foreach (var inOne in members.GroupBy(p => p.Currency, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
            {
                yield return ("net-sales-by-segment", StockRow.Of(Money.ToMajor(inOne.Sum(p => p.Value), inOne.Key), ("segment", segment), (Dimension.Currency, inOne.Key)).With("customers", (long)inOne.Count()));
            }
        }
    }

    private IEnumerable<(string, MetricRow)> Stages(List<CustomerStanding> identified)
    {
        var counts = identified.CountBy(s => s.Stage!.Value).ToDictionary();
        foreach (var stage in Enum.GetValues<LifecycleStage>())
        {
            yield return ("customers-by-stage", StockRow.Of((long)counts.GetValueOrDefault(stage), ("stage", stage.Name())).With("by", Fitted is Fit<PurchaseModel>.Fitted ? NameOf(kind) : "windows"));
        }
    }

    private IEnumerable<(string, MetricRow)> ModelRows(Fit<PurchaseModel> fit)
    {
        if (fit is Fit<PurchaseModel>.Fitted fitted)
        {
            for (var i = 0; i < fitted.StandardErrors.Count; i++)
            {
                yield return ("purchase-model", StockRow.Of(StockRow.Decimal(fitted.Model.Parameters[i]), ("model", NameOf(kind)), ("parameter", fitted.Model.ParameterNames[i]))
                    .With("standardError", StockRow.Decimal(fitted.StandardErrors[i])).With("logLikelihood", StockRow.Decimal(fitted.LogLikelihood)).With("customers", (long)fitted.Customers));
            }
        }
        else
        {
            yield return ("purchase-model", StockRow.Of(null, ("model", NameOf(kind)), ("parameter", "")).With("reason", ((Fit<PurchaseModel>.Refused)fit).Reason));
        }
    }

    private IEnumerable<(string, MetricRow)> Expectations(List<CustomerStanding> identified)
    {
        foreach (var inOne in identified.Select(s => s.Purchases).OfType<PurchaseStanding>().GroupBy(p => p.Currency, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            if (WhyNoPrediction(inOne.Key) is { } reason)
            {
                yield return ("predictive-value", StockRow.Of(null, (Dimension.Currency, inOne.Key)).With("reason", reason));
                yield return ("customer-equity", StockRow.Of(null, (Dimension.Currency, inOne.Key)).With("reason", reason));
                continue;
            }

            var expected = inOne.Select(p => p.PredictedValue).OfType<long>().Order().ToList();
            var total = expected.Sum();
            MetricRow Told(MetricRow row) => row.With("customers", (long)expected.Count).With("model", $"{NameOf(kind)} + Gamma-Gamma").With("horizonWeeks", (long)HistoryRules.HorizonWeeks);
            yield return ("predictive-value", Told(StockRow.Of(Money.ToMajor(Money.DivideHalfEven(total, Math.Max(1, expected.Count)), inOne.Key), (Dimension.Currency, inOne.Key))
                .With("median", Money.ToMajor(Quantile(expected, 0.5m), inOne.Key)).With("p90", Money.ToMajor(Quantile(expected, 0.9m), inOne.Key))));
            yield return ("customer-equity", Told(StockRow.Of(Money.ToMajor(total, inOne.Key), (Dimension.Currency, inOne.Key))));
        }
    }

    // Fitted to what was known half a year ago, against what came since.
    private IEnumerable<(string, MetricRow)> Holdout()
    {
        const int MostShown = 7;
        var known = _buyers.Where(b => b.Calibration is not null).Select(b => (Repeats: b.Calibration!.Value, b.Holdout)).OrderBy(b => b.Repeats.Count).ThenBy(b => b.Repeats.Last).ThenBy(b => b.Repeats.Observed).ToList();
        if (PurchaseModel.Fit(kind, PurchaseSample.Of(known.Select(k => k.Repeats))) is not Fit<PurchaseModel>.Fitted { Model: var model })
        {
            yield break;
        }

        var judged = known.Select(k => (k.Repeats.Count, k.Holdout, Expected: model.ExpectedPurchases(k.Repeats, Buyer.HoldoutWeeks))).ToList();
        foreach (var group in judged.GroupBy(j => Math.Min(j.Count, MostShown)).OrderBy(g => g.Key))
        {
            yield return ("purchase-model-holdout", Row(group.Key == MostShown ? $"{MostShown}+" : StockRow.Text(group.Key), [.. group]));
        }

        yield return ("purchase-model-holdout", Row("all", judged));

        MetricRow Row(string name, List<(int Count, int Holdout, double Expected)> customers) => StockRow.Of(StockRow.Decimal(customers.Average(c => (double)c.Holdout)), ("repeatsBefore", name))
            .With("expected", StockRow.Decimal(customers.Average(c => c.Expected))).With("meanAbsoluteError", StockRow.Decimal(customers.Average(c => Math.Abs(c.Holdout - c.Expected)))).With("customers", (long)customers.Count);
    }

    private IEnumerable<CustomerStanding> Buyers()
    {
        var model = (Fitted as Fit<PurchaseModel>.Fitted)?.Model;
        var discounted = model is null ? null : new DiscountedPurchases(model, HistoryRules.HorizonWeeks, HistoryRules.YearlyDiscount);
        foreach (var inOne in _names.Zip(_buyers).GroupBy(b => b.Second.Currency, StringComparer.Ordinal))
        {
            var (members, spend, why) = (inOne.ToList(), (Spend[inOne.Key] as Fit<GammaGamma>.Fitted)?.Model, WhyNoPrediction(inOne.Key));
            var scores = Rfm.Score([.. members.Select(m => (DaysSince(m.Second), m.Second.Purchases, m.Second.Sales))]);
            foreach (var ((name, buyer), score) in members.Zip(scores))
            {
                var probability = model is null ? null : Lifecycle.ProbabilityOf(buyer, model);

                // Rounded for each customer, so that the sum is exact.
                var predicted = why is null ? spend!.ExpectedSpend(buyer.Spend) * discounted!.Of(buyer.Repeats) : double.NaN;
                yield return new CustomerStanding
                {
                    Customer = name,
                    IsIdentified = true,
                    Stage = Lifecycle.StageOf(buyer, today, probability),
                    Purchases = Standing(buyer) with
                    {
                        Scores = score,
                        ComparedWith = members.Count,
                        Model = model is null ? null : NameOf(kind),
                        ProbabilityActive = probability is { } known ? StockRow.Decimal(known) : null,
                        WhyNoProbability = probability is not null ? null : (Fitted as Fit<PurchaseModel>.Refused)?.Reason ?? NeverCameBack,
                        PredictedValue = double.IsFinite(predicted) ? (long)Math.Round(predicted, MidpointRounding.ToEven) : null,
                        WhyNoPrediction = double.IsFinite(predicted) ? null : why ?? Unbounded,
                    },
                };
            }
        }
    }

    private PurchaseStanding Standing(Buyer buyer) => new()
    {
        Currency = buyer.Currency,
        RecencyDays = DaysSince(buyer),
        Frequency = buyer.Purchases,
        Value = buyer.Sales,
        FirstDay = buyer.FirstDay,
        LastDay = buyer.LastDay,
        Repeats = buyer.Repeats,
        Spend = buyer.Spend,
    };

    private string? WhyNoPrediction(string currency) => (Fitted as Fit<PurchaseModel>.Refused)?.Reason ?? (Spend[currency] as Fit<GammaGamma>.Refused)?.Reason;

    private int DaysSince(Buyer buyer) => Math.Max(0, today.DayNumber - buyer.LastDay.DayNumber);

    private static string NameOf(PurchaseModelKind kind) => kind switch { PurchaseModelKind.BgNbd => "BG/NBD", PurchaseModelKind.MbgNbd => "MBG/NBD", _ => "Pareto/NBD" };
}
