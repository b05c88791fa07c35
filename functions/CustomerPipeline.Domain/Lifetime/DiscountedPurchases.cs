namespace CustomerPipeline.Domain.Lifetime;

/// <summary>
/// How many purchases are to be expected of a customer, each worth less the later it comes: with delta = ln(1 + d) / 52 a week. Purchases of four weeks count in the middle
/// of them.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="weeks">How far to look.</param>
/// <param name="yearlyDiscount">The discount rate d of a year of 52 weeks.</param>
public sealed class DiscountedPurchases(PurchaseModel model, int weeks, double yearlyDiscount)
{
    private const int Step = 4;

    private readonly double _delta = Math.Log(1 + yearlyDiscount) / 52;

    // What is expected of somebody who is still a customer does not depend on when the last purchase was: many share it.
    private readonly Dictionary<(int Count, double Observed), double> _ifAlive = [];

    public double Of(RepeatPurchases customer)
    {
        if (!_ifAlive.TryGetValue((customer.Count, customer.Observed), out var sum))
        {
            var before = 0.0;
            for (var from = 0; from < weeks; from += Step)
            {
                var to = Math.Min(weeks, from + Step);
                var until = model.ExpectedPurchasesIfAlive(customer.Count, customer.Observed, to);
                sum += (until - before) * Math.Exp(-_delta * (from + to) / 2);
                before = until;
            }

            _ifAlive[(customer.Count, customer.Observed)] = sum;
        }

        return sum * model.ProbabilityAlive(customer);
    }
}
