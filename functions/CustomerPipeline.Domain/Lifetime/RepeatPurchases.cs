namespace CustomerPipeline.Domain.Lifetime;

/// <summary>
/// What the purchase models know of a customer: purchases on one day are one, and the first is not counted. Times in weeks since the first purchase.
/// </summary>
/// <param name="Count">Repeat purchase days, the x of the literature.</param>
/// <param name="Last">When the last one was, the t_x; 0 where there is none.</param>
/// <param name="Observed">How long the customer has been watched, the T.</param>
public readonly record struct RepeatPurchases(int Count, double Last, double Observed);

/// <summary>
/// Customers by what they have in common: so many with these repeat purchases. A likelihood is a sum over customers whose parts depend on the count alone or
/// on one of the times alone; each part is worked out once for all customers who share it.
/// </summary>
public sealed class PurchaseSample
{
    private PurchaseSample(int customers, long[] byCount, double[] times, Row[] rows) => (Customers, ByCount, Times, Rows) = (customers, byCount, times, rows);

    public int Customers { get; }

    /// <summary>How many customers have each count.</summary>
    internal long[] ByCount { get; }

    /// <summary>All different times.</summary>
    internal double[] Times { get; }

    internal Row[] Rows { get; }

    /// <param name="customers">Customers, in any order.</param>
    /// <exception cref="ArgumentException">A count below zero, or times that are out of order.</exception>
    public static PurchaseSample Of(IEnumerable<RepeatPurchases> customers)
    {
        var weights = new Dictionary<RepeatPurchases, int>();
        var all = 0;
        foreach (var customer in customers)
        {
            if (customer.Count < 0 || !(customer.Last >= 0) || !(customer.Observed >= customer.Last) || !double.IsFinite(customer.Observed))
            {
                throw new ArgumentException($"{customer} is no purchase history.", nameof(customers));
            }

            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(weights, customer, out _)++;
            all++;
        }

        // In one order, so that the sums are the same to the last bit however the customers came.
        var sorted = weights.OrderBy(w => w.Key.Count).ThenBy(w => w.Key.Last).ThenBy(w => w.Key.Observed).ToList();
        var times = sorted.SelectMany(w => new[] { w.Key.Last, w.Key.Observed }).Distinct().Order().ToArray();
        var place = times.Select((time, i) => (time, i)).ToDictionary(t => t.time, t => t.i);
        var byCount = new long[sorted.Count == 0 ? 0 : sorted[^1].Key.Count + 1];
        var rows = new Row[sorted.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            var (purchases, weight) = sorted[i];
            rows[i] = new Row(purchases.Count, place[purchases.Last], place[purchases.Observed], weight);
            byCount[purchases.Count] += weight;
        }

        return new PurchaseSample(all, byCount, times, rows);
    }

    /// <summary>So many customers with one history; the times are places in <see cref="Times"/>.</summary>
    internal readonly record struct Row(int Count, int Last, int Observed, int Weight);
}
