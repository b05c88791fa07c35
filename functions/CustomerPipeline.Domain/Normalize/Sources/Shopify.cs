using System.Collections.Frozen;
using System.Text.Json.Serialization;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Normalize.Sources;

/// <summary>
/// Shopify Admin webhooks: orders, refunds and customers, from the web shop and from Shopify POS. Follows the REST Admin API 2025-01 shapes.
/// Bare objects and the REST form (<c>{"order": {…}}</c>) are accepted; money is a decimal text in the shop's currency.
/// </summary>
internal static class Shopify
{
    private const string Source = "shopify";

    public static Normalization Normalize(MessageEnvelope envelope, NormalizationRules rules) =>
        SourceJson.Map(envelope.Data, SourceShapes.Default.ShopifyPayload, payload =>
        {
            var body = payload.Order ?? payload.Refund ?? WrappedCustomer(payload) ?? payload;
            return (envelope.Topic ?? TopicOf(payload, body)) switch
            {
                "orders/create" or "orders/updated" or "orders/paid" or "orders/cancelled" or "orders" => Order(body, envelope, rules),
                "orders/delete" => new Normalization.Normalized(OrderDeletion(body, envelope)),
                "refunds/create" => Refund(body, envelope, rules),
                "customers/create" or "customers/update" or "customers/enable" or "customers/disable" => Customer(body, envelope, rules),
                "customers/delete" => new Normalization.Normalized(CustomerDeletion(body, envelope)),
                "customers/merge" => Merge(body, envelope),

                // Since API version 2025-01 these topics have the consent, and the customer has it no more (shopify.dev, changelog of 2025-01-01). The
                // changelog writes the second name.
                "customers_email_marketing_consent/update" or "customers/email_marketing_consent_update" => Consent(body, envelope),

                // Consent to text messages: MarketingConsent is that to email.
                "customers_marketing_consent/update" or "customers/marketing_consent_update" => Normalization.Ignore("event-not-measured"),
                "customers/redact" => Requested("erase", payload, payload.OrdersToRedact, envelope, rules),
                "customers/data_request" => Requested("export", payload, payload.OrdersRequested, envelope, rules),

                // Shopify sends orders/updated with the whole order at every edit; the edit itself names quantities without prices.
                "orders/edited" => Normalization.Ignore("order-comes-with-update"),
                "orders/fulfilled" or "orders/partially_fulfilled" or "carts/create" or "carts/update" => Normalization.Ignore("event-not-measured"),

                // Shopify requires every app to subscribe shop/redact. It concerns the shop's own data, 48 hours after the shop uninstalled the app.
                "shop/redact" => Normalization.Ignore("event-not-measured"),
                null when body.Id?.StartsWith("gid://", StringComparison.Ordinal) == true => Normalization.Reject(
                    "unknown-shape", "The payload is a row of Shopify's GraphQL API. Send the REST form of the object, as webhooks have it."),
                null => Normalization.Reject("unknown-shape", "The payload is no Shopify order, refund or customer. Send the X-Shopify-Topic header, or correct the payload."),
                { } topic when IsUnmeasured(topic) => Normalization.Ignore("event-not-measured"),
                _ => Normalization.Reject("unknown-event", "No rule reads this Shopify topic. Add a rule for it and retry, or discard the message."),
            };
        });

    // Resources of the webhook reference (shopify.dev/docs/api/webhooks) that no metric reads. What may hold a sale or a return (checkouts, draft orders, transactions,
    // fulfilments, returns) waits in quarantine instead, as does the end of a subscription (app): none of that is lost without a word.
    private static readonly FrozenSet<string> Unmeasured = FrozenSet.Create(
        "app_subscriptions", "audit_events", "bulk_operations", "carts", "checkout_and_accounts_configurations", "collection_listings",
        "collection_publications", "collections", "companies", "company_contacts", "company_locations", "customer_groups", "customer_payment_methods",
        "delivery_promise_settings", "discounts", "disputes", "domains", "fulfillment_events", "fulfillment_holds", "fulfillment_orders",
        "inventory_items", "inventory_levels", "inventory_shipments", "inventory_transfers", "locales", "locations", "markets",
        "metafield_definitions", "metaobjects", "payment_schedules", "payment_terms", "product_feeds", "product_listings", "product_publications",
        "products", "profiles", "reverse_deliveries", "reverse_fulfillment_orders", "segments", "selling_plan_groups", "shop",
        "subscription_billing_attempts", "subscription_contracts", "tax_partners", "tax_services", "tender_transactions", "themes", "variants");

    private static bool IsUnmeasured(string topic) => topic is "customers/purchasing_summary" or "customer.tags_added" or "customer.tags_removed" or "customer.joined_segment" or "customer.left_segment"
            or "orders/risk_assessment_changed" or "orders/shopify_protect_eligibility_changed" or "orders/link_requested"
        || Unmeasured.Contains(topic.Split('/')[0]);

    /// <summary>Whether a message may be a request of a person, by its topic, or in a file by what only such a request holds.</summary>
    public static bool IsAboutPeople(MessageEnvelope message) =>
        message.Topic is "customers/redact" or "customers/data_request"
        || (message.Topic is null && (message.Data.Span.IndexOf("\"orders_to_redact\""u8) >= 0 || message.Data.Span.IndexOf("\"data_request\""u8) >= 0));

    // A person asks the shop for their data, or for its erasure; the shop hands it on. Shopify signs the body and not the topic, so that the body has to be what
    // the topic says (Shopify's privacy law compliance): that of an order, or of the other request, is none.
    private static Normalization Requested(string kind, ShopifyPayload request, System.Text.Json.JsonElement? orders, MessageEnvelope envelope, NormalizationRules rules)
    {
        var customer = request.Customer ?? throw new UnreadableFieldException("missing-field", "A request about personal data names the customer.");
        if (request.Id is not null || (kind == "erase") != (request.OrdersToRedact is not null && request.DataRequest is null && request.OrdersRequested is null))
        {
            return Normalization.Reject(
                "topic-disagrees", "The body is not that of the topic: customers/redact has customer and orders_to_redact, customers/data_request has customer, orders_requested and data_request.");
        }

        var named = orders is { ValueKind: System.Text.Json.JsonValueKind.Array } list ? list.EnumerateArray().Select(OrderNumber).Where(o => o.Length > 0) : [];
        return new Normalization.Requested(
            kind,
            Source,
            envelope.Id,
            IdentifierNormalizer.Present(
                IdentifierNormalizer.Account(Source, customer.Id), IdentifierNormalizer.Email(customer.Email), IdentifierNormalizer.Phone(customer.Phone, rules.DefaultRegion)),
            [.. named.Select(o => EntityKey.Of(Source, EntityKind.Order, o)).Distinct()])
        {
            SaidAt = envelope.HasVendorId ? null : envelope.Received,
        };
    }

    private static string OrderNumber(System.Text.Json.JsonElement order)
    {
        try
        {
            return order.ToString();
        }
        catch (InvalidOperationException)
        {
            // The reader's only way to say that a text is no valid Unicode.
            throw new UnreadableFieldException("invalid-field", "An order number of the request is no valid text.");
        }
    }

    // A file has no topic header: the id names the kind of object, and the wrapping does so in the REST form.
    private static string? TopicOf(ShopifyPayload payload, ShopifyPayload body)
    {
        var id = body.GlobalId ?? "";
        if (payload.KeptCustomer is not null || payload.DeletedCustomer is not null)
        {
            return "customers/merge";
        }

        if (payload.OrdersToRedact is not null || payload.DataRequest is not null)
        {
            return payload.DataRequest is not null ? "customers/data_request" : "customers/redact";
        }

        if (payload.CustomerId is not null && payload.EmailConsent is not null)
        {
            return "customers_email_marketing_consent/update";
        }

        if (payload.OrderEdit is not null)
        {
            return "orders/edited";
        }

        return payload.Order is not null || id.StartsWith("gid://shopify/Order/", StringComparison.Ordinal) ? "orders"
            : payload.Refund is not null || id.StartsWith("gid://shopify/Refund/", StringComparison.Ordinal) ? "refunds/create"
            : !ReferenceEquals(payload, body) || id.StartsWith("gid://shopify/Customer/", StringComparison.Ordinal) ? "customers/update"
            : null;
    }

    private static Normalization Order(ShopifyPayload order, MessageEnvelope envelope, NormalizationRules rules)
    {
        if (order.Test == true && !rules.IncludeTestOrders)
        {
            return Normalization.Ignore("test-order");
        }

        var id = IdOf(order);
        if (order.CreatedAt is null && order.LineItems is null && order.Currency is null)
        {
            throw new UnreadableFieldException(
                "missing-field", "The payload has the id of an order and nothing else, as Shopify sends it where the order is too large for a webhook. Fetch the order from the Admin API and send it.");
        }

        var money = new MinorUnits(SourceJson.CurrencyOf(order.Currency, rules));
        var sold = order.LineItems.Items().Where(l => !IsNoGoods(l)).ToList();
        var lines = sold.Select(l => Line(l, money)).ToList();
        var tax = money.Of(order.TotalTax, "total_tax");
        var taxIncluded = order.TaxesIncluded == true;
        var notOfGoods = DiscountsOf(order.LineItems.Items().Where(IsNoGoods).Select(l => l.DiscountAllocations), money) + ShippingDiscounts(order, money);
        var discounts = Math.Max(0, money.Of(order.TotalDiscounts ?? order.TotalDiscountsSet?.ShopMoney?.Amount, "total_discounts") - notOfGoods);
        var gross = lines.Sum(l => l.Amount);
        if (taxIncluded)
        {
            (gross, discounts) = WithoutTax(sold, lines, discounts, tax - order.ShippingLines.Items().Sum(l => TaxOf(l.TaxLines, money)), money);
        }

        var record = Record(order, envelope, EntityKind.Order, id, order.ProcessedAt ?? order.CreatedAt, rules);
        var isInStore = string.Equals(order.SourceName, "pos", StringComparison.OrdinalIgnoreCase);
        if (discounts > gross)
        {
            money.Flags.Add("discount-over-gross");
        }

        discounts = Math.Min(discounts, Math.Max(0, gross));
        var shipping = ShippingOf(order, tax, taxIncluded, money);
        var tips = money.Of(order.TotalTip, "total_tip_received");
        var charges = ChargesOf(order, money);

        // A tip may stand as a line, as a total, or as both.
        var paidForNoGoods = Math.Max(tips, OfNoGoods(order, IsTip, money)) + OfNoGoods(order, l => !IsTip(l), money);
        return new Normalization.Normalized(record with
        {
            Channel = isInStore ? Channel.InStore : Channel.Online,
            Place = isInStore ? order.LocationId : null,
            Order = new OrderSnapshot
            {
                Status = SaleStatus.Placed,
                PlacedAt = record.OccurredAt,
                Currency = money.Currency.Code,
                Gross = gross,
                Discounts = discounts,
                Tax = tax,
                Shipping = shipping,
                Tips = tips,
                Total = money.Check(order.TotalPrice, gross - discounts + tax + shipping + charges + paidForNoGoods, order.LineItems.Items().Count, "total_price"),
                Units = lines.Sum(l => MinorUnits.Units(l.Quantity)),
                TaxIncluded = taxIncluded,
                Lines = lines,
            },
            Refunds = order.Refunds.Items() is { Count: > 0 } refunds ? [.. refunds.Select(r => RefundOf(r, rules, order.LineItems))] : null,
            CancelledAt = order.CancelledAt is null ? null : SourceJson.Time(order.CancelledAt, "cancelled_at"),
            Flags = money.FlagsOrNull,
        });
    }

    // A gift card is sold when it is redeemed, and a tip is no goods (line_items[].gift_card; .tip, and .tip_payment_gateway of earlier versions).
    private static bool IsNoGoods(ShopifyLine line) => line.GiftCard == true || IsTip(line);

    private static bool IsTip(ShopifyLine line) => line.TipGateway is not null || line.Tip is { ValueKind: System.Text.Json.JsonValueKind.Object };

    // Duties and fees are no sales.
    private static long ChargesOf(ShopifyPayload order, MinorUnits money) =>
        money.Of((order.OriginalDuties ?? order.CurrentDuties ?? order.TotalDuties)?.ShopMoney?.Amount, "original_total_duties_set")
        + money.Of((order.OriginalFees ?? order.CurrentFees)?.ShopMoney?.Amount, "original_total_additional_fees_set");

    // What was paid for lines that are no goods.
    private static long OfNoGoods(ShopifyPayload order, Func<ShopifyLine, bool> which, MinorUnits money)
    {
        var lines = order.LineItems.Items().Where(l => IsNoGoods(l) && which(l)).ToList();
        return lines.Sum(l => Line(l, money).Amount) - DiscountsOf(lines.Select(l => l.DiscountAllocations), money);
    }

    private static long DiscountsOf(IEnumerable<IReadOnlyList<ShopifyDiscount?>?> allocations, MinorUnits money) =>
        allocations.Sum(a => a.Items().Sum(d => money.Of(d.Amount, "discount_allocations.amount")));

    // total_discounts is the sum of all discounts, those of shipping among them.
    private static long ShippingDiscounts(ShopifyPayload order, MinorUnits money) => order.ShippingLines.Items().Sum(l =>
        l.DiscountAllocations is { Count: > 0 } ? DiscountsOf([l.DiscountAllocations], money)
        : l.DiscountedPrice is { } paid ? Math.Max(0, money.Of(l.Price, "shipping_lines.price") - money.Of(paid, "shipping_lines.discounted_price")) : 0);

    // Whether total_shipping_price_set is before or after the discount of shipping differs by version: total_price says which.
    private static long ShippingOf(ShopifyPayload order, long tax, bool taxIncluded, MinorUnits money)
    {
        var lines = order.ShippingLines.Items();
        var ofLines = lines.Sum(l => money.Of(l.Price, "shipping_lines.price")) - ShippingDiscounts(order, money);
        var shipping = order.TotalShipping?.ShopMoney?.Amount is { } total ? money.Of(total, "total_shipping_price_set") : ofLines;
        if (lines.Count > 0 && shipping != ofLines && order is { TotalPrice: not null, SubtotalPrice: not null })
        {
            var stated = money.Of(order.TotalPrice, "total_price") - money.Of(order.SubtotalPrice, "subtotal_price") - (taxIncluded ? 0 : tax)
                - money.Of(order.TotalTip, "total_tip_received") - ChargesOf(order, money);
            shipping = stated == ofLines ? ofLines : shipping;
        }

        return shipping - (taxIncluded ? lines.Sum(l => TaxOf(l.TaxLines, money)) : 0);
    }

    private static long TaxOf(IReadOnlyList<ShopifyTaxLine?>? taxLines, MinorUnits money) => taxLines.Items().Sum(t => money.Of(t.Price, "tax_lines.price"));

    // A tax line has the tax of what was paid. The discount took tax with it, so goods and discount are freed of tax in the same proportion; net sales are exact.
    private static (long Gross, long Discounts) WithoutTax(List<ShopifyLine> sold, List<OrderLine> lines, long discounts, long taxOfGoods, MinorUnits money)
    {
        var allocated = sold.Select(l => DiscountsOf([l.DiscountAllocations], money)).ToList();
        if (sold.Sum(l => TaxOf(l.TaxLines, money)) == 0)
        {
            // Some senders state the tax of the order alone.
            return WithoutTax(lines.Sum(l => l.Amount), discounts, taxOfGoods);
        }

        if (allocated.Sum() == discounts)
        {
            var parts = sold.Select((line, i) => WithoutTax(lines[i].Amount, allocated[i], TaxOf(line.TaxLines, money))).ToList();
            return (parts.Sum(p => p.Gross), parts.Sum(p => p.Discounts));
        }

        return WithoutTax(lines.Sum(l => l.Amount), discounts, sold.Sum(l => TaxOf(l.TaxLines, money)));
    }

    private static (long Gross, long Discounts) WithoutTax(long amount, long discount, long tax)
    {
        var paid = amount - discount;
        var net = paid - tax;
        var gross = paid <= 0 || discount == 0 ? amount - tax : (long)Math.Round((decimal)amount * net / paid, MidpointRounding.ToEven);
        return (gross, gross - net);
    }

    // The body is the id, and little else: the header has the time, or there is only the time of receipt.
    private static InteractionRecord Deletion(EntityKind kind, string id, string what, MessageEnvelope envelope)
    {
        var at = TriggeredAt(envelope) ?? SourceJson.Time(envelope.Received, "time");
        return new InteractionRecord
        {
            Entity = EntityKey.Of(Source, kind, id),
            Id = StableHash.Of(Source, what, id),
            Version = at.UtcTicks,
            Kind = kind,
            OccurredAt = at,
        };
    }

    private static InteractionRecord OrderDeletion(ShopifyPayload order, MessageEnvelope envelope) =>
        Deletion(EntityKind.Order, IdOf(order), "delete", envelope) with { Deleted = true };

    private static InteractionRecord CustomerDeletion(ShopifyPayload customer, MessageEnvelope envelope) =>
        Deletion(EntityKind.Person, IdOf(customer), "customers/delete", envelope) with
        {
            Identifiers = IdentifierNormalizer.Present(IdentifierNormalizer.Account(Source, IdOf(customer))),
            Person = new PersonProfile { Deleted = true },
        };

    private static Normalization Refund(ShopifyPayload refund, MessageEnvelope envelope, NormalizationRules rules)
    {
        // The order that it belongs to is left out, too; of the two only the transactions of a refund say so.
        if (refund.Transactions.Items().Any(t => t.Test == true) && !rules.IncludeTestOrders)
        {
            return Normalization.Ignore("test-order");
        }

        var orderId = SourceJson.Required(refund.OrderId, "order_id");
        var record = Record(refund, envelope, EntityKind.Order, orderId, refund.ProcessedAt ?? refund.CreatedAt, rules);
        var isInStore = refund.Transactions.Items().Any(t => string.Equals(t.SourceName, "pos", StringComparison.OrdinalIgnoreCase));
        return new Normalization.Normalized(record with
        {
            Channel = isInStore ? Channel.InStore : Channel.Online,
            Refunds = [RefundOf(refund, rules)],
        });
    }

    // refunds/create is independent of the movement of money: what counts is the goods given back, corrected by what Shopify calls the
    // discrepancy (an amount without goods is negative there).
    private static RefundRecord RefundOf(ShopifyPayload refund, NormalizationRules rules, IReadOnlyList<ShopifyLine?>? sold = null)
    {
        ShopifyLine? LineOf(ShopifyRefundLine returned) => returned.LineItem ?? (returned.LineItemId is { } id ? sold.Items().FirstOrDefault(l => l.Id == id) : null);
        var returned = refund.RefundLineItems.Items().Where(l => LineOf(l) is not { } line || !IsNoGoods(line)).ToList();
        var adjustments = refund.OrderAdjustments.Items().Where(IsDiscrepancy).ToList();
        var code = returned.Select(l => l.SubtotalSet?.ShopMoney?.CurrencyCode).Concat(adjustments.Select(a => a.AmountSet?.ShopMoney?.CurrencyCode))
            .Append(refund.TotalDuties?.ShopMoney?.CurrencyCode).Concat(refund.Transactions.Items().Select(t => t.Currency))
            .FirstOrDefault(c => !string.IsNullOrEmpty(c));
        var hasAmounts = returned.Count > 0 || adjustments.Count > 0;
        var money = hasAmounts ? new MinorUnits(SourceJson.CurrencyOf(code, rules)) : null;
        var goods = money is null ? 0 : returned.Sum(l => GoodsOf(l, money));
        var discrepancy = money is null ? 0 : adjustments.Sum(a => money.Of(a.Amount ?? a.AmountSet?.ShopMoney?.Amount, "order_adjustments.amount"));

        // While the money of a slow payment method is on its way, all of it stands as a discrepancy, tax included. The goods are given back all the same.
        discrepancy = goods > 0 && discrepancy >= goods ? 0 : discrepancy;
        return new RefundRecord
        {
            Id = IdOf(refund),
            Status = RefundStatus.Completed,
            At = SourceJson.Time(refund.ProcessedAt ?? refund.CreatedAt, "processed_at"),
            Currency = money?.Currency.Code,
            Amount = goods - discrepancy,
            Tax = money is null ? 0 : returned.Sum(l => money.Of(l.TotalTax, "refund_line_items.total_tax")),
        };
    }

    // `kind` is deprecated since 2024-10; what is left is the reason, which names a refund of shipping as such.
    private static bool IsDiscrepancy(ShopifyAdjustment adjustment) =>
        adjustment.Kind is { } kind ? kind == "refund_discrepancy" : adjustment.Reason?.Contains("shipping", StringComparison.OrdinalIgnoreCase) != true;

    // Earlier versions have no subtotal. What is missing is never nothing.
    private static long GoodsOf(ShopifyRefundLine line, MinorUnits money) =>
        (line.Subtotal ?? line.SubtotalSet?.ShopMoney?.Amount) is { } subtotal ? money.Of(subtotal, "refund_line_items.subtotal")
        : line is { LineItem.Price: { } price, Quantity: { } quantity } ? money.Product(price, quantity, "refund_line_items.line_item.price")
        : throw new UnreadableFieldException("missing-field", "A line of the refund has neither a subtotal nor a price and a quantity. Send the refund as the Admin API has it.");

    private static Normalization Customer(ShopifyPayload customer, MessageEnvelope envelope, NormalizationRules rules)
    {
        var record = Record(customer, envelope, EntityKind.Person, IdOf(customer), customer.CreatedAt ?? customer.UpdatedAt, rules);
        var name = $"{customer.FirstName} {customer.LastName}".Trim();
        return new Normalization.Normalized(record with
        {
            Channel = Channel.Online,
            Identifiers = IdentifierNormalizer.Present(
                IdentifierNormalizer.Account(Source, IdOf(customer)),
                IdentifierNormalizer.Email(customer.Email),
                IdentifierNormalizer.Phone(customer.Phone, customer.DefaultAddress?.CountryCode ?? rules.DefaultRegion)),
            Person = new PersonProfile
            {
                Name = name.Length == 0 ? null : name,
                Street = customer.DefaultAddress?.Street,
                PostalCode = customer.DefaultAddress?.PostalCode,
                City = customer.DefaultAddress?.City,
                Country = customer.DefaultAddress?.CountryCode,
                MarketingConsent = IsSubscribed(customer.EmailConsent),
            },
        });
    }

    private static Normalization Consent(ShopifyPayload payload, MessageEnvelope envelope)
    {
        var id = SourceJson.Required(payload.CustomerId, "customer_id");
        var consent = payload.EmailConsent ?? throw new UnreadableFieldException("missing-field",
            "The payload has no email_marketing_consent. Send the payload as its source documents it.");
        var at = consent.UpdatedAt is { } updated ? SourceJson.Time(updated, "email_marketing_consent.consent_updated_at")
            : TriggeredAt(envelope) ?? SourceJson.Time(envelope.Received, "time");
        return new Normalization.Normalized(new InteractionRecord
        {
            Entity = EntityKey.Of(Source, EntityKind.Person, id),
            Id = StableHash.Of(Source, "consent", envelope.Id),
            Version = VersionOf(at, TriggeredAt(envelope)),
            Kind = EntityKind.Person,
            OccurredAt = at,
            Channel = Channel.Online,
            Identifiers = IdentifierNormalizer.Present(IdentifierNormalizer.Account(Source, id), IdentifierNormalizer.Email(payload.EmailAddress)),
            Person = new PersonProfile { MarketingConsent = IsSubscribed(consent) },
        });
    }

    private static bool? IsSubscribed(ShopifyConsent? consent) => consent?.State is { } state
        ? state.Equals("subscribed", StringComparison.OrdinalIgnoreCase) : null;

    // The shop itself says that two accounts are one person: both on one record.
    private static Normalization Merge(ShopifyPayload merge, MessageEnvelope envelope)
    {
        if (merge.Status is { } status && !string.Equals(status, "completed", StringComparison.OrdinalIgnoreCase))
        {
            return Normalization.Ignore("merge-not-completed");
        }

        var kept = SourceJson.Required(NumberOf(merge.KeptCustomer), "admin_graphql_api_customer_kept_id");
        var deleted = SourceJson.Required(NumberOf(merge.DeletedCustomer), "admin_graphql_api_customer_deleted_id");

        // The payload carries no time: the header has it, else there is only the time of receipt.
        var at = TriggeredAt(envelope) ?? SourceJson.Time(envelope.Received, "time");
        return new Normalization.Normalized(new InteractionRecord
        {
            Entity = EntityKey.Of(Source, EntityKind.Person, deleted),
            Id = StableHash.Of(Source, "merge", kept, deleted),
            Version = at.UtcTicks,
            Kind = EntityKind.Person,
            Channel = Channel.Online,
            OccurredAt = at,
            Identifiers = IdentifierNormalizer.Present(IdentifierNormalizer.Account(Source, kept), IdentifierNormalizer.Account(Source, deleted)),
            Person = new PersonProfile { Deleted = true },
        });
    }

    private static DateTimeOffset? TriggeredAt(MessageEnvelope envelope) =>
        envelope.HeaderOf("X-Shopify-Triggered-At") is { } text
        && DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var at)
            ? SourceJson.Time(at, "X-Shopify-Triggered-At")
            : null;

    private static InteractionRecord Record(
        ShopifyPayload payload, MessageEnvelope envelope, EntityKind kind, string entityId, DateTimeOffset? occurredAt, NormalizationRules rules)
    {
        var at = SourceJson.Time(occurredAt, "created_at");
        var version = payload.UpdatedAt is null ? at : SourceJson.Time(payload.UpdatedAt, "updated_at");
        var topic = envelope is { HasVendorId: true, Topic: { } named } ? named : "";
        return new InteractionRecord
        {
            Entity = EntityKey.Of(Source, kind, entityId),

            // One action of the merchant has one event id for all topics that it causes.
            Id = topic.Length > 0 ? StableHash.Of(Source, topic, envelope.Id) : StableHash.Of(Source, envelope.Id),
            Version = VersionOf(version, TriggeredAt(envelope)),
            Kind = kind,
            OccurredAt = at,
            Identifiers = IdentifierNormalizer.Present(
                IdentifierNormalizer.Account(Source, payload.Customer is { } customer ? NumberOf(customer.GlobalId) ?? customer.Id : null),
                IdentifierNormalizer.Email(payload.Customer?.Email),
                IdentifierNormalizer.Email(payload.Email ?? payload.ContactEmail),
                IdentifierNormalizer.Phone(payload.Phone ?? payload.Customer?.Phone, payload.BillingAddress?.CountryCode ?? rules.DefaultRegion)),
        };
    }

    // updated_at has whole seconds, and a shop may change an order twice in one. Then the later delivery is the one that was triggered later: how long after
    // updated_at that was, up to some minutes, goes into the part of the ticks below a second.
    private static long VersionOf(DateTimeOffset updatedAt, DateTimeOffset? triggeredAt) =>
        triggeredAt is { } triggered && triggered > updatedAt && updatedAt.UtcTicks % TimeSpan.TicksPerSecond == 0
            ? updatedAt.UtcTicks + Math.Min((triggered - updatedAt).Ticks / 1000, TimeSpan.TicksPerSecond - 1)
            : updatedAt.UtcTicks;

    // Ids are 64-bit integers that JavaScript tools round: the global id is a text and stays exact.
    private static string IdOf(ShopifyPayload payload) => NumberOf(payload.GlobalId) ?? SourceJson.Required(payload.Id, "id");

    private static string? NumberOf(string? globalId)
    {
        var slash = globalId?.LastIndexOf('/') ?? -1;
        return slash < 0 || slash == globalId!.Length - 1 ? null : globalId[(slash + 1)..];
    }

    private static OrderLine Line(ShopifyLine line, MinorUnits money)
    {
        var quantity = line.Quantity ?? 1;
        return quantity < 0
            ? throw new UnreadableFieldException("negative-quantity", "A line item has a negative quantity. Send returns as refunds.")
            : new OrderLine(line.ProductId ?? line.Sku, quantity, money.Product(line.Price ?? 0, quantity, "line_items.price"));
    }

    private static ShopifyPayload? WrappedCustomer(ShopifyPayload payload) =>
        payload is { Id: null, GlobalId: null, Customer: { GlobalId: not null } customer } ? customer : null;
}

/// <summary>The fields used of an order, refund or customer: one shape for all, so that a payload is read once.</summary>
internal sealed class ShopifyPayload
{
    [JsonConverter(typeof(LooseText))]
    public string? Id { get; set; }

    [JsonPropertyName("admin_graphql_api_id")]
    public string? GlobalId { get; set; }

    [JsonPropertyName("order_id")]
    [JsonConverter(typeof(LooseText))]
    public string? OrderId { get; set; }

    [JsonPropertyName("customer_id")]
    [JsonConverter(typeof(LooseText))]
    public string? CustomerId { get; set; }

    [JsonPropertyName("email_address")]
    public string? EmailAddress { get; set; }

    [JsonPropertyName("admin_graphql_api_customer_kept_id")]
    public string? KeptCustomer { get; set; }

    [JsonPropertyName("admin_graphql_api_customer_deleted_id")]
    public string? DeletedCustomer { get; set; }

    public string? Status { get; set; }

    [JsonPropertyName("orders_to_redact")]
    public System.Text.Json.JsonElement? OrdersToRedact { get; set; }

    [JsonPropertyName("orders_requested")]
    public System.Text.Json.JsonElement? OrdersRequested { get; set; }

    [JsonPropertyName("data_request")]
    public System.Text.Json.JsonElement? DataRequest { get; set; }

    [JsonPropertyName("order_edit")]
    public System.Text.Json.JsonElement? OrderEdit { get; set; }

    public ShopifyPayload? Order { get; set; }

    public ShopifyPayload? Refund { get; set; }

    public ShopifyPayload? Customer { get; set; }

    [JsonPropertyName("created_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? CreatedAt { get; set; }

    [JsonPropertyName("processed_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? ProcessedAt { get; set; }

    [JsonPropertyName("updated_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? UpdatedAt { get; set; }

    [JsonPropertyName("cancelled_at")]
    [JsonConverter(typeof(LooseTime))]
    public DateTimeOffset? CancelledAt { get; set; }

    public bool? Test { get; set; }

    public string? Currency { get; set; }

    public string? Email { get; set; }

    [JsonPropertyName("contact_email")]
    public string? ContactEmail { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Phone { get; set; }

    [JsonPropertyName("first_name")]
    public string? FirstName { get; set; }

    [JsonPropertyName("last_name")]
    public string? LastName { get; set; }

    [JsonPropertyName("source_name")]
    [JsonConverter(typeof(LooseText))]
    public string? SourceName { get; set; }

    [JsonPropertyName("location_id")]
    [JsonConverter(typeof(LooseText))]
    public string? LocationId { get; set; }

    [JsonPropertyName("taxes_included")]
    public bool? TaxesIncluded { get; set; }

    [JsonPropertyName("total_discounts")]
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? TotalDiscounts { get; set; }

    [JsonPropertyName("total_discounts_set")]
    public ShopifyMoneySet? TotalDiscountsSet { get; set; }

    [JsonPropertyName("total_price")]
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? TotalPrice { get; set; }

    [JsonPropertyName("subtotal_price")]
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? SubtotalPrice { get; set; }

    [JsonPropertyName("total_tax")]
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? TotalTax { get; set; }

    [JsonPropertyName("total_tip_received")]
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? TotalTip { get; set; }

    [JsonPropertyName("total_shipping_price_set")]
    public ShopifyMoneySet? TotalShipping { get; set; }

    [JsonPropertyName("original_total_duties_set")]
    public ShopifyMoneySet? OriginalDuties { get; set; }

    [JsonPropertyName("current_total_duties_set")]
    public ShopifyMoneySet? CurrentDuties { get; set; }

    [JsonPropertyName("original_total_additional_fees_set")]
    public ShopifyMoneySet? OriginalFees { get; set; }

    [JsonPropertyName("current_total_additional_fees_set")]
    public ShopifyMoneySet? CurrentFees { get; set; }

    [JsonPropertyName("total_duties_set")]
    public ShopifyMoneySet? TotalDuties { get; set; }

    [JsonPropertyName("line_items")]
    public IReadOnlyList<ShopifyLine?>? LineItems { get; set; }

    [JsonPropertyName("shipping_lines")]
    public IReadOnlyList<ShopifyShippingLine?>? ShippingLines { get; set; }

    public IReadOnlyList<ShopifyPayload?>? Refunds { get; set; }

    [JsonPropertyName("refund_line_items")]
    public IReadOnlyList<ShopifyRefundLine?>? RefundLineItems { get; set; }

    [JsonPropertyName("order_adjustments")]
    public IReadOnlyList<ShopifyAdjustment?>? OrderAdjustments { get; set; }

    public IReadOnlyList<ShopifyTransaction?>? Transactions { get; set; }

    [JsonPropertyName("billing_address")]
    public ShopifyAddress? BillingAddress { get; set; }

    [JsonPropertyName("default_address")]
    public ShopifyAddress? DefaultAddress { get; set; }

    [JsonPropertyName("email_marketing_consent")]
    public ShopifyConsent? EmailConsent { get; set; }
}

internal sealed class ShopifyLine
{
    [JsonConverter(typeof(LooseText))]
    public string? Id { get; set; }

    [JsonPropertyName("product_id")]
    [JsonConverter(typeof(LooseText))]
    public string? ProductId { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Sku { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Price { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Quantity { get; set; }

    [JsonPropertyName("gift_card")]
    public bool? GiftCard { get; set; }

    [JsonPropertyName("tip_payment_gateway")]
    [JsonConverter(typeof(LooseText))]
    public string? TipGateway { get; set; }

    public System.Text.Json.JsonElement? Tip { get; set; }

    [JsonPropertyName("tax_lines")]
    public IReadOnlyList<ShopifyTaxLine?>? TaxLines { get; set; }

    [JsonPropertyName("discount_allocations")]
    public IReadOnlyList<ShopifyDiscount?>? DiscountAllocations { get; set; }
}

internal sealed class ShopifyShippingLine
{
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Price { get; set; }

    [JsonPropertyName("discounted_price")]
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? DiscountedPrice { get; set; }

    [JsonPropertyName("tax_lines")]
    public IReadOnlyList<ShopifyTaxLine?>? TaxLines { get; set; }

    [JsonPropertyName("discount_allocations")]
    public IReadOnlyList<ShopifyDiscount?>? DiscountAllocations { get; set; }
}

internal sealed class ShopifyDiscount
{
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Amount { get; set; }
}

internal sealed class ShopifyTaxLine
{
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Price { get; set; }
}

internal sealed class ShopifyRefundLine
{
    [JsonPropertyName("line_item_id")]
    [JsonConverter(typeof(LooseText))]
    public string? LineItemId { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Subtotal { get; set; }

    [JsonPropertyName("total_tax")]
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? TotalTax { get; set; }

    [JsonPropertyName("subtotal_set")]
    public ShopifyMoneySet? SubtotalSet { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Quantity { get; set; }

    [JsonPropertyName("line_item")]
    public ShopifyLine? LineItem { get; set; }
}

internal sealed class ShopifyAdjustment
{
    public string? Kind { get; set; }

    public string? Reason { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Amount { get; set; }

    [JsonPropertyName("amount_set")]
    public ShopifyMoneySet? AmountSet { get; set; }
}

internal sealed class ShopifyTransaction
{
    public bool? Test { get; set; }

    public string? Currency { get; set; }

    [JsonPropertyName("source_name")]
    [JsonConverter(typeof(LooseText))]
    public string? SourceName { get; set; }
}

internal sealed class ShopifyMoneySet
{
    [JsonPropertyName("shop_money")]
    public ShopifyMoney? ShopMoney { get; set; }
}

internal sealed class ShopifyMoney
{
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Amount { get; set; }

    [JsonPropertyName("currency_code")]
    public string? CurrencyCode { get; set; }
}

internal sealed class ShopifyAddress
{
    [JsonPropertyName("address1")]
    public string? Street { get; set; }

    [JsonPropertyName("zip")]
    [JsonConverter(typeof(LooseText))]
    public string? PostalCode { get; set; }

    public string? City { get; set; }

    [JsonPropertyName("country_code")]
    public string? CountryCode { get; set; }
}

internal sealed class ShopifyConsent
{
    public string? State { get; set; }

    [JsonPropertyName("consent_updated_at")]
    public DateTimeOffset? UpdatedAt { get; set; }
}
