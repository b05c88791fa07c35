using System.Text.Json.Serialization;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Normalize.Sources;

/// <summary>
/// Square webhooks: payments, refunds and customers. Follows the Square API of 2025-01-23. Revenue comes from payments, because order events are thin
/// and POS orders publish none: a sale is what was paid, and payments that name one order are parts of it (<see cref="OrderParts"/>). Money is an integer in minor
/// units; tips are no revenue. Answers of the Orders, Payments, Refunds and Customers APIs are read like the events they stand for.
/// </summary>
internal static class Square
{
    private const string Source = "square";

    // Square's webhook reference, events that no metric reads, by what they are about.
    private static readonly HashSet<string> Unmeasured = new(StringComparer.Ordinal)
    {
        "bank_account", "booking", "card", "catalog", "channel", "checkout", "device", "dispute", "gift_card", "inventory", "invoice", "job", "labor", "location", "loyalty", "merchant", "oauth", "online_checkout",
        "payout", "scheduled_shift", "snippet", "subscription", "team_member", "terminal", "timecard", "transfer_order", "vendor",
    };

    public static Normalization Normalize(MessageEnvelope envelope, NormalizationRules rules) =>
        SourceJson.Map(envelope.Data, SourceShapes.Default.SquareEvent, message => message.Type switch
        {
            "payment.created" or "payment.updated" => Payment(message, rules),
            "refund.created" or "refund.updated" => Refund(message, rules),
            "customer.created" or "customer.updated" or "customer.deleted" => Customer(message, rules),
            "order.created" or "order.updated" or "order.fulfillment.updated" => Normalization.Ignore("thin-order-event"),
            null => Answer(message, rules),
            { } type when Unmeasured.Contains(type.Split('.')[0]) || type.Contains(".custom_attribute", StringComparison.Ordinal) => Normalization.Ignore("event-not-measured"),
            _ => Normalization.Reject("unknown-event", "No rule reads this Square event. Add a rule for it and retry, or discard the message."),
        } with
        {
            Instance = Normalizer.InstanceOf(Source, envelope, message.MerchantId),
        });

    // What the API answers has no event around it: its own version stands in for the event.
    private static Normalization Answer(SquareEvent message, NormalizationRules rules)
    {
        if (message.Order is { } order)
        {
            return order.TotalMoney is null ? Normalization.Ignore("thin-order-event") : Order(order, rules);
        }

        var (type, id, updatedAt) =
            message.Payment is { } payment ? ("payment.updated", payment.Id, payment.UpdatedAt ?? payment.CreatedAt)
            : message.Refund is { } refund ? ("refund.updated", refund.Id, refund.UpdatedAt ?? refund.CreatedAt)
            : message.Customer is { } customer ? ("customer.updated", customer.Id, customer.UpdatedAt ?? customer.CreatedAt)
            : throw Missing("type: it is no Square event, and none of order, payment, refund and customer");
        var asEvent = new SquareEvent
        {
            Type = type,
            EventId = $"{type}:{id}:{SourceJson.Time(updatedAt, "updated_at").UtcTicks}",
            CreatedAt = updatedAt,
            Data = new SquareSubject { Id = id, Object = new SquareObject { Payment = message.Payment, Refund = message.Refund, Customer = message.Customer } },
        };
        return type switch { "payment.updated" => Payment(asEvent, rules), "refund.updated" => Refund(asEvent, rules), _ => Customer(asEvent, rules) };
    }

    private static Normalization Payment(SquareEvent message, NormalizationRules rules)
    {
        var payment = message.Data?.Object?.Payment ?? throw Missing("data.object.payment");
        var money = new MinorUnits(SourceJson.CurrencyOf(payment.AmountMoney?.Currency, rules));
        var id = SourceJson.Required(payment.Id, "data.object.payment.id");
        // A till that was offline knows when the customer stood there; Square itself only when it heard of it.
        var takenAt = SourceJson.Time(payment.OfflineDetails?.ClientCreatedAt ?? payment.CreatedAt, "created_at");
        var isOnline = payment.Application?.Product is "ONLINE_STORE" or "ECOMMERCE_API";
        var ofPayment = EntityKey.Of(Source, EntityKind.Order, id);
        var record = Record(message, EntityKind.Order, payment.OrderId ?? id, takenAt, payment.UpdatedAt ?? payment.CreatedAt) with
        {
            Channel = isOnline ? Channel.Online : Channel.InStore,
            Place = payment.LocationId,
            Identifiers = IdentifierNormalizer.Present(
                IdentifierNormalizer.Account(Source, payment.CustomerId),
                IdentifierNormalizer.Email(payment.BuyerEmail),
                IdentifierNormalizer.Card(Source, payment.Card?.Card?.Fingerprint)),
            Order = new OrderSnapshot
            {
                Status = payment.Status?.ToUpperInvariant() switch
                {
                    "COMPLETED" => SaleStatus.Placed,
                    "CANCELED" or "FAILED" => SaleStatus.Void,
                    _ => SaleStatus.Pending,
                },
                PlacedAt = takenAt,
                Currency = money.Currency.Code,
                Gross = Minor(payment.AmountMoney, "amount_money"),
                Tips = payment.TipMoney is null ? 0 : Minor(payment.TipMoney, "tip_money"),
                Total = payment.TotalMoney is null ? null : CheckOf(payment, money),
            },
            Flags = money.FlagsOrNull,
        };
        return record.Entity == ofPayment ? new Normalization.Normalized(record) : new Normalization.Normalized([record with { Part = ofPayment }, PartOf(record, ofPayment)]);
    }

    // Refunds name their payment alone. Which order it is a part of does not change, so that each event of the payment says the same.
    private static InteractionRecord PartOf(InteractionRecord ofOrder, EntityKey payment) => new()
    {
        Entity = payment,
        Id = StableHash.Of(Source, "part-of", ofOrder.Entity.Text),
        Version = 0,
        Kind = EntityKind.Order,
        OccurredAt = ofOrder.OccurredAt,
        PartOf = ofOrder.Entity,
    };

    // What the payments of an order were for: an answer of the Orders API, for its event tells the id alone.
    private static Normalization Order(SquareOrder order, NormalizationRules rules)
    {
        var id = SourceJson.Required(order.Id, "order.id");
        var updatedAt = order.UpdatedAt ?? order.CreatedAt;
        var at = SourceJson.Time(order.CreatedAt ?? order.UpdatedAt, "order.created_at");
        var money = new MinorUnits(SourceJson.CurrencyOf(order.TotalMoney?.Currency, rules));
        var (total, tips) = (Minor(order.TotalMoney, "total_money"), MinorOrNone(order.TipMoney, "total_tip_money"));
        var (tax, service) = (MinorOrNone(order.TaxMoney, "total_tax_money"), MinorOrNone(order.ServiceChargeMoney, "total_service_charge_money"));
        var (goods, giftCards) = (order.Lines ?? []).ToLookup(l => l.ItemType == "GIFT_CARD") is var lines ? (lines[false].ToList(), lines[true].Sum(l => AmountOf(l, money))) : default;
        var net = total - tips - tax - service - giftCards;
        if (net < 0)
        {
            throw new UnreadableFieldException("amounts-disagree", "The order's tips, tax, service charges and gift cards come to more than its total_money. Send the order as Square's Orders API answers it.");
        }

        // A discount of goods with tax inside takes its tax off, too.
        var discounts = MinorOrNone(order.DiscountMoney, "total_discount_money");
        var isTaxInside = order.Taxes?.Any(t => t.Type == "INCLUSIVE") == true;
        var withoutTax = isTaxInside && net + tax > 0 ? (long)Math.Round((decimal)discounts * net / (net + tax), MidpointRounding.AwayFromZero) : discounts;
        var whole = EntityKey.Of(Source, EntityKind.Order, id);
        return new Normalization.Normalized(new InteractionRecord
        {
            Entity = whole,
            Part = whole,
            Id = StableHash.Of(Source, "order", id, updatedAt?.UtcTicks.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? ""),
            Version = SourceJson.Time(updatedAt, "order.updated_at").UtcTicks,
            Kind = EntityKind.Order,
            OccurredAt = at,
            Place = order.LocationId,
            Identifiers = IdentifierNormalizer.Present(IdentifierNormalizer.Account(Source, order.CustomerId)),
            Order = new OrderSnapshot
            {
                Status = order.State == "CANCELED" ? SaleStatus.Void : SaleStatus.Placed,
                PlacedAt = at,
                Currency = money.Currency.Code,
                Gross = net + withoutTax,
                Discounts = withoutTax,
                Tax = tax,
                Shipping = service,
                Tips = tips,
                Units = goods.Sum(l => MinorUnits.Units(QuantityOf(l))),
                Lines = [.. goods.Select(l => new OrderLine(l.CatalogObjectId ?? l.Name, QuantityOf(l), AmountOf(l, money)))],
                Due = total - tips,
                Total = goods.Count > 0 && !isTaxInside ? money.Check(total, goods.Sum(l => AmountOf(l, money)) - discounts + tax + service + tips + giftCards, goods.Count) : null,
            },
            Flags = money.FlagsOrNull,
        });
    }

    private static decimal QuantityOf(SquareLine line) => line.Quantity is null or >= 0 and <= 1_000_000_000m ? line.Quantity ?? 1
        : throw new UnreadableFieldException("invalid-number", "A quantity of line_items is negative, or too large. Send the order as Square's Orders API answers it.");

    // Before discounts and tax: as Square added it up with its modifiers, or else price times quantity.
    private static long AmountOf(SquareLine line, MinorUnits money) =>
        line.GrossMoney is { } gross ? Minor(gross, "line_items.gross_sales_money")
        : line.PriceMoney is { } price ? (long)Math.Round(MinorUnits.Exactly(Minor(price, "line_items.base_price_money"), QuantityOf(line), "line_items"), MidpointRounding.ToEven)
        : 0;

    private static long MinorOrNone(SquareMoney? money, string field) => money is null ? 0 : Minor(money, field);

    private static TotalCheck CheckOf(SquarePayment payment, MinorUnits money) =>
        money.Check(Minor(payment.TotalMoney, "total_money"), Minor(payment.AmountMoney, "amount_money") + (payment.TipMoney is null ? 0 : Minor(payment.TipMoney, "tip_money")), 0);

    private static Normalization Refund(SquareEvent message, NormalizationRules rules)
    {
        var refund = message.Data?.Object?.Refund ?? throw Missing("data.object.refund");
        var at = SourceJson.Time(refund.CreatedAt, "created_at");
        // The refund's own order_id names a return order, not the sale: the payment is the link. An unlinked refund gives back what another provider took.
        var sale = refund.PaymentId ?? (refund.IsUnlinked == true ? $"unlinked:{refund.Id}" : null);
        var record = Record(message, EntityKind.Order, SourceJson.Required(sale, "data.object.refund.payment_id"), at, refund.UpdatedAt ?? refund.CreatedAt);
        return new Normalization.Normalized(record with
        {
            Channel = Channel.InStore,
            Place = refund.LocationId,
            Refunds =
            [
                new RefundRecord
                {
                    Id = SourceJson.Required(refund.Id, "data.object.refund.id"),
                    Status = refund.Status?.ToUpperInvariant() switch
                    {
                        "COMPLETED" => RefundStatus.Completed,
                        "REJECTED" or "FAILED" => RefundStatus.Failed,
                        _ => RefundStatus.Pending,
                    },
                    At = at,
                    Currency = SourceJson.CurrencyOf(refund.AmountMoney?.Currency, rules).Code,
                    Amount = Minor(refund.AmountMoney, "amount_money"),
                },
            ],
        });
    }

    private static Normalization Customer(SquareEvent message, NormalizationRules rules)
    {
        var customer = message.Data?.Object?.Customer ?? throw Missing("data.object.customer");
        var id = SourceJson.Required(customer.Id ?? message.Data.Id, "data.object.customer.id");
        var record = Record(message, EntityKind.Person, id, SourceJson.Time(message.CreatedAt, "created_at"), message.CreatedAt);

        // Each update of a customer raises its version (Square, Optimistic concurrency): it tells apart what one instant, of milliseconds, holds.
        record = record with { Version = record.Version - (record.Version % TimeSpan.TicksPerMillisecond) + Math.Clamp(customer.Version ?? 0, 0, TimeSpan.TicksPerMillisecond - 1) };
        var name = $"{customer.GivenName} {customer.FamilyName}".Trim();
        return new Normalization.Normalized(record with
        {
            Channel = Channel.InStore,
            Identifiers = IdentifierNormalizer.Present(
            [
                IdentifierNormalizer.Account(Source, id),
                IdentifierNormalizer.Email(customer.Email),
                IdentifierNormalizer.Phone(customer.Phone, customer.Address?.Country ?? rules.DefaultRegion),
                .. MergedAccounts(message),
            ]),
            Person = new PersonProfile
            {
                Name = name.Length == 0 ? null : name,
                BirthDate = customer.Birthday,
                Street = customer.Address?.Street,
                PostalCode = customer.Address?.PostalCode,
                City = customer.Address?.City,
                Country = customer.Address?.Country,
                MarketingConsent = customer.Preferences?.IsUnsubscribed is { } isUnsubscribed ? !isUnsubscribed : null,
                Deleted = message.Type == "customer.deleted",
            },
        });
    }

    // A merge makes one customer of several, and says so in the event that creates or deletes one of them.
    private static IEnumerable<Identifier?> MergedAccounts(SquareEvent message) =>
        message.Data?.Object?.EventContext?.Merge is { } merge
            ? (merge.FromCustomerIds ?? []).Append(merge.ToCustomerId).Select(id => IdentifierNormalizer.Account(Source, id))
            : [];

    // event_id alone is not enough: Square has been seen to use one event_id for refund.created and the refund.updated that completes it.
    private static InteractionRecord Record(SquareEvent message, EntityKind kind, string id, DateTimeOffset at, DateTimeOffset? updatedAt) => new()
    {
        Entity = EntityKey.Of(Source, kind, id),
        Id = StableHash.Of(Source, SourceJson.Required(message.EventId, "event_id"), message.Type),
        Version = SourceJson.Time(updatedAt, "updated_at").UtcTicks,
        Kind = kind,
        OccurredAt = at,
    };

    private static long Minor(SquareMoney? money, string field)
    {
        var amount = money?.Amount ?? throw Missing(field);
        return amount is >= 0 and <= 1_000_000_000_000_000
            ? amount
            : throw new UnreadableFieldException("invalid-number", $"{field} is negative, or too large to be money. Mend the payload and retry.");
    }

    private static UnreadableFieldException Missing(string field) =>
        new("missing-field", $"The payload has no {field}. Send the webhook body as Square sent it.");
}

internal sealed class SquareEvent
{
    [JsonPropertyName("merchant_id")]
    [JsonConverter(typeof(TextIfAny))]
    public string? MerchantId { get; set; }

    public string? Type { get; set; }

    [JsonPropertyName("event_id")]
    public string? EventId { get; set; }

    [JsonPropertyName("created_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? CreatedAt { get; set; }

    public SquareSubject? Data { get; set; }

    /// <summary>Of an answer of the Orders API.</summary>
    public SquareOrder? Order { get; set; }

    /// <summary>Of an answer of the Payments API.</summary>
    public SquarePayment? Payment { get; set; }

    /// <summary>Of an answer of the Refunds API.</summary>
    public SquareRefund? Refund { get; set; }

    /// <summary>Of an answer of the Customers API.</summary>
    public SquareCustomer? Customer { get; set; }
}

internal sealed class SquareSubject
{
    public string? Id { get; set; }

    public SquareObject? Object { get; set; }
}

internal sealed class SquareObject
{
    public SquarePayment? Payment { get; set; }

    public SquareRefund? Refund { get; set; }

    public SquareCustomer? Customer { get; set; }

    [JsonPropertyName("event_context")]
    public SquareEventContext? EventContext { get; set; }
}

internal sealed class SquareEventContext
{
    public SquareMerge? Merge { get; set; }
}

internal sealed class SquareMerge
{
    [JsonPropertyName("from_customer_ids")]
    public IReadOnlyList<string?>? FromCustomerIds { get; set; }

    [JsonPropertyName("to_customer_id")]
    public string? ToCustomerId { get; set; }
}

internal sealed class SquareOrder
{
    public string? Id { get; set; }

    public string? State { get; set; }

    [JsonPropertyName("created_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? CreatedAt { get; set; }

    [JsonPropertyName("updated_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? UpdatedAt { get; set; }

    [JsonPropertyName("location_id")]
    public string? LocationId { get; set; }

    [JsonPropertyName("customer_id")]
    public string? CustomerId { get; set; }

    [JsonPropertyName("total_money")]
    public SquareMoney? TotalMoney { get; set; }

    [JsonPropertyName("total_tax_money")]
    public SquareMoney? TaxMoney { get; set; }

    [JsonPropertyName("total_discount_money")]
    public SquareMoney? DiscountMoney { get; set; }

    [JsonPropertyName("total_tip_money")]
    public SquareMoney? TipMoney { get; set; }

    [JsonPropertyName("total_service_charge_money")]
    public SquareMoney? ServiceChargeMoney { get; set; }

    public IReadOnlyList<SquareTax>? Taxes { get; set; }

    [JsonPropertyName("line_items")]
    public IReadOnlyList<SquareLine>? Lines { get; set; }
}

internal sealed class SquareTax
{
    public string? Type { get; set; }
}

internal sealed class SquareLine
{
    public string? Name { get; set; }

    [JsonPropertyName("catalog_object_id")]
    public string? CatalogObjectId { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Quantity { get; set; }

    [JsonPropertyName("item_type")]
    public string? ItemType { get; set; }

    [JsonPropertyName("base_price_money")]
    public SquareMoney? PriceMoney { get; set; }

    [JsonPropertyName("gross_sales_money")]
    public SquareMoney? GrossMoney { get; set; }
}

internal sealed class SquarePayment
{
    public string? Id { get; set; }

    [JsonPropertyName("order_id")]
    public string? OrderId { get; set; }

    public string? Status { get; set; }

    [JsonPropertyName("amount_money")]
    public SquareMoney? AmountMoney { get; set; }

    [JsonPropertyName("total_money")]
    public SquareMoney? TotalMoney { get; set; }

    [JsonPropertyName("tip_money")]
    public SquareMoney? TipMoney { get; set; }

    [JsonPropertyName("created_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? CreatedAt { get; set; }

    [JsonPropertyName("updated_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? UpdatedAt { get; set; }

    [JsonPropertyName("customer_id")]
    public string? CustomerId { get; set; }

    [JsonPropertyName("buyer_email_address")]
    public string? BuyerEmail { get; set; }

    [JsonPropertyName("location_id")]
    public string? LocationId { get; set; }

    [JsonPropertyName("card_details")]
    public SquareCardDetails? Card { get; set; }

    [JsonPropertyName("offline_payment_details")]
    public SquareOfflineDetails? OfflineDetails { get; set; }

    [JsonPropertyName("application_details")]
    public SquareApplication? Application { get; set; }
}

internal sealed class SquareRefund
{
    public string? Id { get; set; }

    public string? Status { get; set; }

    [JsonPropertyName("payment_id")]
    public string? PaymentId { get; set; }

    [JsonPropertyName("unlinked")]
    public bool? IsUnlinked { get; set; }

    [JsonPropertyName("amount_money")]
    public SquareMoney? AmountMoney { get; set; }

    [JsonPropertyName("created_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? CreatedAt { get; set; }

    [JsonPropertyName("updated_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? UpdatedAt { get; set; }

    [JsonPropertyName("location_id")]
    public string? LocationId { get; set; }
}

internal sealed class SquareCustomer
{
    public long? Version { get; set; }

    public string? Id { get; set; }

    [JsonPropertyName("created_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? CreatedAt { get; set; }

    [JsonPropertyName("updated_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? UpdatedAt { get; set; }

    [JsonPropertyName("given_name")]
    public string? GivenName { get; set; }

    [JsonPropertyName("family_name")]
    public string? FamilyName { get; set; }

    [JsonPropertyName("email_address")]
    public string? Email { get; set; }

    [JsonPropertyName("phone_number")]
    public string? Phone { get; set; }

    public string? Birthday { get; set; }

    public SquareAddress? Address { get; set; }

    public SquarePreferences? Preferences { get; set; }
}

internal sealed class SquarePreferences
{
    [JsonPropertyName("email_unsubscribed")]
    public bool? IsUnsubscribed { get; set; }
}

internal sealed class SquareAddress
{
    [JsonPropertyName("address_line_1")]
    public string? Street { get; set; }

    [JsonPropertyName("postal_code")]
    public string? PostalCode { get; set; }

    [JsonPropertyName("locality")]
    public string? City { get; set; }

    public string? Country { get; set; }
}

internal sealed class SquareMoney
{
    public long? Amount { get; set; }

    public string? Currency { get; set; }
}

internal sealed class SquareCardDetails
{
    public SquareCard? Card { get; set; }
}

internal sealed class SquareCard
{
    public string? Fingerprint { get; set; }
}

internal sealed class SquareOfflineDetails
{
    [JsonPropertyName("client_created_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? ClientCreatedAt { get; set; }
}

internal sealed class SquareApplication
{
    [JsonPropertyName("square_product")]
    public string? Product { get; set; }
}
