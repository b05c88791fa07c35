using System.Text.Json.Serialization;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Normalize.Sources;

/// <summary>
/// The project's own documented shape (docs/import.md, version 1), for systems without a mapping: orders, tickets and people as NDJSON, or as CSV by a
/// column mapping. Money is in major units; times have an offset, or a time zone beside them.
/// </summary>
internal static class Import
{
    public static Normalization Normalize(MessageEnvelope envelope, NormalizationRules rules) =>
        SourceJson.Map(envelope.Data, SourceShapes.Default.ImportedEntity, entity => entity.Kind?.ToLowerInvariant() switch
        {
            "order" => Order(entity, envelope, rules),
            "refund" => Refund(entity, envelope, rules),
            "ticket" => Ticket(entity, envelope, rules),
            "person" => Person(entity, envelope, rules),
            null => Normalization.Reject("missing-field", "The payload has no kind: say order, refund, ticket or person."),
            _ => Normalization.Reject("unknown-event", "The kind is none of order, refund, ticket and person."),
        });

    private static Normalization Order(ImportedEntity order, MessageEnvelope envelope, NormalizationRules rules)
    {
        var money = new MinorUnits(SourceJson.CurrencyOf(order.Currency, rules));
        var record = Record(order, envelope, EntityKind.Order, SourceJson.Required(order.Id, "id"), "placed_at", order.PlacedAt, money, rules);
        var lines = order.Lines.Items().Select(l => LineOf(l, money)).ToList();
        var lineDiscounts = order.Lines.Items().Sum(l => DiscountOf(l, money));
        if (lines.Count == 0 && order.Gross is null && order.Net is null)
        {
            return Normalization.Reject("missing-amount", "The order has neither lines nor gross or net. Send one of them and retry.");
        }

        var discounts = order.Discount is { } said ? money.Of(said, "discount") + lineDiscounts : lineDiscounts;
        var gross = order.Gross is { } statedGross ? money.Of(statedGross, "gross") : lines.Count > 0 ? lines.Sum(l => l.Amount) : money.Of(order.Net, "net") + discounts;
        return new Normalization.Normalized(record with
        {
            Order = new OrderSnapshot
            {
                Status = order.Status?.ToLowerInvariant() switch
                {
                    "pending" => SaleStatus.Pending,
                    "void" => SaleStatus.Void,
                    null or "placed" or "completed" or "paid" or "cancelled" => SaleStatus.Placed,
                    _ => throw new UnreadableFieldException("invalid-field", "status is none of placed, pending, void and cancelled. Mend the payload or the column mapping."),
                },
                PlacedAt = record.OccurredAt,
                BusinessDay = order.BusinessDay,
                Currency = money.Currency.Code,
                Gross = gross,
                Discounts = discounts,
                Tax = money.Of(order.Tax, "tax"),
                Shipping = money.Of(order.Shipping, "shipping"),
                Units = lines.Sum(l => MinorUnits.Units(l.Quantity)),
                Lines = lines,
            },
            CancelledAt = order.CancelledAt is not null ? StoreTime.Read(order.CancelledAt, () => ZoneOf(order, rules), "cancelled_at", money.Flags)
                : string.Equals(order.Status, "cancelled", StringComparison.OrdinalIgnoreCase) ? record.OccurredAt : null,
            Flags = money.FlagsOrNull,
        });
    }

    private static Normalization Refund(ImportedEntity refund, MessageEnvelope envelope, NormalizationRules rules)
    {
        var money = new MinorUnits(SourceJson.CurrencyOf(refund.Currency, rules));
        var record = Record(refund, envelope, EntityKind.Order, SourceJson.Required(refund.Order, "order"), "refunded_at", refund.RefundedAt, money, rules);
        return new Normalization.Normalized(record with
        {
            Refunds =
            [
                new RefundRecord
                {
                    Id = SourceJson.Required(refund.Id, "id"),
                    Status = RefundStatus.Completed,
                    At = record.OccurredAt,
                    BusinessDay = refund.BusinessDay,
                    Currency = money.Currency.Code,
                    Amount = refund.Net is { } amount ? Math.Abs(money.Of(amount, "net")) : null,
                },
            ],
            Flags = money.FlagsOrNull,
        });
    }

    private static Normalization Ticket(ImportedEntity ticket, MessageEnvelope envelope, NormalizationRules rules)
    {
        var flags = new SortedSet<string>(StringComparer.Ordinal);
        DateTimeOffset? TimeOrNull(string? text, string field) => text is null ? null : StoreTime.Read(text, () => ZoneOf(ticket, rules), field, flags);
        var createdAt = TimeOrNull(SourceJson.Required(ticket.CreatedAt, "created_at"), "created_at")!.Value;
        var record = Record(ticket, envelope, EntityKind.Ticket, SourceJson.Required(ticket.Id, "id"), createdAt, TimeOrNull(ticket.UpdatedAt, "updated_at"), rules);
        return new Normalization.Normalized(record with
        {
            Channel = Channel.Service,
            Ticket = new TicketChange
            {
                CreatedAt = createdAt,
                Status = ticket.Status?.ToLowerInvariant(),
                FirstReplyAt = TimeOrNull(ticket.FirstReplyAt, "first_reply_at"),
                SolvedAt = TimeOrNull(ticket.SolvedAt, "solved_at"),
                Reopens = Count(ticket.Reopens, "reopens"),
                Handoffs = Count(ticket.Handoffs, "handoffs"),
                Rating = RatingOf(ticket.Rating),
                Replies = Count(ticket.Replies, "replies"),
                Subject = TicketSubject.Of(ticket.Subject),
                Recommendation = Scale(ticket.Nps, 0, 10, "nps"),
                Ease = Scale(ticket.Ces, 1, 7, "ces"),
            },
            Flags = flags.Count == 0 ? null : [.. flags],
        });
    }

    private static Normalization Person(ImportedEntity person, MessageEnvelope envelope, NormalizationRules rules)
    {
        var flags = new SortedSet<string>(StringComparer.Ordinal);
        var said = person.UpdatedAt ?? person.CreatedAt;
        var at = said is not null
            ? StoreTime.Read(said, () => ZoneOf(person, rules), "created_at", flags)
            : SourceJson.Time(envelope.Received, "created_at");
        var id = SourceJson.Required(person.Id ?? person.Customer, "id");
        var record = Record(person with { Customer = person.Customer ?? id }, envelope, EntityKind.Person, id, at, null, rules);
        return new Normalization.Normalized(record with { Person = ProfileOf(person), Flags = flags.Count == 0 ? null : [.. flags] });
    }

    private static PersonProfile ProfileOf(ImportedEntity person) => new()
    {
        Name = person.Name,
        BirthDate = person.BirthDate,
        Street = person.Street,
        PostalCode = person.PostalCode,
        City = person.City,
        Country = person.Country,
        MarketingConsent = person.MarketingConsent?.ToLowerInvariant() switch { "yes" or "true" or "1" => true, "no" or "false" or "0" => false, _ => null },
    };

    private static InteractionRecord Record(
        ImportedEntity entity, MessageEnvelope envelope, EntityKind kind, string id, string field, string? time, MinorUnits money, NormalizationRules rules)
    {
        var at = StoreTime.Read(time, () => ZoneOf(entity, rules), field, money.Flags);
        return Record(entity, envelope, kind, id, at, entity.UpdatedAt is null ? null : StoreTime.Read(entity.UpdatedAt, () => ZoneOf(entity, rules), "updated_at", money.Flags), rules);
    }

    // The system's name is part of every key: two systems may number their orders alike.
    private static InteractionRecord Record(
        ImportedEntity entity, MessageEnvelope envelope, EntityKind kind, string id, DateTimeOffset at, DateTimeOffset? updatedAt, NormalizationRules rules)
    {
        var system = SystemOf(entity);
        return new InteractionRecord
        {
            Entity = EntityKey.Of(system, kind, id),
            Id = StableHash.Of(system, envelope.Source, envelope.Id),
            Version = (updatedAt ?? at).UtcTicks,
            Kind = kind,
            Channel = entity.Channel?.ToLowerInvariant() switch
            {
                "online" => Channel.Online,
                "in-store" => Channel.InStore,
                "service" => Channel.Service,
                null => string.Equals(entity.Kind, "order", StringComparison.OrdinalIgnoreCase) ? throw new UnreadableFieldException("missing-field", "The payload has no channel: say online or in-store.") : null,
                _ => throw new UnreadableFieldException("invalid-field", "channel is none of online, in-store and service. Mend the payload or the column mapping."),
            },
            OccurredAt = at,
            Place = entity.Store,
            Campaign = entity.Campaign,
            Identifiers = IdentifierNormalizer.Present(
                IdentifierNormalizer.Account(system, entity.Customer),
                IdentifierNormalizer.Loyalty(entity.Loyalty),
                IdentifierNormalizer.Email(entity.Email),
                IdentifierNormalizer.Phone(entity.Phone, entity.Country ?? rules.DefaultRegion)),
        };
    }

    private static string SystemOf(ImportedEntity entity)
    {
        var system = SourceJson.Required(entity.System, "system").ToLowerInvariant();
        return system.Length <= 40 && system.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && Normalizer.Find(system) is null
            ? system
            : throw new UnreadableFieldException("invalid-field", "system is a name of your own for where the data comes from: up to 40 letters, digits and hyphens, and not the name of a known source.");
    }

    private static string ZoneOf(ImportedEntity entity, NormalizationRules rules) =>
        string.IsNullOrWhiteSpace(entity.TimeZone) ? StoreTime.ZoneOf(entity.Store, rules) : entity.TimeZone.Trim();

    // A net price is what was paid for one, after discount; the difference is the discount.
    private static OrderLine LineOf(ImportedLine line, MinorUnits money)
    {
        var quantity = line.Quantity ?? 1;
        return quantity < 0
            ? throw new UnreadableFieldException("negative-quantity", "A line has a negative quantity. Send returns as refunds.")
            : new OrderLine(line.Product, quantity, money.Product(line.Price ?? line.NetPrice ?? throw new UnreadableFieldException("missing-amount", "A line has no price."), quantity, "lines.price")) { Category = line.Category };
    }

    private static long DiscountOf(ImportedLine line, MinorUnits money) =>
        line is { Price: { } price, NetPrice: { } net } ? money.Product(price, line.Quantity ?? 1, "lines.price") - money.Product(net, line.Quantity ?? 1, "lines.net_price") : 0;

    private static int? Count(decimal? count, string field) => count switch
    {
        null => null,
        >= 0 and <= 1_000_000 => (int)count,
        _ => throw new UnreadableFieldException("invalid-number", $"{field} is negative or impossibly large. Mend the payload and retry."),
    };

    private static int? Scale(decimal? answer, int worst, int best, string field) =>
        answer is null ? null
        : answer >= worst && answer <= best && answer == decimal.Truncate(answer.Value) ? (int)answer
        : throw new UnreadableFieldException("invalid-field", $"{field} is a whole number from {worst} to {best}. Mend the payload or the column mapping.");

    private static Rating? RatingOf(string? rating) => rating?.Trim().ToLowerInvariant() switch
    {
        null or "" or "offered" or "unoffered" => null,
        "good" => Rating.Good,
        "bad" => Rating.Bad,
        { Length: 1 } digit when digit[0] is >= '1' and <= '5' => new Rating(digit[0] - '0', 1, 5),
        _ => throw new UnreadableFieldException("invalid-field", "rating is none of good, bad and 1 to 5. Mend the payload or the column mapping."),
    };
}

/// <summary>An order, refund, ticket or person of the import shape.</summary>
internal sealed record ImportedEntity
{
    public string? Kind { get; set; }

    /// <summary>Where the data comes from: the source that metrics name.</summary>
    public string? System { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Id { get; set; }

    /// <summary>Of a refund: the order it belongs to.</summary>
    [JsonConverter(typeof(LooseText))]
    public string? Order { get; set; }

    public string? Channel { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Store { get; set; }

    public string? Campaign { get; set; }

    [JsonPropertyName("time_zone")]
    public string? TimeZone { get; set; }

    [JsonPropertyName("placed_at")]
    public string? PlacedAt { get; set; }

    [JsonPropertyName("refunded_at")]
    public string? RefundedAt { get; set; }

    [JsonPropertyName("created_at")]
    public string? CreatedAt { get; set; }

    [JsonPropertyName("updated_at")]
    public string? UpdatedAt { get; set; }

    [JsonPropertyName("cancelled_at")]
    public string? CancelledAt { get; set; }

    [JsonPropertyName("first_reply_at")]
    public string? FirstReplyAt { get; set; }

    [JsonPropertyName("solved_at")]
    public string? SolvedAt { get; set; }

    [JsonPropertyName("business_day")]
    public DateOnly? BusinessDay { get; set; }

    public string? Status { get; set; }

    public string? Currency { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Gross { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Net { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Discount { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Tax { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Shipping { get; set; }

    public IReadOnlyList<ImportedLine?>? Lines { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Customer { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Loyalty { get; set; }

    public string? Email { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Phone { get; set; }

    public string? Country { get; set; }

    public string? Name { get; set; }

    [JsonPropertyName("birth_date")]
    [JsonConverter(typeof(LooseText))]
    public string? BirthDate { get; set; }

    public string? Street { get; set; }

    [JsonPropertyName("postal_code")]
    [JsonConverter(typeof(LooseText))]
    public string? PostalCode { get; set; }

    public string? City { get; set; }

    [JsonPropertyName("marketing_consent")]
    [JsonConverter(typeof(LooseText))]
    public string? MarketingConsent { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Rating { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Reopens { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Handoffs { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Replies { get; set; }

    public string? Subject { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Nps { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Ces { get; set; }
}

internal sealed class ImportedLine
{
    [JsonConverter(typeof(LooseText))]
    public string? Product { get; set; }

    [JsonConverter(typeof(LooseText))]
    public string? Category { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Quantity { get; set; }

    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Price { get; set; }

    [JsonPropertyName("net_price")]
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? NetPrice { get; set; }
}
