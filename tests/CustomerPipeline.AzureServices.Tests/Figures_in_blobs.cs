using CustomerPipeline.Application.Report.Publish;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using Parquet.Serialization;

namespace CustomerPipeline.AzureServices.Tests;

/// <summary>Published figures arrive in Blob Storage through the change feed of Cosmos DB.</summary>
[Needs("npm")]
public sealed class Figures_in_blobs(Azurite azurite) : IClassFixture<Azurite>
{
    private readonly Azurite _azurite = azurite.OrSkip();

    private const string Order =
        """{"id":1,"admin_graphql_api_id":"gid://shopify/Order/1","created_at":"2026-02-01T10:00:00Z","currency":"USD","source_name":"web","email":"jo@example.com","line_items":[{"id":1,"price":"10.00","quantity":1}]}""";

    [Fact]
    public async Task Are_a_file_for_each_day_one_for_each_snapshot_and_one_of_customers()
    {
        using var folder = new TemporaryFolder();
        await using var account = await CosmosTestAccount.CreateAsync();
        var blobs = await _azurite.NewContainersAsync();
        await using var host = await AzureHost.StartAsync(account, blobs, folder.Path);
        await host.PostAsync("/api/ingest/shopify", Order, headers: [("X-Shopify-Topic", "orders/create")]);
        await host.DrainAsync();
        await host.PostAsync("/api/snapshots", "");

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        List<string> names;
        while ((names = await blobs.FigureFiles.GetBlobsAsync().Select(b => b.Name).ToListAsync(patience.Token)).Count < 3)
        {
            await Task.Delay(100, patience.Token);
        }

        Assert.Equal(["customers/customers.parquet", "figures/date=2026-02-01/figures.parquet"], names[..2]);
        Assert.StartsWith("snapshots/date=", names[2], StringComparison.Ordinal);
        using var file = new MemoryStream((await blobs.FigureFiles.GetBlobClient(names[1]).DownloadContentAsync(patience.Token)).Value.Content.ToArray());
        var rows = await ParquetSerializer.DeserializeAsync<FigureRow>(file, cancellationToken: patience.Token);
        var sales = Assert.Single(rows.Data, r => r.Metric == "net-sales");
        Assert.Equal((new DateOnly(2026, 2, 1), "online", "USD", 10.00m), (sales.Day, sales.Channel, sales.Currency, sales.Value));
    }
}
