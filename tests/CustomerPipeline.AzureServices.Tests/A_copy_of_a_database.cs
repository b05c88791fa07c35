using System.Text;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.AzureServices.Cosmos;
using CustomerPipeline.Contracts;
using CustomerPipeline.CosmosServer;
using CustomerPipeline.Demo;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Domain.Value;
using Microsoft.Azure.Cosmos;

namespace CustomerPipeline.AzureServices.Tests;

/// <summary>How a live store is worked out anew beside itself: copied, worked out by another host, brought up to date, switched to.</summary>
[Needs("npm")]
public sealed class A_copy_of_a_database(Azurite azurite) : IClassFixture<Azurite>
{
    private readonly Azurite _azurite = azurite.OrSkip();

    [Fact]
    public async Task Becomes_the_same_customers_and_figures_while_the_original_goes_on()
    {
        using var folder = new TemporaryFolder();
        using var beside = new TemporaryFolder();
        await using var account = await CosmosTestAccount.CreateAsync();
        await using var other = await CosmosTestAccount.CreateAsync(partitions: 2);
        var blobs = await _azurite.NewContainersAsync();
        await using var original = await AzureHost.StartAsync(account, blobs, folder.Path);
        await using var copied = await AzureHost.StartAsync(other, blobs, beside.Path);
        var messages = ShopGenerator.Generate(3, 300);
        var copy = Copy(account, other);

        await SendAsync(original, messages.Take(200));
        var (place, documents) = await copy.FollowAsync(CopyPlace.Beginning, refold: false, null, default);
        await SendAsync(original, messages.Skip(200));
        var (_, more) = await copy.FollowAsync(place, refold: false, null, default);
        await copied.DrainAsync();

        Assert.True(documents > more && more > 0, $"{documents} and {more}");
        Assert.Empty((await copied.Get<VerifyStore>().RunAsync(null, default)).Differences);
        foreach (var question in new[] { "/api/metrics/net-sales?by=day", "/api/metrics/tickets", "/api/metrics/customers-by-stage" })
        {
            Assert.Equal((await original.GetAsync(question)).GetProperty("value").GetRawText(), (await copied.GetAsync(question)).GetProperty("value").GetRawText());
        }
    }

    [Fact]
    public async Task Forgets_what_the_original_forgot_and_survives_faults()
    {
        await using var account = await CosmosTestAccount.CreateAsync();
        await using var other = await CosmosTestAccount.CreateAsync();
        var copy = Copy(account, other);
        var random = new Random(5);
        foreach (var number in Enumerable.Range(0, 250))
        {
            await account.Store.CommitAsync(Application.Documents.Containers.Interactions, $"entity {number}", [Write.Create("rec:1", "{\"id\":7}"u8.ToArray())], default);
        }

        other.Server.FaultOf = o => o.IsOnItems && random.Next(10) == 0 ? CosmosFault.TooManyRequests : null;
        var (place, documents) = await copy.FollowAsync(CopyPlace.Beginning, refold: false, null, default);
        other.Server.FaultOf = _ => null;
        await account.Store.CommitAsync(Application.Documents.Containers.Interactions, "entity 17", [Write.Delete("rec:1")], default);

        Assert.Equal(250, documents);
        Assert.Equal(0, (await copy.FollowAsync(place, refold: false, null, default)).Documents);
        Assert.Equal(1, await copy.DropGoneAsync(default));
        Assert.Null(await other.Store.ReadAsync(Application.Documents.Containers.Interactions, "entity 17", "rec:1", default));
        Assert.Equal("{\"id\":7}"u8.ToArray(), (await other.Store.ReadAsync(Application.Documents.Containers.Interactions, "entity 18", "rec:1", default))!.Body.ToArray());
    }

    [Theory]
    [InlineData(false, "\"gross\":999")]
    [InlineData(true, "\"gross\":1000")]
    public async Task Has_states_as_this_program_makes_them_where_that_is_asked_for(bool refold, string gross)
    {
        await using var account = await CosmosTestAccount.CreateAsync();
        await using var other = await CosmosTestAccount.CreateAsync();
        foreach (var order in new[] { 1, 2 })
        {
            var records = ((Normalization.Normalized)Normalizer.Normalize(Some.ShopifyOrder(order), NormalizationRules.Default)).Records;
            await new EntityRecords(account.Store).StoreAsync(records[0].Entity, [.. records.Select(r => new DeliveredRecord(r, "1"))], default);
        }

        foreach (var state in await account.Store.ScanAsync(Application.Documents.Containers.Interactions, default).Where(d => d.Id == Application.Documents.Containers.StateId).ToListAsync())
        {
            var earlier = Encoding.UTF8.GetString(state.Body.Span).Replace("\"gross\":1000", "\"gross\":999", StringComparison.Ordinal);
            await account.Store.CommitAsync(Application.Documents.Containers.Interactions, state.Partition, [Write.Upsert(state.Id, Encoding.UTF8.GetBytes(earlier))], default);
        }

        await Copy(account, other).FollowAsync(CopyPlace.Beginning, refold, null, default);

        var copied = await other.Store.ScanAsync(Application.Documents.Containers.Interactions, default).Where(d => d.Id == Application.Documents.Containers.StateId).ToListAsync();
        Assert.Equal(2, copied.Count);
        Assert.All(copied, d => Assert.Contains(gross, Encoding.UTF8.GetString(d.Body.Span), StringComparison.Ordinal));
    }

    private static DatabaseCopy Copy(CosmosTestAccount from, CosmosTestAccount to)
    {
        var originals = new CosmosContainers(CosmosClients.Create(from.Server.Endpoint, new AnyToken(), ConnectionMode.Gateway, isBulk: true), CosmosTestAccount.Database);
        var copies = new CosmosContainers(CosmosClients.Create(to.Server.Endpoint, new AnyToken(), ConnectionMode.Gateway, isBulk: true), CosmosTestAccount.Database);
        var charges = new RequestCharges();
        return new DatabaseCopy(originals, new CosmosDocumentStore(originals, charges), copies, new CosmosDocumentStore(copies, charges));
    }

    private static async Task SendAsync(AzureHost host, IEnumerable<DemoMessage> messages)
    {
        foreach (var queue in messages.GroupBy(m => Queues.Of(m.Source.Channel)))
        {
            await host.Get<IMessageSender>().SendAsync(queue.Key, [.. queue.Select(m => m.ToQueueMessage())], default);
        }

        await host.DrainAsync();
    }
}
