using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Domain.Normalize;

/// <summary>
/// What one vendor message says about one entity, in the pipeline's own words. The unit that is stored for ever and never changed:
/// everything else is derived from records.
/// </summary>
public sealed record InteractionRecord
{
    /// <summary>The version of this shape that new records have.</summary>
    public const int CurrentSchema = 3;

    /// <summary>Version of this shape. Records of earlier ones are read through <see cref="RecordUpcasters"/>.</summary>
    public int Schema { get; init; } = CurrentSchema;

    public required EntityKey Entity { get; init; }

    /// <summary>Deterministic: the source's own duplicate key, hashed. Two messages with one id are duplicates of each other.</summary>
    public required string Id { get; init; }

    /// <summary>The source's own ordering, as UTC ticks of its updated-at or event time.</summary>
    public required long Version { get; init; }

    public required EntityKind Kind { get; init; }

    /// <summary>Null where the message does not say, for example a refund that names only its order.</summary>
    public Channel? Channel { get; init; }

    /// <summary>When it happened, with the offset the source gave.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    public IReadOnlyList<Identifier> Identifiers { get; init; } = [];

    /// <summary>Set on a record of an order that its source tells in parts: the payment that says it, or the order itself. Parts add up (<see cref="OrderParts"/>).</summary>
    public EntityKey? Part { get; init; }

    /// <summary>The order that this payment is a part of. A record with it says nothing else; what is said of the payment itself counts in that order.</summary>
    public EntityKey? PartOf { get; init; }

    /// <summary>Store or location id.</summary>
    public string? Place { get; init; }

    public string? Campaign { get; init; }

    public OrderSnapshot? Order { get; init; }

    public IReadOnlyList<RefundRecord>? Refunds { get; init; }

    /// <summary>Set when the message cancels the order.</summary>
    public DateTimeOffset? CancelledAt { get; init; }

    /// <summary>True if the source deleted the entity, false if it has it (a restored one, too), null if the message does not say.</summary>
    public bool? Deleted { get; init; }

    public TicketChange? Ticket { get; init; }

    public PersonProfile? Person { get; init; }

    /// <summary>What was spent on the campaign, as the source says now.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public SpendStatement? Spend { get; init; }

    /// <summary>What a person decided about whose this is. A record with a decision says nothing else, but for the edges among its identifiers.</summary>
    public IdentityWord? Identity { get; init; }

    /// <summary>The browsing event's name, for example <c>product-viewed</c>.</summary>
    public string? Browsed { get; init; }

    /// <summary>What was looked at, as <see cref="Good"/> names it.</summary>
    public IReadOnlyList<string>? Viewed { get; init; }

    /// <summary>Peculiarities worth knowing: <c>rounded-amount</c>, <c>total-differs</c> and the like.</summary>
    public IReadOnlyList<string>? Flags { get; init; }
}

/// <summary>How far a sale has come.</summary>
[System.Text.Json.Serialization.JsonConverter(typeof(System.Text.Json.Serialization.JsonStringEnumConverter<SaleStatus>))]
public enum SaleStatus
{
    /// <summary>A sale.</summary>
    Placed,

    /// <summary>Not a sale yet, for example an authorized payment.</summary>
    Pending,

    /// <summary>Never became a sale.</summary>
    Void,
}

/// <summary>
/// The order as the message describes it. Amounts are integers in minor units of <see cref="Currency"/>.
/// Gross is price x quantity without tax, shipping, tips and gift cards; net sales are gross minus discounts minus returns.
/// </summary>
public sealed record OrderSnapshot
{
    public required SaleStatus Status { get; init; }

    public required DateTimeOffset PlacedAt { get; init; }

    /// <summary>The store's own business day, where it keeps one: a sale after midnight may belong to the day before. Null: the day of <see cref="PlacedAt"/>.</summary>
    public DateOnly? BusinessDay { get; init; }

    public required string Currency { get; init; }

    public required long Gross { get; init; }

    public long Discounts { get; init; }

    public long Tax { get; init; }

    public long Shipping { get; init; }

    public long Tips { get; init; }

    /// <summary>Items sold; a weighed item counts as one.</summary>
    public long Units { get; init; }

    /// <summary>Prices include tax, so that what a refund line says does too.</summary>
    public bool TaxIncluded { get; init; }

    public IReadOnlyList<OrderLine> Lines { get; init; } = [];

    /// <summary>What of the lines is kept where they are not (<see cref="WithoutLines"/>); null where they name no category.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CategorySales>? Categories { get; init; }

    /// <summary>What the lines had cost the seller, of those that say so; null where none does.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public CostedLines? Costs { get; init; }

    /// <summary>The order as the stages after the fold need it.</summary>
    public OrderSnapshot WithoutLines() => this with { Lines = [], Categories = CategorySales.Of(Lines), Costs = CostedLines.Of(Lines, Gross) };

    /// <summary>What there was to pay, without tips, where refunds of the source are amounts of money and not of goods: each gives back the same share of the goods. Null: refunds tell the goods alone.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public long? Due { get; init; }

    /// <summary>The source states all of the order each time: what it does not say any more does not hold, such as a cancellation.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsComplete { get; init; }

    /// <summary>The total that the source itself states, and what was read of the order; null where it states none.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public TotalCheck? Total { get; init; }
}

/// <summary>The total of an order twice, in minor units: where the two differ, something of the order was read in another way than its source means it.</summary>
/// <param name="Stated">As the source states it.</param>
/// <param name="Read">Goods less discounts, with tax, shipping, tips and gift cards, as they were read.</param>
/// <param name="Tolerance">What rounding may come to.</param>
public sealed record TotalCheck(long Stated, long Read, long Tolerance)
{
    /// <summary>Flag of a record whose totals differ.</summary>
    public const string Flag = "total-differs";

    /// <summary>Whether they differ by more than rounding.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool Differs => Math.Abs((decimal)Stated - Read) > Tolerance;
}

/// <summary>One line of an order; the amount is price x quantity in minor units, before discounts.</summary>
public sealed record OrderLine(string? Product, decimal Quantity, long Amount)
{
    /// <summary>The category the source files it under.</summary>
    public string? Category { get; init; }

    /// <summary>What all of it had cost the seller, in minor units of the order's currency; null where the source does not say.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public long? Cost { get; init; }
}

/// <summary>Lines of an order whose cost is known, together, in minor units.</summary>
/// <param name="Gross">Price times quantity, before discounts: of all lines, that of the order.</param>
/// <param name="Cost">What they had cost the seller.</param>
public sealed record CostedLines(long Gross, long Cost)
{
    /// <summary>Those of an order; null where no line has a cost.</summary>
    /// <param name="lines">All lines.</param>
    /// <param name="gross">Of the order.</param>
    public static CostedLines? Of(IReadOnlyList<OrderLine> lines, long gross)
    {
        var costed = lines.Where(l => l.Cost is not null).ToList();
        return costed.Count == 0 ? null
            : new CostedLines(costed.Count == lines.Count ? gross : Math.Min(gross, costed.Sum(l => l.Amount)), costed.Sum(l => l.Cost!.Value));
    }
}

/// <summary>Goods of one category in an order.</summary>
/// <param name="Category">As the source calls it.</param>
/// <param name="Gross">Price times quantity, in minor units, before discounts.</param>
/// <param name="Units">Items; a weighed item counts as one.</param>
public sealed record CategorySales(string Category, long Gross, long Units)
{
    // An order is counted in one atomic batch, which has room for so many.
    private const int Most = 8;

    /// <summary>The categories of lines, in order of their names; null where no line has one.</summary>
    public static IReadOnlyList<CategorySales>? Of(IReadOnlyList<OrderLine> lines)
    {
        var categories = lines.Where(l => !string.IsNullOrWhiteSpace(l.Category)).GroupBy(l => l.Category!.Trim(), StringComparer.Ordinal)
            .Select(same => new CategorySales(same.Key, same.Sum(l => l.Amount), same.Sum(l => MinorUnits.Units(l.Quantity))))
            .OrderByDescending(c => c.Gross).ThenBy(c => c.Category, StringComparer.Ordinal).Take(Most).OrderBy(c => c.Category, StringComparer.Ordinal).ToList();
        return categories.Count == 0 ? null : categories;
    }
}

[System.Text.Json.Serialization.JsonConverter(typeof(System.Text.Json.Serialization.JsonStringEnumConverter<RefundStatus>))]
public enum RefundStatus
{
    Completed,
    Pending,
    Failed,
}

/// <summary>A refund of an order, amounts in minor units.</summary>
public sealed record RefundRecord
{
    public required string Id { get; init; }

    public required RefundStatus Status { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The store's own business day of the refund; null: the day of <see cref="At"/>.</summary>
    public DateOnly? BusinessDay { get; init; }

    public string? Currency { get; init; }

    /// <summary>Goods given back, without shipping; null means all that is left of the order.</summary>
    public long? Amount { get; init; }

    /// <summary>The amount in major units, of a message that names no currency: it is settled in the currency of the order.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public decimal? InOrderCurrency { get; init; }

    /// <summary>Tax on the goods given back, beside the amount, or inside it when the order's prices include tax.</summary>
    public long Tax { get; init; }

    /// <summary>What the goods given back had cost the seller, where the source says so of each of them: 0 for goods that cannot be sold again. Null: by their share of the order.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public long? Cost { get; init; }
}

/// <summary>What one help-desk event says about a ticket.</summary>
public sealed record TicketChange
{
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>new, open, pending, hold, solved, closed. A deletion is no status: <see cref="InteractionRecord.Deleted"/>.</summary>
    public string? Status { get; init; }

    /// <summary>The source states all of the ticket each time, so that its times are as it says now, earlier or later than before.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsComplete { get; init; }

    /// <summary>The event is a public reply of an agent.</summary>
    public bool PublicAgentReply { get; init; }

    /// <summary>The customer's answer, as it was given; offers are no answers.</summary>
    public Rating? Rating { get; init; }

    /// <summary>The ticket changed hands: group or agent.</summary>
    public bool Handoff { get; init; }

    /// <summary>The first public reply of an agent, from a source that sends totals and no single events.</summary>
    public DateTimeOffset? FirstReplyAt { get; init; }

    /// <summary>The last time it was solved, from such a source.</summary>
    public DateTimeOffset? SolvedAt { get; init; }

    /// <summary>How often it was opened again so far, from such a source.</summary>
    public int? Reopens { get; init; }

    /// <summary>How often it changed hands so far, from such a source.</summary>
    public int? Handoffs { get; init; }

    /// <summary>How many public replies of agents it had so far, from such a source.</summary>
    public int? Replies { get; init; }

    /// <summary>What it is about, as <see cref="TicketSubject"/> writes it.</summary>
    public string? Subject { get; init; }

    /// <summary>How likely the customer is to recommend the company, 0 to 10: what the net promoter score is made of.</summary>
    public int? Recommendation { get; init; }

    /// <summary>How easy it was, 1 (very difficult) to 7 (very easy): what the customer effort score is made of.</summary>
    public int? Ease { get; init; }
}

/// <summary>An answer on a scale. What was said is kept, and what it means decided by the metrics: a scale has its own middle.</summary>
/// <param name="Score">The answer.</param>
/// <param name="Worst">The lower end of the scale.</param>
/// <param name="Best">The upper end of the scale.</param>
public readonly record struct Rating(int Score, int Worst, int Best)
{
    public static Rating Good { get; } = new(1, 0, 1);

    public static Rating Bad { get; } = new(0, 0, 1);

    /// <summary>Satisfied: in the upper quarter of the scale (4 and 5 of 1 to 5, good of good and bad), the usual "top two boxes".</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsSatisfied => (Score - Worst) * 4 >= (Best - Worst) * 3;
}

/// <summary>What a source says about a person.</summary>
public sealed record PersonProfile
{
    public string? Name { get; init; }

    /// <summary>As the source writes it; compared, never computed with.</summary>
    public string? BirthDate { get; init; }

    public string? Street { get; init; }

    public string? PostalCode { get; init; }

    public string? City { get; init; }

    public string? Country { get; init; }

    /// <summary>Whether the person agreed to be written to; null where the source does not say.</summary>
    public bool? MarketingConsent { get; init; }

    public bool Deleted { get; init; }
}

/// <summary>A person's decision about one entity, as a record of it: stored, folded, replayed and rebuilt like everything else.</summary>
public sealed record IdentityWord
{
    /// <summary>The decision that it follows from.</summary>
    public required string Decision { get; init; }

    /// <summary>Identifiers that shall not link this entity any more.</summary>
    public IReadOnlyList<Identifier> Cut { get; init; } = [];

    /// <summary>A side of a never-link, <c>decision/a</c> or <c>decision/b</c>: no customer has both sides.</summary>
    public string? Side { get; init; }

    /// <summary>The decision that it takes back: whatever that said of this entity, before or after, counts no more.</summary>
    public string? Ends { get; init; }
}
