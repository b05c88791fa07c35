using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Ports;
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

    /// <summary>What an erasure deletes of messages that are about one person: an export has all of it, whatever names the person.</summary>
    [Fact]
    public Task Has_every_message_that_an_erasure_deletes() => Gen.Select(Mention.Array[1, 12], Gen.Int[0, 2], Gen.Bool).SampleAsync(
        async (mentions, asked, isWithoutOrder) =>
        {
            await using var pipeline = new TestPipeline();
            for (var person = 0; person < 3; person++)
            {
                await pipeline.SendAsync("shopify", [Some.ShopifyOrder(OrderOf(person), email: EmailOf(person)), .. isWithoutOrder ? [] : new[] { Some.ShopifyOrder(OrderOf(person), email: EmailOf(person)) }]);
                await pipeline.SendAsync(
                    "square",
                    Some.SquareCustomer($"CUSTOMER{person}", EmailOf(person)),
                    Some.SquarePayment(PaymentOf(person), 6_000, customer: $"CUSTOMER{person}", order: $"SQUAREORDER{person}"),
                    Some.SquarePayment($"OTHERPAYMENT{person}", 4_000, customer: $"CUSTOMER{person}", order: $"SQUAREORDER{person}", at: Some.Moment.AddMinutes(1)),
                    Some.SquareRefund(PaymentOf(person), $"r{person}", 100));
            }

            foreach (var (person, value, isBroken) in mentions)
            {
                var text = new[] { EmailOf(person), OrderOf(person).ToString(CultureInfo.InvariantCulture), PaymentOf(person), $"SQUAREORDER{person}", $"CUSTOMER{person}" }[value];
                await pipeline.SendAsync("shopify", isBroken ? Encoding.UTF8.GetBytes($"broken: about {text}.") : Some.Message("shopify", new { title = $"About {text}" }, "products/update"));
            }

            var customer = (await pipeline.LookUpAsync($"email:{EmailOf(asked)}"))!.Customer;
            var export = JsonDocument.Parse((await pipeline.Get<ExportPersonHandler>().ExportAsync(customer, "tester", default))!.Value).RootElement;
            var exported = new[] { "messages", "quarantined" }.SelectMany(list => export.GetProperty(list).EnumerateArray().Select(m => $"{list} {m.GetProperty("delivery").GetString()}")).Order(StringComparer.Ordinal).ToList();
            var before = await MessagesAsync(pipeline);
            await pipeline.EraseAsync($"email:{EmailOf(asked)}");

            Assert.Equal(before.Except(await MessagesAsync(pipeline)).Order(StringComparer.Ordinal), exported);
        },
        iter: Effort.Of(all: 60, usual: 12), threads: 1);

    // Whom, what of them, and whether nothing can be made of it.
    private static readonly Gen<(int Person, int Value, bool IsBroken)> Mention = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 4], Gen.Bool);

    private static string EmailOf(int person) => $"person{person}@example.com";

    private static long OrderOf(int person) => 8209829119461540L + person;

    private static string PaymentOf(int person) => $"PAYMENT{person}XYZ";

    private static async Task<List<string>> MessagesAsync(TestPipeline pipeline) =>
    [
        .. await pipeline.Get<IRawArchive>().ScanAsync(default).Select(m => $"messages {m.DeliveryId}").ToListAsync(),
        .. await pipeline.Get<QuarantineStore>().ListAsync(from: "", default).Select(m => $"quarantined {m.DeliveryId}").ToListAsync(),
    ];

    private async Task<string> ExportAsync(string email)
    {
        var customer = (await _pipeline.LookUpAsync($"email:{email}"))!.Customer;
        return Encoding.UTF8.GetString((await _pipeline.Get<ExportPersonHandler>().ExportAsync(customer, "tester", default))!.Value.Span);
    }
}
