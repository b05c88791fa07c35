using System.Text.Json;
using CsCheck;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Identity;
using static CustomerPipeline.Domain.Tests.Told;

namespace CustomerPipeline.Domain.Tests.Customers;

/// <summary>The summary that is kept by differences.</summary>
public sealed class A_customer_at_a_glance
{
    private static readonly Identifier Email = new(IdentifierType.Email, "jo@example.com");
    private static readonly Identifier Phone = new(IdentifierType.Phone, "+12025550142");

    // One entity in the states it may be in, or not there.
    private static readonly Gen<Touch?> Touches = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Gen.Bool, Gen.Bool).Select((kind, day, isKnown, isSided) => kind switch
    {
        0 => null,
        1 => Known(Order(day, net: 10_00 * day, returns: (day + 1, 4_00)), isKnown, isSided),
        2 => Known(Order(day, currency: "EUR"), isKnown, isSided),
        3 => Known(Ticket(day), isKnown, isSided),
        _ => Known(Visit(day, "shoe") with { MarketingConsent = isSided }, isKnown, isSided),
    });

    [Fact]
    public void Says_how_much_there_is_of_everything()
    {
        var summary = CustomerSummary.Of("c1",
        [
            Order(1, net: 100_00, returns: (5, 30_00)) with { Identifiers = [Email, Phone], Cut = [Phone], Sides = ["d/a"] },
            Order(2, net: 7_00, channel: Channel.InStore, currency: "EUR", discount: 1_00) with { Identifiers = [Email] },
            Order(3, net: 5_00, returns: (4, 5_00)) with { Order = Order(3, net: 5_00, returns: (4, 5_00)).Order! with { IsPurchase = false } },
            Ticket(4),
            Visit(6, "shoe") with { MarketingConsent = true },
            Visit(9, "hat") with { MovedTo = "another" },
        ]);

        Assert.Equal((5, 3, 2, 1), (summary.Touches, summary.Orders, summary.Purchases, summary.Tickets));
        Assert.Equal(["EUR 700", "USD 7000"], summary.NetSales.Select(a => $"{a.Key} {a.Value}"));
        Assert.Equal(["USD 3500"], summary.Refunds.Select(a => $"{a.Key} {a.Value}"));
        Assert.Equal(["in-store 1", "online 3", "service 1"], summary.Channels.Select(a => $"{a.Key} {a.Value}"));
        Assert.Equal(["email:jo@example.com 2"], summary.Identifiers.Select(i => $"{i.Key} {i.Value}"));
        Assert.Equal(["d/a 1"], summary.Sides.Select(s => $"{s.Key} {s.Value}"));
        Assert.Equal((At(1), At(6), true), (summary.FirstSeen, summary.LastSeen, summary.MayBeWrittenTo));
    }

    /// <summary>A document may say null where a list would be.</summary>
    [Fact]
    public void Has_nothing_where_nothing_is_said()
    {
        var summary = new CustomerSummary { Customer = "c1", Shared = null!, MarketingConsent = null!, Sides = null! };
        var touch = Order(1) with { Cut = null!, Sides = null!, Goods = null! };

        Assert.Equal((0, 0, 0), (summary.Shared.Count, summary.MarketingConsent.Count, summary.Sides.Count));
        Assert.Equal((0, 0, 0), (touch.Cut.Count, touch.Sides.Count, touch.Goods.Count));
        Assert.False(summary.MayBeWrittenTo);
    }

    [Fact]
    public void Is_the_same_kept_by_differences_as_worked_out_anew() => Gen.Select(Gen.Int[0, 2], Touches).Array[1, 12].Sample(changes =>
    {
        var entities = new Touch?[3];
        var summary = CustomerSummary.Empty("c1");
        foreach (var (entity, after) in changes)
        {
            var before = entities[entity];
            entities[entity] = after;
            Assert.True(before is null || summary.Counts(before));
            summary = summary.With(before, after);
            if (CustomerSummary.LosesAnExtreme(before, after))
            {
                var anew = CustomerSummary.Of("c1", entities.OfType<Touch>());
                summary = summary with { FirstSeen = anew.FirstSeen, LastSeen = anew.LastSeen };
            }

            Assert.Equal(Text(CustomerSummary.Of("c1", entities.OfType<Touch>())), Text(summary));
        }
    });

    [Fact]
    public void Knows_what_it_cannot_have_counted()
    {
        var order = Order(1) with { Identifiers = [Email] };
        var summary = CustomerSummary.Of("c1", [order]);

        Assert.True(summary.Counts(order));
        Assert.True(summary.Counts(order with { Identifiers = [Email, Phone], Cut = [Phone] }));
        Assert.False(summary.Counts(order with { Identifiers = [Email, Phone] }));
        Assert.False(CustomerSummary.Empty("c1").Counts(Order(1)));
    }

    [Fact]
    public void Keeps_its_first_and_last_day_unless_what_they_came_from_shrinks_or_goes()
    {
        var touch = Order(2) with { FirstAt = At(1), LastAt = At(3) };

        Assert.False(CustomerSummary.LosesAnExtreme(null, touch));
        Assert.False(CustomerSummary.LosesAnExtreme(touch, touch));
        Assert.False(CustomerSummary.LosesAnExtreme(touch, touch with { FirstAt = At(0), LastAt = At(4) }));
        Assert.True(CustomerSummary.LosesAnExtreme(touch, null));
        Assert.True(CustomerSummary.LosesAnExtreme(touch, touch with { FirstAt = At(1.5) }));
        Assert.True(CustomerSummary.LosesAnExtreme(touch, touch with { LastAt = At(2.5) }));
    }

    [Fact]
    public void Is_written_to_only_where_somebody_agreed_and_nobody_refused()
    {
        bool May(params bool?[] said) => CustomerSummary.Of("c1", said.Select((consent, i) => Visit(i) with { MarketingConsent = consent })).MayBeWrittenTo;

        Assert.False(May(null, null));
        Assert.True(May(true, null));
        Assert.False(May(true, false));
        Assert.False(May(false));
    }

    private static Touch Known(Touch touch, bool isKnown, bool isSided) => touch with { Identifiers = isKnown ? [Email, Phone] : [Phone], Cut = isSided ? [Phone] : [], Sides = isSided ? ["d/a"] : [] };

    private static string Text(CustomerSummary summary) => JsonSerializer.Serialize(summary, Application.Documents.DocumentJson.Default.CustomerSummary);
}
