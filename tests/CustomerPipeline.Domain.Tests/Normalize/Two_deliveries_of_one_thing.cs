using System.Globalization;
using CsCheck;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Domain.Tests.Normalize;

/// <summary>Of any two deliveries that the vendor orders, the later one wins, in whichever order they arrive.</summary>
public sealed class Two_deliveries_of_one_thing
{
    private delegate MessageEnvelope Delivery(int amount, DateTimeOffset at);

    private static readonly Dictionary<string, (Delivery Deliver, TimeSpan Finest)> Vendors = new()
    {
        // Whole seconds in updated_at, and X-Shopify-Triggered-At beyond them.
        ["shopify"] = ((amount, at) => Envelope(
            "shopify",
            new { id = 1, created_at = Some.Moment, updated_at = Text(at, "s"), currency = "EUR", line_items = new[] { new { price = amount, quantity = 1 } } },
            "orders/updated",
            ("xshopifytriggeredat", Text(at, "fff"))), TimeSpan.FromMilliseconds(1)),
        ["square"] = ((amount, at) => Envelope("square", new
        {
            type = "payment.updated",
            event_id = $"e-{at.UtcTicks}",
            created_at = at,
            data = new { id = "p", @object = new { payment = new { id = "p", status = "COMPLETED", created_at = Some.Moment, updated_at = at, amount_money = new { amount = amount * 100, currency = "EUR" } } } },
        }), TimeSpan.FromMilliseconds(1)),
        ["import"] = ((amount, at) => Envelope(
            "import", new { kind = "order", system = "erp", id = "1", channel = "online", placed_at = Some.Moment, updated_at = at, currency = "EUR", net = amount }), TimeSpan.FromMilliseconds(1)),

        // Without updated_at the time of receipt travels with the message.
        ["import, received"] = ((amount, at) => Envelope(
            "import", new { kind = "order", system = "erp", id = "1", channel = "online", placed_at = Some.Moment, currency = "EUR", net = amount }) with
        { Received = at }, TimeSpan.FromTicks(1)),
        ["zendesk"] = ((amount, at) => Envelope("zendesk", new
        {
            id = $"e-{at.UtcTicks}",
            time = at,
            type = "zen:event-type:ticket.status_changed",
            subject = "zen:ticket:1",
            detail = new { id = "1", requester_id = "7", status = amount % 2 == 0 ? "OPEN" : "SOLVED", created_at = Some.Moment, updated_at = at },
            @event = new { current = amount % 2 == 0 ? "OPEN" : "SOLVED" },
        }), TimeSpan.FromMilliseconds(1)),

        // Whole seconds, and nothing beyond.
        ["intercom"] = ((amount, at) => Envelope("intercom", new
        {
            type = "conversation",
            id = "1",
            created_at = Some.Moment.ToUnixTimeSeconds(),
            updated_at = at.ToUnixTimeSeconds(),
            state = amount % 2 == 0 ? "open" : "closed",
        }), TimeSpan.FromSeconds(1)),
    };

    public static TheoryData<string> Names => [.. Vendors.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Leave_what_the_later_one_says(string vendor)
    {
        var (deliver, finest) = Vendors[vendor];
        Gen.Select(Gen.Int[1, 100], Gen.Int[1, 100], Gen.Long[0, 86_400_000], Gen.Long[1, 3_000]).Sample(
            (first, second, from, apart) =>
            {
                var at = Some.Moment.AddMilliseconds(from);
                var earlier = Read.One(deliver(first, at).Wrap());
                var later = Read.One(deliver(second, at + (finest * apart)).Wrap());

                Assert.Equal(SaidBy(EntityFold.Of([later])!), SaidBy(EntityFold.Of([earlier, later])!));
                Assert.Equal(SaidBy(EntityFold.Of([later])!), SaidBy(EntityFold.Of([later, earlier])!));
            },
            iter: Effort.Of(all: 5_000, usual: 500));
    }

    private static string SaidBy(EntityState state) => $"{state.Order?.Snapshot?.Gross} {state.Ticket?.Status}";

    private static string Text(DateTimeOffset at, string digits) => at.UtcDateTime.ToString(digits == "s" ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static MessageEnvelope Envelope(string source, object payload, string? topic = null, params (string Name, string Value)[] headers)
    {
        var data = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(payload);
        return new MessageEnvelope($"/{source}/test", StableHash.Of(data), source, topic, false, data)
        {
            Received = Some.Received,
            Headers = [.. headers.Select(h => KeyValuePair.Create(h.Name, h.Value))],
        };
    }
}
