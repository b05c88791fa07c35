using System.Text;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests.Privacy;

/// <summary>What a person may see is theirs, and nobody else's.</summary>
public sealed class An_export : IAsyncLifetime
{
    private readonly TestPipeline _pipeline = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    [Fact]
    public async Task Of_neither_customer_names_the_other_after_an_order_was_moved()
    {
        await _pipeline.SendAsync(
            "shopify",
            Some.ShopifyOrder(1, email: "former@example.com", customer: 1),
            Some.ShopifyOrder(2, email: "former@example.com", customer: 1),
            Some.ShopifyOrder(2, email: "present@example.com", customer: 2, updatedAt: Some.Moment.AddDays(1)));

        var (former, present) = (await ExportAsync("former@example.com"), await ExportAsync("present@example.com"));

        Assert.Contains("former@example.com", former, StringComparison.Ordinal);
        Assert.DoesNotContain("present@example.com", former, StringComparison.Ordinal);
        Assert.Contains("present@example.com", present, StringComparison.Ordinal);
        Assert.DoesNotContain("former@example.com", present, StringComparison.Ordinal);
    }

    private async Task<string> ExportAsync(string email)
    {
        var customer = (await _pipeline.LookUpAsync($"email:{email}"))!.Customer;
        return Encoding.UTF8.GetString((await _pipeline.Get<ExportPersonHandler>().ExportAsync(customer, "tester", default))!.Value.Span);
    }
}
