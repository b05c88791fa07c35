using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Report.Figures;
using CustomerPipeline.Application.Report.Tables;
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
