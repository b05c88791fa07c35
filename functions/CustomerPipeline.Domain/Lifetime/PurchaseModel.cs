namespace CustomerPipeline.Domain.Lifetime;

/// <summary>Which model of repeat purchases.</summary>
public enum PurchaseModelKind
{
    /// <summary>Purchases at a customer's own rate; after each the customer may leave for good (Fader, Hardie and Lee 2005).</summary>
    BgNbd,

    /// <summary>The same, where a customer may leave after the first purchase, too (Batislam, Denizel and Filiztekin 2007).</summary>
    MbgNbd,

    /// <summary>Customers leave at any time, at a rate of their own (Schmittlein, Morrison and Colombo 1987).</summary>
    ParetoNbd,
}

/// <summary>A model of repeat purchases with its parameters: what a customer's past says of the future. Times in weeks.</summary>
public abstract class PurchaseModel
{
    /// <summary>Which model it is: they differ in what they say of customers who never came back.</summary>
    public abstract PurchaseModelKind Kind { get; }

    /// <summary>As the literature names them.</summary>
    public abstract IReadOnlyList<string> ParameterNames { get; }

    /// <summary>In the order of their names.</summary>
    public abstract IReadOnlyList<double> Parameters { get; }

    /// <summary>Fits a model by maximum likelihood.</summary>
    /// <param name="kind">Which model.</param>
    /// <param name="sample">The customers.</param>
    public static Fit<PurchaseModel> Fit(PurchaseModelKind kind, PurchaseSample sample) =>
        sample.Customers >= MaximumLikelihood.LeastCustomers && sample.ByCount.Length < 2
            ? new Fit<PurchaseModel>.Refused($"None of {sample.Customers} customers came back: a model of repeat purchases has nothing to go by.")
            : kind == PurchaseModelKind.ParetoNbd ? ParetoNbd.FitTo(sample) : BetaGeometric.FitTo(kind, sample);

    /// <summary>The natural logarithm of the likelihood of one customer's purchases.</summary>
    public abstract double LogLikelihood(RepeatPurchases customer);

    /// <summary>The probability that the customer is still one.</summary>
    public abstract double ProbabilityAlive(RepeatPurchases customer);

    /// <summary>How many purchases are to be expected of the customer in the weeks to come.</summary>
    public double ExpectedPurchases(RepeatPurchases customer, double weeks) => ExpectedPurchasesIfAlive(customer.Count, customer.Observed, weeks) * ProbabilityAlive(customer);

    /// <summary>The same, given that the customer is still one; it does not depend on when the last purchase was.</summary>
    public abstract double ExpectedPurchasesIfAlive(int count, double observed, double weeks);

    /// <summary>How many repeat purchases are to be expected of a new customer in the weeks after the first.</summary>
    public abstract double ExpectedPurchasesOfNew(double weeks);

    /// <summary>The probability that a new customer does not come back within so many weeks.</summary>
    public abstract double ProbabilityOfNone(double weeks);
}
