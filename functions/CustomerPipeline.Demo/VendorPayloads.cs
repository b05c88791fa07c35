using System.Globalization;
using System.Text.Json;

namespace CustomerPipeline.Demo;

/// <summary>One article of a basket; the price is in minor units.</summary>
internal sealed record BasketLine(string Product, int Price, int Quantity);

/// <summary>An order as the demo shop sold it; the discount is in minor units.</summary>
internal sealed record SoldOrder(string Source, long Number, Shopper Shopper, IReadOnlyList<BasketLine> Basket, int Discount, DateTimeOffset At)
{
    public string? Store { get; init; }

    public bool IsAnonymous { get; init; }

    /// <summary>Bought without signing in, under the second email.</summary>
    public bool IsGuest { get; init; }

    public bool IsCancelled { get; init; }

    /// <summary>The campaign that led to an order of the app; null for none.</summary>
    public string? Campaign { get; init; }
}

/// <summary>A ticket of the demo help desk.</summary>
internal sealed record DemoTicket(long Number, Shopper Shopper, string Subject, DateTimeOffset CreatedAt)
{
    public string Status { get; init; } = "NEW";

    public string? Rating { get; init; }
}

/// <summary>Payloads in the vendors' own formats. Numbers run on, so that one generator's ids are unique.</summary>
internal sealed class VendorPayloads
{
    // What people write to a help desk about, as often as it stands here.
    private static readonly string[] OfOrders =
        ["Where is my order?", "Where is my order?", "Where is my order?", "Late delivery", "Invoice", "Question about an article", "Change of address"];

    private static readonly string[] OfReturns = ["Wrong size", "Wrong size", "Damaged on arrival", "Not as described", "Refund not here yet"];

    private static readonly string[] Categories = ["Shoes", "Shirts", "Trousers", "Jackets", "Bags", "Home"];

    private long _event;
    private long _order = 4_500_000_000_000;
    private long _ticket = 10_000;

    public long NextOrderNumber() => ++_order;

    public string NextEventId() => $"evt-{(++_event).ToString("D9", CultureInfo.InvariantCulture)}";

    public DemoTicket NextTicket(Shopper shopper, string subject, DateTimeOffset at) => new(++_ticket, shopper, subject, at);

    public static string SubjectOfOrder(Random random) => OfOrders[random.Next(OfOrders.Length)];

    public static string SubjectOfReturn(Random random) => OfReturns[random.Next(OfReturns.Length)];

    public static byte[] ShopifyCustomer(Shopper shopper, DateTimeOffset at) => Json(new
    {
        id = long.Parse(shopper.ShopifyId, CultureInfo.InvariantCulture),
        created_at = at,
        updated_at = at,
        first_name = shopper.FirstName,
        last_name = shopper.LastName,
        state = "enabled",
        verified_email = true,
        email = shopper.Email,
        phone = shopper.Phone,
        currency = shopper.Currency,
        admin_graphql_api_id = $"gid://shopify/Customer/{shopper.ShopifyId}",
        default_address = new { country_code = shopper.Country, city = "Springfield", zip = "12345" },
    });

    public static byte[] ShopifyOrder(SoldOrder order, DateTimeOffset updatedAt, DateTimeOffset? cancelledAt)
    {
        var shopper = order.Shopper;
        var gross = order.Basket.Sum(l => l.Price * l.Quantity);
        var shipping = order.Store is null ? 495 : 0;
        var tax = (gross - order.Discount) * 8 / 100;
        var email = order.IsAnonymous ? null : order.IsGuest ? shopper.SecondEmail : shopper.Email;
        return Json(new
        {
            id = order.Number,
            admin_graphql_api_id = $"gid://shopify/Order/{order.Number}",
            app_id = 580111,
            cancel_reason = cancelledAt is null ? null : "customer",
            cancelled_at = cancelledAt,
            contact_email = email,
            created_at = order.At,
            processed_at = order.At,
            updated_at = updatedAt,
            currency = shopper.Currency,
            email,
            financial_status = cancelledAt is null ? "paid" : "voided",
            name = $"#{order.Number}",
            order_number = order.Number,
            phone = order.IsAnonymous ? null : shopper.Phone,
            presentment_currency = shopper.Currency,
            source_name = order.Store is null ? "web" : "pos",
            location_id = order.Store is null ? (long?)null : long.Parse(order.Store, CultureInfo.InvariantCulture),
            subtotal_price = Major(gross - order.Discount),
            tags = "",
            taxes_included = false,
            test = false,
            total_discounts = Major(order.Discount),
            total_line_items_price = Major(gross),
            total_price = Major(gross - order.Discount + shipping + tax),
            total_shipping_price_set = Set(shipping, shopper.Currency),
            total_tax = Major(tax),
            total_tip_received = "0.00",
            billing_address = order.IsAnonymous ? null : new { first_name = shopper.FirstName, last_name = shopper.LastName, country_code = shopper.Country, city = "Springfield" },
            customer = order.IsAnonymous || order.IsGuest ? null : new
            {
                id = long.Parse(shopper.ShopifyId, CultureInfo.InvariantCulture),
                email = shopper.Email,
                phone = shopper.Phone,
                first_name = shopper.FirstName,
                last_name = shopper.LastName,
                admin_graphql_api_id = $"gid://shopify/Customer/{shopper.ShopifyId}",
            },
            line_items = order.Basket.Select((line, i) => new
            {
                id = (order.Number * 10) + i,
                gift_card = false,
                name = $"Article {line.Product}",
                price = Major(line.Price),
                price_set = Set(line.Price, shopper.Currency),
                product_id = line.Product,
                quantity = line.Quantity,
                sku = $"SKU-{line.Product}",
                taxable = true,
                total_discount = "0.00",
                tax_lines = new[] { new { price = Major(line.Price * line.Quantity * 8 / 100), rate = 0.08, title = "Tax" } },
            }),
            refunds = Array.Empty<object>(),
            shipping_lines = Array.Empty<object>(),
        });
    }

    public static byte[] ShopifyRefund(SoldOrder order, IReadOnlyList<BasketLine> lines, DateTimeOffset at)
    {
        var number = (order.Number * 10) + 7;
        return Json(new
        {
            id = number,
            order_id = order.Number,
            created_at = at,
            processed_at = at,
            note = "Returned",
            restock = true,
            admin_graphql_api_id = $"gid://shopify/Refund/{number}",
            order_adjustments = Array.Empty<object>(),
            refund_line_items = lines.Select((line, i) => new
            {
                id = (order.Number * 100) + i,
                quantity = line.Quantity,
                line_item_id = (order.Number * 10) + i,
                subtotal = line.Price * line.Quantity / 100m,
                subtotal_set = Set(line.Price * line.Quantity, order.Shopper.Currency),
                total_tax = line.Price * line.Quantity * 8 / 100 / 100m,
            }),
            transactions = new[] { new { kind = "refund", status = "success", source_name = order.Store is null ? "web" : "pos", currency = order.Shopper.Currency } },
        });
    }

    public byte[] SquareCustomer(Shopper shopper, DateTimeOffset at) => Square("customer.created", at, "customer", shopper.SquareId, new
    {
        customer = new
        {
            id = shopper.SquareId,
            created_at = at,
            updated_at = at,
            given_name = shopper.FirstName,
            family_name = shopper.LastName,
            email_address = shopper.Email,
            phone_number = shopper.Phone,
            creation_source = "DIRECTORY",
            version = 0,
        },
    });

    public byte[] SquarePayment(SoldOrder order, string type, string status, DateTimeOffset at, bool isLinked)
    {
        var id = $"pay{order.Number.ToString(CultureInfo.InvariantCulture)}";
        var amount = new { amount = order.Basket.Sum(l => l.Price * l.Quantity), currency = order.Shopper.Currency };
        return Square(type, at, "payment", id, new
        {
            payment = new
            {
                id,
                amount_money = amount,
                total_money = amount,
                card_details = new { status = status == "COMPLETED" ? "CAPTURED" : "AUTHORIZED", card = new { card_brand = "VISA", fingerprint = $"sq-1-{order.Shopper.SquareId}", last_4 = "1111" } },
                created_at = order.At,
                updated_at = at,
                customer_id = isLinked ? order.Shopper.SquareId : null,
                location_id = order.Store,
                order_id = $"ord{order.Number.ToString(CultureInfo.InvariantCulture)}",
                source_type = "CARD",
                status,
            },
        });
    }

    public byte[] SquareRefund(SoldOrder order, IReadOnlyList<BasketLine> lines, string type, string status, DateTimeOffset at)
    {
        var id = $"ref{order.Number.ToString(CultureInfo.InvariantCulture)}";
        return Square(type, at, "refund", id, new
        {
            refund = new
            {
                id,
                amount_money = new { amount = lines.Sum(l => l.Price * l.Quantity), currency = order.Shopper.Currency },
                created_at = at,
                updated_at = at,
                location_id = order.Store,
                order_id = $"ret{order.Number.ToString(CultureInfo.InvariantCulture)}",
                payment_id = $"pay{order.Number.ToString(CultureInfo.InvariantCulture)}",
                status,
            },
        });
    }

    public byte[] Identify(Shopper shopper, string device, DateTimeOffset at) => Json(new
    {
        type = "identify",
        messageId = NextEventId(),
        userId = shopper.SegmentId,
        anonymousId = device,
        timestamp = at,
        sentAt = at,
        traits = new { email = shopper.Email, firstName = shopper.FirstName, lastName = shopper.LastName, phone = shopper.Phone },
        context = Context(),
    });

    public byte[] Browse(Shopper shopper, string device, bool isSignedIn, string name, string product, DateTimeOffset at) => Json(new
    {
        type = "track",
        @event = name,
        messageId = NextEventId(),
        userId = isSignedIn ? shopper.SegmentId : null,
        anonymousId = device,
        timestamp = at,
        sentAt = at,
        properties = new { product_id = product, sku = $"SKU-{product}", category = CategoryOf(product), name = $"Article {product}", currency = shopper.Currency },
        context = Context(),
    });

    public byte[] Page(Shopper shopper, string device, DateTimeOffset at) => Json(new
    {
        type = "page",
        name = "Home",
        messageId = NextEventId(),
        userId = shopper.SegmentId,
        anonymousId = device,
        timestamp = at,
        context = Context(),
    });

    public byte[] AppOrder(SoldOrder order, string device)
    {
        var gross = order.Basket.Sum(l => l.Price * l.Quantity);
        return Json(new
        {
            type = "track",
            @event = "Order Completed",
            messageId = NextEventId(),
            userId = order.Shopper.SegmentId,
            anonymousId = device,
            timestamp = order.At,
            properties = new
            {
                order_id = order.Number.ToString(CultureInfo.InvariantCulture),
                subtotal = gross / 100m,
                shipping = 4.95m,
                tax = gross * 8 / 100 / 100m,
                total = (gross + 495 + (gross * 8 / 100)) / 100m,
                currency = order.Shopper.Currency,
                products = Products(order.Basket),
            },
            context = new
            {
                library = new { name = "app", version = "4.1" },
                traits = new { email = order.Shopper.Email },
                campaign = order.Campaign is { } campaign ? new { name = campaign, medium = "paid" } : null,
            },
        });
    }

    public byte[] AppRefund(SoldOrder order, IReadOnlyList<BasketLine> lines, DateTimeOffset at) => Json(new
    {
        type = "track",
        @event = "Order Refunded",
        messageId = NextEventId(),
        userId = order.Shopper.SegmentId,
        timestamp = at,
        properties = new { order_id = order.Number.ToString(CultureInfo.InvariantCulture), currency = order.Shopper.Currency, products = Products(lines) },
        context = Context(),
    });

    public byte[] ZendeskUser(Shopper shopper, DateTimeOffset at) => Zendesk("zen:event-type:user.created", $"zen:user:{shopper.ZendeskId}", at, new
    {
        id = shopper.ZendeskId,
        created_at = at,
        updated_at = at,
        email = shopper.Email,
        name = $"{shopper.FirstName} {shopper.LastName}",
        role = "end-user",
    }, new { });

    public byte[] TicketEvent(DemoTicket ticket, string what, DateTimeOffset at) => Zendesk(
        $"zen:event-type:ticket.{what}", Subject(ticket), at, Detail(ticket, at),
        what == "created" ? new { } : new { current = what == "status_changed" ? ticket.Status : ticket.Rating, previous = "offered" });

    public byte[] TicketReply(DemoTicket ticket, DateTimeOffset at) => Zendesk(
        "zen:event-type:ticket.comment_added", Subject(ticket), at, Detail(ticket with { Status = "OPEN" }, at),
        new { comment = new { id = NextEventId(), body = "Thank you for your message.", is_public = true, author = new { id = "901", is_staff = true, name = "Agent" } } });

    public byte[] TicketHandoff(DemoTicket ticket, DateTimeOffset at) => Zendesk(
        "zen:event-type:ticket.agent_assignment_changed", Subject(ticket), at, Detail(ticket, at), new { current = "902", previous = "901" });

    /// <summary>What a campaign cost in a month, in the shape of the import.</summary>
    public static byte[] Spend(DateTimeOffset month, string campaign, decimal amount, string currency) => Json(new
    {
        kind = "spend",
        system = "marketing",
        id = $"{campaign}-{currency}-{month:yyyy-MM}",
        day = month.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        campaign,
        channel = "online",
        currency,
        amount,
    });

    private static string Subject(DemoTicket ticket) => $"zen:ticket:{ticket.Number.ToString(CultureInfo.InvariantCulture)}";

    private static object Detail(DemoTicket ticket, DateTimeOffset at) => new
    {
        id = ticket.Number.ToString(CultureInfo.InvariantCulture),
        created_at = ticket.CreatedAt,
        updated_at = at,
        requester_id = ticket.Shopper.ZendeskId,
        status = ticket.Status,
        priority = "NORMAL",
        type = "QUESTION",
        subject = ticket.Subject,
        tags = Array.Empty<string>(),
        via = new { channel = "web" },
    };

    private byte[] Zendesk(string type, string subject, DateTimeOffset at, object detail, object change) => Json(new
    {
        type,
        account_id = 12_514_403,
        id = NextEventId(),
        time = at,
        zendesk_event_version = "2022-11-06",
        subject,
        detail,
        @event = change,
    });

    private byte[] Square(string type, DateTimeOffset at, string kind, string id, object subject) => Json(new
    {
        merchant_id = "DEMO",
        type,
        event_id = NextEventId(),
        created_at = at,
        data = new { type = kind, id, @object = subject },
    });

    private static string CategoryOf(string product) => Categories[product[^1] % Categories.Length];

    private static IEnumerable<object> Products(IReadOnlyList<BasketLine> lines) =>
        lines.Select(line => new { product_id = line.Product, sku = $"SKU-{line.Product}", category = CategoryOf(line.Product), price = line.Price / 100m, quantity = line.Quantity });

    private static object Context() => new { library = new { name = "analytics.js", version = "2.1" }, page = new { path = "/shop", url = "https://shop.example/shop" }, locale = "en-US" };

    private static object Set(int minor, string currency)
    {
        var money = new { amount = Major(minor), currency_code = currency };
        return new { shop_money = money, presentment_money = money };
    }

    private static string Major(int minor) => (minor / 100m).ToString("0.00", CultureInfo.InvariantCulture);

    private static byte[] Json<T>(T payload) => JsonSerializer.SerializeToUtf8Bytes(payload);
}
