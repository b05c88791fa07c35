using System.Globalization;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Domain.Snapshots;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Report.Figures;

/// <summary>What a list of customers is in order of. Customers of whom it is not known come last.</summary>
public enum StandingOrder
{
    /// <summary>Net sales to date: first by currency, then by amount.</summary>
    Value,

    /// <summary>Days since the last purchase.</summary>
    Recency,

    /// <summary>The number of purchases.</summary>
    Frequency,

    /// <summary>Predicted value: first by currency, then by amount.</summary>
    Predicted,

    /// <summary>The opaque id, ascending either way. It never changes: no customer is missed or comes twice while figures change.</summary>
    Customer,
}

/// <summary>A question for customers.</summary>
/// <param name="Filter">Which customers.</param>
/// <param name="Order">What the list is in order of.</param>
/// <param name="IsDescending">Whether the largest come first. Currencies, and customers of whom it is not known, are in the same order either way.</param>
public sealed record StandingQuestion(CustomerFilter Filter, StandingOrder Order, bool IsDescending);

/// <summary>A page of customers.</summary>
/// <param name="Census">The census that they were read of.</param>
/// <param name="Count">How many customers the question has, on all pages.</param>
/// <param name="Customers">Customers of the page.</param>
/// <param name="Continuation">Where the next page begins; null on the last.</param>
public sealed record StandingPage(CensusAsOf Census, long Count, IReadOnlyList<CustomerStanding> Customers, string? Continuation);

/// <summary>What is known of one customer as of now.</summary>
/// <param name="AsOf">The instant; null where the customer base cannot be read.</param>
/// <param name="Standing">What is known; null with a reason.</param>
/// <param name="WhyNot">Why nothing is known; null where something is.</param>
public sealed record FoundStanding(DateTimeOffset? AsOf, CustomerStanding? Standing, string? WhyNot);

/// <summary>
/// What is known of customers as of now, by the same pass over all of them as the metrics of the customer base: it is kept, and given again, just as those are (<see cref="CensusReader"/>).
/// </summary>
public sealed class StandingsReader(CensusReader customers, TimeProvider clock)
{
    // A question for one customer must not take as long as reading all of them.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>The most customers of a page.</summary>
    public const int LargestPage = 1_000;

    /// <summary>
    /// Returns what is known of one customer. Where a pass over all of them takes longer than five seconds, it is that of the pass before, or nothing with the reason; the pass goes on. A damaged document of another customer does not hold
    /// it up: the answer then says why there is nothing.
    /// </summary>
    public async Task<FoundStanding> FindAsync(string customer, CancellationToken cancellationToken)
    {
        try
        {
            if (await ReadSoonAsync(cancellationToken) is not { } all)
            {
                return new FoundStanding(null, null, "The customer base is being read, which takes a while. Ask again later.");
            }

            return all.Find(customer) is { } standing
                ? new FoundStanding(all.Census.AsOf, standing, null)
                : new FoundStanding(all.Census.AsOf, null, "The customer base was read before this customer came. Ask again later.");
        }
        catch (CorruptDocumentException e)
        {
            return new FoundStanding(null, null, $"The customer base cannot be read: {e.Message}");
        }
    }

    private async Task<CustomersAsOf?> ReadSoonAsync(CancellationToken cancellationToken)
    {
        var pass = customers.ReadEachAsync(null, CancellationToken.None);
        try
        {
            return await pass.WaitAsync(LongestWait, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // What becomes of it the next question finds out.
            _ = pass.ContinueWith(failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return customers.Latest;
        }
    }

    /// <summary>Returns a page of customers as of now.</summary>
    /// <param name="question">Which customers, in which order.</param>
    /// <param name="size">How many at most.</param>
    /// <param name="continuation">From the page before; null for the first.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="CorruptDocumentException">A document of a customer is damaged.</exception>
    public Task<StandingPage> ListAsync(StandingQuestion question, int size, string? continuation, CancellationToken cancellationToken) =>
        ListAsync(question.Filter.Has, question.Order, question.IsDescending, null, size, continuation, cancellationToken);

    /// <summary>Returns a page of the customers behind rows of a stock metric, the most valuable first.</summary>
    /// <param name="metric">A metric whose customers are known (<see cref="StockMembers"/>).</param>
    /// <param name="only">Which rows, by dimension: any of the values. Empty for all rows.</param>
    /// <param name="asOf">The instant to look from; null for now.</param>
    /// <param name="size">How many customers at most.</param>
    /// <param name="continuation">From the page before; null for the first.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="CorruptDocumentException">A document of a customer is damaged.</exception>
    /// <exception cref="TooManyInstantsException">Too many wait for other instants already.</exception>
    public Task<StandingPage> ListBehindAsync(
        MetricDefinition metric, IReadOnlyDictionary<string, IReadOnlyList<string>> only, DateTimeOffset? asOf, int size, string? continuation, CancellationToken cancellationToken) =>
        ListAsync(customer => StockMembers.Have(metric, only, customer), StandingOrder.Value, isDescending: true, asOf, size, continuation, cancellationToken);

    private async Task<StandingPage> ListAsync(
        Func<CustomerStanding, bool> isAsked, StandingOrder by, bool isDescending, DateTimeOffset? asOf, int size, string? continuation, CancellationToken cancellationToken)
    {
        var after = continuation is null ? null : Place.Parse(continuation);
        var all = await customers.ReadEachAsync(asOf, cancellationToken);
        var order = Comparer<Place>.Create((left, right) => left.CompareTo(right, isDescending));

        // One more than the page has: whether there is another page. The last of them is the first to go.
        var first = new PriorityQueue<CustomerStanding, Place>(Comparer<Place>.Create((left, right) => order.Compare(right, left)));
        var count = 0L;
        foreach (var customer in all.Customers.Where(isAsked))
        {
            count++;
            var place = Place.Of(customer, by);
            if (after is { } last && order.Compare(place, last) <= 0)
            {
                continue;
            }

            if (first.Count <= size)
            {
                first.Enqueue(customer, place);
            }
            else
            {
                first.EnqueueDequeue(customer, place);
            }
        }

        var page = first.UnorderedItems.OrderBy(c => c.Priority, order).ToList();
        return new StandingPage(all.Census, count, [.. page.Take(size).Select(c => c.Element)], page.Count > size ? page[size - 1].Priority.Text : null);
    }

    /// <summary>Whether a text is a continuation that this class made.</summary>
    public static bool IsContinuation(string text) => Place.Parse(text) is not null;

    /// <summary>Where a customer stands in a list: pages end between places, so that no customer comes twice while figures change.</summary>
    private readonly record struct Place(string Currency, long? Amount, string Customer)
    {
        public string Text => string.Create(CultureInfo.InvariantCulture, $"{Currency}_{Amount}_{Customer}");

        public static Place Of(CustomerStanding customer, StandingOrder order) => (customer.Purchases, order) switch
        {
            (_, StandingOrder.Customer) => new Place("", 0, customer.Customer),
            (null, _) => new Place("", null, customer.Customer),
            ({ } p, StandingOrder.Value) => new Place(p.Currency, p.Value, customer.Customer),
            ({ PredictedValue: null }, StandingOrder.Predicted) => new Place("", null, customer.Customer),
            ({ } p, StandingOrder.Predicted) => new Place(p.Currency, p.PredictedValue, customer.Customer),
            ({ } p, StandingOrder.Recency) => new Place("", p.RecencyDays, customer.Customer),
            ({ } p, _) => new Place("", p.Frequency, customer.Customer),
        };

        /// <summary>The place that a text means; null where it means none.</summary>
        public static Place? Parse(string text) =>
            text.Split('_', 3) is not [var currency, var amount, var customer] ? null
            : amount.Length == 0 ? new Place(currency, null, customer)
            : long.TryParse(amount, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? new Place(currency, number, customer)
            : null;

        public int CompareTo(Place other, bool isDescending) =>
            (Amount is null) != (other.Amount is null) ? (Amount is null ? 1 : -1)
            : string.CompareOrdinal(Currency, other.Currency) is var byCurrency and not 0 ? byCurrency
            : Nullable.Compare(Amount, other.Amount) is var byAmount and not 0 ? (isDescending ? -byAmount : byAmount)
            : string.CompareOrdinal(Customer, other.Customer);
    }
}
