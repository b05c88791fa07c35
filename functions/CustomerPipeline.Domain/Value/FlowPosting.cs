using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;

namespace CustomerPipeline.Domain.Value;

/// <summary>
/// The dimensions a flow is counted by. Written <c>channel|source|place|currency|identified</c> as a key. What counts a second time by a facet, such as the category of goods, has a cell without source, place and identified, and
/// <c>|facet|value</c> behind it.
/// </summary>
/// <param name="Channel">Channel name, or empty where unknown.</param>
/// <param name="Source">Source system.</param>
/// <param name="Place">Store or location, or empty.</param>
/// <param name="Currency">ISO 4217 code, or empty for what has no money.</param>
/// <param name="Identified">Whether anything tells who the customer is.</param>
public readonly record struct FlowCell(string Channel, string Source, string Place, string Currency, bool Identified)
{
    private const int LongestValue = 100;

    /// <summary>One of <see cref="Dimension.OfFacets"/>; null of a cell that counts everything.</summary>
    public string? Facet { get; init; }

    /// <summary>Where it stands in the facet; empty where its source does not say.</summary>
    public string? Value { get; init; }

    public string Key => $"{Channel}|{Source}|{Place}|{Currency}|{(Identified ? '1' : '0')}{(Facet is null ? "" : $"|{Facet}|{Value}")}";

    /// <summary>Where an interaction counts.</summary>
    public static FlowCell Of(Touch touch) => new(touch.Channel?.Name() ?? "", touch.Entity.Source, Clean(touch.Place), touch.Order?.Currency ?? touch.Spend?.Currency ?? "", touch.Identified);

    /// <summary>The cell of a facet in which the same counts once more.</summary>
    public FlowCell By(string facet, string? value) => new(Channel, "", "", Currency, false) { Facet = facet, Value = ValueOf(value) };

    /// <summary>A value of a facet as it is kept: trimmed, with <c>/</c> in place of <c>|</c>, and cut after 100 characters.</summary>
    public static string ValueOf(string? text)
    {
        var clean = Clean(text?.Trim());

        // Not in the midst of a character of two: half of one is stored as another character.
        return clean.Length <= LongestValue ? clean : clean[..(char.IsHighSurrogate(clean[LongestValue - 1]) ? LongestValue - 1 : LongestValue)];
    }

    /// <summary>Reads what <see cref="Key"/> wrote.</summary>
    /// <exception cref="FormatException">Neither five nor seven parts: a corrupt document.</exception>
    public static FlowCell Parse(string key) => key.Split('|') switch
    {
        [var channel, var source, var place, var currency, var identified] => new FlowCell(channel, source, place, currency, identified == "1"),
        [var channel, var source, var place, var currency, var identified, var facet, var value] => new FlowCell(channel, source, place, currency, identified == "1") { Facet = facet, Value = value },
        _ => throw new FormatException($"'{key}' is no flow cell."),
    };

    /// <summary>Text that cannot be mistaken for the key's separators.</summary>
    public static string Clean(string? text) => text is null ? "" : text.Replace('|', '/');
}

/// <summary>What one touch adds to one day and cell: integer amounts by measure. Adding and taking back are exact opposites.</summary>
public sealed record FlowPosting(DateOnly Day, string Cell, IReadOnlyDictionary<string, long> Measures)
{
    private const int SeparatorsWithoutFacet = 4;

    /// <summary>Whether its cell is one of a facet: the same counts in another posting, too.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsOfFacet => Cell.AsSpan().Count('|') > SeparatorsWithoutFacet;
}

/// <summary>Names of the integer measures that flows are kept in. A measure with a colon is a histogram bucket.</summary>
public static class Measure
{
    public const string Orders = "orders";
    public const string Purchases = "purchases";
    public const string Units = "units";
    public const string Gross = "gross";
    public const string Discounts = "discounts";
    public const string Refunds = "refunds";
    public const string Tax = "tax";
    public const string Shipping = "shipping";

    /// <summary>Orders whose source states a total.</summary>
    public const string TotalsStated = "totals-stated";
    public const string TotalsDiffering = "totals-differing";

    /// <summary>Returns once more, on the day of the order they take from.</summary>
    public const string RefundsByOrder = "refunds-by-order";
    public const string RefundLeadSeconds = "refund-lead-seconds";

    /// <summary>What was spent on marketing.</summary>
    public const string Spend = "spend";

    /// <summary>What goods had cost the seller, on the day of the order.</summary>
    public const string Cost = "cost";

    /// <summary>What goods that were given back had cost, on the day of the return.</summary>
    public const string CostReturned = "cost-returned";

    /// <summary>Gross sales less discounts of goods whose cost is known.</summary>
    public const string CostedSales = "costed-sales";

    /// <summary>Of these, what was given back, on the day of the return.</summary>
    public const string CostedReturns = "costed-returns";
    public const string RefundLeadBucket = "refund-lead:";
    public const string Tickets = "tickets";
    public const string Handoffs = "handoffs";
    public const string Solved = "solved";
    public const string Reopened = "reopened";
    public const string SolvedRated = "solved-rated";

    /// <summary>Solved tickets whose replies are known.</summary>
    public const string Replied = "replied";
    public const string OneTouch = "one-touch";
    public const string Promoters = "nps-promoters";
    public const string Passives = "nps-passives";
    public const string Detractors = "nps-detractors";
    public const string EaseSum = "ease-sum";
    public const string EaseAnswers = "ease-answers";
    public const string FirstReplySeconds = "first-reply-seconds";
    public const string FirstReplyBucket = "first-reply:";
    public const string ResolutionSeconds = "resolution-seconds";
    public const string ResolutionBucket = "resolution:";
    public const string FirstReplyWorkingSeconds = "first-reply-working-seconds";
    public const string FirstReplyWorkingBucket = "first-reply-working:";
    public const string ResolutionWorkingSeconds = "resolution-working-seconds";
    public const string ResolutionWorkingBucket = "resolution-working:";
    public const string SatisfactionGood = "csat-good";
    public const string SatisfactionBad = "csat-bad";

    public static bool IsBucket(string measure) => measure.Contains(':');
}

/// <summary>A touch to what it counts as, on which day. Pure: the same touch always gives the same postings.</summary>
public static class FlowPostings
{
    // A touch changes its old and its new days in one atomic batch, of 100 documents at most. Each day has up to three (sums, durations, those of the campaign), the day of the order up to eight more (of categories),
    // and there are two others: so there is room for 13 days. What comes later is posted to the last of them.
    private const int MostDays = 13;

    private static readonly HashSet<string> OfCampaigns = [
        Measure.Orders, Measure.Purchases, Measure.Units, Measure.Gross, Measure.Discounts, Measure.Refunds, Measure.RefundsByOrder, Measure.Tax, Measure.Shipping,
        Measure.Cost, Measure.CostReturned, Measure.CostedSales, Measure.CostedReturns, Measure.Spend];

    /// <param name="touch">A touch; one that moved away counts as nothing.</param>
    /// <param name="calendar">Says which day an instant belongs to, and when the company works.</param>
    public static IReadOnlyList<FlowPosting> Of(Touch touch, BusinessCalendar calendar)
    {
        if (touch.MovedTo is not null || (touch.Order is null && touch.Ticket is null && touch.Spend is null))
        {
            return [];
        }

        var cell = FlowCell.Of(touch);
        var postings = new SortedDictionary<DateOnly, SortedDictionary<string, long>>();

        void Post(DateTimeOffset at, DateOnly? businessDay, string measure, long amount)
        {
            if (amount == 0)
            {
                return;
            }

            // A store that keeps its own business day knows best which day's takings a sale belongs to.
            var day = businessDay ?? calendar.DayOf(at);
            if (postings.Count == MostDays && !postings.ContainsKey(day))
            {
                day = postings.Keys.Last();
            }

            if (!postings.TryGetValue(day, out var measures))
            {
                postings[day] = measures = new SortedDictionary<string, long>(StringComparer.Ordinal);
            }

            measures[measure] = measures.GetValueOrDefault(measure) + amount;
        }

        if (touch.Order is { } order)
        {
            PostOrder(order, Post);
        }

        if (touch.Ticket is { } ticket)
        {
            PostTicket(ticket, calendar, (at, measure, amount) => Post(at, null, measure, amount));
        }

        if (touch.Spend is { } spend)
        {
            Post(touch.At, spend.Day, Measure.Spend, spend.Amount);
        }

        var all = cell.Key;
        return [.. postings.Select(p => new FlowPosting(p.Key, all, p.Value)), .. ByCampaign(touch, cell, postings), .. ByCategory(touch, cell, calendar)];
    }

    // An order, and what was spent, has one campaign, so that all of it counts there.
    private static IEnumerable<FlowPosting> ByCampaign(Touch touch, FlowCell cell, SortedDictionary<DateOnly, SortedDictionary<string, long>> postings)
    {
        if ((touch.Order is null && touch.Spend is null) || cell.By(Dimension.Campaign, touch.Campaign) is not { Value.Length: > 0 } campaign)
        {
            return [];
        }

        return postings.Select(p => new FlowPosting(p.Key, campaign.Key, p.Value.Where(m => OfCampaigns.Contains(m.Key)).ToDictionary(StringComparer.Ordinal))).Where(p => p.Measures.Count > 0);
    }

    // What was sold has a category; what was given back of it is not known line by line.
    private static IEnumerable<FlowPosting> ByCategory(Touch touch, FlowCell cell, BusinessCalendar calendar)
    {
        if (touch.Order is not { PlacedAt: { } placedAt, Categories: { } categories } order)
        {
            return [];
        }

        return categories
            .GroupBy(c => cell.By(Dimension.Category, c.Category).Key, StringComparer.Ordinal)
            .Select(same => new FlowPosting(order.BusinessDay ?? calendar.DayOf(placedAt), same.Key, Sums((Measure.Gross, same.Sum(c => c.Gross)), (Measure.Units, same.Sum(c => c.Units)))))
            .Where(p => p.Measures.Count > 0);
    }

    private static Dictionary<string, long> Sums(params (string Measure, long Amount)[] sums) =>
        sums.Where(s => s.Amount != 0).ToDictionary(s => s.Measure, s => s.Amount, StringComparer.Ordinal);

    private static void PostOrder(OrderSettlement order, Action<DateTimeOffset, DateOnly?, string, long> post)
    {
        if (order.PlacedAt is { } placedAt)
        {
            post(placedAt, order.BusinessDay, Measure.Orders, 1);
            post(placedAt, order.BusinessDay, Measure.Purchases, order.IsPurchase ? 1 : 0);
            post(placedAt, order.BusinessDay, Measure.Units, order.Units);
            post(placedAt, order.BusinessDay, Measure.Gross, order.Gross);
            post(placedAt, order.BusinessDay, Measure.Discounts, order.Discounts);
            post(placedAt, order.BusinessDay, Measure.Tax, order.Tax);
            post(placedAt, order.BusinessDay, Measure.Shipping, order.Shipping);
            post(placedAt, order.BusinessDay, Measure.TotalsStated, order.TotalAgrees is null ? 0 : 1);
            post(placedAt, order.BusinessDay, Measure.TotalsDiffering, order.TotalAgrees == false ? 1 : 0);
            post(placedAt, order.BusinessDay, Measure.RefundsByOrder, order.Returns.Sum(r => r.Amount));
            post(placedAt, order.BusinessDay, Measure.Cost, order.Cost?.Cost ?? 0);
            post(placedAt, order.BusinessDay, Measure.CostedSales, order.Cost?.Sales ?? 0);
            foreach (var returned in order.Returns)
            {
                PostDuration(placedAt, returned.At, Measure.RefundLeadSeconds, Measure.RefundLeadBucket, (at, measure, amount) => post(at, returned.BusinessDay, measure, amount));
            }
        }

        foreach (var returned in order.Returns)
        {
            post(returned.At, returned.BusinessDay, Measure.Refunds, returned.Amount);
        }

        foreach (var returned in order.Cost?.Returns ?? [])
        {
            post(returned.At, returned.BusinessDay, Measure.CostReturned, returned.Cost);
            post(returned.At, returned.BusinessDay, Measure.CostedReturns, returned.Sales);
        }
    }

    private static void PostTicket(TicketState ticket, BusinessCalendar calendar, Action<DateTimeOffset, string, long> post)
    {
        if (ticket.CreatedAt is not { } createdAt)
        {
            return;
        }

        post(createdAt, Measure.Tickets, 1);
        PostDuration(createdAt, ticket.FirstReplyAt, Measure.FirstReplySeconds, Measure.FirstReplyBucket, post);
        PostDuration(createdAt, ticket.SolvedAt, Measure.ResolutionSeconds, Measure.ResolutionBucket, post);
        PostWorkingTime(createdAt, ticket.FirstReplyAt, calendar, Measure.FirstReplyWorkingSeconds, Measure.FirstReplyWorkingBucket, post);
        PostWorkingTime(createdAt, ticket.SolvedAt, calendar, Measure.ResolutionWorkingSeconds, Measure.ResolutionWorkingBucket, post);
        post(createdAt, Measure.Handoffs, ticket.Handoffs);
        if (ticket.SolvedAt is { } solvedAt)
        {
            post(solvedAt, Measure.Solved, 1);
            post(solvedAt, Measure.Reopened, ticket.Reopens > 0 ? 1 : 0);
            post(solvedAt, Measure.SolvedRated, ticket.SatisfactionAt is null ? 0 : 1);
            post(solvedAt, Measure.Replied, ticket.Replies > 0 ? 1 : 0);
            post(solvedAt, Measure.OneTouch, ticket is { Replies: 1, Reopens: 0 } ? 1 : 0);
        }

        if (ticket.SatisfactionAt is { } ratedAt)
        {
            post(ratedAt, ticket.Satisfaction == "good" ? Measure.SatisfactionGood : Measure.SatisfactionBad, 1);
        }

        if (ticket.RecommendationAt is { } recommendedAt)
        {
            post(recommendedAt, ticket.Recommendation switch { >= 9 => Measure.Promoters, >= 7 => Measure.Passives, _ => Measure.Detractors }, 1);
        }

        if (ticket is { EaseAt: { } easedAt, Ease: { } ease })
        {
            post(easedAt, Measure.EaseSum, ease);
            post(easedAt, Measure.EaseAnswers, 1);
        }
    }

    private static void PostWorkingTime(DateTimeOffset start, DateTimeOffset? end, BusinessCalendar calendar, string sum, string bucket, Action<DateTimeOffset, string, long> post)
    {
        if (end is { } at && at >= start && calendar.WorkingSeconds(start, at) is { } seconds)
        {
            post(at, sum, seconds);
            post(at, DurationHistogram.Bucket(bucket, seconds), 1);
        }
    }

    private static void PostDuration(DateTimeOffset start, DateTimeOffset? end, string sum, string bucket, Action<DateTimeOffset, string, long> post)
    {
        if (end is { } at && at >= start)
        {
            var seconds = (long)(at - start).TotalSeconds;
            post(at, sum, seconds);
            post(at, DurationHistogram.Bucket(bucket, seconds), 1);
        }
    }
}
