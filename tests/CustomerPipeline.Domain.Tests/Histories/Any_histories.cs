using CsCheck;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Histories;
using CustomerPipeline.Domain.Snapshots;
using CustomerPipeline.Domain.Value;
using static CustomerPipeline.Domain.Tests.Told;

namespace CustomerPipeline.Domain.Tests.Histories;

/// <summary>Whatever customers did, the figures are those of an oracle that was written without the pipeline's code.</summary>
public sealed class Any_histories
{
    // On a grid of half days, so that many things happen at the edges of the windows and at one instant.
    private static readonly Gen<OracleDeed> Deeds = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 1_000], Gen.Int[0, 6], Gen.Int[0, 200], Gen.Int[0, 5], (customer, halfDay, kind, amount, more) =>
    {
        var at = At(halfDay / 2.0);
        var channel = kind < 3 ? (more % 2 == 0 ? "online" : "in-store") : kind < 5 ? "service" : "online";
        var entity = EntityKey.Of("test", kind < 3 ? EntityKind.Order : kind < 5 ? EntityKind.Ticket : EntityKind.Browse, $"{kind}-{halfDay}-{amount}-{customer}-{more}");
        var deed = new OracleDeed(kind < 3 ? "order" : kind < 5 ? "ticket" : "visit", $"c{customer}", customer < 5, entity.Text, channel, at)
        {
            Goods = more switch { 0 => ["category:c1", "product:p1"], 1 => ["category:c1"], 2 => ["category:c2", "product:p2"], _ => [] },
        };
        return deed.Kind switch
        {
            "order" => deed with
            {
                Currency = more == 4 ? "EUR" : "USD",
                Net = 1_000 + amount,
                Returns = kind == 2 ? [(at.AddDays(amount / 2.0), more == 1 ? 1_000 + amount : 500)] : [],
            },
            "ticket" => deed with { SolvedAt = kind == 3 ? at.AddDays(amount / 10.0) : null, Subject = more switch { 0 or 1 => "size", 2 => "invoice", _ => null } },
            _ => deed,
        };
    });

    [Fact]
    public void Have_the_figures_of_the_oracle() => Gen.Select(Deeds.Array[0, 40], Gen.Int[0, 1_100]).Sample(
        (deeds, asOfHalfDay) =>
        {
            var told = deeds.DistinctBy(d => d.Entity).ToArray();
            var asOf = At(asOfHalfDay / 2.0);
            var expected = new HistoryOracle(told, asOf).Figures();
            var figures = FiguresOf(told, asOf);
            foreach (var (metric, rows) in expected)
            {
                Assert.Equal([metric, .. rows.Order(StringComparer.Ordinal)], [metric, .. Rows(metric, figures).Select(Equation).Order(StringComparer.Ordinal)]);
            }
        },
        iter: Effort.Of(all: 2_000, usual: 500));

    [Fact]
    public void Have_the_same_figures_in_whatever_order_they_come() => Gen.Select(Deeds.Array[0, 40], Gen.Int[0, 1_000_000]).Sample((deeds, seed) =>
    {
        var told = deeds.DistinctBy(d => d.Entity).ToArray();
        var shuffled = told.ToArray();
        new Random(seed).Shuffle(shuffled);

        var (one, other) = (FiguresOf(told, At(400)), FiguresOf(shuffled, At(400)));

        foreach (var metric in MetricCatalog.All.Where(m => m.Kind is MetricKind.History or MetricKind.Stock))
        {
            Assert.Equal(Rows(metric.Name, one), Rows(metric.Name, other));
        }
    });

    private static CensusFigures FiguresOf(IEnumerable<OracleDeed> deeds, DateTimeOffset asOf)
    {
        var customers = new CustomerCensus(asOf, BusinessCalendar.Utc);
        foreach (var customer in deeds.GroupBy(d => d.Customer))
        {
            customers.Add(CustomerHistory.Of(customer.Key, customer.Select(TouchOf), asOf, BusinessCalendar.Utc));
        }

        return customers.Build();
    }

    private static Touch TouchOf(OracleDeed deed)
    {
        var day = (deed.At - At(0)).TotalDays;
        var touch = deed.Kind switch
        {
            "order" => Order(day, deed.Net, deed.Channel == "online" ? Channel.Online : Channel.InStore, deed.Currency, goods: [.. deed.Goods], returns: [.. deed.Returns.Select(r => ((r.At - At(0)).TotalDays, r.Amount))]),
            "ticket" => Ticket(day, deed.SolvedAt is { } solved ? (solved - At(0)).TotalDays : null, subject: deed.Subject),
            _ => Visit(day, [.. deed.Goods]),
        };
        return touch with { Entity = EntityKey.Of("test", touch.Kind, deed.Entity.Split(':')[2]), Identified = deed.IsKnown };
    }

    // "online 0.5" as the oracle writes it: "online = 0.5".
    private static string Equation(string row)
    {
        var space = row.LastIndexOf(' ');
        return $"{row[..Math.Max(0, space)]} = {row[(space + 1)..]}".Trim();
    }
}
