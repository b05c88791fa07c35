using System.Text;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

public sealed class Verification_of_a_store : IAsyncLifetime
{
    private readonly TestPipeline _pipeline = new();

    public async ValueTask InitializeAsync()
    {
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "a@example.com"), Some.ShopifyOrder(2, email: "b@example.com"), Some.ShopifyRefund(1));
        await _pipeline.SendAsync("zendesk", Some.ZendeskTicket());
        await _pipeline.SendAsync("square", "broken"u8.ToArray());
    }

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    [Fact]
    public async Task Finds_nothing_where_nothing_is_wrong() => Assert.Empty((await _pipeline.VerifyAsync()).Differences);

    [Fact]
    public async Task Tells_how_far_it_is()
    {
        var told = new Told<StepProgress<VerifyStep>>();

        var found = await _pipeline.Get<VerifyStore>().RunAsync(told, default);

        Assert.Equal([VerifyStep.Entities, VerifyStep.Customers, VerifyStep.Figures], told.All.Select(p => p.Step).Distinct());
        Assert.Equal((found.Entities, (long?)null), told.All.Where(p => p.Step == VerifyStep.Entities).Select(p => (p.Done, p.All)).Last());
        Assert.Equal((found.Touches, (long?)found.Entities), told.All.Where(p => p.Step == VerifyStep.Customers).Select(p => (p.Done, p.All)).Last());
    }

    [Theory]
    [InlineData(Containers.Interactions, Containers.StateId, "\"gross\":1000", "\"gross\":1001", "entity")]
    [InlineData(Containers.Customers, Containers.SummaryId, "\"orders\":1", "\"orders\":2", "summary")]
    [InlineData(Containers.Customers, Containers.TouchPrefix, "\"gross\":1000", "\"gross\":999", "customer")]
    [InlineData(Containers.Values, Containers.FlowPrefix, "\"orders\":", "\"ordres\":", "flow")]
    [InlineData(Containers.Values, Containers.OrderFactPrefix, "\"gross\":1000", "\"gross\":7", "fact")]
    [InlineData(Containers.Ledger, Containers.TotalId, "\"stored\":", "\"stored\":1", "ledger")]
    public async Task Finds_a_planted_difference(string container, string idPrefix, string text, string planted, string check)
    {
        var document = await _pipeline.Get<IDocumentStore>().ScanAsync(container, default)
            .FirstAsync(d => d.Id.StartsWith(idPrefix, StringComparison.Ordinal) && Encoding.UTF8.GetString(d.Body.Span).Contains(text, StringComparison.Ordinal));
        var body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(document.Body.Span).Replace(text, planted, StringComparison.Ordinal));
        await _pipeline.OverwriteAsync(container, document, body);

        Assert.Contains((await _pipeline.VerifyAsync()).Differences, d => d.Check == check);
    }

    [Fact]
    public async Task Finds_a_touch_that_is_missing()
    {
        var store = _pipeline.Get<IDocumentStore>();
        var touch = await store.ScanAsync(Containers.Customers, default).FirstAsync(d => d.Id.StartsWith(Containers.TouchPrefix, StringComparison.Ordinal));
        await store.CommitAsync(Containers.Customers, touch.Partition, [Write.Delete(touch.Id)], default);

        Assert.Contains((await _pipeline.VerifyAsync()).Differences, d => d.What.Contains("belongs to no customer", StringComparison.Ordinal));
    }
}
