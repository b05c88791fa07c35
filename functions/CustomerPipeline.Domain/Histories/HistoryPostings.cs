using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Domain.Histories;

/// <summary>What one interaction of a customer counts as, in the light of the others.</summary>
/// <param name="Touch">The interaction.</param>
/// <param name="Day">The day it counts on.</param>
/// <param name="Cell">Where.</param>
/// <param name="Measures">Integer amounts by measure.</param>
public sealed record HistoryPosting(Touch Touch, DateOnly Day, string Cell, IReadOnlyDictionary<string, long> Measures);

/// <summary>Names of the measures that take a whole history to count.</summary>
public static class HistoryMeasure
{
    public const string JudgedOrders = "judged-orders";

    /// <summary>Orders that are too young to be judged.</summary>
    public const string UndecidedOrders = "undecided-orders";
    public const string KeptOrders = "kept-orders";
    public const string Contacts = "contacts";
    public const string RepeatContacts = "repeat-contacts";
    public const string FailureContacts = "failure-contacts";
    public const string JudgedContacts = "judged-contacts";

    /// <summary>First contacts that are too young to be judged.</summary>
    public const string UndecidedContacts = "undecided-contacts";
    public const string FirstContactResolved = "first-contact-resolved";
    public const string Journeys = "journeys";
    public const string ChannelSwitches = "channel-switches";

    /// <summary>Contacts, changes of channel and repeats, once what they were for has had its time.</summary>
    public const string EffortSteps = "effort-steps";

    /// <summary>Tickets whose need has not had its time.</summary>
    public const string UndecidedEffort = "undecided-effort";

    /// <summary>Orders that were kept and tickets that were solved, as long ago.</summary>
    public const string MetNeeds = "met-needs";
    public const string TimeToValueSeconds = "time-to-value-seconds";
    public const string TimeToValueBucket = "time-to-value:";
    public const string StorePurchases = "store-purchases";
    public const string StoreAfterResearch = "store-after-research";
    public const string StoreAfterCategory = "store-after-category";
    public const string StoreAfterProduct = "store-after-product";
    public const string WebPurchases = "web-purchases";
    public const string WebAfterStore = "web-after-store";
    public const string WebAfterStoreCategory = "web-after-store-category";
    public const string WebAfterStoreProduct = "web-after-store-product";
}

/// <summary>A history to what its interactions count as. Pure: the same history as of the same instant always gives the same.</summary>
public static class HistoryPostings
{
    private static readonly string Online = Channel.Online.Name();
    private static readonly string InStore = Channel.InStore.Name();

    /// <param name="history">The history.</param>
    /// <param name="asOf">The instant it was cut at: what takes time to judge is not judged before.</param>
    /// <param name="calendar">Says which day an instant belongs to.</param>
    public static IReadOnlyList<HistoryPosting> Of(CustomerHistory history, DateTimeOffset asOf, BusinessCalendar calendar)
    {
        var postings = new List<HistoryPosting>();
        var (lastTouch, lastCell) = (default(Touch), "");

        void Post(Touch touch, DateOnly day, params ReadOnlySpan<(string Measure, long Amount)> measures)
        {
            var amounts = new Dictionary<string, long>(measures.Length, StringComparer.Ordinal);
            foreach (var (measure, amount) in measures)
            {
                if (amount != 0)
                {
                    amounts[measure] = amount;
                }
            }

            if (amounts.Count > 0)
            {
                // One interaction often counts as several things in a row.
                (lastTouch, lastCell) = (touch, ReferenceEquals(touch, lastTouch) ? lastCell : FlowCell.Of(touch).Key);
                postings.Add(new HistoryPosting(touch, day, lastCell, amounts));
            }
        }

        PostOrders(history, asOf, Post);
        PostTickets(history, asOf, calendar, Post);
        PostJourneys(history, asOf, calendar, Post);
        PostResearch(history, Post);
        return postings;
    }

    private delegate void Posting(Touch touch, DateOnly day, params ReadOnlySpan<(string Measure, long Amount)> measures);

    // All orders of a day are judged at the same age: otherwise the newest days would have only those that were lost early.
    private static bool HasHadItsTime(DateTimeOffset at, DateTimeOffset asOf) => asOf >= at + HistoryRules.KeptAfter;

    private static void PostOrders(CustomerHistory history, DateTimeOffset asOf, Posting post)
    {
        var isFirstKept = true;
        foreach (var order in history.Orders)
        {
            if (!HasHadItsTime(order.At, asOf))
            {
                post(order.Touch, order.Day, (HistoryMeasure.UndecidedOrders, 1));
                continue;
            }

            var isKept = BrokenPromise.IsKept(history, order);
            post(order.Touch, order.Day, (HistoryMeasure.JudgedOrders, 1), (HistoryMeasure.KeptOrders, isKept ? 1 : 0), (HistoryMeasure.MetNeeds, isKept ? 1 : 0));
            if (isKept && isFirstKept)
            {
                var seconds = (long)(order.At - history.Contacts[0].At).TotalSeconds;
                post(order.Touch, order.Day, (HistoryMeasure.TimeToValueSeconds, seconds), (DurationHistogram.Bucket(HistoryMeasure.TimeToValueBucket, seconds), 1));
                isFirstKept = false;
            }
        }
    }

    private static void PostTickets(CustomerHistory history, DateTimeOffset asOf, BusinessCalendar calendar, Posting post)
    {
        foreach (var ticket in history.Tickets)
        {
            var isRepeat = Near(history, ticket, -HistoryRules.RepeatWithin).Any(t => IsAboutTheSame(t, ticket));
            post(
                ticket.Touch, ticket.Day, (HistoryMeasure.Contacts, 1), (HistoryMeasure.RepeatContacts, isRepeat ? 1 : 0),
                (HistoryMeasure.FailureContacts, FollowsFailure(history, ticket) ? 1 : 0));

            // A repeat is no first contact, and a first one is judged when nobody can repeat it any more.
            if (!isRepeat && asOf < ticket.At + HistoryRules.RepeatWithin)
            {
                post(ticket.Touch, ticket.Day, (HistoryMeasure.UndecidedContacts, 1));
            }
            else if (!isRepeat)
            {
                var isRepeated = Near(history, ticket, HistoryRules.RepeatWithin).Any(t => IsAboutTheSame(t, ticket));
                post(ticket.Touch, ticket.Day, (HistoryMeasure.JudgedContacts, 1), (HistoryMeasure.FirstContactResolved, isRepeated ? 0 : 1));
            }

            post(ticket.Touch, ticket.Day, HasHadItsTime(ticket.At, asOf) ? (HistoryMeasure.EffortSteps, isRepeat ? 2 : 1) : (HistoryMeasure.UndecidedEffort, 1));
            if (ticket.SolvedAt is { } solvedAt && HasHadItsTime(solvedAt, asOf))
            {
                post(ticket.Touch, calendar.DayOf(solvedAt), (HistoryMeasure.MetNeeds, 1));
            }
        }
    }

    // Where a source does not say what a ticket is about, it may be about anything.
    private static bool IsAboutTheSame(HistoryTicket one, HistoryTicket other) => one.Subject is null || other.Subject is null || one.Subject == other.Subject;

    // The customer's other tickets so long before, or after; of two at one instant the first by name is the earlier.
    private static IEnumerable<HistoryTicket> Near(CustomerHistory history, HistoryTicket ticket, TimeSpan within) =>
        (within < TimeSpan.Zero ? CustomerHistory.Between(history.Tickets, t => t.At, ticket.At + within, ticket.At) : CustomerHistory.Between(history.Tickets, t => t.At, ticket.At, ticket.At + within))
        .Where(t => t.At != ticket.At ? true : Math.Sign(string.CompareOrdinal(t.Touch.Entity.Text, ticket.Touch.Entity.Text)) == Math.Sign(within.Ticks));

    private static bool FollowsFailure(CustomerHistory history, HistoryTicket ticket)
    {
        var from = ticket.At - HistoryRules.FailureWithin;
        return CustomerHistory.Between(history.Orders, o => o.At, from, ticket.At).Any()
            || CustomerHistory.Between(history.Returns, r => r, from, ticket.At).Any()
            || Near(history, ticket, -HistoryRules.FailureWithin).Any(t => t.SolvedAt is null || t.SolvedAt > ticket.At);
    }

    // Steps within a journey from one channel to another.
    private static void PostJourneys(CustomerHistory history, DateTimeOffset asOf, BusinessCalendar calendar, Posting post)
    {
        for (var i = 0; i < history.Contacts.Count; i++)
        {
            var contact = history.Contacts[i];
            var day = contact.Order?.BusinessDay ?? calendar.DayOf(contact.At);
            if (i == 0 || contact.At - history.Contacts[i - 1].At > HistoryRules.JourneyGap)
            {
                post(contact, day, (HistoryMeasure.Journeys, 1));
            }
            else if (contact.Channel != history.Contacts[i - 1].Channel)
            {
                post(contact, day, (HistoryMeasure.ChannelSwitches, 1), (HistoryMeasure.EffortSteps, HasHadItsTime(contact.At, asOf) ? 1 : 0));
            }
        }
    }

    private static void PostResearch(CustomerHistory history, Posting post)
    {
        if (!history.IsIdentified)
        {
            return;
        }

        foreach (var purchase in history.Purchases)
        {
            var isInStore = purchase.Channel == InStore;
            if (!isInStore && purchase.Channel != Online)
            {
                continue;
            }

            // In a store, only what is bought can be seen.
            var from = purchase.At - HistoryRules.ResearchWithin;
            var looks = isInStore
                ? CustomerHistory.Between(history.Visits, t => t.At, from, purchase.At).ToList()
                : [.. CustomerHistory.Between(history.Orders, o => o.At, from, purchase.At).Where(o => o.IsPurchase && o.Channel == InStore).Select(o => o.Touch)];
            bool Saw(string prefix) => looks.Any(l => l.Goods.Any(g => g.StartsWith(prefix, StringComparison.Ordinal) && purchase.Touch.Goods.Contains(g)));
            var (any, category, product) = (looks.Count > 0 ? 1 : 0, Saw(Good.CategoryPrefix) ? 1 : 0, Saw(Good.ProductPrefix) ? 1 : 0);
            if (isInStore)
            {
                post(purchase.Touch, purchase.Day, (HistoryMeasure.StorePurchases, 1), (HistoryMeasure.StoreAfterResearch, any), (HistoryMeasure.StoreAfterCategory, category), (HistoryMeasure.StoreAfterProduct, product));
            }
            else
            {
                post(purchase.Touch, purchase.Day, (HistoryMeasure.WebPurchases, 1), (HistoryMeasure.WebAfterStore, any), (HistoryMeasure.WebAfterStoreCategory, category), (HistoryMeasure.WebAfterStoreProduct, product));
            }
        }
    }
}
