using CsCheck;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Tables;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

/// <summary>
/// Square tells an order payment by payment (objects/Payment, order_id), its refunds name the payment alone, and an answer of the Orders API says what it was for.
/// </summary>
public sealed class An_order_paid_in_parts
{
    private static readonly DateTimeOffset Refunded = Some.Moment.AddDays(1);

    // 60.00 and 48.00 for goods of 100.00 and 8.00 of tax, of which 54.00 came back in two refunds of one payment; and another sale.
    private static readonly ReadOnlyMemory<byte>[] Messages =
    [
        Some.SquarePayment("a", 6_000, "APPROVED", "C1", order: "O"),
        Some.SquarePayment("a", 6_000, "COMPLETED", "C1", updatedAt: Some.Moment.AddMinutes(1), order: "O"),
        Some.SquarePayment("b", 4_800, at: Some.Moment.AddMinutes(2), fingerprint: "card-of-a-friend", order: "O"),
        Some.SquareOrder("O", 10_000, tax: 800),
        Some.SquareRefund("a", "r1", 2_700, "PENDING", Refunded),
        Some.SquareRefund("a", "r1", 2_700, "COMPLETED", Refunded.AddHours(1)),
        Some.SquareRefund("a", "r2", 2_700, at: Refunded),
        Some.SquareCustomer("C1", "jo@mail.example"),
        Some.SquarePayment("c", 1_000, fingerprint: "card-of-a-friend", order: "P"),
    ];

    [Fact]
    public async Task Is_one_order_with_its_refunds_whatever_came_first() => await Gen.Shuffle(Messages).SampleAsync(
        async shuffled =>
        {
            await using var pipeline = new TestPipeline();
            foreach (var some in shuffled.Chunk(3))
            {
                await pipeline.SendAsync("square", [.. some, some[0]]);
            }

            Assert.Equal(["= 2"], await pipeline.AskAsync("orders"));
            Assert.Equal(["USD = 110.00"], await pipeline.AskAsync("gross-sales"));
            Assert.Equal(["USD = 50.00"], await pipeline.AskAsync("refunds"));
            Assert.Equal(["USD = 55.00"], await pipeline.AskAsync("average-order-value"));
            Assert.Equal(["= 2"], await pipeline.AskAsync("units"));
            var jo = await pipeline.LookUpAsync("email:jo@mail.example");
            Assert.Equal((1, 5_000L), (jo!.Orders, jo.NetSales["USD"]));
            Assert.Empty((await pipeline.VerifyAsync()).Differences);
        },
        iter: Effort.Of(all: 200, usual: 15), threads: 1);

    [Fact]
    public async Task Leaves_nothing_when_its_customer_is_erased()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("square", Messages);

        await pipeline.EraseAsync("email:jo@mail.example");

        var store = pipeline.Get<IDocumentStore>();
        foreach (var key in new[] { "O", "a", "b" })
        {
            Assert.Empty(await store.ReadPartitionAsync(Containers.Interactions, $"square:order:{key}", "", default).ToListAsync());
        }

        Assert.Equal(["= 2"], await pipeline.AskAsync("orders"));
        Assert.Empty((await pipeline.VerifyAsync()).Differences);
    }

    /// <summary>Of two who share a bill, the one who is erased is gone, and the other is somebody new the next time.</summary>
    [Fact]
    public async Task Leaves_the_other_payer_when_the_first_is_erased()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("square", Some.SquarePayment("a", 6_000, customer: "ANNA", order: "O"), Some.SquarePayment("b", 4_000, customer: "BERT", at: Some.Moment.AddMinutes(1), order: "O"));
        var anna = (await pipeline.LookUpAsync("account:square:ANNA"))!.Customer;
        await pipeline.EraseAsync("account:square:ANNA");

        await pipeline.SendAsync("square", Some.SquarePayment("c", 1_000, customer: "BERT", at: Some.Moment.AddDays(3), order: "P"));

        Assert.NotEqual(anna, (await pipeline.LookUpAsync("account:square:BERT"))!.Customer);
        Assert.Empty((await pipeline.VerifyAsync()).Differences);
    }

    /// <summary>A store of before has the payment as an order of its own.</summary>
    [Fact]
    public async Task Takes_a_payment_over_that_stood_by_itself()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("square", Some.SquarePayment("a", 6_000, customer: "C1"), Some.SquareRefund("a", "r1", 1_000, at: Refunded));
        Assert.Equal(["USD = 60.00"], await pipeline.AskAsync("gross-sales"));

        await pipeline.SendAsync("square", Some.SquarePayment("a", 6_000, customer: "C1", updatedAt: Refunded, order: "O"), Some.SquarePayment("b", 4_000, customer: "C1", order: "O"));

        Assert.Equal(["= 1"], await pipeline.AskAsync("orders"));
        Assert.Equal(["USD = 100.00"], await pipeline.AskAsync("gross-sales"));
        Assert.Equal(["USD = 10.00"], await pipeline.AskAsync("refunds"));
        Assert.Empty((await pipeline.VerifyAsync()).Differences);
    }

    [Fact]
    public async Task Is_one_customer_of_the_feed_and_makes_no_empty_rows()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("square", Messages);
        await pipeline.SendAsync("square", Some.SquareRefund("unknown", "r9", 100));

        var rows = await pipeline.Get<FigureTables>().ReadAsync(FigureTables.All.Single(t => t.Name == "Customers"), from: null, default).ToListAsync();

        // Jo, the friend whose card paid another sale, and a refund of what is not known yet.
        Assert.Equal(["0 0", "1 1", "1 1"], rows.Select(r => $"{r[3]} {r[4]}").Order(StringComparer.Ordinal));
    }

    /// <summary>No shop sends it, and no message may hold up the others.</summary>
    [Fact]
    public async Task Comes_to_an_end_where_payments_name_each_other()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("square", Some.SquareRefund("a", "r1", 100), Some.SquareRefund("b", "r2", 200));
        await pipeline.SendAsync("square", Some.SquarePayment("a", 1_000, order: "b"), Some.SquarePayment("b", 1_000, order: "a"), Some.SquarePayment("c", 500, order: "c"));

        Assert.Equal(["USD = 5.00"], await pipeline.AskAsync("gross-sales"));
        Assert.Empty((await pipeline.VerifyAsync()).Differences);
    }

    [Fact]
    public async Task Is_missed_by_verify_where_a_refund_did_not_arrive()
    {
        await using var pipeline = new TestPipeline();
        await pipeline.SendAsync("square", Some.SquarePayment("a", 6_000, order: "O"), Some.SquareRefund("a", "r1", 1_000, at: Refunded));
        var store = pipeline.Get<IDocumentStore>();
        var passedOn = await store.ReadPartitionAsync(Containers.Interactions, "square:order:O", Containers.RecordPrefix, default)
            .Where(d => System.Text.Encoding.UTF8.GetString(d.Body.Span).Contains("\"r1\"", StringComparison.Ordinal)).SingleAsync();
        await store.CommitAsync(Containers.Interactions, passedOn.Partition, [Write.Delete(passedOn.Id, passedOn.ETag)], default);

        Assert.Contains((await pipeline.VerifyAsync()).Differences, d => d.What.StartsWith("A refund of a payment is missing", StringComparison.Ordinal));
    }
}
