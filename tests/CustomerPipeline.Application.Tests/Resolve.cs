using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

public sealed class Resolve : IAsyncLifetime
{
    private readonly TestPipeline _pipeline = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    [Fact]
    public async Task Makes_one_customer_of_what_shares_an_email()
    {
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "jo@example.com"));
        await _pipeline.SendAsync("square", Some.SquareCustomer("C1", "JO@example.com"), Some.SquarePayment(customer: "C1"));

        var customer = await _pipeline.LookUpAsync("email:jo@example.com");
        Assert.Equal((2, "in-store,online"), (customer!.Orders, string.Join(',', customer.Channels.Keys)));
        Assert.Equal(["= 1"], await _pipeline.AskAsync("cross-channel-customers"));
    }

    [Fact]
    public async Task Merges_two_customers_when_somebody_turns_out_to_be_both_and_the_old_id_redirects()
    {
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "a@example.com"));
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(2, phone: "+12025550142", at: Some.Moment.AddDays(1)));
        var older = (await _pipeline.LookUpAsync("email:a@example.com"))!.Customer;
        var newer = (await _pipeline.LookUpAsync("phone:+12025550142"))!.Customer;
        Assert.NotEqual(older, newer);

        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(3, email: "a@example.com", phone: "+12025550142", at: Some.Moment.AddDays(2)));

        var customers = _pipeline.Get<CustomersReader>();
        Assert.Equal((older, 3), ((await customers.FindAsync(newer, default))!.Customer, (await customers.FindAsync(newer, default))!.Orders));
        Assert.Equal(older, (await _pipeline.LookUpAsync("phone:+12025550142"))!.Customer);
        Assert.Equal(["= 1"], await _pipeline.AskAsync("new-customers"));
    }

    [Fact]
    public async Task Finds_an_anonymous_payment_again_when_it_becomes_known()
    {
        await _pipeline.SendAsync("square", Some.SquarePayment("p1"));
        Assert.Equal(["= 0"], await _pipeline.AskAsync("new-customers"));

        await _pipeline.SendAsync("square", Some.SquarePayment("p1", customer: "C1", updatedAt: Some.Moment.AddMinutes(5)));

        Assert.Equal(["= 1"], await _pipeline.AskAsync("new-customers"));
        Assert.Equal(["= 1"], await _pipeline.AskAsync("orders"));
        Assert.Equal(1, (await _pipeline.LookUpAsync("account:square:C1"))!.Orders);
    }

    [Fact]
    public async Task Joins_nobody_by_a_placeholder()
    {
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "noreply@example.com"), Some.ShopifyOrder(2, email: "noreply@example.com"));

        Assert.Equal(2, (await _pipeline.VerifyAsync()).Customers);
    }

    [Fact]
    public async Task Moves_a_customer_with_more_touches_than_fit_into_one_commit()
    {
        await _pipeline.SendAsync("shopify", Some.ShopifyOrder(1, email: "older@example.com"));
        await _pipeline.SendAsync("shopify", [.. Enumerable.Range(100, 250).Select(i => Some.ShopifyOrder(i, email: "newer@example.com", at: Some.Moment.AddMinutes(i)))]);

        await _pipeline.SendAsync("segment", Some.SignedInWithBoth("older@example.com", "newer@example.com"));

        Assert.Equal(251, (await _pipeline.LookUpAsync("email:newer@example.com"))!.Orders);
        Assert.Empty((await _pipeline.VerifyAsync()).Differences);
    }

    [Fact]
    public async Task Pages_a_timeline_oldest_first()
    {
        await _pipeline.SendAsync("shopify", [.. Enumerable.Range(1, 5).Select(i => Some.ShopifyOrder(i, email: "jo@example.com", at: Some.Moment.AddDays(-i)))]);
        var customer = (await _pipeline.LookUpAsync("email:jo@example.com"))!.Customer;

        var reader = _pipeline.Get<CustomersReader>();
        var first = (await reader.ReadTimelineAsync(customer, 3, null, default))!;
        var second = (await reader.ReadTimelineAsync(customer, 3, first.Continuation, default))!;

        Assert.Equal([5, 4, 3, 2, 1], first.Touches.Concat(second.Touches).Select(t => (Some.Moment - t.At).Days));
        Assert.Null(second.Continuation);
    }

}
