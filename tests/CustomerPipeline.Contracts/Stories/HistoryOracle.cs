using System.Globalization;

namespace CustomerPipeline.Contracts;

/// <summary>What a customer did, as an oracle is told of it: an order, a ticket or a visit; or that somebody is known, a person.</summary>
public sealed record OracleDeed(string Kind, string Customer, bool IsKnown, string Entity, string Channel, DateTimeOffset At)
{
    public string Currency { get; init; } = "";

    /// <summary>Of an order: gross minus discounts, in minor units of two digits.</summary>
    public long Net { get; init; }

    public IReadOnlyList<(DateTimeOffset At, long Amount)> Returns { get; init; } = [];

    public DateTimeOffset? SolvedAt { get; init; }

    public string? Subject { get; init; }

    public IReadOnlyList<string> Goods { get; init; } = [];
}

/// <summary>
/// The metrics of histories and of the customer base, told a second time: plain LINQ over everything that happened, every pair looked at, none of the pipeline's code.
/// Needs orders that are worth something, and fewer than 200 customers, so that no model is fitted.
/// </summary>
public sealed class HistoryOracle
{
    private readonly DateTimeOffset _asOf;
    private readonly List<OracleDeed> _deeds;

    public HistoryOracle(IEnumerable<OracleDeed> deeds, DateTimeOffset asOf)
    {
        _asOf = asOf;
        _deeds = [.. deeds.Where(d => d.At <= asOf).Select(d => d with { Returns = [.. d.Returns.Where(r => r.At <= asOf)], SolvedAt = d.SolvedAt <= asOf ? d.SolvedAt : null })];
    }

    /// <summary>What was spent, on days.</summary>
    public IReadOnlyList<(DateOnly Day, string Currency, long Amount)> Spends { get; init => field = [.. value.Where(s => s.Day <= DateOnly.FromDateTime(_asOf.UtcDateTime))]; } = [];

    private IEnumerable<OracleDeed> Orders => _deeds.Where(d => d.Kind == "order");

    private IEnumerable<OracleDeed> Tickets => _deeds.Where(d => d.Kind == "ticket");

    private IEnumerable<OracleDeed> Purchases => Orders.Where(o => o.IsKnown && Kept(o) > 0);

    private DateOnly Today => DateOnly.FromDateTime(_asOf.UtcDateTime);

    public Dictionary<string, IReadOnlyList<string>> Figures() => new()
    {
        ["kept-order-share"] = Share(Orders.Where(o => IsKept(o) is true).Count(), Orders.Where(o => IsKept(o) is not null).Count(), Orders.Count(o => IsKept(o) is null)),
        ["repeat-contact-rate"] = Share(Tickets.Count(IsRepeat), Tickets.Count()),
        ["first-contact-resolution"] = Share(FirstContacts.Count(t => !IsRepeated(t)), FirstContacts.Count(), Tickets.Count(t => !IsRepeat(t) && (_asOf - t.At).TotalDays < 7)),
        ["failure-demand-share"] = Share(Tickets.Count(FollowsFailure), Tickets.Count()),
        ["handoffs-per-journey"] = Share(Switches, Steps.Count(s => s.IsFirst)),
        ["customer-effort"] = Share(
            Tickets.Count(t => IsOld(t.At)) + Steps.Count(s => IsSwitch(s) && IsOld(s.Deed.At)) + Tickets.Count(t => IsOld(t.At) && IsRepeat(t)),
            Orders.Count(o => IsKept(o) is true) + Tickets.Count(t => t.SolvedAt is { } at && IsOld(at)),
            Tickets.Count(t => !IsOld(t.At))),
        ["research-online-purchase-offline"] = Ropo("in-store", "visit", _ => true),
        ["research-online-purchase-offline-product"] = Ropo("in-store", "visit", g => g.StartsWith('p')),
        ["research-online-purchase-offline-category"] = Ropo("in-store", "visit", g => g.StartsWith('c')),
        ["store-first-purchase-online"] = Ropo("online", "order", _ => true),
        ["store-first-purchase-online-category"] = Ropo("online", "order", g => g.StartsWith('c')),
        ["active-customers"] = [.. new[] { 30, 365, 90 }.Select(days => $"{days} = {Buyers.Count(b => Since(b) <= days)}")],
        ["customers-by-stage"] = [.. new[] { "active", "at-risk", "lapsed", "new", "prospect", "won-back" }.Select(stage => $"{stage} = {Known.Count(c => StageOf(c) == stage)}")],
        ["historic-value"] = [.. ByMainCurrency.Select(c => $"{c.Key} = {Major(HalfEven(c.Sum(SalesIn), c.Count()))}")],
        ["revenue-concentration"] = [.. ByMainCurrency.Select(c => $"{c.Key} = {Ratio(c.Select(SalesIn).OrderDescending().Take((int)Math.Ceiling(c.Count() / 10m)).Sum(), c.Sum(SalesIn))}")],
        ["net-revenue-retention"] =
        [
            .. Purchases.Where(p => Day(p) > Today.AddYears(-2)).GroupBy(p => (p.Currency, p.Customer)).Where(g => g.Any(p => Day(p) <= Today.AddYears(-1))).GroupBy(g => g.Key.Currency)
                .Select(c => $"{c.Key} = {Ratio(c.SelectMany(g => g).Where(p => Day(p) > Today.AddYears(-1)).Sum(Kept), c.SelectMany(g => g).Where(p => Day(p) <= Today.AddYears(-1)).Sum(Kept))}"),
        ],
        ["cohort-retention"] =
        [
            .. Purchases.GroupBy(p => p.Customer).SelectMany(c => c.Select(p => (Cohort: Month(c.Min(Day)), Age: Month(Day(p)) - Month(c.Min(Day)), Customer: c.Key)).Distinct()).GroupBy(x => (x.Cohort, x.Age))
                .Select(g => $"{g.Key.Cohort / 12:D4}-{(g.Key.Cohort % 12) + 1:D2} {g.Key.Age} = {Ratio(g.Count(), Purchases.GroupBy(p => p.Customer).Count(c => Month(c.Min(Day)) == g.Key.Cohort))}"),
        ],
        ["cross-channel-share"] = Share(Buyers.Count(b => b.Select(p => p.Channel).Distinct().Count() > 1), Buyers.Count()),
        ["channel-transitions"] =
        [
            .. Steps.Where(s => s.Deed.IsKnown && s.Before is not null).GroupBy(s => (From: s.Before!.Channel, To: s.Deed.Channel))
                .Select(g => $"{g.Key.From} {g.Key.To} = {Ratio(g.Count(), Steps.Count(s => s.Deed.IsKnown && s.Before?.Channel == g.Key.From))}"),
        ],
        ["customers-by-segment"] = Segments(),
        ["ltv-to-cac"] = ValueToCost(),
    };

    private static List<string> Share(long part, long whole, int undecided = 0) => whole > 0 ? [$"= {Ratio(part, whole)}"] : undecided > 0 || part > 0 ? ["="] : [];

    private bool IsOld(DateTimeOffset at) => (_asOf - at).TotalDays >= 30;

    private static long Kept(OracleDeed order) => order.Net - order.Returns.Sum(r => r.Amount);

    private bool? IsKept(OracleDeed order) => !IsOld(order.At) ? null
        : !(order.Returns.Any(r => (r.At - order.At).TotalDays <= 30) || Tickets.Any(t => t.Customer == order.Customer && t.At >= order.At && (t.At - order.At).TotalDays <= 30));

    private static bool IsBefore(OracleDeed one, OracleDeed other) => one.At != other.At ? one.At < other.At : string.CompareOrdinal(one.Entity, other.Entity) < 0;

    private IEnumerable<OracleDeed> RepeatsOf(OracleDeed ticket) => Tickets.Where(t =>
        t.Customer == ticket.Customer && IsBefore(ticket, t) && (t.At - ticket.At).TotalDays <= 7 && (t.Subject is null || ticket.Subject is null || t.Subject == ticket.Subject));

    private bool IsRepeated(OracleDeed ticket) => RepeatsOf(ticket).Any();

    private bool IsRepeat(OracleDeed ticket) => Tickets.Any(t => RepeatsOf(t).Contains(ticket));

    private IEnumerable<OracleDeed> FirstContacts => Tickets.Where(t => !IsRepeat(t) && (_asOf - t.At).TotalDays >= 7);

    private bool FollowsFailure(OracleDeed ticket)
    {
        bool Follows(DateTimeOffset at) => at <= ticket.At && (ticket.At - at).TotalDays <= 30;
        var others = _deeds.Where(d => d.Customer == ticket.Customer && d.Entity != ticket.Entity).ToList();
        return others.Any(o => o.Kind == "order" && (Follows(o.At) || o.Returns.Any(r => Follows(r.At))))
            || others.Any(o => o.Kind == "ticket" && IsBefore(o, ticket) && Follows(o.At) && !(o.SolvedAt <= ticket.At));
    }

    private List<(OracleDeed Deed, OracleDeed? Before, bool IsFirst)> Steps => [.. Contacts.Select(d =>
    {
        var before = Contacts.Where(b => b.Customer == d.Customer && IsBefore(b, d)).OrderBy(b => b.At).ThenBy(b => b.Entity, StringComparer.Ordinal).LastOrDefault();
        return (d, before, before is null || (d.At - before.At).TotalDays > 30);
    })];

    private IEnumerable<OracleDeed> Contacts => _deeds.Where(d => d.Kind != "person");

    private static bool IsSwitch((OracleDeed Deed, OracleDeed? Before, bool IsFirst) step) => !step.IsFirst && step.Before!.Channel != step.Deed.Channel;

    private int Switches => Steps.Count(IsSwitch);

    private List<string> Ropo(string channel, string look, Func<string, bool> which)
    {
        var purchases = Purchases.Where(p => p.Channel == channel).ToList();
        var looks = look == "visit" ? _deeds.Where(d => d.Kind == "visit").ToList() : [.. Purchases.Where(p => p.Channel == "in-store")];
        var isAny = which("?");
        return Share(purchases.Count(p => looks.Any(l => l.Customer == p.Customer && l.At <= p.At && (p.At - l.At).TotalDays <= 14 && (isAny || l.Goods.Intersect(p.Goods).Any(which)))), purchases.Count);
    }

    private IEnumerable<IGrouping<string, OracleDeed>> Buyers => Purchases.GroupBy(p => p.Customer);

    private IEnumerable<string> Known => _deeds.Where(d => d.IsKnown).Select(d => d.Customer).Distinct();

    private static DateOnly Day(OracleDeed deed) => DateOnly.FromDateTime(deed.At.UtcDateTime);

    private static int Month(DateOnly day) => (day.Year * 12) + day.Month - 1;

    private int Since(IEnumerable<OracleDeed> purchases) => Today.DayNumber - purchases.Max(Day).DayNumber;

    private string StageOf(string customer)
    {
        var days = Purchases.Where(p => p.Customer == customer).Select(Day).Distinct().OrderDescending().ToList();
        if (days.Count == 0)
        {
            return "prospect";
        }

        var since = Today.DayNumber - days[0].DayNumber;
        return since > 180 ? "lapsed" : since > 90 ? "at-risk" : days.Count == 1 ? "new" : days[0].DayNumber - days[1].DayNumber > 180 ? "won-back" : "active";
    }

    private static string MainCurrency(IEnumerable<OracleDeed> purchases) => purchases.GroupBy(p => p.Currency).OrderBy(g => -g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).First().Key;

    private IEnumerable<IGrouping<string, IGrouping<string, OracleDeed>>> ByMainCurrency => Buyers.GroupBy(MainCurrency);

    private long SalesIn(IGrouping<string, OracleDeed> buyer) => Orders.Where(o => o.Customer == buyer.Key && o.Currency == MainCurrency(buyer)).Sum(Kept);

    private List<string> ValueToCost()
    {
        var won = Buyers.Select(b => (First: b.OrderBy(p => p.At).ThenBy(p => p.Entity, StringComparer.Ordinal).First(), Buyer: b)).ToList();
        bool IsWonIn(OracleDeed first, IReadOnlyList<(DateOnly Day, string Currency, long Amount)> spends) => spends.Count > 0 && Day(first) >= spends.Min(s => s.Day) && Day(first) <= spends.Max(s => s.Day);
        var isMixed = won.Exists(w => IsWonIn(w.First, Spends) && Spends.All(s => s.Currency != w.First.Currency));
        return [.. won.Select(w => w.First.Currency).Union(Spends.Select(s => s.Currency)).Select(currency =>
        {
            var spent = Spends.Where(s => s.Currency == currency).ToList();
            var here = won.FindAll(w => w.First.Currency == currency && IsWonIn(w.First, spent));
            var sales = here.Sum(w => Orders.Where(o => o.Customer == w.Buyer.Key && o.Currency == currency).Sum(Kept));
            return $"{currency} = {(isMixed || here.Count == 0 ? "" : Ratio(sales, spent.Sum(s => s.Amount)))}".Trim();
        })];
    }

    private List<string> Segments()
    {
        string[] table =
        [
            "Lost,Hibernating,At Risk,Can't Lose Them,Can't Lose Them", "Hibernating,About To Sleep,At Risk,At Risk,At Risk", "About To Sleep,Need Attention,Need Attention,Loyal,Loyal",
            "Promising,Potential Loyalist,Loyal,Champions,Champions", "New,Potential Loyalist,Potential Loyalist,Champions,Champions",
        ];
        var segments = ByMainCurrency.SelectMany(inOne => inOne.Select(buyer =>
        {
            int Score(Func<IGrouping<string, OracleDeed>, long> what) => 1 + (5 * inOne.Count(other => what(other) < what(buyer)) / inOne.Count());
            var (r, f, m) = (Score(b => -Since(b)), Score(b => b.Count()), Score(SalesIn));
            return table[r - 1].Split(',')[(int)Math.Ceiling((f + m) / 2m) - 1];
        })).ToList();
        return [.. table.SelectMany(row => row.Split(',')).Distinct().Order(StringComparer.Ordinal).Select(segment => $"{segment} = {segments.Count(s => s == segment)}")];
    }

    private static long HalfEven(long sum, int count) => (long)Math.Round((decimal)sum / count, MidpointRounding.ToEven);

    private static string Major(long minor) => (minor / 100m).ToString("0.00", CultureInfo.InvariantCulture);

    private static string Ratio(long part, long whole) => whole == 0 ? "" : Math.Round((decimal)part / whole, 6, MidpointRounding.ToEven).ToString(CultureInfo.InvariantCulture);
}
