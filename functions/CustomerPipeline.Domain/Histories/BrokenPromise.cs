namespace CustomerPipeline.Domain.Histories;

/// <summary>
/// An order that did not go as its customer could expect: within 30 days it was cancelled, something of it came back, or its customer asked for help. It is the order
/// that the kept-order share does not count as kept.
/// </summary>
/// <param name="Day">The business day of the order.</param>
/// <param name="Causes">Why, in order of names: <see cref="Cancelled"/>, <see cref="Returned"/>, <see cref="Contact"/>.</param>
/// <param name="Categories">What was sold, by the categories that the source names; <see cref="None"/> alone where it names none.</param>
/// <param name="Place">The location of the sale; <see cref="None"/> where none is known.</param>
public sealed record BrokenPromise(DateOnly Day, IReadOnlyList<string> Causes, IReadOnlyList<string> Categories, string Place)
{
    /// <summary>The order was cancelled. Who cancelled it, most sources do not say.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>Something of the order came back.</summary>
    public const string Returned = "returned";

    /// <summary>The customer opened a ticket after the order.</summary>
    public const string Contact = "contact";

    /// <summary>A category, or a location, that no source names.</summary>
    public const string None = "(none)";

    /// <summary>Whether the customer opened no ticket within 30 days after the order: the company was not told.</summary>
    public bool IsSilent => !Causes.Contains(Contact, StringComparer.Ordinal);

    /// <summary>Whether an order was kept so far.</summary>
    /// <param name="history">The history of its customer, cut at an instant.</param>
    /// <param name="order">An order of it.</param>
    public static bool IsKept(CustomerHistory history, HistoryOrder order) => !CausesOf(history, order).Any();

    /// <summary>Returns what was broken of an order; null where it was kept so far.</summary>
    /// <param name="history">The history of its customer, cut at an instant.</param>
    /// <param name="order">An order of it.</param>
    public static BrokenPromise? Of(CustomerHistory history, HistoryOrder order)
    {
        var causes = CausesOf(history, order).ToList();
        return causes.Count == 0 ? null : new BrokenPromise(order.Day, causes, CategoriesOf(order), PlaceOf(order));
    }

    /// <summary>The categories of an order, as <see cref="Categories"/> names them.</summary>
    internal static IReadOnlyList<string> CategoriesOf(HistoryOrder order) =>
        order.Touch.Order!.Categories is { Count: > 0 } sold ? [.. sold.Select(s => s.Category).Distinct(StringComparer.Ordinal)] : [None];

    /// <summary>The location of an order, as <see cref="Place"/> names it.</summary>
    internal static string PlaceOf(HistoryOrder order) => order.Touch.Place is { Length: > 0 } place ? place : None;

    private static IEnumerable<string> CausesOf(CustomerHistory history, HistoryOrder order)
    {
        var until = order.At + HistoryRules.KeptAfter;
        var isCancelled = order.CancelledAt <= until || (order.Net <= 0 && !order.IsPurchase);
        if (isCancelled)
        {
            yield return Cancelled;
        }

        if (CustomerHistory.Between(history.Tickets, t => t.At, order.At, until).Any())
        {
            yield return Contact;
        }

        if (!isCancelled && order.FirstReturnAt <= until)
        {
            yield return Returned;
        }
    }
}
