using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Functions.Http.Answers;

/// <summary>Money.</summary>
internal sealed record AmountShape([property: Description("ISO 4217.")] string Currency, [property: Description("Decimal, in major units.")] string Value)
{
    public static IEnumerable<AmountShape> Of(IReadOnlyDictionary<string, long> minorByCurrency) =>
        minorByCurrency.Select(a => new AmountShape(a.Key, Money.ToMajor(a.Value, a.Key)));
}

/// <summary>An identifier that a customer is known by.</summary>
internal sealed record IdentifierShape([property: AllowedValues("account", "loyalty", "email", "phone", "card", "device")] string Type, string Value)
{
    public static IEnumerable<IdentifierShape> Of(CustomerSummary summary) =>
        summary.Identifiers.Keys.Where(i => i.Type != IdentifierType.Edge).Select(i => new IdentifierShape(Identifier.NameOf(i.Type), i.Value));
}

/// <summary>A customer at a glance.</summary>
internal sealed record CustomerShape(
    string Id,
    DateTimeOffset? FirstSeen,
    DateTimeOffset? LastSeen,
    int Interactions,
    int Orders,
    int Purchases,
    int Tickets,
    IEnumerable<AmountShape> NetSales,
    IEnumerable<AmountShape> Refunds,
    IEnumerable<string> Channels,
    bool MayBeWrittenTo,
    IEnumerable<IdentifierShape> Identifiers,
    StandingShape? Standing)
{
    /// <summary>A customer in a list, without what is known of the customer as of an instant.</summary>
    public static CustomerShape Of(CustomerSummary summary) => Of(summary, null);

    public static CustomerShape Of(CustomerSummary summary, FoundStanding? found) => new(
        summary.Customer, summary.FirstSeen, summary.LastSeen, summary.Touches, summary.Orders, summary.Purchases, summary.Tickets,
        AmountShape.Of(summary.NetSales), AmountShape.Of(summary.Refunds), summary.Channels.Keys, summary.MayBeWrittenTo, IdentifierShape.Of(summary),
        found is null ? null : new StandingShape(found));
}
