using System.Text.Json;
using CustomerPipeline.Application.Maintenance;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.AzureServices.Cosmos;
using CustomerPipeline.Contracts;
using CustomerPipeline.CosmosServer;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.AzureServices.Tests;

/// <summary>Two runtimes share the change feeds of one account by leases, as instances of the deployed app do, while its partitions split and calls fail.</summary>
[Needs("npm")]
public sealed class Two_hosts_on_one_account(Azurite azurite) : IClassFixture<Azurite>
{
    private readonly Azurite _azurite = azurite.OrSkip();

    private const int Messages = 600;
    private const int OneCallIn = 40;
    private const int Seed = 7;
    private const int LeastFaults = 20;

    [Fact]
    public async Task Come_to_the_figures_of_one_machine_whatever_fails()
    {
        using var folder = new TemporaryFolder();
        using var helping = new TemporaryFolder();
        await using var account = await CosmosTestAccount.CreateAsync();
        var blobs = await _azurite.NewContainersAsync();
        await using var first = await AzureHost.StartAsync(account, blobs, folder.Path);
        await using var second = await AzureHost.StartAsync(account, blobs, helping.Path);
        var random = new Random(Seed);
        var faults = 0;
        account.Server.FaultOf = operation =>
        {
            lock (random)
            {
                if (!operation.IsOnItems || random.Next(OneCallIn) > 0)
                {
                    return null;
                }

                faults++;
                return CosmosFault.All[random.Next(CosmosFault.All.Count)];
            }
        };

        await FiguresOfAShop.SendAsync(first.Get<IMessageSender>(), Seed, Messages);
        await Task.Delay(TimeSpan.FromSeconds(2));
        account.Server.Split(CosmosTestAccount.Database, Application.Documents.Containers.Interactions);
        account.Server.Split(CosmosTestAccount.Database, Application.Documents.Containers.Customers);
        await Task.Delay(TimeSpan.FromSeconds(4));

        // On a busy machine so much work takes longer.
        for (var patience = 0; Volatile.Read(ref faults) <= LeastFaults && patience < 60; patience++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        account.Server.FaultOf = _ => null;
        await first.DrainAsync();

        Assert.Equal(2, (await OwnersAsync(account)).Count);
        Assert.True(faults > LeastFaults, $"Only {faults} calls failed.");
        var verification = await first.Get<VerifyStore>().RunAsync(null, default);
        Assert.Empty(verification.Differences);
        Assert.Equal(await FiguresOfAShop.OfOneMachineAsync(Seed, Messages), await FiguresOfAShop.ReadAsync(first.Http));
        Assert.Equal(await FiguresOfAShop.ReadAsync(second.Http), await FiguresOfAShop.ReadAsync(first.Http));
    }

    private static async Task<HashSet<string>> OwnersAsync(CosmosTestAccount account)
    {
        var owners = new HashSet<string>(StringComparer.Ordinal);
        using var leases = account.Containers.Of(CosmosContainers.Leases).GetItemQueryIterator<JsonElement>("SELECT * FROM c");
        while (leases.HasMoreResults)
        {
            owners.UnionWith((await leases.ReadNextAsync()).Where(l => l.TryGetProperty("Owner", out _)).Select(l => l.GetProperty("Owner").GetString()!));
        }

        return owners;
    }
}
