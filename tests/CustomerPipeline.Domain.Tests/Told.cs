using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Snapshots;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Domain.Tests;

/// <summary>Customers as a test tells of them, in days since a first day.</summary>
internal static class Told
{
    public static readonly DateOnly First = new(2026, 1, 1);

    public static DateTimeOffset At(double day) => new DateTimeOffset(First, TimeOnly.MinValue, TimeSpan.Zero).AddDays(day);

    public static Touch Order(
        double day, long net = 100_00, Channel channel = Channel.Online, string currency = "USD", long discount = 0, string? campaign = null, string[]? goods = null, params (double Day, long Amount)[] returns)
    {
        var back = returns.Sum(r => r.Amount);
        return Touch(EntityKind.Order, day, channel) with
        {
            Campaign = campaign,
            Goods = goods ?? [],
            Order = new OrderSettlement
            {
                PlacedAt = At(day),
                Currency = currency,
                Gross = net + discount,
                Discounts = discount,
                Units = 1,
                IsPurchase = net <= 0 || back < net,
                Returns = [.. returns.Select(r => new OrderReturn(At(r.Day), r.Amount))],
            },
        };
    }

    public static Touch Ticket(double day, double? solved = null, double? replied = null, string? subject = null) => Touch(EntityKind.Ticket, day, Channel.Service) with
    {
        Ticket = new TicketState { CreatedAt = At(day), SolvedAt = solved is { } s ? At(s) : null, FirstReplyAt = replied is { } r ? At(r) : null, Subject = subject },
    };

    /// <summary>What was spent on a campaign.</summary>
    public static Touch Spend(double day, long amount = 10_00, string campaign = "spring", string currency = "USD") => Touch(EntityKind.Spend, day, Channel.Online) with
    {
        Channel = null,
        Campaign = campaign,
        Identified = false,
        Spend = new SpendStatement(DateOnly.FromDateTime(At(day).UtcDateTime), currency, amount),
    };

    /// <summary>The same order with what all its goods had cost.</summary>
    public static Touch Costing(this Touch order, long cost) => order with
    {
        Order = order.Order! with
        {
            Cost = new GoodsCost(order.Order.Gross - order.Order.Discounts, cost)
            {
                Returns = [.. order.Order.Returns.Select(r => new ReturnedCost(r.At, r.Amount, cost * r.Amount / (order.Order.Gross - order.Order.Discounts)))],
            },
        },
    };

    public static Touch Visit(double day, params string[] goods) => Touch(EntityKind.Browse, day, Channel.Online) with { Goods = goods, Browsed = new Dictionary<string, int> { ["product-viewed"] = 1 } };

    public static CustomerHistory History(double asOf, params Touch[] touches) => CustomerHistory.Of("c1", touches, At(asOf), BusinessCalendar.Utc);

    /// <summary>The value of a metric in words: dimensions and value of each row.</summary>
    public static IReadOnlyList<string> Answer(string metric, double asOf, params Touch[][] customers) => Rows(metric, BaseOf(asOf, customers));

    /// <summary>The same with the details of each row.</summary>
    public static IReadOnlyList<string> Details(string metric, double asOf, params Touch[][] customers) => [.. BaseOf(asOf, customers).Rows(MetricCatalog.Find(metric)!, MetricQuestion.Ever()).Select(r =>
        string.Join(' ', [.. r.Dimensions.Select(d => d.Value), .. r.Details.Prepend(new("value", r.Value)).Select(d => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{d.Key}={d.Value}"))]))];

    public static IReadOnlyList<string> Rows(string metric, CensusFigures figures)
    {
        var rows = figures.Rows(MetricCatalog.Find(metric)!, MetricQuestion.Ever());
        return [.. rows.Select(r => string.Join(' ', [.. r.Dimensions.Select(d => d.Value), string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{r.Value}")]))];
    }

    private static CensusFigures BaseOf(double asOf, Touch[][] customers)
    {
        var customerBase = new CustomerCensus(At(asOf), BusinessCalendar.Utc);
        foreach (var (touches, i) in customers.Select((t, i) => (t, i)))
        {
            customerBase.Add(CustomerHistory.Of($"c{i}", touches, At(asOf), BusinessCalendar.Utc));
        }

        return customerBase.Build();
    }

    private static Touch Touch(EntityKind kind, double day, Channel channel) => new()
    {
        Entity = EntityKey.Of("test", kind, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{channel}{day}")),
        Kind = kind,
        EntityRevision = 1,
        Channel = channel,
        At = At(day),
        FirstAt = At(day),
        LastAt = At(day),
        Identified = true,
    };
}
