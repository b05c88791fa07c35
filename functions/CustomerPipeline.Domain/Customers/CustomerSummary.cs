using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Customers;

/// <summary>
/// A customer at a glance, kept by differences so that an update costs the same whatever the customer's history.
/// Money in minor units by currency.
/// </summary>
public sealed record CustomerSummary
{
    public required string Customer { get; init; }

    /// <summary>The older customer this one turned out to be: from then on an alias that redirects for ever.</summary>
    public string? MergedInto { get; init; }

    /// <summary>True until every touch of a merged customer has moved; whoever meets it finishes the move.</summary>
    public bool Moving { get; init; }

    public int Touches { get; init; }

    public int Orders { get; init; }

    public int Purchases { get; init; }

    public int Tickets { get; init; }

    public IReadOnlyDictionary<string, long> NetSales { get; init; } = EmptyAmounts;

    public IReadOnlyDictionary<string, long> Refunds { get; init; } = EmptyAmounts;

    /// <summary>Touches by channel name.</summary>
    public IReadOnlyDictionary<string, long> Channels { get; init; } = EmptyAmounts;

    /// <summary>How many touches each identifier ties to the customer.</summary>
    public IReadOnlyDictionary<Identifier, int> Identifiers { get; init; } = EmptyIdentifiers;

    /// <summary>Identifiers of the customer that other people share: they link nothing.</summary>
    public IReadOnlyList<Identifier> Shared { get; init => field = value ?? []; } = [];

    /// <summary>What the customer's profiles say of being written to: <c>yes</c> and <c>no</c>, with how many say so.</summary>
    public IReadOnlyDictionary<string, long> MarketingConsent { get; init => field = value ?? EmptyAmounts; } = EmptyAmounts;

    /// <summary>Whether the customer may be written to: somebody asked, and nowhere was it refused.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool MayBeWrittenTo => MarketingConsent.ContainsKey(Yes) && !MarketingConsent.ContainsKey(No);

    /// <summary>Sides of never-links, with the number of touches that stand on each.</summary>
    public IReadOnlyDictionary<string, long> Sides { get; init => field = value ?? EmptyAmounts; } = EmptyAmounts;

    /// <summary>Set with a change after which the touches may no longer hang together: whoever meets it shapes the customer anew.</summary>
    public bool MustReshape { get; init; }

    public DateTimeOffset? FirstSeen { get; init; }

    public DateTimeOffset? LastSeen { get; init; }

    private const string Yes = "yes";
    private const string No = "no";

    private static readonly SortedDictionary<string, long> EmptyAmounts = [];

    private static readonly SortedDictionary<Identifier, int> EmptyIdentifiers = [];

    public static CustomerSummary Empty(string customer) => new() { Customer = customer };

    /// <summary>
    /// Takes one touch's old contribution out and puts its new one in; null stands for no contribution. First and last seen can only widen by
    /// this: where <see cref="LosesAnExtreme"/>, make the summary anew from all touches.
    /// </summary>
    public CustomerSummary With(Touch? before, Touch? after) => this with
    {
        Touches = Touches + One(after) - One(before),
        Orders = Orders + Placed(after) - Placed(before),
        Purchases = Purchases + Bought(after) - Bought(before),
        Tickets = Tickets + Ticket(after) - Ticket(before),
        NetSales = Add(NetSales, (before?.Order?.Currency, -Net(before)), (after?.Order?.Currency, Net(after))),
        Refunds = Add(Refunds, (before?.Order?.Currency, -Returned(before)), (after?.Order?.Currency, Returned(after))),
        Channels = Add(Channels, (before?.Channel?.Name(), -One(before)), (after?.Channel?.Name(), One(after))),
        Identifiers = Replace(Identifiers, TiesOf(before), TiesOf(after)),
        MarketingConsent = Add(MarketingConsent, (ConsentOf(before), -1), (ConsentOf(after), 1)),
        Sides = Replace(Sides, before?.Sides ?? [], after?.Sides ?? []),
        FirstSeen = after is not null && (FirstSeen is null || after.FirstAt < FirstSeen) ? after.FirstAt : FirstSeen,
        LastSeen = after is not null && (LastSeen is null || after.LastAt > LastSeen) ? after.LastAt : LastSeen,
    };

    /// <summary>
    /// Whether the summary can have counted the touch. Where it has not, the touch is of a later moment than the summary, or one of the two is damaged: nothing can be
    /// taken out by <see cref="With"/>.
    /// </summary>
    public bool Counts(Touch touch) => Touches > 0 && TiesOf(touch).All(Identifiers.ContainsKey);

    /// <summary>Whether the touch that changes or leaves may be the one that the first or last date came from: the one thing that cannot be inverted.</summary>
    public static bool LosesAnExtreme(Touch? before, Touch? after) =>
        before is not null && (after is null || after.FirstAt > before.FirstAt || after.LastAt < before.LastAt);

    /// <summary>The summary of a customer with exactly these touches; those that moved away do not count.</summary>
    public static CustomerSummary Of(string customer, IEnumerable<Touch> touches) =>
        touches.Where(t => t.MovedTo is null).Aggregate(Empty(customer), (summary, touch) => summary.With(null, touch));

    private static string? ConsentOf(Touch? touch) => touch?.MarketingConsent switch { true => Yes, false => No, null => null };

    private static int One(Touch? touch) => touch is null ? 0 : 1;

    private static int Placed(Touch? touch) => touch?.Order?.PlacedAt is null ? 0 : 1;

    private static int Bought(Touch? touch) => touch?.Order is { IsPurchase: true } ? 1 : 0;

    private static int Ticket(Touch? touch) => touch?.Kind == EntityKind.Ticket ? 1 : 0;

    private static long Net(Touch? touch) => touch?.Order is { } order ? order.Gross - order.Discounts - order.Returns.Sum(r => r.Amount) : 0;

    private static long Returned(Touch? touch) => touch?.Order?.Returns.Sum(r => r.Amount) ?? 0;

    private static IReadOnlyDictionary<string, long> Add(IReadOnlyDictionary<string, long> amounts, (string? Key, long Amount) first, (string? Key, long Amount) second)
    {
        if (first.Key == second.Key && first.Amount + second.Amount == 0)
        {
            return amounts;
        }

        var sums = new SortedDictionary<string, long>(amounts.ToDictionary(), StringComparer.Ordinal);
        foreach (var (key, amount) in new[] { first, second })
        {
            if (key is not null && amount != 0)
            {
                var sum = sums.GetValueOrDefault(key) + amount;
                if (sum == 0)
                {
                    sums.Remove(key);
                }
                else
                {
                    sums[key] = sum;
                }
            }
        }

        return sums;
    }

    private static IReadOnlyList<Identifier> TiesOf(Touch? touch) => touch is null ? [] : touch.Cut.Count == 0 ? touch.Identifiers : [.. touch.Ties];

    private static IReadOnlyDictionary<string, long> Replace(IReadOnlyDictionary<string, long> counts, IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        if (before.SequenceEqual(after))
        {
            return counts;
        }

        var changed = counts;
        foreach (var side in before.Except(after))
        {
            changed = Add(changed, (side, -1), (null, 0));
        }

        foreach (var side in after.Except(before))
        {
            changed = Add(changed, (side, 1), (null, 0));
        }

        return changed;
    }

    private static IReadOnlyDictionary<Identifier, int> Replace(
        IReadOnlyDictionary<Identifier, int> counts, IReadOnlyList<Identifier> before, IReadOnlyList<Identifier> after)
    {
        if (before.SequenceEqual(after))
        {
            return counts;
        }

        var changed = new SortedDictionary<Identifier, int>(counts.ToDictionary());
        foreach (var identifier in before)
        {
            if (--changed[identifier] == 0)
            {
                changed.Remove(identifier);
            }
        }

        foreach (var identifier in after)
        {
            changed[identifier] = changed.GetValueOrDefault(identifier) + 1;
        }

        return changed;
    }
}
