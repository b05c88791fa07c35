using CsCheck;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Report.Tables;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Tests;

/// <summary>Lists that are as long as there are customers, or messages that were not understood: a page goes on where the one before ended, and nothing before it is read again.</summary>
public sealed class Lists_page_by_page : IAsyncDisposable
{
    private const int Customers = 12;

    private readonly TestPipeline _pipeline = new();

    public static TheoryData<string> Tables => [.. FigureTables.All.Select(t => t.Name)];

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task Are_tables_that_go_on_at_any_key(string name)
    {
        await TellAsync();
        var table = FigureTables.All.Single(t => t.Name == name);
        var all = await RowsAsync(table, from: null);

        foreach (var (number, row) in all.Index())
        {
            Assert.Equal(all[number..].Select(Text), (await RowsAsync(table, [.. row.Take(table.KeyColumns)])).Select(Text));
        }

        Assert.Empty(await RowsAsync(table, [.. table.Key.Select(LargestOf)]));
    }

    [Theory]
    [InlineData("Customers")]
    [InlineData("CustomerValue")]
    public async Task Are_customers_without_reading_those_before(string name)
    {
        await TellAsync();
        var table = FigureTables.All.Single(t => t.Name == name);
        var all = await RowsAsync(table, from: null);
        Assert.Equal(Customers, all.Select(r => r[0]).Distinct().Count());
        var second = all.First(r => !Equals(r[0], all[0][0]));

        var summary = await _pipeline.Get<IDocumentStore>().ReadAsync(Containers.Customers, (string)all[0][0]!, Containers.SummaryId, default);
        await _pipeline.OverwriteAsync(Containers.Customers, summary!, "{}"u8.ToArray());

        await Assert.ThrowsAsync<CorruptDocumentException>(() => RowsAsync(table, from: null));
        Assert.Equal(Customers - 1, (await RowsAsync(table, [.. second.Take(table.KeyColumns)])).Select(r => r[0]).Distinct().Count());
    }

    [Fact]
    public async Task Are_customers_who_may_be_written_to()
    {
        await TellAsync();
        Task<IReadOnlyList<Domain.Customers.CustomerSummary>> PageAsync(int size, string after) => _pipeline.Get<CustomersReader>().ListForMarketingAsync(size, after, default);
        var all = (await PageAsync(100, "")).Select(c => c.Customer).ToList();
        Assert.Equal(Customers / 2, all.Count);
        Assert.Equal(all.Order(StringComparer.Ordinal), all);

        foreach (var (number, customer) in all.Index())
        {
            Assert.Equal(all.Skip(number + 1).Take(2), (await PageAsync(2, customer)).Select(c => c.Customer));
        }
    }

    [Fact]
    public async Task Are_interactions_behind_a_figure_without_reading_the_customers_before()
    {
        await TellAsync();
        var explain = _pipeline.Get<ExplainMetric>();
        Task<Explanation> PageAsync(int size, string? continuation) => explain.RunAsync(
            MetricCatalog.Find("orders")!, null, null, new Dictionary<string, IReadOnlyList<string>>(), null, size, continuation, default);
        var all = (await PageAsync(100, null)).Interactions;
        var half = await PageAsync(all.Count / 2, null);

        await DamageAsync(Containers.Customers, half.Interactions[0].Customer, new TouchId(half.Interactions[0].Touch.Entity).ToString());

        await Assert.ThrowsAsync<CorruptDocumentException>(() => PageAsync(1, null));
        Assert.Equal(
            all.Skip(all.Count / 2).Select(i => i.Touch.Entity), (await PageAsync(100, half.Continuation)).Interactions.Select(i => i.Touch.Entity));
    }

    [Fact]
    public async Task Are_reasons_why_a_customer_is_one_without_reading_those_before()
    {
        await TellAsync();
        var customer = (await _pipeline.Get<CustomersReader>().ListForMarketingAsync(1, "", default)).Single().Customer;
        var evidence = _pipeline.Get<IdentityEvidence>();
        var first = (await evidence.ReadAsync(customer, 1, null, default))!;

        await DamageAsync(Containers.Customers, customer, new TouchId(first.Entities.Single().Entity).ToString());

        await Assert.ThrowsAsync<CorruptDocumentException>(() => evidence.ReadAsync(customer, 1, null, default));
        Assert.Equal(2, (await evidence.ReadAsync(customer, 100, first.Continuation, default))!.Entities.Count);
    }

    [Fact]
    public async Task Are_sorted_entries_in_any_order_that_they_come_in()
    {
        await Check.SampleAsync(
            Gen.Select(Gen.Int[0, 30].HashSet[0, 30], Gen.Int[1, 7]).Select((numbers, size) => (Numbers: numbers.ToList(), Size: size)),
            async story =>
            {
                var (all, next, pages) = (story.Numbers.ToAsyncEnumerable(), (string?)null, new List<int>());
                do
                {
                    var page = await all.PageAsync(n => $"{n:D3}", story.Size, next, default);
                    Assert.Equal(page.Next is not null, page.Items.Count == story.Size && pages.Count + story.Size < story.Numbers.Count);
                    pages.AddRange(page.Items);
                    next = page.Next;
                }
                while (next is not null);

                Assert.Equal(story.Numbers.Order(), pages);
            });
    }

    [Fact]
    public async Task Are_messages_in_quarantine()
    {
        await TellAsync();
        var review = _pipeline.Review();
        async Task<List<(string Id, string Reason)>> PageAsync(string? reason, string after) =>
            await review.ListAsync(reason, after, default).Select(m => (m.DeliveryId, m.Reason.Code)).ToListAsync();
        var all = await PageAsync(null, "");
        Assert.Equal((Customers, 2), (all.Count, all.Select(m => m.Reason).Distinct().Count()));
        Assert.Equal(all.OrderBy(m => m.Id, StringComparer.Ordinal), all);

        foreach (var (number, message) in all.Index())
        {
            Assert.Equal(all[(number + 1)..], await PageAsync(null, message.Id));
            Assert.Equal(all[(number + 1)..].Where(m => m.Reason == message.Reason), await PageAsync(message.Reason, message.Id));
        }
    }

    private async Task DamageAsync(string container, string partition, string id) =>
        await _pipeline.OverwriteAsync(container, (await _pipeline.Get<IDocumentStore>().ReadAsync(container, partition, id, default))!, "{}"u8.ToArray());

    // Customers with an order in one currency or two, of whom every other one agreed to be written to; and messages that are broken in one of two ways.
    private async Task TellAsync()
    {
        var (orders, people) = (new List<ReadOnlyMemory<byte>>(), new List<ReadOnlyMemory<byte>>());
        for (var i = 1; i <= Customers; i++)
        {
            var email = $"somebody{i}@example.com";
            orders.Add(Some.ShopifyOrder(i, email: email, updatedAt: Some.Moment.AddMinutes(i)));
            if (i % 2 == 0)
            {
                orders.Add(Some.ShopifyOrder(100 + i, email: email, currency: "EUR"));
                people.Add(Some.Message("import", new { kind = "person", system = "crm", id = $"{i}", created_at = Some.Moment, email, marketing_consent = "yes" }));
            }

            orders.Add(i % 3 == 0 ? Some.Wrap("shopify", "{}"u8) : "broken"u8.ToArray());
        }

        await _pipeline.SendAsync("shopify", [.. orders]);
        await _pipeline.SendAsync("import", [.. people]);
    }

    private async Task<List<object?[]>> RowsAsync(FigureTable table, IReadOnlyList<object?>? from) => await _pipeline.Get<FigureTables>().ReadAsync(table, from, default).ToListAsync();

    private static string Text(object?[] row) => string.Join('|', row);

    private static object LargestOf(TableColumn column) => column.Type switch
    {
        ColumnType.Date => DateOnly.MaxValue,
        ColumnType.Instant => DateTimeOffset.MaxValue,
        ColumnType.Text => "\uffff",
        _ => throw new InvalidOperationException($"{column.Name} is part of a key, and a number: the feed compares those by another type."),
    };
}
