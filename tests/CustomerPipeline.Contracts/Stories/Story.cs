using System.Globalization;
using System.Text;
using CsCheck;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.Contracts;

public enum Happening
{
    WebOrder,
    PosOrder,
    OrderRefund,
    Payment,
    PaymentRefund,
    SquarePerson,
    ShopperIdentified,
    Ticket,
    TicketUser,
    Broken,
    ImportedOrder,
    ImportedRefund,
    Spend,
}

/// <summary>
/// A message, told by three small numbers: what, about which one, and in which state. Everything else follows from them, so that equal messages
/// say the same and shrinking stays simple. Few ids and few identifiers: messages collide and link all the time.
/// </summary>
public readonly record struct StoryMessage(Happening What, int Id, int State)
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    // Imported orders, their refunds and spend are of few ids, so that a short story has several of one.
    public static Gen<StoryMessage> Any { get; } =
        Gen.Select(Gen.Int[0, 12], Gen.Int[0, 7], Gen.Int[0, 3]).Select((what, id, state) => new StoryMessage((Happening)what, what > (int)Happening.Broken ? id % 5 : id, state));

    // A small number that follows from the message's own: the story's dice.
    public int Dice(int sides, int salt) => (int)(Domain.StableHash.Bits($"{What}", $"{Id}", $"{salt}") % (ulong)sides);

    public DateTimeOffset PlacedAt => Start.AddDays(Dice(6, 1)).AddMinutes(Id);

    /// <summary>Orders are updated from state to state.</summary>
    public DateTimeOffset UpdatedAt => PlacedAt.AddHours(State);

    public long Amount => 1000 + (Dice(50, 2) * 10) + (State * 5);

    public long Discount => State * 25;

    /// <summary>Money given back, and when: one refund a state.</summary>
    public long RefundAmount => 300 + (State * 100);

    public DateTimeOffset RefundedAt => Start.AddDays(7 + State).AddMinutes(Id);

    /// <summary>A person is known by an account, an email or a phone number; a state may know more than the one before.</summary>
    public int? Account => Dice(3, 3) == 0 && State < 2 ? null : 1 + Dice(5, IsMoved ? 12 : 4);

    public int? Email => Dice(2, 5) == 0 ? null : Dice(6, IsMoved ? 13 : 6);

    /// <summary>Some orders, payments and tickets turn out to be somebody else's, and some profiles change their address.</summary>
    private bool IsMoved => State == 3 && Dice(3, 14) == 0;

    /// <summary>Whose a ticket is.</summary>
    public int Requester => Dice(4, IsMoved ? 15 : 10);

    public bool IsCancelled => State == 3 && Dice(3, 7) == 0;

    public string Currency => Dice(4, 8) == 0 ? "EUR" : "USD";

    /// <summary>Of imported orders and of spend; some orders name none.</summary>
    public string? Campaign => Dice(4, 16) is var campaign && What == Happening.ImportedOrder && campaign == 3 ? null : $"c{campaign}";

    /// <summary>The price of the first of two lines of an imported order.</summary>
    public long FirstPrice => Amount - 400;

    /// <summary>How many of its two lines have a cost.</summary>
    public int CostedLines => Dice(3, 17);

    /// <summary>What the goods of each line had cost.</summary>
    public (long First, long Second) Costs => (350 + (State * 10), 120);

    /// <summary>What a refund says that the goods had cost; most say nothing.</summary>
    public long? RefundCost => State == 2 ? 90 : null;

    public long SpendAmount => 240 + (State * 35);

    public bool IsVoid => State == 3 && Dice(3, 18) == 0;

    public string Status => State switch { 0 => "APPROVED", 3 when Dice(3, 9) == 0 => "CANCELED", _ => "COMPLETED" };

    public string Queue => What switch
    {
        Happening.WebOrder or Happening.PosOrder or Happening.OrderRefund or Happening.ShopperIdentified or Happening.Broken
            or Happening.ImportedOrder or Happening.ImportedRefund or Happening.Spend => Queues.Online,
        Happening.Payment or Happening.PaymentRefund or Happening.SquarePerson => Queues.InStore,
        _ => Queues.Service,
    };

    public static string Mail(int email) => $"shopper{email.ToString(CultureInfo.InvariantCulture)}@example.com";

    public ReadOnlyMemory<byte> ToMessage(bool namesDollars = true)
    {
        var eventId = $"{What}-{Id}-{State}";
        var email = Email is { } number ? Mail(number) : null;
        return What switch
        {
            Happening.WebOrder or Happening.PosOrder => Some.ShopifyOrder(
                Id + (What == Happening.PosOrder ? 100 : 0), Major(Amount), 1, Major(Discount), Currency == "USD" && !namesDollars ? null : Currency, Account, email, null, PlacedAt, UpdatedAt,
                IsCancelled ? UpdatedAt.AddDays(1) : null, What == Happening.PosOrder, eventId: eventId),
            Happening.OrderRefund => Some.ShopifyRefund(Id, (Id * 10) + State + 1, RefundAmount / 100m, new StoryMessage(Happening.WebOrder, Id, 0).Currency, RefundedAt),
            Happening.Payment => Some.SquarePayment($"p{Id}", Amount, Status, Account is { } account ? $"SQ{account}" : null, Currency, PlacedAt, UpdatedAt, eventId),
            Happening.PaymentRefund => Some.SquareRefund($"p{Id}", $"r{Id}-{State}", RefundAmount, State == 0 ? "PENDING" : "COMPLETED", RefundedAt, eventId),
            Happening.SquarePerson => Some.Message("square", new { type = "customer.updated", event_id = eventId, created_at = UpdatedAt, data = new { id = $"SQ{Id}", @object = new { customer = new { id = $"SQ{Id}", email_address = email } } } }),
            Happening.ShopperIdentified => Some.Message("segment", new { type = "identify", messageId = eventId, userId = $"u{Id}", timestamp = UpdatedAt, traits = new { email } }),
            Happening.Ticket => Some.ZendeskTicket(
                State switch { 0 => "created", 1 => "comment_added", 2 => "status_changed", _ => "satisfaction_changed" }, $"{Id}", $"9{Requester}", PlacedAt.AddHours(State * 5), PlacedAt,
                State < 2 ? "OPEN" : "SOLVED", State switch { 2 => "SOLVED", 3 => Dice(2, 11) == 0 ? "good" : "bad", _ => null }, State == 1, eventId),
            Happening.ImportedOrder => Some.Message("import", new
            {
                kind = "order",
                system = "erp",
                id = Id,
                channel = "in-store",
                placed_at = PlacedAt,
                updated_at = UpdatedAt,
                currency = Currency == "USD" && !namesDollars ? null : Currency,
                customer = Account is { } known ? $"K{known}" : null,
                email,
                campaign = Campaign,
                discount = Major(Discount),
                cancelled_at = IsCancelled ? UpdatedAt.AddDays(1) : (DateTimeOffset?)null,
                lines = new[]
                {
                    new { price = Major(FirstPrice), cost = CostedLines > 0 ? Major(Costs.First) : null }, new { price = Major(400), cost = CostedLines > 1 ? Major(Costs.Second) : null },
                },
            }),
            Happening.ImportedRefund => Some.Message("import", new
            {
                kind = "refund",
                system = "erp",
                id = State,
                order = Id,
                refunded_at = RefundedAt,
                currency = new StoryMessage(Happening.ImportedOrder, Id, 0).Currency,
                lines = new[] { new { price = Major(RefundAmount), cost = RefundCost is { } cost ? Major(cost) : null } },
            }),
            Happening.Spend => Some.Message("import", new
            {
                kind = "spend",
                system = "ads",
                id = Id,
                day = PlacedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                campaign = Campaign,
                currency = Currency,
                amount = Major(SpendAmount),
                updated_at = UpdatedAt,
                status = IsVoid ? "void" : null,
            }),
            Happening.TicketUser => Some.Message("zendesk", new { type = "zen:event-type:user.created", id = eventId, time = UpdatedAt, detail = new { id = $"9{Id}", email, role = "end-user" } }),
            _ => Encoding.UTF8.GetBytes(State switch { 0 => "{", 1 => "[]", 2 => "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/x\",\"type\":\"martian\",\"data\":{}}", _ => "" } + Id.ToString(CultureInfo.InvariantCulture)),
        };
    }

    private static string Major(long minor) => (minor / 100m).ToString("0.00", CultureInfo.InvariantCulture);
}
