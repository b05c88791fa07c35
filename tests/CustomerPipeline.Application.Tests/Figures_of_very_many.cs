using System.Globalization;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using Microsoft.Extensions.Time.Testing;

namespace CustomerPipeline.Application.Tests;

/// <summary>Figures that take very many documents to work out are given again for a while; three are very many here.</summary>
public sealed class Figures_of_very_many : IAsyncDisposable
{
    private const string People = "new-customers";
    private const string Base = "customers-by-stage";

    private readonly FakeTimeProvider _clock = new(Some.Moment.AddDays(1));
    private readonly TestPipeline _pipeline;
    private readonly FlowFigures _figures;
    private readonly CensusReader _census;
    private readonly MetricsReader _metrics;
    private int _customers;

    public Figures_of_very_many()
    {
        var freshness = new Freshness(CustomersASecond: 1, PurchasesASecond: 1, Shortest: TimeSpan.FromSeconds(3));
        _pipeline = new TestPipeline(clock: _clock);
        _figures = _pipeline.Make<FlowFigures>(freshness);
        _census = _pipeline.Make<CensusReader>(_figures, freshness);
        _metrics = _pipeline.Make<MetricsReader>(_figures, _census);
    }

    public async ValueTask DisposeAsync()
    {
        _figures.Dispose();
        _census.Dispose();
        await _pipeline.DisposeAsync();
    }

    [Theory]
    [InlineData(People)]
    [InlineData(Base)]
    public async Task Are_new_at_every_change_while_there_are_few(string metric)
    {
        for (var i = 1; i <= 2; i++)
        {
            await BuyAsync();
            Assert.Equal(i, (await AskAsync(metric)).Count);
        }

        // Two have been read, and would stay for two seconds, which is too short.
        await BuyAsync();
        Assert.Equal(3, (await AskAsync(metric)).Count);
    }

    /// <summary>Each instant takes a reading of all customers: a flood of them must not hold up whoever asks for now.</summary>
    [Fact]
    public async Task Of_many_instants_are_worked_out_one_after_the_other_and_some_are_sent_away()
    {
        await BuyAsync(3);
        var isReading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var census = _pipeline.Make<CensusReader>(new StoreWithVisitor(_pipeline.Get<IDocumentStore>(), 0, () => isReading.Task), _figures, Freshness.Usual);
        var instants = Enumerable.Range(0, 20).Select(i => Some.Moment.AddDays(i)).ToList();
        var asked = instants.Select(i => census.ReadAsync(i, default)).ToList();

        Assert.Equal(3, (await census.ReadAsync(null, default)).Figures.Customers);
        isReading.SetResult();
        var sentAway = 0;
        foreach (var (answer, instant) in asked.Zip(instants))
        {
            try
            {
                Assert.Equal(instant, (await answer).AsOf);
            }
            catch (TooManyInstantsException)
            {
                sentAway++;
            }
        }

        Assert.Equal(12, sentAway);
        Assert.Same(await asked[3], await census.ReadAsync(instants[3], default));
        Assert.Equal(instants[19], (await census.ReadAsync(instants[19], default)).AsOf);
    }

    [Theory]
    [InlineData(People)]
    [InlineData(Base)]
    public async Task Stay_for_a_while_and_say_so(string metric)
    {
        await BuyAsync(3);
        var first = await AskAsync(metric);
        Assert.Equal((3, _clock.GetUtcNow()), (first.Count, first.AsOf));

        _clock.Advance(TimeSpan.FromSeconds(2));
        await BuyAsync();
        Assert.Equal(first, await AskAsync(metric));
        Assert.Equal(4, (await AskAsync("orders")).Count);

        _clock.Advance(TimeSpan.FromSeconds(1));
        var second = await AskAsync(metric);
        Assert.Equal((4, _clock.GetUtcNow()), (second.Count, second.AsOf));
        Assert.True(second.Watermark > first.Watermark);

        // Where nothing changes, nothing is read, and nothing is another.
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(second, await AskAsync(metric));
    }

    [Fact]
    public async Task Stay_for_as_long_as_there_are_many()
    {
        await BuyAsync(6);
        var first = await AskAsync(People);

        _clock.Advance(TimeSpan.FromSeconds(5.9));
        await BuyAsync();
        Assert.Equal(first, await AskAsync(People));

        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(7, (await AskAsync(People)).Count);
    }

    [Fact]
    public async Task As_of_an_instant_stay_for_that_instant_and_for_others_beside()
    {
        await BuyAsync(3);
        var (noon, evening) = (Some.Moment.AddHours(2), Some.Moment.AddHours(8));
        Assert.Equal(3, (await AskAsync(Base, noon)).Count);

        await BuyAsync();
        Assert.Equal(3, (await AskAsync(Base, noon)).Count);
        Assert.Equal(4, (await AskAsync(Base, evening)).Count);
        Assert.Equal(3, (await AskAsync(Base, noon)).Count);

        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(4, (await AskAsync(Base, noon)).Count);
    }

    [Fact]
    public async Task Are_not_kept_for_ever_by_a_clock_that_is_set_back()
    {
        await BuyAsync(3);
        await AskAsync(People);
        await AskAsync(Base);

        _clock.AdjustTime(_clock.GetUtcNow().AddHours(-1));
        await BuyAsync();

        Assert.Equal((4, 4), ((await AskAsync(People)).Count, (await AskAsync(Base)).Count));
    }

    private async Task BuyAsync(int customers = 1)
    {
        for (var i = 0; i < customers; i++)
        {
            _customers++;
            await _pipeline.SendAsync("shopify", Some.ShopifyOrder(_customers, email: $"somebody{_customers}@example.com"));
        }
    }

    private async Task<(long Count, DateTimeOffset AsOf, long Watermark)> AskAsync(string metric, DateTimeOffset? asOf = null)
    {
        var answer = await _metrics.AskAsync(MetricRequest.All(MetricCatalog.Find(metric)!) with { AsOf = asOf }, default);
        return (answer.Rows.Sum(r => Convert.ToInt64(r.Value, CultureInfo.InvariantCulture)), answer.AsOf, answer.Watermark);
    }
}
