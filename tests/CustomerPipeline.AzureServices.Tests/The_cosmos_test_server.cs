using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.AzureServices.Cosmos;
using CustomerPipeline.Contracts;
using CustomerPipeline.CosmosServer;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.AzureServices.Tests;

/// <summary>What stands in for the service in these tests must itself be right.</summary>
public sealed class The_cosmos_test_server
{
    [Needs("npm")]
    [Fact]
    public async Task The_official_JavaScript_client_agrees()
    {
        await using var server = await CosmosTestServer.StartAsync();

        var (exitCode, output) = await Emulators.RunAsync("check-cosmos.mjs", server.Endpoint.ToString());

        Assert.True(exitCode == 0, output);
        Assert.Equal(6, output.Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Numbers_that_the_service_would_round_are_refused()
    {
        await using var account = await CosmosTestAccount.CreateAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => CommitAsync(account.Store, """{"ticks":638000000000000001}"""));
        Assert.True(await CommitAsync(account.Store, """{"minor":9007199254740992,"share":0.1}"""));
    }

    [Fact]
    public async Task Partitions_split_under_a_reader()
    {
        await using var account = await CosmosTestAccount.CreateAsync(partitions: 2);
        for (var i = 0; i < 300; i++)
        {
            await account.Store.CommitAsync(Containers.Customers, $"p{i % 30}", [Write.Create($"i{i}", """{"n":1}"""u8.ToArray())], default);
        }

        account.Server.Split(CosmosTestAccount.Database, Containers.Customers);
        Assert.Equal(300, await account.Store.ScanAsync(Containers.Customers, default).CountAsync());
        Assert.Equal(10, await account.Store.ReadPartitionAsync(Containers.Customers, "p7", "", default).CountAsync());
        account.Server.Split(CosmosTestAccount.Database, Containers.Customers);
        Assert.NotNull(await account.Store.ReadAsync(Containers.Customers, "p7", "i7", default));
        Assert.All(await account.Store.ReadManyAsync(Containers.Customers, [new("p7", "i7"), new("p8", "i8")], default), Assert.NotNull);
    }

    private static async Task<bool> CommitAsync(CosmosDocumentStore store, string body) =>
        (await store.CommitAsync(Containers.Customers, "p", [Write.Upsert("a", System.Text.Encoding.UTF8.GetBytes(body))], default)).IsCommitted;
}
