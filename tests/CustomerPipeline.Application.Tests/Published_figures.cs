using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Report.Snapshots;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

/// <summary>What was published stays as it was; what became of it is told with the cause.</summary>
public sealed class Published_figures
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Are_restated_by_late_refunds_and_say_what_came_late()
    {
        await using var pipeline = new TestPipeline();
        var publish = pipeline.Get<PublishFigures>();
        await pipeline.SendAsync("shopify", Order(1, 1), Order(2, 2));
        Assert.Empty(await publish.RunAsync(Now, default));

        await pipeline.SendAsync("shopify", Some.ShopifyRefund(1, 11, 4m, "USD", Day(2)));
        var restated = (await publish.RunAsync(Now.AddDays(1), default)).ToList();

        var sales = Assert.Single(restated, r => r.Metric == "net-sales");
        Assert.Equal((new DateOnly(2026, 2, 2), "10.00", "6.00", 2), (sales.Day, sales.Old!.Value.GetString(), sales.New!.Value.GetString(), sales.Version));
        Assert.Equal((Now, Now.AddDays(1)), (sales.PublishedAt, sales.RestatedAt));
        Assert.Equal(new Dictionary<string, long> { ["shopify order"] = 1 }, sales.Cause.Interactions);

        // The day of the order changed as well: what was kept of it.
        Assert.Contains(restated, r => r is { Metric: "net-sales-by-order-date", Day.Day: 1 });
        Assert.Equal("10.00", (await publish.FindAsync(new DateOnly(2026, 2, 2), 1, default))!.Figures["net-sales"][0].GetProperty("value").GetString());
        Assert.Equal(restated.Select(r => r.Id).Order(), (await publish.ListAsync(100, "", default)).Select(r => r.Id));
    }

    [Fact]
    public async Task Are_restated_when_an_order_turns_out_to_belong_to_another_day()
    {
        await using var pipeline = new TestPipeline();
        var publish = pipeline.Get<PublishFigures>();
        await pipeline.SendAsync("shopify", Order(1, 5));
        await publish.RunAsync(Now, default);

        await pipeline.SendAsync("shopify", Some.ShopifyOrder(1, "10.00", 1, "0.00", "USD", 1, null, null, Day(4), Day(6)));
        var restated = (await publish.RunAsync(Now.AddDays(1), default)).Where(r => r.Metric == "orders").ToList();

        var gone = Assert.Single(restated);
        Assert.Equal((5, 1L, null), (gone.Day.Day, gone.Old!.Value.GetInt64(), gone.New));
        Assert.Equal(1, gone.Cause.Interactions["shopify order"]);
    }

    [Fact]
    public async Task Are_not_restated_by_what_changes_nothing()
    {
        await using var pipeline = new TestPipeline();
        var publish = pipeline.Get<PublishFigures>();
        await pipeline.SendAsync("shopify", Order(1, 1));
        await publish.RunAsync(Now, default);

        // Delivered again, and merged into another customer.
        await pipeline.SendAsync("shopify", Order(1, 1));
        await pipeline.SendAsync("segment", Some.Message("segment", new { type = "identify", messageId = "m1", userId = "u1", timestamp = Day(1), traits = new { email = "a@x.example" } }));

        Assert.Empty(await publish.RunAsync(Now.AddDays(1), default));
    }

    [Fact]
    public async Task Of_today_are_not_published()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("shopify", Order(1, 1));

        await pipeline.Get<PublishFigures>().RunAsync(Day(1), default);

        Assert.Null(await pipeline.Get<PublishFigures>().FindAsync(new DateOnly(2026, 2, 1), null, default));
    }

    [Fact]
    public async Task Of_the_customer_base_stay_as_they_were()
    {
        await using var pipeline = new TestPipeline();
        var snapshots = pipeline.Get<TakeSnapshotHandler>();
        await pipeline.SendAsync("shopify", Order(1, 1));
        var taken = await snapshots.HandleAsync(Now, default);
        var before = (await snapshots.FindAsync(taken.Snapshot.Id, "historic-value", default))!.Rows.GetRawText();

        await pipeline.SendAsync("shopify", Order(2, 2));

        Assert.Equal(before, (await snapshots.FindAsync(taken.Snapshot.Id, "historic-value", default))!.Rows.GetRawText());
        Assert.Equal(["USD = 20.00"], await pipeline.AskAsOfAsync("historic-value", Now));
        Assert.Equal(["USD = 10.00"], await pipeline.AskAsOfAsync("historic-value", Day(1).AddHours(1)));
        Assert.Equal([taken.Snapshot], await snapshots.ListAsync(10, "", default));
    }

    /// <summary>The interactions that explain a figure add up to it, in whatever pages they come.</summary>
    [Theory]
    [InlineData("gross-sales", 1)]
    [InlineData("gross-sales", 2)]
    [InlineData("orders", 1)]
    [InlineData("contacts-per-hundred-orders", 1)]
    [InlineData("kept-order-share", 1)]
    [InlineData("repeat-rate", 2)]
    public async Task Are_explained_by_the_interactions_behind_them(string name, int size)
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("shopify", Order(1, 1), Order(2, 2), Order(3, 3));
        await pipeline.SendAsync("zendesk", Some.ZendeskTicket(id: "7", at: Day(2), createdAt: Day(2)));
        var metric = MetricCatalog.Find(name)!;
        var explain = pipeline.Get<ExplainMetric>();

        var found = new List<ExplainedInteraction>();
        string? continuation = null;
        do
        {
            var page = await explain.RunAsync(metric, null, null, new Dictionary<string, IReadOnlyList<string>>(), Now.AddDays(60), size, continuation, default);
            Assert.InRange(page.Interactions.Count, 0, size);
            found.AddRange(page.Interactions);
            continuation = page.Continuation;
        }
        while (continuation is not null);

        Assert.Equal(found.Count, found.DistinctBy(f => (f.Touch.Entity, f.Day)).Count());
        Assert.Equal(name == "contacts-per-hundred-orders" ? 4 : 3, found.Count);
        Assert.Equal(name == "gross-sales" ? 30_00 : 0, found.Sum(f => f.Measures.GetValueOrDefault(Measure.Gross)));
    }

    private static ReadOnlyMemory<byte> Order(int id, int day) => Some.ShopifyOrder(id, "10.00", 1, "0.00", "USD", 1, null, null, Day(day), Day(day));

    private static DateTimeOffset Day(int day) => new(2026, 2, day, 12, 0, 0, TimeSpan.Zero);
}
