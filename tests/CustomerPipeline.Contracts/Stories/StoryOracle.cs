using System.Globalization;

namespace CustomerPipeline.Contracts;

/// <summary>
/// What the metrics must be, told straight from the story in one pass and without any of the pipeline's code: no JSON, no records, no folds, no shards.
/// </summary>
public sealed class StoryOracle
{
    private sealed record Sale(string Entity, string Source, string Channel, string Currency, DateTimeOffset At, long Gross, long Discount, List<(DateTimeOffset At, long Amount)> Returns, bool IsPurchase, string? Customer)
    {
        public string? Campaign { get; init; }

        public OracleCost? Cost { get; init; }
    }

    private readonly List<Sale> _sales = [];
    private readonly List<(string Currency, string Channel, string Source, DateTimeOffset At, long Amount)> _orphanReturns = [];
    private readonly List<StoryMessage> _told;

    public StoryOracle(IEnumerable<StoryMessage> messages)
    {
        _told = [.. messages.Where(m => m.What != Happening.Broken).Distinct()];
        var customers = Customers();
        Sales(Happening.WebOrder, Happening.OrderRefund, customers);
        Sales(Happening.PosOrder, null, customers);
        Sales(Happening.Payment, Happening.PaymentRefund, customers);
        Sales(Happening.ImportedOrder, Happening.ImportedRefund, customers);
    }

    public Dictionary<string, IReadOnlyList<string>> Figures() => new()
    {
        ["orders channel"] = Rows(_sales.GroupBy(s => s.Channel), g => $"{g.Key} = {g.Count()}"),
        ["gross-sales day,channel,source"] = Rows(_sales.GroupBy(s => $"{Day(s.At)} {s.Channel} {s.Source} {s.Currency}"), g => $"{g.Key} = {Major(g.Sum(s => s.Gross))}"),
        ["refunds day"] = Rows(Returns().GroupBy(r => $"{Day(r.At)} {r.Currency}"), g => $"{g.Key} = {Major(g.Sum(r => r.Amount))}"),
        ["net-sales "] = Rows(
            _sales.Select(s => (s.Currency, Net: s.Gross - s.Discount)).Concat(Returns().Select(r => (r.Currency, Net: -r.Amount))).GroupBy(s => s.Currency),
            g => $"{g.Key} = {Major(g.Sum(s => s.Net))}"),
        ["average-order-value channel"] = Rows(
            _sales.GroupBy(s => $"{s.Channel} {s.Currency}"), g => $"{g.Key} = {Major((long)decimal.Round(g.Sum(s => s.Gross - s.Discount) / (decimal)g.Count(), MidpointRounding.ToEven))}"),
        ["new-customers day"] = Rows(Purchases().GroupBy(p => p.Customer).Select(c => Day(InOrder(c).First().At)).GroupBy(d => d), g => $"{g.Key} = {g.Count()}"),
        ["returning-customers channel"] = Rows(
            Purchases().GroupBy(p => p.Customer).SelectMany(c => InOrder(c).Skip(1).Select(p => p.Channel).Distinct()).GroupBy(c => c), g => $"{g.Key} = {g.Count()}"),
        ["repeat-rate "] = Purchases().Any()
            ? [$"= {Ratio(Purchases().GroupBy(p => p.Customer).Count(c => c.Count() >= 2), Purchases().Select(p => p.Customer).Distinct().Count())}"]
            : [],
        ["cross-channel-customers "] = [$"= {Purchases().GroupBy(p => p.Customer).Count(c => c.Select(p => p.Channel).Distinct().Count() >= 2)}"],
        ["identified-share "] = Rows(_sales.GroupBy(s => s.Currency), g => $"{g.Key} = {Ratio(g.Where(s => s.Customer is not null).Sum(Worth), g.Sum(Worth))}"),
        ["tickets day"] = Rows(Tickets().GroupBy(t => Day(t.First().PlacedAt)), g => $"{g.Key} = {g.Count()}"),
        ["first-reply-time "] = Tickets().Any(t => t.Any(m => m.State == 1)) ? ["= 18000"] : [],
        ["resolution-time "] = Resolutions().Count > 0 ? [$"= {Resolutions().Order().ElementAt((Resolutions().Count - 1) / 2)}"] : [],
        ["refund-rate "] = Rows(
            _sales.Select(s => (s.Currency, Sold: Worth(s), Back: 0L)).Concat(Returns().Select(r => (r.Currency, Sold: 0L, Back: r.Amount))).GroupBy(s => s.Currency).Where(g => g.Sum(s => s.Sold) > 0 || g.Sum(s => s.Back) > 0),
            g => $"{g.Key} = {(g.Sum(s => s.Sold) > 0 ? Ratio(g.Sum(s => s.Back), g.Sum(s => s.Sold)) : "")}".Trim()),
        ["refunds-by-order-date day"] = Rows(
            _sales.Where(s => s.Returns.Count > 0).GroupBy(s => $"{Day(s.At)} {s.Currency}"), g => $"{g.Key} = {Major(g.Sum(s => s.Returns.Sum(r => r.Amount)))}"),
        ["net-sales-by-order-date day"] = Rows(_sales.GroupBy(s => $"{Day(s.At)} {s.Currency}"), g => $"{g.Key} = {Major(g.Sum(s => Worth(s) - s.Returns.Sum(r => r.Amount)))}"),
        ["refund-lead-time "] = Leads().Count > 0 ? [$"= {Leads().Order().ElementAt((Leads().Count - 1) / 2)}"] : [],
        ["purchase-frequency "] = Purchases().Any() ? [$"= {Ratio(Purchases().Count(), Purchases().Select(p => p.Customer).Distinct().Count())}"] : [],
        ["contacts-per-hundred-orders "] = _sales.Count > 0 ? [$"= {Ratio(100 * Tickets().Count(), _sales.Count)}"] : Tickets().Any() ? ["="] : [],
        ["csat-response-share "] = Resolutions().Count > 0 ? [$"= {Ratio(Ratings().Count, Resolutions().Count)}"] : [],
        ["reopen-rate "] = Resolutions().Count > 0 ? ["= 0"] : [],
        ["one-touch-share "] = Tickets().Any(t => t.Any(m => m.State == 1) && t.Any(m => m.State >= 2)) ? ["= 1"] : [],
        ["cost-of-goods-sold "] = Rows(Costed().GroupBy(c => c.Currency), g => $"{g.Key} = {(g.Any(c => c.IsKnown) ? Major(g.Sum(c => c.Cost)) : "")}".Trim()),
        ["gross-margin day"] = Rows(Costed().GroupBy(c => $"{Day(c.At)} {c.Currency}"), g => $"{g.Key} = {(g.Any(c => c.IsKnown) ? Major(g.Sum(c => c.Sales - c.Cost)) : "")}".Trim()),
        ["gross-margin-rate "] = Rows(Costed().GroupBy(c => c.Currency), g => $"{g.Key} = {(g.Sum(c => c.Sales) != 0 ? Ratio(g.Sum(c => c.Sales - c.Cost), g.Sum(c => c.Sales)) : "")}".Trim()),
        ["marketing-spend campaign"] = Rows(Spends().GroupBy(s => $"{s.Campaign} {s.Currency}"), g => $"{g.Key} = {Major(g.Sum(s => s.SpendAmount))}"),
        ["marketing-spend day"] = Rows(Spends().GroupBy(s => $"{Day(s.PlacedAt)} {s.Currency}"), g => $"{g.Key} = {Major(g.Sum(s => s.SpendAmount))}"),
        ["roas campaign"] = Returns(c => $"{c} "),
        ["roas "] = Returns(_ => ""),
        ["cac "] = CostOfCustomers(),
        ["csat "] = Ratings().Count > 0 ? [$"= {Ratio(Ratings().Count(good => good), Ratings().Count)}"] : [],
    };

    // Orders of one kind: the last state told, what was given back, whose they are.
    private void Sales(Happening kind, Happening? refundKind, Dictionary<string, string> customers)
    {
        var refunds = _told.Where(m => m.What == refundKind && !(m.What == Happening.PaymentRefund && m.State == 0)).ToLookup(m => m.Id);
        var orders = _told.Where(m => m.What == kind).GroupBy(m => m.Id).ToDictionary(g => g.Key, g => g.ToList());
        foreach (var (id, states) in orders)
        {
            var last = states.MaxBy(s => s.State);
            if (kind == Happening.Payment && last.Status != "COMPLETED")
            {
                continue;
            }

            // A payment has no discount.
            var (gross, discount) = (last.Amount, kind == Happening.Payment ? 0 : last.Discount);
            var left = gross - discount;
            var returns = new List<(DateTimeOffset At, long Amount)>();
            var cost = kind == Happening.ImportedOrder ? OracleCost.Of(last) : null;
            var sameCurrency = refunds[id].Where(_ => kind != Happening.Payment || last.Currency == "USD");
            foreach (var refund in sameCurrency.OrderBy(r => r.RefundedAt))
            {
                var amount = Math.Min(left, refund.RefundAmount);
                cost = amount > 0 ? cost?.After(refund.RefundedAt, amount, left, refund.What == Happening.ImportedRefund ? refund.RefundCost : null) : cost;
                left -= amount;
                if (amount > 0)
                {
                    returns.Add((refund.RefundedAt, amount));
                }
            }

            var isCancelled = kind != Happening.Payment && states.Any(s => s.IsCancelled);
            if (isCancelled && left > 0)
            {
                returns.Add((states.First(s => s.IsCancelled).UpdatedAt.AddDays(1), left));
                cost = cost?.After(returns[^1].At, left, left, null);
                left = 0;
            }

            var entity = $"{kind}-{id}";
            _sales.Add(new Sale(
                entity, kind == Happening.Payment ? "square" : kind == Happening.ImportedOrder ? "erp" : "shopify", kind == Happening.WebOrder ? "online" : "in-store", last.Currency, last.PlacedAt, gross, discount, returns,
                left > 0, customers.GetValueOrDefault(entity))
            { Campaign = kind == Happening.ImportedOrder ? last.Campaign : null, Cost = cost });
        }

        // Refunds of orders nobody ever told of count in full.
        foreach (var refund in _told.Where(m => m.What == refundKind && !orders.ContainsKey(m.Id) && !(m.What == Happening.PaymentRefund && m.State == 0)))
        {
            var isWeb = refund.What == Happening.OrderRefund;
            _orphanReturns.Add((
                isWeb ? new StoryMessage(Happening.WebOrder, refund.Id, 0).Currency : refundKind == Happening.ImportedRefund ? new StoryMessage(kind, refund.Id, 0).Currency : "USD", isWeb ? "online" : "in-store", isWeb ? "shopify" : "square", refund.RefundedAt, refund.RefundAmount));
        }
    }

    // Who is one customer: whatever shares an account or an email, by painting until nothing changes.
    private Dictionary<string, string> Customers()
    {
        var carried = _told.Where(m => m.What is not (Happening.OrderRefund or Happening.PaymentRefund or Happening.ImportedRefund or Happening.Spend))
            .GroupBy(m => $"{m.What}-{m.Id}")
            .ToDictionary(g => g.Key, g => Latest(g.OrderBy(m => m.State)));
        var paint = carried.Where(c => c.Value.Count > 0).ToDictionary(c => c.Key, c => c.Key);
        for (var changed = true; changed;)
        {
            changed = false;
            foreach (var a in paint.Keys.ToList())
            {
                foreach (var b in paint.Keys.Where(b => carried[a].Overlaps(carried[b]) && string.CompareOrdinal(paint[b], paint[a]) < 0).ToList())
                {
                    paint[a] = paint[b];
                    changed = true;
                }
            }
        }

        return paint;
    }

    // An account, or an address, is what was last said; with another account whatever was said before is about somebody else.
    private static HashSet<string> Latest(IEnumerable<StoryMessage> states)
    {
        var (account, email) = ((string?)null, (string?)null);
        foreach (var said in states.Select(m => Carried(m).ToList()))
        {
            var named = said.Find(s => !s.StartsWith("email ", StringComparison.Ordinal));
            email = said.Find(s => s.StartsWith("email ", StringComparison.Ordinal)) ?? (named is null || account is null || named == account ? email : null);
            account = named ?? account;
        }

        return [.. new[] { account, email }.OfType<string>()];
    }

    private static IEnumerable<string> Carried(StoryMessage m)
    {
        if (m.What is Happening.WebOrder or Happening.PosOrder && m.Account is { } shopper)
        {
            yield return $"shopify {shopper}";
        }

        if (m.What == Happening.Payment && m.Account is { } member)
        {
            yield return $"square {member}";
        }

        if (m.What == Happening.ImportedOrder && m.Account is { } key)
        {
            yield return $"erp {key}";
        }

        if (m.What == Happening.SquarePerson)
        {
            yield return $"square {m.Id}";
        }

        if (m.What == Happening.ShopperIdentified)
        {
            yield return $"segment {m.Id}";
        }

        if (m.What == Happening.Ticket)
        {
            yield return $"zendesk {m.Requester}";
        }

        if (m.What == Happening.TicketUser)
        {
            yield return $"zendesk {m.Id}";
        }

        if (m.What is not (Happening.Payment or Happening.Ticket) && m.Email is { } email)
        {
            yield return $"email {email}";
        }
    }

    private IEnumerable<(string Customer, string Channel, DateTimeOffset At, string Entity)> Purchases() =>
        _sales.Where(s => s is { IsPurchase: true, Customer: not null }).Select(s => (s.Customer!, s.Channel, s.At, s.Entity));

    // Ties in time are broken by the entity's name in the pipeline, which sorts as the story's ids do.
    private static IEnumerable<(string Customer, string Channel, DateTimeOffset At, string Entity)> InOrder(IEnumerable<(string Customer, string Channel, DateTimeOffset At, string Entity)> purchases) =>
        purchases.OrderBy(p => p.At).ThenBy(p => Named(p.Entity), StringComparer.Ordinal);

    private static string Named(string entity)
    {
        var (kind, id) = (entity.Split('-')[0], int.Parse(entity.Split('-')[1], CultureInfo.InvariantCulture));
        return kind == nameof(Happening.Payment) ? $"square:order:p{id}" : kind == nameof(Happening.ImportedOrder) ? $"erp:order:{id}" : $"shopify:order:{id + (kind == nameof(Happening.PosOrder) ? 100 : 0)}";
    }

    private IEnumerable<(string Currency, DateTimeOffset At, long Amount)> Returns() =>
        _sales.SelectMany(s => s.Returns.Select(r => (s.Currency, r.At, r.Amount))).Concat(_orphanReturns.Select(r => (r.Currency, r.At, r.Amount)));

    // Sales and what came back of them, each with what is known of the cost.
    private IEnumerable<(string Currency, DateTimeOffset At, long Sales, long Cost, bool IsKnown)> Costed() =>
        _sales.Select(s => (s.Currency, s.At, s.Cost?.Sales ?? 0, s.Cost?.Cost ?? 0, s.Cost is not null))
            .Concat(_sales.SelectMany(s => (s.Cost?.Returns ?? []).Select(r => (s.Currency, r.At, -r.Sales, -r.Cost, true))));

    /// <summary>What was spent, by the last word on it.</summary>
    public IEnumerable<StoryMessage> Spends() => _told.Where(m => m.What == Happening.Spend).GroupBy(m => m.Id).Select(s => s.MaxBy(m => m.State)).Where(s => !s.IsVoid);

    // Of each campaign, or of all: what its orders kept against what was spent on it.
    private List<string> Returns(Func<string, string> row)
    {
        var sales = _sales.Where(s => s.Campaign is not null).Select(s => (Campaign: s.Campaign!, s.Currency, Sold: Worth(s) - s.Returns.Sum(r => r.Amount), Spent: 0L));
        var all = sales.Concat(Spends().Select(s => (Campaign: s.Campaign!, s.Currency, Sold: 0L, Spent: s.SpendAmount))).ToList();
        bool IsSpent(string campaign, string currency) => all.Exists(a => a.Campaign == campaign && a.Currency == currency && a.Spent > 0);
        bool IsMixed(string campaign) => all.Exists(a => a.Campaign == campaign && a.Spent > 0) && all.Exists(a => a.Campaign == campaign && !IsSpent(a.Campaign, a.Currency));
        return Rows(
            all.GroupBy(a => $"{row(a.Campaign)}{a.Currency}").Where(g => g.Any(a => a.Spent > 0 || a.Sold != 0)),
            g => $"{g.Key} = {(g.Any(a => IsMixed(a.Campaign)) || g.All(a => a.Spent == 0) ? "" : Ratio(g.Where(a => IsSpent(a.Campaign, a.Currency)).Sum(a => a.Sold), g.Sum(a => a.Spent)))}".Trim());
    }

    private List<string> CostOfCustomers()
    {
        var won = Purchases().GroupBy(p => p.Customer).Select(c => _sales.First(s => s.Entity == InOrder(c).First().Entity).Currency).ToList();
        var spent = Spends().ToList();
        var isMixed = spent.Count > 0 && won.Exists(w => spent.TrueForAll(s => s.Currency != w));
        return [.. spent.Select(s => s.Currency).Union(won).Order(StringComparer.Ordinal).Select(currency =>
        {
            var (sum, count) = (spent.Where(s => s.Currency == currency).Sum(s => s.SpendAmount), won.Count(w => w == currency));
            return $"{currency} = {(isMixed || sum == 0 || count == 0 ? "" : Major((long)decimal.Round((decimal)sum / count, MidpointRounding.ToEven)))}".Trim();
        })];
    }

    private IEnumerable<IGrouping<int, StoryMessage>> Tickets() => _told.Where(m => m.What == Happening.Ticket).GroupBy(m => m.Id);

    // Solved at the first event that says so: five hours a state.
    private List<long> Resolutions() => [.. Tickets().Where(t => t.Any(m => m.State >= 2)).Select(t => t.Where(m => m.State >= 2).Min(m => m.State) * 5L * 3600)];

    private List<bool> Ratings() => [.. Tickets().Where(t => t.Any(m => m.State == 3)).Select(t => t.First().Dice(2, 11) == 0)];

    // From two days on to the hour, below to the minute.
    private List<long> Leads() => [.. _sales.SelectMany(s => s.Returns.Select(r => (long)(r.At - s.At).TotalSeconds)).Where(s => s >= 0).Select(s => s < 3600 ? s : s < 48 * 3600 ? (s + 30) / 60 * 60 : (s + 1800) / 3600 * 3600)];

    /// <summary>What customers did, for the oracle of histories.</summary>
    public IEnumerable<OracleDeed> Deeds()
    {
        foreach (var sale in _sales)
        {
            yield return new OracleDeed("order", sale.Customer ?? sale.Entity, sale.Customer is not null, Named(sale.Entity), sale.Channel, sale.At) { Currency = sale.Currency, Net = Worth(sale), Returns = sale.Returns };
        }

        var customers = Customers();
        foreach (var ticket in Tickets())
        {
            yield return new OracleDeed("ticket", customers[$"Ticket-{ticket.Key}"], true, $"zendesk:ticket:{ticket.Key}", "service", ticket.First().PlacedAt)
            {
                SolvedAt = ticket.Any(m => m.State >= 2) ? ticket.First().PlacedAt.AddHours(5 * ticket.Where(m => m.State >= 2).Min(m => m.State)) : null,
            };
        }

        // Who only ever had a payment that was not completed is known all the same.
        foreach (var person in _told.Where(m => m.What is Happening.SquarePerson or Happening.ShopperIdentified or Happening.TicketUser or Happening.Payment && customers.ContainsKey($"{m.What}-{m.Id}")))
        {
            yield return new OracleDeed("person", customers[$"{person.What}-{person.Id}"], true, $"{person.What}-{person.Id}", "", person.UpdatedAt);
        }
    }

    private static long Worth(Sale sale) => sale.Gross - sale.Discount;

    private static List<string> Rows<TKey, T>(IEnumerable<IGrouping<TKey, T>> groups, Func<IGrouping<TKey, T>, string> row) => [.. groups.Select(row).Order(StringComparer.Ordinal)];

    private static string Day(DateTimeOffset at) => at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Major(long minor) => (minor / 100m).ToString("0.00", CultureInfo.InvariantCulture);

    private static string Ratio(long part, long whole) => decimal.Round((decimal)part / whole, 6, MidpointRounding.ToEven).ToString(CultureInfo.InvariantCulture);
}
