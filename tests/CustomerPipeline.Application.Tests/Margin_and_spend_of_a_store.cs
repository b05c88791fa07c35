using System.Text;
using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Application.Receive.Import;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Report.Snapshots;
using CustomerPipeline.Application.Report.Tables;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

/// <summary>Costs and marketing spend through the whole flow: corrected, taken back, erased beside, published.</summary>
public sealed class Margin_and_spend_of_a_store : IAsyncLifetime
{
    private static readonly string[] ByCampaign = [Dimension.Campaign];

    private readonly TestPipeline _pipeline = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    [Fact]
    public async Task A_correction_replaces_what_was_spent_and_void_takes_it_back()
    {
        await SendAsync(Spend(1, 10, hour: 1), Spend(2, 5, "autumn"));
        Assert.Equal(["autumn USD = 5.00", "spring USD = 10.00"], await _pipeline.AskAsync("marketing-spend", ByCampaign));

        // Of two words on one spend the later counts, whichever comes first.
        await SendAsync(Spend(1, 40, hour: 3), Spend(1, 30, hour: 2));
        Assert.Equal(["autumn USD = 5.00", "spring USD = 40.00"], await _pipeline.AskAsync("marketing-spend", ByCampaign));

        await SendAsync(Spend(1, 40, "summer", hour: 4), Spend(2, 5, "autumn", hour: 2, status: "void"));
        Assert.Equal(["summer USD = 40.00"], await _pipeline.AskAsync("marketing-spend", ByCampaign));
        Assert.Empty((await _pipeline.VerifyAsync()).Differences);
    }

    [Fact]
    public async Task Spend_is_no_customer()
    {
        await SendAsync(Spend(1, 10), Spend(2, 5), Order(1, 50, 20, "ann@example.com"));

        var verified = await _pipeline.VerifyAsync();
        var census = await _pipeline.Get<CensusReader>().ReadEachAsync(null, default);
        Assert.Empty(verified.Differences);
        Assert.Equal((1, 1), (verified.Customers, census.Census.Figures.Customers));
        Assert.Equal((await _pipeline.LookUpAsync("email:ann@example.com"))!.Customer, Assert.Single(census.Customers).Customer);
        var tables = _pipeline.Get<FigureTables>();
        Assert.Single(await tables.ReadAsync(FigureTables.All.Single(t => t.Name == "Customers"), null, default).ToListAsync());
    }

    [Fact]
    public async Task An_erasure_leaves_margin_and_spend_as_they_were()
    {
        await SendAsync(Spend(1, 10), Order(1, 50, 20, "ann@example.com"), Order(2, 30, 20, "bob@example.com"));

        await _pipeline.EraseAsync("email:ann@example.com");

        Assert.Equal(["USD = 40.00"], await _pipeline.AskAsync("gross-margin"));
        Assert.Equal(["USD = 10.00"], await _pipeline.AskAsync("marketing-spend"));
        Assert.Equal(["USD = 8"], await _pipeline.AskAsync("roas"));
        Assert.Empty((await _pipeline.VerifyAsync()).Differences);
    }

    [Fact]
    public async Task A_corrected_cost_takes_the_place_of_the_former()
    {
        await SendAsync(Order(1, 50, 20, hour: 1));
        await SendAsync(Order(1, 50, 25, hour: 3), Order(1, 50, 30, hour: 2));

        Assert.Equal(["USD = 25.00"], await _pipeline.AskAsync("cost-of-goods-sold"));
        Assert.Equal(["USD = 0.5"], await _pipeline.AskAsync("gross-margin-rate"));
    }

    /// <summary>A shop that sends no costs has no rows of margin in published figures and tables: an update restates nothing.</summary>
    [Fact]
    public async Task Refusals_are_answers_and_neither_published_nor_in_tables()
    {
        await SendAsync(Order(1, 50, null), Order(2, 50, null, "ann@example.com"));
        var publish = _pipeline.Get<PublishFigures>();
        await publish.RunAsync(Some.Moment.AddDays(9), default);

        var answer = await _pipeline.Get<MetricsReader>().AskAsync(MetricRequest.All(MetricCatalog.Find("gross-margin")!), default);
        Assert.True(Assert.Single(answer.Rows).IsRefused);
        var day = (await publish.FindAsync(new DateOnly(2026, 3, 1), null, default))!;
        Assert.Equal([0, 0, 0], new[] { "cost-of-goods-sold", "gross-margin", "gross-margin-rate" }.Select(m => day.Figures[m].GetArrayLength()));
        Assert.DoesNotContain("roas", day.Figures.Keys);
        var indicators = FigureTables.All.Single(t => t.Name == "DailyChannelIndicators");
        Assert.DoesNotContain(await _pipeline.Get<FigureTables>().ReadAsync(indicators, null, default).ToListAsync(), row => row.Contains("gross-margin") || row.Contains("cac"));
    }

    [Theory]
    [InlineData("roas", "EUR = |USD = ", "USD = 2.5")]
    [InlineData("cac", "EUR = |USD = ", "USD = 20.00")]
    [InlineData("gross-margin", "EUR = 10.00", "USD = 20.00")]
    public async Task Other_currencies_can_be_compared_in_the_reporting_currency(string metric, string plain, string reporting)
    {
        await SendAsync(Spend(1, 20), Order(1, 25, 15, "ann@example.com", currency: "EUR"));

        Assert.Equal(plain, await AskAsync(metric, isReporting: false));
        Assert.Equal(reporting, await AskAsync(metric, isReporting: true));
    }

    [Fact]
    public async Task Return_on_spend_of_one_campaign_can_be_asked_for()
    {
        await SendAsync(Spend(1, 20), Spend(2, 10, "autumn"), Order(1, 50, 20));

        Assert.Equal("spring USD = 2.5", await AskAsync("roas", isReporting: false, r => r with { By = ByCampaign, Only = new Dictionary<string, IReadOnlyList<string>> { [Dimension.Campaign] = ["spring"] } }));
        Assert.Equal("USD = 0", await AskAsync("roas", isReporting: false, r => r with { Only = new Dictionary<string, IReadOnlyList<string>> { [Dimension.Campaign] = ["autumn"] } }));
    }

    [Fact]
    public void Csv_of_spend_is_read_with_its_own_days_and_numbers()
    {
        var mapping = ImportMapping.Parse(Encoding.UTF8.GetBytes("""
            { "kind": "spend", "system": "ads", "delimiter": ";", "decimalSeparator": ",", "timeFormat": "dd.MM.yyyy",
              "fields": { "id": { "join": ["Kampagne", "Tag"] }, "day": "Tag", "campaign": "Kampagne", "currency": { "constant": "EUR" }, "amount": "Kosten" } }
            """));
        using var file = new MemoryStream(Encoding.UTF8.GetBytes("Tag;Kampagne;Kosten\n14.03.2026;Frühling;12,5\n15.03.2026;Frühling;0\n15.03.2026;Frühling;1\n"));
        var import = Normalizer.Find("import")!;
        var parts = SourceMessages.Split(import, "text/csv", file, mapping, SplitLimit.None)!.ToList();

        Assert.Equal(
            ["2026-03-14 Frühling 12.50", "repeated-id"],
            parts.Select(p => p.Rejected is { } rejected ? rejected.Code : Told(p.Payload)).Distinct());

        string Told(ReadOnlyMemory<byte> payload) =>
            Normalizer.Normalize(SourceMessages.Envelope(import, payload, _ => null, isOnly: false, received: null).Wrap(), NormalizationRules.Default) is Normalization.Normalized { Records: [{ Spend: { } spend } record] }
                ? $"{spend.Day:yyyy-MM-dd} {record.Campaign} {Domain.Money.ToMajor(spend.Amount, spend.Currency)}" : "none";
    }

    private async Task<string> AskAsync(string metric, bool isReporting, Func<MetricRequest, MetricRequest>? more = null)
    {
        var request = MetricRequest.All(MetricCatalog.Find(metric)!) with { InReportingCurrency = isReporting };
        var reader = _pipeline.Make<MetricsReader>(_pipeline.Get<ValueOptions>() with { Rates = ReportingRates.Parse("USD", "date,currency,rate\n2026-01-01,EUR,2\n") });
        var answer = await reader.AskAsync(more?.Invoke(request) ?? request, default);
        return string.Join('|', answer.Rows.Select(r => $"{string.Join(' ', r.Dimensions.Select(d => d.Value))} = {r.Value}"));
    }

    private Task SendAsync(params ReadOnlyMemory<byte>[] messages) => _pipeline.SendAsync("import", messages);

    private static ReadOnlyMemory<byte> Spend(int id, decimal amount, string campaign = "spring", int hour = 1, string? status = null) => Some.Message("import", new
    {
        kind = "spend",
        system = "ads",
        id,
        day = "2026-03-01",
        campaign,
        currency = "USD",
        amount,
        status,
        updated_at = Some.Moment.AddHours(hour),
    });

    private static ReadOnlyMemory<byte> Order(int id, decimal price, decimal? cost, string? email = null, int hour = 1, string currency = "USD") => Some.Message("import", new
    {
        kind = "order",
        system = "erp",
        id,
        channel = "online",
        placed_at = "2026-03-01T10:00:00Z",
        updated_at = Some.Moment.AddHours(hour),
        currency,
        email,
        campaign = "spring",
        lines = new[] { new { price, cost } },
    });
}
