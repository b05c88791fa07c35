using CsCheck;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Snapshots;
using CustomerPipeline.Domain.Value;
using Microsoft.Extensions.Time.Testing;

namespace CustomerPipeline.Application.Tests;

/// <summary>Lists of customers by what is known of them: of the same pass as the figures.</summary>
public sealed class Customers_behind_figures : IAsyncDisposable
{
    private const int Customers = 12;

    private readonly TestPipeline _pipeline = new();

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    [Fact]
    public async Task Come_page_by_page_each_once_in_any_order()
    {
        await TellAsync();
        var reader = _pipeline.Get<StandingsReader>();
        var all = await AllAsync(reader, new StandingQuestion(CustomerFilter.None, StandingOrder.Value, true), 100);
        Assert.Equal(Customers, all.Count);

        foreach (var (order, isDescending, size) in Enum.GetValues<StandingOrder>().SelectMany(o => new[] { (o, true, 1), (o, false, 5), (o, true, 12) }))
        {
            var pages = await AllAsync(reader, new StandingQuestion(CustomerFilter.None, order, isDescending), size);

            Assert.Equal(all.Select(c => c.Customer).Order(StringComparer.Ordinal), pages.Select(c => c.Customer).Order(StringComparer.Ordinal));
            if (order == StandingOrder.Customer)
            {
                Assert.Equal(pages.Select(c => c.Customer).Order(StringComparer.Ordinal), pages.Select(c => c.Customer));
                continue;
            }

            var known = pages.Where(c => order != StandingOrder.Predicted && c.Purchases is not null).Select(c => (Currency: order == StandingOrder.Value ? c.Purchases!.Currency : "", Amount: order switch
            {
                StandingOrder.Value => c.Purchases!.Value,
                StandingOrder.Recency => c.Purchases!.RecencyDays,
                _ => c.Purchases!.Frequency,
            })).ToList();
            Assert.Equal(known.OrderBy(k => k.Currency, StringComparer.Ordinal).ThenBy(k => isDescending ? -k.Amount : k.Amount), known);
            Assert.True(order == StandingOrder.Predicted || pages.TakeLast(1).Single().Purchases is null, "Customers without purchases come last.");
        }
    }

    [Fact]
    public async Task Are_counted_on_every_page_and_stay_in_place_while_others_come()
    {
        await TellAsync();
        var reader = _pipeline.Get<StandingsReader>();
        var question = new StandingQuestion(CustomerFilter.None with { Currencies = ["USD"] }, StandingOrder.Value, true);
        var first = await reader.ListAsync(question, 3, null, default);
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(900, "999.00", email: "rich@example.com"));

        var second = await reader.ListAsync(question, 100, first.Continuation, default);

        Assert.Equal(first.Count + 1, second.Count);
        Assert.Equal(first.Count - 3, second.Customers.Count);
        Assert.Empty(first.Customers.Select(c => c.Customer).Intersect(second.Customers.Select(c => c.Customer)));
    }

    [Fact]
    public async Task Are_those_of_the_instant_that_is_asked_for()
    {
        await TellAsync();
        var (reader, metric) = (_pipeline.Get<StandingsReader>(), MetricCatalog.Find("customers-by-stage")!);
        var only = new Dictionary<string, IReadOnlyList<string>> { ["stage"] = ["new"] };

        foreach (var asOf in new[] { Some.Moment.AddDays(1), Some.Moment.AddDays(60), Some.Moment.AddDays(1) })
        {
            var counted = (await _pipeline.Get<MetricsReader>().AskAsync(MetricRequest.All(metric) with { AsOf = asOf }, default)).Rows.Single(r => r.Dimensions[0].Value == "new").Value;
            var page = await reader.ListBehindAsync(metric, only, asOf, 100, null, default);

            Assert.Equal(((long)counted!, asOf), (page.Count, page.Census.AsOf));
        }
    }

    [Fact]
    public void Go_on_only_where_a_page_ended() => Gen.String.Sample(text => Assert.Equal(
        text.Split('_', 3) is [_, var amount, _] && (amount.Length == 0 || long.TryParse(amount, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out _)),
        StandingsReader.IsContinuation(text)));

    private static async Task<List<CustomerStanding>> AllAsync(StandingsReader reader, StandingQuestion question, int size)
    {
        var all = new List<CustomerStanding>();
        string? continuation = null;
        do
        {
            var page = await reader.ListAsync(question, size, continuation, default);
            Assert.True(page.Customers.Count <= size);
            all.AddRange(page.Customers);
            continuation = page.Continuation;
        }
        while (continuation is not null);
        return all;
    }

    // Two of them spent the same, some in another currency, and one has a ticket alone.
    /// <summary>A question for one of them does not wait until all were read, and the reading goes on.</summary>
    [Fact]
    public async Task Are_asked_for_one_by_one_without_waiting_for_all()
    {
        await TellAsync();
        var customer = (await _pipeline.LookUpAsync("email:somebody1@example.com"))!.Customer;
        var clock = new FakeTimeProvider();
        var (first, second) = (new TaskCompletionSource(), new TaskCompletionSource());

        // A pass makes two calls, a look whether it is needed one: the first call waits, and so does that of the look after the store has changed.
        var store = new StoreWithVisitor(new StoreWithVisitor(_pipeline.Get<IDocumentStore>(), 0, () => first.Task), 3, () => second.Task);
        using var census = _pipeline.Make<CensusReader>(store);
        var reader = new StandingsReader(census, clock);

        var none = reader.FindAsync(customer, default);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal((null, true), ((await none).Standing, (await none).WhyNot!.Contains("being read", StringComparison.Ordinal)));

        first.SetResult();
        var known = await reader.FindAsync(customer, default);
        Assert.NotNull(known.Standing);

        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(901, "5.00", email: "somebody1@example.com"));
        var before = reader.FindAsync(customer, default);
        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(known, await before);

        second.SetResult();
        Assert.Equal(known.Standing.Purchases!.Frequency + 1, (await reader.FindAsync(customer, default)).Standing!.Purchases!.Frequency);
    }

    private async Task TellAsync()
    {
        await _pipeline.SendAsync("shopify", [.. Enumerable.Range(1, Customers - 1).Select(i =>
            Some.ShopifyOrder(i, $"{10 + (i / 2)}.00", email: $"somebody{i}@example.com", currency: i % 4 == 0 ? "EUR" : "USD", updatedAt: Some.Moment.AddDays(i)))]);
        await _pipeline.SendAsync("zendesk", Some.ZendeskTicket("1"));
    }
}
