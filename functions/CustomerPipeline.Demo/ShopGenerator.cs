using System.Globalization;
using System.Text;
using Bogus;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Demo;

/// <summary>
/// A believable year of a shop with a web shop (Shopify), an app (Segment), three stores (one on Shopify POS, two on Square) and a help desk (Zendesk).
/// Repeat buyers cross channels, orders come back, people have two identities; messages come late, out of order, twice and broken. Who was let down comes back less
/// often, and least of all who said nothing; who waited long for an answer asks again. Campaigns bring orders in the app, and cost money. The same seed gives the same messages.
/// </summary>
public sealed class ShopGenerator
{
    private const double Late = 0.02;
    private const double Twice = 0.05;
    private const double Broken = 0.005;

    // What marketing costs for each shopper of the year, in major units.
    private const double SpendPerShopper = 9;

    private static readonly TimeSpan LongWait = TimeSpan.FromHours(4);

    private static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>When the year is over.</summary>
    public static DateTimeOffset End { get; } = Start.AddYears(1);

    private readonly Random _random;
    private readonly Faker _faker;
    private readonly VendorPayloads _payloads = new();
    private readonly List<DemoMessage> _messages = [];

    private ShopGenerator(int seed)
    {
        _random = new Random(seed);
        _faker = new Faker("en") { Random = new Randomizer(seed) };
    }

    /// <summary>About as many messages as asked for, in the order in which they are sent. About a fifteenth as many shoppers come along.</summary>
    public static IReadOnlyList<DemoMessage> Generate(int seed, int messages) => new ShopGenerator(seed).Run(messages, activity: 1);

    /// <summary>As many messages of many more shoppers, each of whom does less.</summary>
    public static IReadOnlyList<DemoMessage> Generate(int seed, int messages, double activity) => new ShopGenerator(seed).Run(messages, activity);

    private List<DemoMessage> Run(int count, double activity)
    {
        // Duplicates come on top at the end.
        var wanted = (int)(count / (1 + Twice));
        var shoppers = 0;
        while (_messages.Count < wanted)
        {
            Live(Shopper.Draw(++shoppers, _faker, _random), activity);
        }

        _messages.RemoveRange(wanted, _messages.Count - wanted);
        SpendOnMarketing(shoppers);
        Disturb();
        return [.. _messages.OrderBy(m => m.At)];
    }

    private void Live(Shopper shopper, double activity)
    {
        Register(shopper, Day(shopper.FirstDay));
        for (var day = shopper.FirstDay + Wait(shopper.Rate * activity / 2); day < 365 && activity >= 1; day += Wait(shopper.Rate / 2))
        {
            if (shopper.Habit != Habit.Store)
            {
                Browse(shopper, Day(day), 1 + _random.Next(3));
            }
        }

        // Who was a customer before the year began buys when the time has come, and not because it is January.
        var first = shopper.FirstDay == 0 ? Wait(shopper.Rate * activity) : shopper.FirstDay + (_random.NextDouble() * 2);
        for (var day = first; day < 365; day += Wait(shopper.Rate * activity))
        {
            var letDown = Buy(shopper, Day(day));
            if (_random.NextDouble() < shopper.LeavingProbability + letDown)
            {
                return;
            }
        }
    }

    private void Register(Shopper shopper, DateTimeOffset at)
    {
        if (shopper.Habit != Habit.Store)
        {
            Send(at, "shopify", VendorPayloads.ShopifyCustomer(shopper, at), "customers/create");
            if (_random.NextDouble() < 0.8)
            {
                Send(at.AddSeconds(3), "segment", _payloads.Identify(shopper, shopper.Device(0), at.AddSeconds(3)));
            }
        }

        if (shopper.HasLoyaltyCard)
        {
            Send(at, "square", _payloads.SquareCustomer(shopper, at));
        }
    }

    private void Browse(Shopper shopper, DateTimeOffset at, int pages)
    {
        var device = shopper.Device(_random.NextDouble() < 0.2 ? 1 : 0);
        var isSignedIn = _random.NextDouble() < 0.6;
        for (var page = 0; page < pages; page++)
        {
            at = at.AddSeconds(20 + _random.Next(120));
            var name = page == 0 ? "Products Searched" : page % 3 == 2 ? "Product Added" : "Product Viewed";
            Send(at, "segment", _payloads.Browse(shopper, device, isSignedIn, name, Product(), at));
        }

        if (_random.NextDouble() < 0.1)
        {
            Send(at, "segment", _payloads.Page(shopper, device, at));
        }
    }

    // How much less likely the shopper comes back for how the order went.
    private double Buy(Shopper shopper, DateTimeOffset at)
    {
        var inStore = shopper.Habit == Habit.Store || (shopper.Habit == Habit.Both && _random.NextDouble() < 0.5);
        var basket = Basket(shopper.Taste);
        var order = inStore ? BuyInStore(shopper, basket, at) : BuyOnline(shopper, basket, at);
        if (order.IsCancelled)
        {
            return 0.35;
        }

        if (_random.NextDouble() < 0.08)
        {
            var returnedAt = at.AddDays(2 + (_random.NextDouble() * 20));
            GiveBack(order, returnedAt);
            return _random.NextDouble() < 0.55 ? 0.3
                : AskForHelp(shopper, VendorPayloads.SubjectOfReturn(_random), returnedAt.AddHours(-20 + (_random.NextDouble() * 60))) ? 0.08 : 0.2;
        }

        return _random.NextDouble() >= 0.1 ? 0
            : AskForHelp(shopper, VendorPayloads.SubjectOfOrder(_random), at.AddHours(3 + (_random.NextDouble() * 200))) ? 0.03 : 0.15;
    }

    private SoldOrder BuyOnline(Shopper shopper, IReadOnlyList<BasketLine> basket, DateTimeOffset at)
    {
        Browse(shopper, at.AddMinutes(-15), 2 + _random.Next(3));
        if (shopper.UsesApp)
        {
            var app = new SoldOrder("segment", _payloads.NextOrderNumber(), shopper, basket, 0, at) { Campaign = _random.NextDouble() < 0.5 ? CampaignAt(at) : null };
            Send(at, "segment", _payloads.AppOrder(app, shopper.Device(2)));
            return app;
        }

        var discount = _random.NextDouble() < 0.2 ? basket.Sum(l => l.Price * l.Quantity) / 10 : 0;
        var order = new SoldOrder("shopify", _payloads.NextOrderNumber(), shopper, basket, discount, at)
        {
            IsGuest = shopper.SecondEmail is not null && _random.NextDouble() < 0.4,
        };
        SendShopify(at, "orders/create", VendorPayloads.ShopifyOrder(order, at, null));
        if (_random.NextDouble() < 0.5)
        {
            SendShopify(at.AddMinutes(4), "orders/updated", VendorPayloads.ShopifyOrder(order, at.AddMinutes(4), null));
        }

        if (_random.NextDouble() >= 0.02)
        {
            return order;
        }

        var cancelledAt = at.AddHours(1 + _random.Next(20));
        SendShopify(cancelledAt, "orders/cancelled", VendorPayloads.ShopifyOrder(order, cancelledAt, cancelledAt));
        return order with { IsCancelled = true };
    }

    private SoldOrder BuyInStore(Shopper shopper, IReadOnlyList<BasketLine> basket, DateTimeOffset at)
    {
        var store = _random.Next(3);
        var isKnown = shopper.HasLoyaltyCard && _random.NextDouble() < 0.85;
        if (store == 0)
        {
            var pos = new SoldOrder("shopify", _payloads.NextOrderNumber(), shopper, basket, 0, at) { Store = "68001", IsAnonymous = !isKnown };
            SendShopify(at, "orders/create", VendorPayloads.ShopifyOrder(pos, at, null));
            return pos;
        }

        var order = new SoldOrder("square", _payloads.NextOrderNumber(), shopper, basket, 0, at) { Store = store == 1 ? "LSOUTH" : "LNORTH", IsAnonymous = !isKnown };
        Send(at, "square", _payloads.SquarePayment(order, "payment.created", "APPROVED", at, isKnown && _random.NextDouble() < 0.9));
        Send(at.AddSeconds(4), "square", _payloads.SquarePayment(order, "payment.updated", "COMPLETED", at.AddSeconds(4), isKnown));
        return order;
    }

    private void GiveBack(SoldOrder order, DateTimeOffset at)
    {
        var lines = _random.NextDouble() < 0.5 ? order.Basket : [.. order.Basket.Take(1)];
        switch (order.Source)
        {
            case "shopify":
                SendShopify(at, "refunds/create", VendorPayloads.ShopifyRefund(order, lines, at));
                break;
            case "square":
                Send(at, "square", _payloads.SquareRefund(order, lines, "refund.created", "PENDING", at));
                Send(at.AddHours(1), "square", _payloads.SquareRefund(order, lines, "refund.updated", "COMPLETED", at.AddHours(1)));
                break;
            default:
                Send(at, "segment", _payloads.AppRefund(order, lines, at));
                break;
        }
    }

    // True when the answer came soon.
    private bool AskForHelp(Shopper shopper, string subject, DateTimeOffset at)
    {
        var ticket = _payloads.NextTicket(shopper, subject, at);
        if (_random.NextDouble() < 0.7)
        {
            Send(at, "zendesk", _payloads.ZendeskUser(shopper, at));
        }

        Send(at, "zendesk", _payloads.TicketEvent(ticket, "created", at));
        var repliedAt = at.AddMinutes(5 + (Math.Pow(_random.NextDouble(), 3) * 2_000));
        var isSoon = repliedAt - at < LongWait;
        if (_random.NextDouble() < 0.15)
        {
            Send(at.AddMinutes(3), "zendesk", _payloads.TicketHandoff(ticket, at.AddMinutes(3)));
        }

        Send(repliedAt, "zendesk", _payloads.TicketReply(ticket, repliedAt));
        var solvedAt = repliedAt.AddMinutes(10 + (_random.NextDouble() * 4_000));
        Send(solvedAt, "zendesk", _payloads.TicketEvent(ticket with { Status = "SOLVED" }, "status_changed", solvedAt));
        if (_random.NextDouble() < 0.08)
        {
            Send(solvedAt.AddHours(5), "zendesk", _payloads.TicketEvent(ticket with { Status = "OPEN" }, "status_changed", solvedAt.AddHours(5)));
            Send(solvedAt.AddHours(9), "zendesk", _payloads.TicketEvent(ticket with { Status = "SOLVED" }, "status_changed", solvedAt.AddHours(9)));
        }

        if (_random.NextDouble() < 0.35)
        {
            var ratedAt = solvedAt.AddHours(12);
            var rating = _random.NextDouble() < (isSoon ? 0.93 : 0.62) ? "good" : "bad";
            Send(ratedAt, "zendesk", _payloads.TicketEvent(ticket with { Status = "SOLVED", Rating = rating }, "satisfaction_changed", ratedAt));
        }

        if (!isSoon && _random.NextDouble() < 0.3)
        {
            AskForHelp(shopper, subject, at.AddDays(1 + (_random.NextDouble() * 4)));
        }

        return isSoon;
    }

    // What the campaigns cost, month by month, as a table of the marketing department.
    private void SpendOnMarketing(int shoppers)
    {
        for (var month = Start; month < End; month = month.AddMonths(1))
        {
            foreach (var (campaign, share) in new[] { ("newsletter", 0.15), ("retargeting", 0.35), (SeasonAt(month), 0.5) })
            {
                var amount = shoppers * SpendPerShopper / 12 * share * (0.8 + (_random.NextDouble() * 0.4));
                foreach (var (currency, part) in new[] { ("USD", 0.85), ("EUR", 0.15) })
                {
                    Send(month.AddDays(27), "import", VendorPayloads.Spend(month, campaign, (decimal)Math.Round(amount * part, 2), currency));
                }
            }
        }
    }

    private string CampaignAt(DateTimeOffset at) => _random.NextDouble() switch { < 0.2 => "newsletter", < 0.55 => "retargeting", _ => SeasonAt(at) };

    private static string SeasonAt(DateTimeOffset at) => at.Month switch { <= 2 => "winter-sale", <= 5 => "spring-shoes", <= 8 => "summer-sale", <= 10 => "autumn-jackets", _ => "black-friday" };

    // Real senders: some messages arrive late, some twice, a few are broken.
    private void Disturb()
    {
        var count = _messages.Count;
        for (var i = 0; i < count; i++)
        {
            var message = _messages[i];
            if (_random.NextDouble() < Broken)
            {
                message = Break(message);
            }

            var delay = _random.NextDouble() < Late ? TimeSpan.FromHours(1 + (_random.NextDouble() * 70)) : TimeSpan.FromSeconds(_random.NextDouble() * 20);
            _messages[i] = message with { At = message.At + delay };
            if (_random.NextDouble() < Twice)
            {
                _messages.Add(message with { At = message.At + delay + TimeSpan.FromMinutes(_random.NextDouble() * 3_000) });
            }
        }
    }

    private DemoMessage Break(DemoMessage message)
    {
        var text = Encoding.UTF8.GetString(message.Payload.Span);
        return _random.Next(4) switch
        {
            0 => message with { Payload = Encoding.UTF8.GetBytes(text[..(text.Length / 2)]), IsJson = false },
            1 => message with { Payload = Encoding.UTF8.GetBytes(text.Replace("20", "twenty-", StringComparison.Ordinal)) },
            2 => message with { Payload = "{}"u8.ToArray(), Topic = null, EventId = null },
            _ => message with { Payload = "[\"unexpected\"]"u8.ToArray() },
        };
    }

    private void SendShopify(DateTimeOffset at, string topic, byte[] payload) => Send(at, "shopify", payload, topic);

    private void Send(DateTimeOffset at, string source, byte[] payload, string? topic = null)
    {
        if (at < End)
        {
            var eventId = topic is null ? null : _payloads.NextEventId();
            _messages.Add(new DemoMessage(at, Normalizer.Find(source)!, topic, eventId, payload));
        }
    }

    private List<BasketLine> Basket(double taste)
    {
        var lines = new List<BasketLine>();
        for (var i = 1 + _random.Next(3); i > 0; i--)
        {
            lines.Add(new BasketLine(Product(), (int)Math.Round(taste * (900 + (Math.Pow(_random.NextDouble(), 2) * 12_000))), _random.NextDouble() < 0.85 ? 1 : 2));
        }

        return lines;
    }

    private string Product() => "P" + (1_000 + _random.Next(240)).ToString(CultureInfo.InvariantCulture);

    // Days until the next time, at a yearly rate.
    private double Wait(double rate) => -Math.Log(1 - _random.NextDouble()) * 365 / rate;

    // A day, at a time when people are awake.
    private DateTimeOffset Day(double day) => Start.AddDays(Math.Floor(day)).AddSeconds((8 * 3_600) + (_random.NextDouble() * 13 * 3_600)).Truncate();
}

public static class Seconds
{
    /// <summary>Whole seconds: vendors differ in how many digits they send, and none depends on them here.</summary>
    public static DateTimeOffset Truncate(this DateTimeOffset at) => new(at.Ticks - (at.Ticks % TimeSpan.TicksPerSecond), at.Offset);
}
