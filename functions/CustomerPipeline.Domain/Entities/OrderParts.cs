using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Entities;

/// <summary>
/// An order that its source tells in parts (Square): its payments, each of which says how much was paid and by whom, and, under its own key, what it was for.
/// What was paid is the sale. What it was for divides it into goods, tax, shipping and gift cards, once the payments come to what was due.
/// </summary>
public static class OrderParts
{
    /// <summary>The parts after one more record, in order of key.</summary>
    /// <param name="known">Those before it; null for none.</param>
    /// <param name="part">The part that the record is about.</param>
    /// <param name="record">A record of the order.</param>
    public static IReadOnlyDictionary<string, OrderPart> With(IReadOnlyDictionary<string, OrderPart>? known, EntityKey part, InteractionRecord record)
    {
        var before = known?.GetValueOrDefault(part.Text) ?? new OrderPart();
        return new SortedDictionary<string, OrderPart>(known?.ToDictionary() ?? [], StringComparer.Ordinal)
        {
            [part.Text] = new OrderPart
            {
                Snapshot = record.Order is { } said ? said.WithoutLines() : before.Snapshot,
                Refunds = record.Refunds is { Count: > 0 } refunds ? OrderFold.LatestById(before.Refunds, refunds) : before.Refunds,
                Identifiers = IdentifierRoles.After(record.Kind, before.Identifiers, [.. record.Identifiers.Distinct().Order()]),
            },
        };
    }

    /// <summary>Whose the order is: the customer that the order itself names, or else the one of the first payment that names any. People who share a bill stay several.</summary>
    /// <param name="order">The key of the order.</param>
    /// <param name="parts">Its parts by key.</param>
    public static IReadOnlyList<Identifier> PayerOf(EntityKey order, IReadOnlyDictionary<string, OrderPart> parts) => parts
        .Where(p => p.Value.Identifiers.Count > 0)
        .OrderBy(p => p.Key != order.Text)
        .ThenBy(p => p.Value.Snapshot?.PlacedAt ?? DateTimeOffset.MaxValue)
        .ThenBy(p => p.Key, StringComparer.Ordinal)
        .Select(p => p.Value.Identifiers)
        .FirstOrDefault() ?? [];

    /// <summary>What the order comes to; null while only refunds are known. An order without a payment is no sale yet.</summary>
    /// <param name="order">The key of the order.</param>
    /// <param name="parts">Its parts by key.</param>
    public static OrderSnapshot? SumOf(EntityKey order, IReadOnlyDictionary<string, OrderPart> parts)
    {
        var paidFor = parts.GetValueOrDefault(order.Text)?.Snapshot;
        var payments = parts.Where(p => p.Key != order.Text).Select(p => p.Value.Snapshot).OfType<OrderSnapshot>().OrderBy(s => s.PlacedAt).ToList();
        var placed = payments.FindAll(s => s.Status == SaleStatus.Placed);
        if (placed.Count == 0)
        {
            return payments.Find(s => s.Status == SaleStatus.Pending) ?? payments.FirstOrDefault() ?? (paidFor is null ? null : paidFor with { Status = SaleStatus.Pending });
        }

        // Square takes all payments of an order in one currency, that of the location.
        var sum = placed[0];
        foreach (var other in placed.Skip(1).Where(s => s.Currency == sum.Currency))
        {
            sum = sum with { Gross = sum.Gross + other.Gross, Tips = sum.Tips + other.Tips, Total = Add(sum.Total, other.Total) };
        }

        return paidFor is { Status: SaleStatus.Placed } && paidFor.Currency == sum.Currency && paidFor.Due == sum.Gross
            ? paidFor with { PlacedAt = sum.PlacedAt, Tips = sum.Tips }
            : sum;
    }

    /// <summary>The record of an order that stands for one of a payment that is a part of it.</summary>
    /// <param name="ofPart">A record of the payment.</param>
    /// <param name="order">The key of the order.</param>
    public static InteractionRecord InWhole(InteractionRecord ofPart, EntityKey order) =>
        ofPart with { Entity = order, Part = ofPart.Entity, Id = StableHash.Of("part", ofPart.Entity.Text, ofPart.Id) };

    /// <summary>The refunds of a payment: never more than was paid of the order by it, for a tip that is paid back is no sale that comes back.</summary>
    /// <param name="part">The payment.</param>
    public static IEnumerable<RefundRecord> RefundsOf(OrderPart part)
    {
        var left = part.Snapshot?.Gross ?? long.MaxValue;
        foreach (var refund in part.Refunds.OrderBy(r => r.At).ThenBy(r => r.Id, StringComparer.Ordinal))
        {
            var amount = Math.Min(refund.Amount ?? left, left);
            left -= refund.Status == RefundStatus.Completed ? amount : 0;
            yield return refund with { Amount = amount };
        }
    }

    private static TotalCheck? Add(TotalCheck? one, TotalCheck? other) =>
        one is null || other is null ? null : new TotalCheck(one.Stated + other.Stated, one.Read + other.Read, one.Tolerance + other.Tolerance);
}
