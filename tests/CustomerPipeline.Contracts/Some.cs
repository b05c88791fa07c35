using System.Globalization;
using System.Text.Json;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Contracts;

/// <summary>Messages as the vendors send them, with only what a test cares about filled in.</summary>
public static class Some
{
    public static readonly DateTimeOffset Moment = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    /// <summary>When messages come, unless a test says otherwise: later than anything they tell of.</summary>
    public static readonly DateTimeOffset Received = Moment.AddYears(2);

    private static int _event;

    /// <summary>A message of a source, wrapped as the queue has it.</summary>
    public static ReadOnlyMemory<byte> Message(string source, object payload, string? topic = null, string? eventId = null) =>
        Wrap(source, JsonSerializer.SerializeToUtf8Bytes(payload), topic, eventId);

    public static ReadOnlyMemory<byte> Wrap(string source, ReadOnlySpan<byte> payload, string? topic = null, string? eventId = null) =>
        new MessageEnvelope($"/{source}/test", eventId ?? Domain.StableHash.Of(payload), source, topic, eventId is not null, payload.ToArray()) { Received = Received }.Wrap();

    public static ReadOnlyMemory<byte> ShopifyOrder(
        long id = 1, string price = "10.00", int quantity = 1, string discount = "0.00", string? currency = "USD", long? customer = null, string? email = null, string? phone = null,
        DateTimeOffset? at = null, DateTimeOffset? updatedAt = null, DateTimeOffset? cancelledAt = null, bool isPos = false, bool isTest = false, string? eventId = null) =>
        Message("shopify", new
        {
            id,
            admin_graphql_api_id = $"gid://shopify/Order/{id}",
            created_at = at ?? Moment,
            updated_at = updatedAt ?? at ?? Moment,
            cancelled_at = cancelledAt,
            currency,
            email,
            phone,
            test = isTest,
            source_name = isPos ? "pos" : "web",
            location_id = isPos ? 5 : (int?)null,
            total_discounts = discount,
            customer = customer is null ? null : new { id = customer, admin_graphql_api_id = $"gid://shopify/Customer/{customer}" },
            line_items = new[] { new { product_id = 7, price, quantity, gift_card = false } },
        }, "orders/create", eventId);

    public static ReadOnlyMemory<byte> ShopifyRefund(long order = 1, long id = 1, decimal subtotal = 10m, string currency = "USD", DateTimeOffset? at = null) =>
        Message("shopify", new
        {
            id,
            admin_graphql_api_id = $"gid://shopify/Refund/{id}",
            order_id = order,
            created_at = at ?? Moment,
            refund_line_items = new[] { new { subtotal, total_tax = 0, subtotal_set = new { shop_money = new { amount = subtotal.ToString(CultureInfo.InvariantCulture), currency_code = currency } } } },
        }, "refunds/create");

    public static ReadOnlyMemory<byte> SquarePayment(
        string id = "p1", long amount = 1000, string status = "COMPLETED", string? customer = null, string currency = "USD", DateTimeOffset? at = null, DateTimeOffset? updatedAt = null,
        string? eventId = null, string? fingerprint = null, long tip = 0, string? order = null) =>
        Message("square", new
        {
            merchant_id = "M",
            type = "payment.updated",
            event_id = eventId ?? NextEvent(),
            created_at = updatedAt ?? at ?? Moment,
            data = new
            {
                type = "payment",
                id,
                @object = new
                {
                    payment = new
                    {
                        id,
                        status,
                        order_id = order,
                        amount_money = new { amount, currency },
                        tip_money = new { amount = tip, currency },
                        created_at = at ?? Moment,
                        updated_at = updatedAt ?? at ?? Moment,
                        customer_id = customer,
                        location_id = "L1",
                        card_details = new { card = new { fingerprint } },
                    },
                },
            },
        });

    public static ReadOnlyMemory<byte> SquareRefund(string payment = "p1", string id = "r1", long amount = 400, string status = "COMPLETED", DateTimeOffset? at = null, string? eventId = null, string type = "refund.updated") =>
        Message("square", new
        {
            type,
            event_id = eventId ?? NextEvent(),
            created_at = at ?? Moment,
            data = new { type = "refund", id, @object = new { refund = new { id, payment_id = payment, status, amount_money = new { amount, currency = "USD" }, created_at = at ?? Moment, updated_at = at ?? Moment } } },
        });

    /// <summary>An answer of the Orders API: one mug, and optionally a gift card.</summary>
    public static ReadOnlyMemory<byte> SquareOrder(string id, long goods, long tax = 0, long giftCard = 0, long tip = 0, string state = "COMPLETED", string? customer = null, DateTimeOffset? at = null) =>
        Message("square", new
        {
            order = new
            {
                id,
                state,
                customer_id = customer,
                location_id = "L1",
                created_at = at ?? Moment,
                updated_at = at ?? Moment,
                total_money = new { amount = goods + tax + giftCard + tip, currency = "USD" },
                total_tax_money = new { amount = tax, currency = "USD" },
                total_tip_money = new { amount = tip, currency = "USD" },
                line_items = new[]
                {
                    new { uid = "1", name = "Mug", quantity = "2", item_type = "ITEM", gross_sales_money = new { amount = goods, currency = "USD" } },
                    new { uid = "2", name = "Gift card", quantity = "1", item_type = "GIFT_CARD", gross_sales_money = new { amount = giftCard, currency = "USD" } },
                },
            },
        });

    public static ReadOnlyMemory<byte> SquareCustomer(string id, string? email = null, string? phone = null, DateTimeOffset? at = null) =>
        Message("square", new
        {
            type = "customer.created",
            event_id = NextEvent(),
            created_at = at ?? Moment,
            data = new { type = "customer", id, @object = new { customer = new { id, email_address = email, phone_number = phone } } },
        });

    public static ReadOnlyMemory<byte> Segment(
        string @event, object? properties = null, string? user = "u1", string? anonymous = null, string? email = null, DateTimeOffset? at = null, string? messageId = null) =>
        Message("segment", new
        {
            type = "track",
            @event,
            messageId = messageId ?? NextEvent(),
            userId = user,
            anonymousId = anonymous,
            timestamp = at ?? Moment,
            context = new { traits = new { email } },
            properties,
        });

    public static ReadOnlyMemory<byte> Identify(string user, string? email = null, string? phone = null, DateTimeOffset? at = null) =>
        Message("segment", new { type = "identify", messageId = NextEvent(), userId = user, timestamp = at ?? Moment, traits = new { email, phone } });

    /// <summary>A profile with one address and a visit with another, both of one account: who has either is one customer.</summary>
    public static ReadOnlyMemory<byte>[] SignedInWithBoth(string email, string other) => [Identify("u1", email), Segment("Product Viewed", new { product_id = "1" }, email: other)];

    public static ReadOnlyMemory<byte> ZendeskTicket(
        string what = "created", string id = "1", string requester = "900", DateTimeOffset? at = null, DateTimeOffset? createdAt = null, string status = "NEW", string? current = null,
        bool isPublicAgentReply = false, string? eventId = null) =>
        Message("zendesk", new
        {
            type = $"zen:event-type:ticket.{what}",
            id = eventId ?? NextEvent(),
            time = at ?? Moment,
            subject = $"zen:ticket:{id}",
            detail = new { id, created_at = createdAt ?? Moment, requester_id = requester, status },
            @event = new { current, comment = what == "comment_added" ? new { is_public = isPublicAgentReply, author = new { is_staff = isPublicAgentReply } } : null },
        });

    public static ReadOnlyMemory<byte> ZendeskUser(string id, string? email = null, string role = "end-user") =>
        Message("zendesk", new { type = "zen:event-type:user.created", id = NextEvent(), time = Moment, subject = $"zen:user:{id}", detail = new { id, email, role } });

    private static string NextEvent() => $"test-event-{Interlocked.Increment(ref _event)}";
}
