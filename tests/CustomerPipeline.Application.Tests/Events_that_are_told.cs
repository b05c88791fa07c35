using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Maintenance.Erasing;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.Application.Report.Snapshots;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Snapshots;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

/// <summary>What subscribers hear of metrics and of customers. Every event is held against its schema as it is told.</summary>
public sealed class Events_that_are_told : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 0, 5, 0, TimeSpan.Zero);

    private readonly TestPipeline _pipeline = new();

    private CustomerNews News => _pipeline.Get<CustomerNews>();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    [Fact]
    public async Task A_merge_is_told_once_however_many_interactions_move()
    {
        await SendOrdersAsync("a@example.com", 1, 20);
        await SendOrdersAsync("b@example.com", 21, 40);
        var (a, b) = (await CustomerAsync("a@example.com"), await CustomerAsync("b@example.com"));

        // Of what was joined while it came in, workers had each their own customer for a moment.
        await _pipeline.PublishAsync();
        await _pipeline.SendAsync("segment", Some.SignedInWithBoth("a@example.com", "b@example.com"));
        var merged = Assert.Single((await _pipeline.PublishAsync(redeliver: true)).DistinctBy(e => e.Id));

        var (stays, gone) = await CustomerAsync("b@example.com") == a ? (a, b) : (b, a);
        Assert.Equal((EventTypes.CustomerMerged, gone), (merged.Type, merged.Subject));
        Assert.Equal((stays, gone), (Text(merged, "customer"), Text(merged, "merged")));
        Assert.DoesNotContain("example.com", merged.Data.GetRawText(), StringComparison.Ordinal);
        Assert.Empty(await _pipeline.PublishAsync());
    }

    [Fact]
    public async Task An_erasure_is_not_told_as_a_split()
    {
        await SendOrdersAsync("a@example.com", 1, 2);
        await _pipeline.PublishAsync();
        await _pipeline.Get<PrivacyRequests>().TakeAsync(PrivacyRequest.Erasure, "tester", [await CustomerAsync("a@example.com")], default);
        await _pipeline.Get<ErasePeopleHandler>().RunAsync(default);
        await _pipeline.DrainAsync(most => most, () => false);

        Assert.Empty(await _pipeline.PublishAsync());
    }

    [Fact]
    public async Task A_merge_that_is_taken_back_is_told_as_a_split()
    {
        await SendOrdersAsync("a@example.com", 1, 1);
        await SendOrdersAsync("b@example.com", 2, 2);
        var (a, b) = (await CustomerAsync("a@example.com"), await CustomerAsync("b@example.com"));
        var decide = _pipeline.Get<DecideIdentityHandler>();
        var decision = Assert.IsType<DecisionResult.Accepted>(await decide.MergeAsync(b, a, "tester", default)).Decision;
        await _pipeline.DrainAsync(most => most, () => false);
        Assert.Equal(EventTypes.CustomerMerged, Assert.Single(await _pipeline.PublishAsync()).Type);

        await decide.TakeBackAsync(decision, "tester", default);
        await _pipeline.DrainAsync(most => most, () => false);
        var split = Assert.Single(await _pipeline.PublishAsync());

        Assert.Equal((EventTypes.CustomerSplit, a, b), (split.Type, Text(split, "customer"), Text(split, "into")));
    }

    [Fact]
    public async Task A_stage_is_told_when_it_changes_and_not_before_there_was_one_to_compare_with()
    {
        await News.TellStagesAsync([("c1", LifecycleStage.Active), ("c2", LifecycleStage.New)], Now, default);
        Assert.Empty(await _pipeline.PublishAsync());

        await News.TellStagesAsync([("c1", LifecycleStage.AtRisk), ("c2", LifecycleStage.New)], Now.AddDays(1), default);
        var told = await _pipeline.PublishAsync();
        Assert.Equal([EventTypes.CustomerAtRisk, EventTypes.CustomerStageChanged], told.Select(e => e.Type).Order());
        Assert.All(told, e => Assert.Equal(("c1", "c1", "active"), (e.Subject, Text(e, "customer"), Text(e, "from"))));
        Assert.Equal("at-risk", Text(told.Single(e => e.Type == EventTypes.CustomerStageChanged), "to"));

        await News.TellStagesAsync([("c1", LifecycleStage.AtRisk), ("c2", LifecycleStage.New)], Now.AddDays(2), default);
        Assert.Empty(await _pipeline.PublishAsync());
    }

    [Fact]
    public async Task A_stage_that_was_told_of_by_halves_is_told_again_under_the_same_id()
    {
        await News.TellStagesAsync([("c1", LifecycleStage.Active)], Now, default);
        await News.TellStagesAsync([("c1", LifecycleStage.Lapsed)], Now.AddDays(1), default);

        var twice = await _pipeline.PublishAsync(redeliver: true);

        Assert.True(twice.Count > 1);
        Assert.Single(twice.Select(e => e.Id).Distinct());
    }

    [Fact]
    public async Task Snapshots_tell_the_stages_of_those_who_came_since()
    {
        var snapshots = _pipeline.Get<TakeSnapshotHandler>();
        await SendOrdersAsync("a@example.com", 1, 1);
        await snapshots.HandleAsync(null, default);
        await SendOrdersAsync("b@example.com", 2, 2);
        Assert.Empty(await _pipeline.PublishAsync());

        await snapshots.HandleAsync(Some.Moment, default);
        Assert.Empty(await _pipeline.PublishAsync());
        await snapshots.HandleAsync(null, default);
        var told = Assert.Single(await _pipeline.PublishAsync(), e => e.Type == EventTypes.CustomerStageChanged);

        Assert.Equal((EventTypes.CustomerStageChanged, await CustomerAsync("b@example.com")), (told.Type, Text(told, "customer")));
        Assert.False(told.Data.TryGetProperty("from", out _));
    }

    [Fact]
    public async Task A_burst_of_messages_is_one_event_for_each_metric()
    {
        var tell = _pipeline.Get<TellMetricChangesHandler>();
        await tell.HandleAsync(default);
        Assert.Empty(Take());

        await SendOrdersAsync("a@example.com", 1, 30);
        await tell.HandleAsync(default);
        var told = Take();

        Assert.All(told, e => Assert.Equal(EventTypes.MetricChanged, e.Type));
        Assert.Equal(told.Count, told.Select(e => e.Subject).Distinct().Count());
        Assert.Superset(new HashSet<string> { "orders", "net-sales", "new-customers" }, told.Select(e => e.Subject).ToHashSet());
        Assert.DoesNotContain(told, e => e.Subject is "tickets" or "customers-by-stage");
        Assert.All(told, e => Assert.Equal(("2026-03-01", "2026-03-31"), (Text(e, "from"), Text(e, "to"))));
        await tell.HandleAsync(default);
        Assert.Empty(Take());
    }

    [Fact]
    public async Task A_metric_is_told_of_only_if_its_own_figures_changed()
    {
        var tell = _pipeline.Get<TellMetricChangesHandler>();
        await SendOrdersAsync("a@example.com", 1, 2);
        await tell.HandleAsync(default);
        var first = Take();

        await _pipeline.SendAsync("shopify", Some.ShopifyRefund(1, 11, 4m, "USD", Some.Moment.AddMonths(2)));
        await tell.HandleAsync(default);
        var refunded = Take().ToDictionary(e => e.Subject);

        Assert.DoesNotContain("orders", refunded.Keys);
        Assert.Equal(("2026-05-01", "2026-05-31"), (Text(refunded["refunds"], "from"), Text(refunded["refunds"], "to")));
        Assert.Equal("2026-03-01", Text(refunded["refunds-by-order-date"], "from"));
        Assert.True(Number(refunded["refunds"], "watermark") > Number(first[0], "watermark"));
        Assert.Equal(Text(first[0], "at"), Text(refunded["refunds"], "since"));
    }

    private IReadOnlyList<OutgoingEvent> Take() => _pipeline.Get<CollectedEvents>().Take();

    private Task SendOrdersAsync(string email, int first, int last) =>
        _pipeline.SendAsync("shopify", [.. Enumerable.Range(first, last - first + 1).Select(n => Some.ShopifyOrder(n, email: email))]);

    private async Task<string> CustomerAsync(string email) => (await _pipeline.Get<CustomersReader>().LookUpAsync(new Identifier(IdentifierType.Email, email), default))!.Customer;

    private static string? Text(OutgoingEvent @event, string name) => @event.Data.GetProperty(name).GetString();

    private static long Number(OutgoingEvent @event, string name) => @event.Data.GetProperty(name).GetInt64();
}
