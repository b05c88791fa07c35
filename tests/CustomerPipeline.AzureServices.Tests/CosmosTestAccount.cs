using CustomerPipeline.AzureServices.Cosmos;
using CustomerPipeline.CosmosServer;
using Microsoft.Azure.Cosmos;

namespace CustomerPipeline.AzureServices.Tests;

/// <summary>A Cosmos test server with an official client at it and the pipeline's containers in it.</summary>
internal sealed class CosmosTestAccount : IAsyncDisposable
{
    public const string Database = "customerpipeline";

    private readonly CosmosClient _client;
    private readonly RequestCharges _charges = new();

    private CosmosTestAccount(CosmosTestServer server, CosmosClient client)
    {
        Server = server;
        _client = client;
        Containers = new CosmosContainers(client, Database);
        Store = new CosmosDocumentStore(Containers, _charges);
    }

    public CosmosTestServer Server { get; }

    public CosmosContainers Containers { get; }

    public CosmosDocumentStore Store { get; }

    public static async Task<CosmosTestAccount> CreateAsync(int partitions = 3, string consistency = "Strong")
    {
        var server = await CosmosTestServer.StartAsync(partitions, consistency);
        var account = new CosmosTestAccount(server, CosmosClients.Create(server.Endpoint, new AnyToken(), ConnectionMode.Gateway));
        await account.Containers.CreateAsync(default);
        return account;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _charges.Dispose();
        await Server.DisposeAsync();
    }
}
