using System.Text.Json;
using CustomerPipeline.Azure.Cosmos;
using CustomerPipeline.Contracts;
using CustomerPipeline.CosmosServer;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Verify;
using CustomerPipeline.LocalHost.Demo;
using CustomerPipeline.LocalHost.Hosting;

namespace CustomerPipeline.Azure.Tests;

/// <summary>Two runtimes share the change feeds of one account by leases, as instances of the deployed app do, while its partitions split and calls fail.</summary>
[Needs("npm")]
public sealed class Two_hosts_on_one_account(Azurite azurite) : IClassFixture<Azurite>
{
    private readonly Azurite _azurite = azurite.OrSkip();

    private const int Messages = 600;
    private const int OneCallIn = 40;
    private const int Seed = 7;

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

        await SendAsync(first.Get<IMessageSender>());
        await Task.Delay(TimeSpan.FromSeconds(2));
        account.Server.Split(CosmosTestAccount.Database, Flow.Containers.Interactions);
        account.Server.Split(CosmosTestAccount.Database, Flow.Containers.Customers);
        await Task.Delay(TimeSpan.FromSeconds(4));
        account.Server.FaultOf = _ => null;
        await first.DrainAsync();

        Assert.Equal(2, (await OwnersAsync(account)).Count);
        Assert.True(faults > 20, $"Only {faults} calls failed.");
        var verification = await first.Get<VerifyStore>().RunAsync(null, default);
        Assert.Empty(verification.Differences);
        Assert.Equal(await FiguresOfOneMachineAsync(), await FiguresAsync(first.Http));
        Assert.Equal(await FiguresAsync(second.Http), await FiguresAsync(first.Http));
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

    private static async Task<string> FiguresOfOneMachineAsync()
    {
        using var folder = new TemporaryFolder();
        await using var app = LocalPipeline.Build(LocalOptions.Of(folder.Path));
        await app.StartAsync();
        await SendAsync((IMessageSender)app.Services.GetService(typeof(IMessageSender))!);
        await ((Flow.Serve.StatusReader)app.Services.GetService(typeof(Flow.Serve.StatusReader))!).WaitUntilDrainedAsync(null, default);
        using var http = new HttpClient { BaseAddress = new Uri(HostAddress.Of(app)) };
        return await FiguresAsync(http);
    }

    private static async Task SendAsync(IMessageSender queues)
    {
        foreach (var queue in ShopGenerator.Generate(Seed, Messages).GroupBy(m => Queues.Of(m.Source.Channel)))
        {
            await queues.SendAsync(queue.Key, [.. queue.Select(m => m.ToQueueMessage())], default);
        }
    }

    private static async Task<string> FiguresAsync(HttpClient http)
    {
        var figures = new List<string>();
        foreach (var path in new[] { "/api/metrics/net-sales?by=channel,day", "/api/metrics/orders?by=channel", "/api/metrics/refunds?by=day", "/api/metrics/tickets?by=channel", "/api/metrics/first-reply-time" })
        {
            using var answer = JsonDocument.Parse(await http.GetStringAsync(new Uri(path, UriKind.Relative)));
            figures.Add($"{path} {answer.RootElement.GetProperty("value").GetRawText()}");
        }

        return string.Join('\n', figures);
    }
}
