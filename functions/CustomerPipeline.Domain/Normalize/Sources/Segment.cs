using System.Collections.Frozen;
using System.Text.Json.Serialization;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Normalize.Sources;

/// <summary>
/// Segment and RudderStack: <c>identify</c>, <c>page</c>, <c>alias</c> and the Ecommerce <c>track</c> events. Follows the Segment Spec as of 2025 (Ecommerce
/// Events v2, and the names of v1). messageId is the duplicate key; money is in major units.
/// </summary>
internal static class Segment
{
    private const string Source = "segment";

    // The event names of the Ecommerce Spec v1, and those of v2 that took their place.
    private static readonly FrozenDictionary<string, string> Aliases = new Dictionary<string, string>
    {
        ["Completed Order"] = "Order Completed",
        ["Updated Order"] = "Order Updated",
        ["Refunded Order"] = "Order Refunded",
        ["Cancelled Order"] = "Order Cancelled",
        ["Searched Products"] = "Products Searched",
        ["Viewed Product Category"] = "Product List Viewed",
        ["Viewed Product List"] = "Product List Viewed",
        ["Clicked Product"] = "Product Clicked",
        ["Viewed Product"] = "Product Viewed",
        ["Added Product"] = "Product Added",
        ["Removed Product"] = "Product Removed",
        ["Viewed Cart"] = "Cart Viewed",
        ["Started Order"] = "Checkout Started",
        ["Started Checkout"] = "Checkout Started",
        ["Viewed Checkout Step"] = "Checkout Step Viewed",
        ["Completed Checkout Step"] = "Checkout Step Completed",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, string> Browsing = new Dictionary<string, string>
    {
        ["Products Searched"] = "products-searched",
        ["Product List Viewed"] = "product-list-viewed",
        ["Product Clicked"] = "product-clicked",
        ["Product Viewed"] = "product-viewed",
        ["Product Added"] = "product-added",
        ["Product Removed"] = "product-removed",
        ["Cart Viewed"] = "cart-viewed",
        ["Checkout Started"] = "checkout-started",
        ["Checkout Step Viewed"] = "checkout-step-viewed",
        ["Checkout Step Completed"] = "checkout-step-completed",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    public static Normalization Normalize(MessageEnvelope envelope, NormalizationRules rules) =>
        SourceJson.Map(envelope.Data, SourceShapes.Default.SegmentMessage, message => Message(message, envelope, rules));

    // Libraries number their messages; one that somebody wrote by hand is known by its content.
    private static Normalization Message(SegmentMessage message, MessageEnvelope envelope, NormalizationRules rules)
    {
        message.MessageId ??= envelope.Id;
        return message.Type?.ToLowerInvariant() switch
        {
            "identify" => Identify(message, rules),
            "track" => Track(message, rules),
            "page" or "screen" => Browse(message, "page", "page-viewed", rules),
            "alias" => Alias(message, rules),
            "group" => Normalization.Ignore("event-not-measured"),
            null => Normalization.Reject("missing-field", "The payload has no type. Segment messages say identify or track."),
            _ => Normalization.Reject("unknown-event", "The type is none of Segment's. Send identify or track messages."),
        };
    }

    private static Normalization Identify(SegmentMessage message, NormalizationRules rules)
    {
        var record = Record(message, EntityKind.Person, SourceJson.Required(message.UserId ?? message.AnonymousId, "userId or anonymousId"), "identify", rules);
        return new Normalization.Normalized(record with { Person = ProfileOf(message.Traits) });
    }

    // Two ids of one person: both on one record, so that what carries either belongs to one customer.
    private static Normalization Alias(SegmentMessage message, NormalizationRules rules)
    {
        var previous = SourceJson.Required(message.PreviousId, "previousId");
        var record = Record(message, EntityKind.Person, SourceJson.Required(message.UserId, "userId"), "alias", rules);
        return new Normalization.Normalized(record with
        {
            Identifiers = IdentifierNormalizer.Present([IdentifierNormalizer.Account(Source, previous), .. record.Identifiers]),
        });
    }

    private static Normalization Browse(SegmentMessage message, string name, string browsed, NormalizationRules rules)
    {
        var visitor = SourceJson.Required(message.AnonymousId ?? message.UserId, "anonymousId or userId");
        var day = SourceJson.Time(message.Time, "timestamp").UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        return new Normalization.Normalized(Record(message, EntityKind.Browse, $"{visitor}:{day}", name, rules) with { Browsed = browsed, Viewed = GoodsOf(message.Properties) is { Count: > 0 } goods ? goods : null });
    }

    private static IReadOnlyList<string> GoodsOf(SegmentProperties? properties) => Good.Names(properties is null ? []
        : properties.Products.Items().Select(p => (p.ProductId ?? p.Sku, p.Category)).Append((properties.ProductId ?? properties.Sku, properties.Category)));

    private static Normalization Track(SegmentMessage message, NormalizationRules rules)
    {
        var said = SourceJson.Required(message.Event, "event");
        var name = Aliases.GetValueOrDefault(said, said);
        if (Browsing.TryGetValue(name, out var browsed))
        {
            return Browse(message, name, browsed, rules);
        }

        return name.ToUpperInvariant() switch
        {
            "ORDER COMPLETED" or "ORDER UPDATED" => Order(message, name, rules),
            "ORDER REFUNDED" => Refund(message, name, rules),
            "ORDER CANCELLED" => Cancel(message, name, rules),
            _ => Normalization.Ignore("event-not-measured"),
        };
    }

    private static Normalization Order(SegmentMessage message, string name, NormalizationRules rules)
    {
        var properties = message.Properties ?? new SegmentProperties();
        var record = OrderRecord(message, name, rules);
        var money = new MinorUnits(SourceJson.CurrencyOf(properties.Currency, rules));
        var products = properties.Products.Items();
        var lines = products.Select(p => Line(p, money)).ToList();
        var lineTotal = lines.Sum(l => l.Amount);

        // The sale after discounts is the subtotal where it is stated; else what the lines say, or the revenue or what remains of the total, if that is less: a coupon is
        // often told by its effect alone. Revenue and total excel the lines where senders put shipping and tax into them.
        var isPriced = lines.Count > 0 && products.All(p => p.Price is not null);
        var discount = money.Of(properties.Discount, "discount");
        var remains = properties.Revenue ?? (properties.Total - (properties.Shipping ?? 0) - (properties.Tax ?? 0));
        var stated = properties.Subtotal
            ?? (!isPriced ? properties.Total - (properties.Shipping ?? 0) - (properties.Tax ?? 0) ?? properties.Revenue : remains is { } less && money.Of(less, "revenue") < lineTotal - discount ? remains : null);
        if (stated < 0 || discount < 0)
        {
            return Normalization.Reject("negative-amount", "The order has a negative total, revenue, subtotal or discount. Send what was sold as a positive amount, and what came back as Order Refunded.");
        }

        if (!isPriced && stated is null)
        {
            return Normalization.Reject("missing-amount", "The order has neither products with prices nor a subtotal, revenue or total. Send one of them and retry.");
        }

        var net = stated is { } said ? money.Of(said, "subtotal") : lineTotal - discount;
        var gross = isPriced ? Math.Max(lineTotal, net) : net + discount;
        var (tax, shipping) = (money.Of(properties.Tax, "tax"), money.Of(properties.Shipping, "shipping"));
        var check = properties.Subtotal is { } subtotal && isPriced
            ? money.Check(subtotal, lineTotal - discount, lines.Count, "subtotal")
            : money.Check(properties.Total, net + tax + shipping, lines.Count, "total");
        return new Normalization.Normalized(record with
        {
            Order = new OrderSnapshot
            {
                Status = SaleStatus.Placed,
                PlacedAt = record.OccurredAt,
                Currency = money.Currency.Code,
                Gross = gross,
                Discounts = gross - net,
                Tax = tax,
                Shipping = shipping,
                Units = lines.Sum(l => MinorUnits.Units(l.Quantity)),
                Lines = lines,
                Total = check,
            },
            Flags = money.FlagsOrNull,
        });
    }

    // There is no refund id: two equal partial refunds differ only by messageId.
    private static Normalization Refund(SegmentMessage message, string name, NormalizationRules rules)
    {
        var properties = message.Properties ?? new SegmentProperties();
        var record = OrderRecord(message, name, rules);
        var products = properties.Products.Items();
        if (products.Any(p => p.Quantity < 0))
        {
            return Normalization.Reject("negative-quantity", "A product of the refund has a negative quantity. Quantities of a refund are positive.");
        }

        var stated = properties.Subtotal ?? properties.Revenue ?? (properties.Total - (properties.Shipping ?? 0) - (properties.Tax ?? 0));
        if (stated < 0)
        {
            return Normalization.Reject("negative-amount", "The refund has a negative total, revenue or subtotal. Send what was given back as a positive amount.");
        }

        var isPriced = products.Count > 0 && products.All(p => p.Price is not null);
        if (!isPriced && products.Count > 0 && stated is null)
        {
            return Normalization.Reject("missing-amount", "The refund names products without prices, and no total. Send their prices, or the total that was given back.");
        }

        // Without products and amounts all of the order is given back. Where both are there, list prices are too much by what a discount took.
        var listed = isPriced ? products.Sum(p => MinorUnits.Exactly(p.Price!.Value, p.Quantity ?? 1, "products.price")) : (decimal?)null;
        var back = listed is null || stated < listed ? stated : listed;
        return new Normalization.Normalized(record with { Refunds = [RefundOf(record, back, properties.Currency, rules)] });
    }

    // A refund is in the money of its order: one that names no currency is settled in the order's.
    private static RefundRecord RefundOf(InteractionRecord record, decimal? back, string? currency, NormalizationRules rules)
    {
        var refund = new RefundRecord { Id = record.Id, Status = RefundStatus.Completed, At = record.OccurredAt };
        if (back is not { } amount)
        {
            return refund;
        }

        if (string.IsNullOrWhiteSpace(currency))
        {
            return refund with { Amount = 0, InOrderCurrency = amount };
        }

        var money = new MinorUnits(SourceJson.CurrencyOf(currency, rules));
        return refund with { Currency = money.Currency.Code, Amount = money.Of(amount, "total") };
    }

    private static Normalization Cancel(SegmentMessage message, string name, NormalizationRules rules)
    {
        var record = OrderRecord(message, name, rules);
        return new Normalization.Normalized(record with { CancelledAt = record.OccurredAt });
    }

    private static InteractionRecord OrderRecord(SegmentMessage message, string name, NormalizationRules rules) =>
        Record(message, EntityKind.Order, SourceJson.Required(message.Properties?.OrderId ?? message.Properties?.OrderIdOfV1, "properties.order_id"), name, rules);

    private static InteractionRecord Record(SegmentMessage message, EntityKind kind, string id, string name, NormalizationRules rules)
    {
        var at = SourceJson.Time(message.Time, "timestamp");
        return new InteractionRecord
        {
            Entity = EntityKey.Of(Source, kind, id),
            Id = StableHash.Of(Source, name, SourceJson.Required(message.MessageId, "messageId")),
            Version = at.UtcTicks,
            Kind = kind,
            Channel = Channel.Online,
            OccurredAt = at,
            Identifiers = Identifiers(message, rules),
            Campaign = message.Context?.Campaign?.Name,
        };
    }

    private static IReadOnlyList<Identifier> Identifiers(SegmentMessage message, NormalizationRules rules)
    {
        var traits = message.Traits ?? message.Context?.Traits;
        return IdentifierNormalizer.Present(
            IdentifierNormalizer.Account(Source, message.UserId),
            IdentifierNormalizer.Device(Source, message.AnonymousId),
            IdentifierNormalizer.Email(traits?.Email ?? message.Properties?.Email),
            IdentifierNormalizer.Phone(traits?.Phone, traits?.Address?.Country ?? rules.DefaultRegion));
    }

    private static OrderLine Line(SegmentProduct product, MinorUnits money)
    {
        var quantity = product.Quantity ?? 1;
        return quantity < 0
            ? throw new UnreadableFieldException("negative-quantity", "A product of the order has a negative quantity. Send what came back as a message Order Refunded.")
            : new OrderLine(product.ProductId ?? product.Sku, quantity, money.Product(product.Price ?? 0, quantity, "products.price")) { Category = product.Category };
    }

    private static PersonProfile ProfileOf(SegmentTraits? traits) => new()
    {
        Name = Name(traits),
        BirthDate = traits?.Birthday,
        Street = traits?.Address?.Street,
        PostalCode = traits?.Address?.PostalCode,
        City = traits?.Address?.City,
        Country = traits?.Address?.Country,
    };

    private static string? Name(SegmentTraits? traits) =>
        traits?.Name ?? (traits?.FirstName is null && traits?.LastName is null ? null : $"{traits.FirstName} {traits.LastName}".Trim());
}

internal sealed class SegmentMessage
{
    public string? Type { get; set; }

    public string? Event { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? MessageId { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? UserId { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? AnonymousId { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? PreviousId { get; set; }

    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? Timestamp { get; set; }

    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? OriginalTimestamp { get; set; }

    [JsonConverter(typeof(ObjectIfAny<SegmentContext>))]
    public SegmentContext? Context { get; set; }

    public SegmentProperties? Properties { get; set; }

    [JsonConverter(typeof(ObjectIfAny<SegmentTraits>))]
    public SegmentTraits? Traits { get; set; }

    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? SentAt { get; set; }

    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? ReceivedAt { get; set; }

    /// <summary>
    /// Segment's own correction of the client's clock, timestamp = receivedAt - (sentAt - originalTimestamp), or worked out in the same way; messages that never went through
    /// Segment have only the client's.
    /// </summary>
    [JsonIgnore]
    public DateTimeOffset? Time => Timestamp ?? (ReceivedAt is { } received && SentAt is { } sent && OriginalTimestamp is { } original ? Corrected(received, sent - original) : OriginalTimestamp ?? SentAt ?? ReceivedAt);

    private static DateTimeOffset Corrected(DateTimeOffset received, TimeSpan ago) => received.UtcTicks > ago.Ticks ? received - ago : received;
}

internal sealed class SegmentContext
{
    [JsonConverter(typeof(ObjectIfAny<SegmentCampaign>))]
    public SegmentCampaign? Campaign { get; set; }

    [JsonConverter(typeof(ObjectIfAny<SegmentTraits>))]
    public SegmentTraits? Traits { get; set; }
}

internal sealed class SegmentCampaign
{
    [JsonConverter(typeof(TextIfAny))]
    public string? Name { get; set; }
}

internal sealed class SegmentTraits
{
    [JsonConverter(typeof(TextIfAny))]
    public string? Email { get; set; }

    [JsonConverter(typeof(TextIfAny))]
    public string? Phone { get; set; }

    [JsonConverter(typeof(TextIfAny))]
    public string? Name { get; set; }

    [JsonConverter(typeof(TextIfAny))]
    public string? FirstName { get; set; }

    [JsonConverter(typeof(TextIfAny))]
    public string? LastName { get; set; }

    [JsonConverter(typeof(TextIfAny))]
    public string? Birthday { get; set; }

    [JsonConverter(typeof(ObjectIfAny<SegmentAddress>))]
    public SegmentAddress? Address { get; set; }
}

internal sealed class SegmentAddress
{
    [JsonConverter(typeof(TextIfAny))]
    public string? Street { get; set; }

    [JsonConverter(typeof(TextIfAny))]
    public string? PostalCode { get; set; }

    [JsonConverter(typeof(TextIfAny))]
    public string? City { get; set; }

    [JsonConverter(typeof(TextIfAny))]
    public string? Country { get; set; }
}

internal sealed class SegmentProperties : SegmentGood
{
    [JsonPropertyName("order_id")]
    [JsonConverter(typeof(LooseText))]
    public string? OrderId { get; set; }

    /// <summary>As the Ecommerce Spec v1 has it.</summary>
    [JsonPropertyName("orderId")]
    [JsonConverter(typeof(LooseText))]
    public string? OrderIdOfV1 { get; set; }

    public string? Email { get; set; }

    public string? Currency { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Total { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Subtotal { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Revenue { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Shipping { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Tax { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Discount { get; set; }

    public IReadOnlyList<SegmentProduct?>? Products { get; set; }
}

/// <summary>What a message is about: on an event about one product, beside the rest of its properties.</summary>
internal class SegmentGood
{
    [JsonPropertyName("product_id")]
    [JsonConverter(typeof(LooseText))]
    public string? ProductId { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Sku { get; set; }

    [JsonConverter(typeof(TextIfAny))]
    public string? Category { get; set; }
}

internal sealed class SegmentProduct : SegmentGood
{
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Price { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Quantity { get; set; }
}
