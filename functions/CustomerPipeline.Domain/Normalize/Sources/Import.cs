using System.Globalization;
using System.Text.Json;
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
    private const int DecimalsOfAmounts = 10;

    public static Normalization Normalize(MessageEnvelope envelope, NormalizationRules rules) => FilePlace.AddTo(
        SourceJson.Map(envelope.Data, SourceShapes.Default.ImportedEntity, entity => Unknown(entity) is { } unknown
            ? Normalization.Reject("unknown-field", $"The import shape has no field '{unknown}'. The fields of version 1 are in docs/import.md.")
            : entity.Kind?.ToLowerInvariant() switch
            {
                "order" => Order(entity, envelope, rules),
                "refund" => Refund(entity, envelope, rules),
                "ticket" => Ticket(entity, envelope, rules),
                "person" => Person(entity, envelope, rules),
                "spend" => ImportSpend.Normalize(entity, envelope, rules),
                null => Normalization.Reject("missing-field", "The payload has no kind: say order, refund, ticket, person or spend."),
                _ => Normalization.Reject("unknown-event", "The kind is none of order, refund, ticket, person and spend."),
            }),
        envelope);

    // A misspelt name would lose its value without a word. A name is the sender's text, too: it is told only where it looks like a name.
    private static string? Unknown(ImportedEntity entity)
    {
        var name = entity.Others?.Keys.FirstOrDefault() ?? entity.Lines.Items().Select(l => l.Others?.Keys.FirstOrDefault()).FirstOrDefault(n => n is not null);
        return name is null ? null : name.Length <= 40 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') ? name : "…";
    }

    private static Normalization Order(ImportedEntity order, MessageEnvelope envelope, NormalizationRules rules)
    {
        var money = new MinorUnits(SourceJson.CurrencyOf(order.Currency, rules));
        var record = Record(order, envelope, EntityKind.Order, SourceJson.Required(order.Id, "id"), "placed_at", order.PlacedAt, money, rules);
        var lines = order.Lines.Items().Select(l => LineOf(l, money)).ToList();
        if (lines.Count == 0 && order.Gross is null && order.Net is null)
        {
            return Normalization.Reject("missing-amount", "The order has neither lines nor gross or net. Send one of them and retry.");
        }

        var (gross, discounts) = GoodsOf(order, lines, money);
        return new Normalization.Normalized(record with
        {
            Order = new OrderSnapshot
            {
                Status = order.Status?.ToLowerInvariant() switch
                {
                    "pending" => SaleStatus.Pending,
                    "void" => SaleStatus.Void,
                    null or "placed" or "completed" or "paid" or "cancelled" => SaleStatus.Placed,
                    _ => throw new UnreadableFieldException("invalid-field", "status is none of placed, pending, void and cancelled. Correct the payload or the column mapping."),
                },
                PlacedAt = record.OccurredAt,
                BusinessDay = DayOf(order, order.PlacedAt),
                Currency = money.Currency.Code,
                Gross = gross,
                Discounts = discounts,
                Tax = NotNegative(order.Tax, "tax", money),
                Shipping = NotNegative(order.Shipping, "shipping", money),
                Units = lines.Sum(l => MinorUnits.Units(l.Quantity)),
                Lines = lines,
                IsComplete = true,
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
                    BusinessDay = DayOf(refund, refund.RefundedAt),
                    Currency = money.Currency.Code,
                    Amount = GivenBack(refund, money),
                    Cost = refund.Lines.Items().Select(l => CostOf(l, money)).ToList() is { Count: > 0 } costs && costs.TrueForAll(c => c is not null) ? costs.Sum() : null,
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
                IsComplete = true,
                Status = StatusOf(ticket),
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
        var record = Record(person with { Customer = person.Customer ?? id }, envelope, EntityKind.Person, id, at, person.UpdatedAt is null ? null : at, rules);
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
        MarketingConsent = person.MarketingConsent?.Trim().ToLowerInvariant() switch
        {
            null or "" => null,
            "yes" or "true" or "1" => true,
            "no" or "false" or "0" => false,
            _ => throw new UnreadableFieldException("invalid-field", "marketing_consent is none of yes and no. Correct the payload, or translate it in the column mapping with values."),
        },
    };

    private static InteractionRecord Record(
        ImportedEntity entity, MessageEnvelope envelope, EntityKind kind, string id, string field, string? time, MinorUnits money, NormalizationRules rules)
    {
        var at = StoreTime.Read(time, () => ZoneOf(entity, rules), field, money.Flags);
        return Record(entity, envelope, kind, id, at, UpdatedAt(entity, money, rules), rules);
    }

    internal static DateTimeOffset? UpdatedAt(ImportedEntity entity, MinorUnits money, NormalizationRules rules) =>
        entity.UpdatedAt is null ? null : StoreTime.Read(entity.UpdatedAt, () => ZoneOf(entity, rules), "updated_at", money.Flags);

    // The system's name is part of every key: two systems may number their orders alike. Without updated_at, what was received later is newer: a
    // table that is exported again replaces what it said before.
    internal static InteractionRecord Record(
        ImportedEntity entity, MessageEnvelope envelope, EntityKind kind, string id, DateTimeOffset at, DateTimeOffset? updatedAt, NormalizationRules rules)
    {
        var system = SystemOf(entity);
        return new InteractionRecord
        {
            Entity = EntityKey.Of(system, kind, Whole(id, "id")),
            Id = StableHash.Of(system, envelope.Source, envelope.Id),
            Version = (updatedAt ?? envelope.Received ?? at).UtcTicks,
            Kind = kind,
            Channel = entity.Channel?.ToLowerInvariant() switch
            {
                "online" => Channel.Online,
                "in-store" => Channel.InStore,
                "service" => Channel.Service,
                null => string.Equals(entity.Kind, "order", StringComparison.OrdinalIgnoreCase) ? throw new UnreadableFieldException("missing-field", "The payload has no channel: say online or in-store.") : null,
                _ => throw new UnreadableFieldException("invalid-field", "channel is none of online, in-store and service. Correct the payload or the column mapping."),
            },
            OccurredAt = at,
            Place = entity.Store,
            Campaign = entity.Campaign,
            Identifiers = IdentifierNormalizer.Present(
                IdentifierNormalizer.Account(system, Whole(entity.Customer, "customer")),
                IdentifierNormalizer.Loyalty(Whole(entity.Loyalty, "loyalty")),
                IdentifierNormalizer.Email(entity.Email),
                IdentifierNormalizer.Phone(Whole(entity.Phone, "phone"), entity.Country ?? rules.DefaultRegion)),
        };
    }

    // A spreadsheet has cut the number: many different ones look like this.
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(id))]
    private static string? Whole(string? id, string field) => SourceJson.IsCutNumber(id)
        ? throw new UnreadableFieldException("cut-identifier", $"{field} is a number in scientific form, as a spreadsheet writes long numbers: its last digits are lost. Export the column as text.")
        : id;

    private static string SystemOf(ImportedEntity entity)
    {
        var system = SourceJson.Required(entity.System, "system").ToLowerInvariant();
        return system.Length <= 40 && system.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && Normalizer.Find(system) is null
            ? system
            : throw new UnreadableFieldException("invalid-field", "system is a name of your own for where the data comes from: up to 40 letters, digits and hyphens, and not the name of a known source.");
    }

    private static string ZoneOf(ImportedEntity entity, NormalizationRules rules) =>
        string.IsNullOrWhiteSpace(entity.TimeZone) ? StoreTime.ZoneOf(entity.Store, rules) : entity.TimeZone.Trim();

    // What is stated must agree: net = gross - discounts, and gross = the sum of the lines. What is not stated follows from the rest.
    private static (long Gross, long Discounts) GoodsOf(ImportedEntity order, List<OrderLine> lines, MinorUnits money)
    {
        long? gross = order.Gross is null ? null : NotNegative(order.Gross, "gross", money);
        long? net = order.Net is null ? null : NotNegative(order.Net, "net", money);
        var ofLines = order.Lines.Items().Sum(l => DiscountOf(l, money));
        long? discounts = order.Discount is null ? lines.Count > 0 && net is null ? ofLines : null : NotNegative(order.Discount, "discount", money) + ofLines;

        // Each line is rounded once, so that a total may differ by a minor unit for each.
        var sum = lines.Sum(l => l.Amount);
        if (lines.Count > 0 && gross is { } said && Math.Abs(said - sum) > lines.Count)
        {
            throw Contradiction("gross", said, "the sum of the lines", sum, money);
        }

        var sold = gross ?? (lines.Count > 0 ? sum : (net ?? 0) + (discounts ?? 0));
        var less = discounts ?? (net is { } paid && paid <= sold ? sold - paid : 0);
        return net is { } left && Math.Abs(left - (sold - less)) > lines.Count ? throw Contradiction("net", left, "gross less discount", sold - less, money)
            : less > sold ? throw Contradiction("discount", less, "gross", sold, money)
            : less < ofLines - lines.Count ? throw Contradiction("discount", less, "the sum of the lines' discounts", ofLines, money)
            : (sold, less);
    }

    private static long? GivenBack(ImportedEntity refund, MinorUnits money)
    {
        long? net = refund.Net is null ? null : NotNegative(refund.Net, "net", money);
        var lines = refund.Lines.Items();
        if (lines.Count == 0)
        {
            return net;
        }

        var sum = lines.Sum(l => AmountOf(PriceOf(l.NetPrice ?? l.Price), l, "lines.price", money));
        return net is { } stated && Math.Abs(stated - sum) > lines.Count ? throw Contradiction("net", stated, "the sum of the lines", sum, money) : net ?? sum;
    }

    private static UnreadableFieldException Contradiction(string field, long stated, string other, long sum, MinorUnits money) => new(
        "contradicting-amounts",
        $"{field} is {Money.ToMajor(stated, money.Currency.Code)}, but {other} is {Money.ToMajor(sum, money.Currency.Code)}: net = gross - discount, and the lines add up to gross. Correct the payload or the column mapping.");

    internal static long NotNegative(decimal? amount, string field, MinorUnits money) => amount < 0 ? throw Negative(field) : money.Of(amount, field);

    private static UnreadableFieldException Negative(string field) => new(
        "negative-amount", $"{field} is below zero. Amounts have no sign: send what was given back as a refund, with what it was worth; a column mapping turns signs with {{\"factor\": -1}}.");

    // A day without a time is that business day, wherever the store is.
    private static DateOnly? DayOf(ImportedEntity entity, string? time) => entity.BusinessDay ?? StoreTime.DayAlone(time);

    private static string? StatusOf(ImportedEntity ticket) => (ticket.Status?.Trim().ToLowerInvariant() ?? "") switch
    {
        "" => ticket.SolvedAt is null ? null : "solved",
        "on-hold" => "hold",
        ("new" or "open" or "pending" or "hold" or "solved" or "closed") and var known => known,
        _ => throw new UnreadableFieldException("invalid-field", "status is none of new, open, pending, hold, solved and closed. Correct the payload, or translate it in the column mapping with values."),
    };

    // A net price is what was paid for one, after discount; the difference is the discount.
    private static OrderLine LineOf(ImportedLine line, MinorUnits money)
    {
        var quantity = QuantityOf(line);
        return new OrderLine(line.Product, quantity, AmountOf(PriceOf(line.Price ?? line.NetPrice), line, "lines.price", money)) { Category = line.Category, Cost = CostOf(line, money) };
    }

    private static long? CostOf(ImportedLine line, MinorUnits money) => line.Cost switch
    {
        null => null,
        < 0 => throw Negative("The cost of a line"),
        { } cost => AmountOf(cost, line, "lines.cost", money),
    };

    // A price that a mapping divides out of the total of a line has an endless row of decimals; times the quantity it is the total again.
    private static long AmountOf(decimal price, ImportedLine line, string field, MinorUnits money) =>
        money.Of(decimal.Round(MinorUnits.Exactly(price, QuantityOf(line), field), DecimalsOfAmounts, MidpointRounding.ToEven), field);

    private static decimal QuantityOf(ImportedLine line) => line.Quantity switch
    {
        null => 1,
        < 0 => throw new UnreadableFieldException("negative-quantity", "A line has a negative quantity. Send returns as refunds."),
        { } quantity => quantity,
    };

    private static decimal PriceOf(decimal? price) => price switch
    {
        null => throw new UnreadableFieldException("missing-amount", "A line has no price."),
        < 0 => throw Negative("The price of a line"),
        { } stated => stated,
    };

    private static long DiscountOf(ImportedLine line, MinorUnits money)
    {
        if (line is not { Price: { } price, NetPrice: { } net })
        {
            return 0;
        }

        return PriceOf(net) <= price
            ? AmountOf(price, line, "lines.price", money) - AmountOf(net, line, "lines.net_price", money)
            : throw new UnreadableFieldException("contradicting-amounts", "A line has a net_price above its price: price is before the discount, net_price after it. Correct the payload or the column mapping.");
    }

    private static int? Count(decimal? count, string field) => count switch
    {
        null => null,
        >= 0 and <= 1_000_000 when count == decimal.Truncate(count.Value) => (int)count,
        _ => throw new UnreadableFieldException("invalid-number", $"{field} is no whole number from 0 to 1000000. Correct the payload or the column mapping."),
    };

    private static int? Scale(decimal? answer, int worst, int best, string field) =>
        answer is null ? null
        : answer >= worst && answer <= best && answer == decimal.Truncate(answer.Value) ? (int)answer
        : throw new UnreadableFieldException("invalid-field", $"{field} is a whole number from {worst} to {best}. Correct the payload or the column mapping.");

    private static Rating? RatingOf(string? rating) => rating?.Trim().ToLowerInvariant() switch
    {
        null or "" or "offered" or "unoffered" => null,
        "good" => Rating.Good,
        "bad" => Rating.Bad,
        { Length: <= 4 } text when decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var stars)
            && stars is >= 1 and <= 5 && stars == decimal.Truncate(stars) => new Rating((int)stars, 1, 5),
        _ => throw new UnreadableFieldException("invalid-field", "rating is none of good, bad and 1 to 5. Correct the payload or the column mapping."),
    };
}

/// <summary>An order, refund, ticket, person or marketing spend of the import shape.</summary>
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

    /// <summary>Of spend: when it was spent.</summary>
    public string? Day { get; set; }

    public string? Status { get; set; }

    public string? Currency { get; set; }

    /// <summary>Of spend: how much.</summary>
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Amount { get; set; }

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

    /// <summary>What was bought, or given back.</summary>
    public IReadOnlyList<ImportedLine?>? Lines { get; set; }

    /// <summary>Fields that the shape does not have.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }

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
    /// <summary>Fields that the shape does not have.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }

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

    /// <summary>What one piece had cost the seller, without tax.</summary>
    [JsonConverter(typeof(LooseDecimal))]
    public decimal? Cost { get; set; }
}
