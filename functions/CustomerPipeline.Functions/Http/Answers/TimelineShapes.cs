using System.ComponentModel;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;

namespace CustomerPipeline.Functions.Http.Answers;

/// <summary>A page of a timeline.</summary>
internal sealed record TimelineShape(
    [property: Description("The id of today, which may be another one than was asked for.")] string Customer,
    IEnumerable<TimelineEntryShape> Value,
    [property: Description("Where the next page is; absent on the last one.")] string? NextLink)
{
    public static TimelineShape Of(TimelinePage page, string? nextLink) => new(page.Customer, page.Touches.Select(TimelineEntryShape.Of), nextLink);
}

/// <summary>An interaction in a timeline. Amounts are decimal texts in major units.</summary>
internal sealed record TimelineEntryShape(DateTimeOffset At, string Kind, string Entity, string Source, string? Channel, string? Place)
{
    public string? Currency { get; init; }

    public string? GrossSales { get; init; }

    public string? Discounts { get; init; }

    public string? Refunds { get; init; }

    public string? NetSales { get; init; }

    public long? Units { get; init; }

    public string? Status { get; init; }

    public DateTimeOffset? FirstReplyAt { get; init; }

    public DateTimeOffset? SolvedAt { get; init; }

    public string? Satisfaction { get; init; }

    public IReadOnlyDictionary<string, int>? Browsed { get; init; }

    public static TimelineEntryShape Of(Touch touch)
    {
        var entry = new TimelineEntryShape(touch.At, touch.Kind.Name(), touch.Entity.Text, touch.Entity.Source, touch.Channel?.Name(), touch.Place)
        {
            Status = touch.Ticket?.Status,
            FirstReplyAt = touch.Ticket?.FirstReplyAt,
            SolvedAt = touch.Ticket?.SolvedAt,
            Satisfaction = touch.Ticket?.Satisfaction,
            Browsed = touch.Browsed,
        };
        return touch.Order is { Currency: { } currency } order ? WithAmounts(entry, order, currency) : entry;
    }

    private static TimelineEntryShape WithAmounts(TimelineEntryShape entry, OrderSettlement order, string currency)
    {
        var returned = order.Returns.Sum(r => r.Amount);
        return entry with
        {
            Currency = currency,
            GrossSales = Money.ToMajor(order.Gross, currency),
            Discounts = Money.ToMajor(order.Discounts, currency),
            Refunds = Money.ToMajor(returned, currency),
            NetSales = Money.ToMajor(order.Gross - order.Discounts - returned, currency),
            Units = order.Units,
        };
    }
}
