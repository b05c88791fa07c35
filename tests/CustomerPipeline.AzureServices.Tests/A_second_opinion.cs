using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.AzureServices.Cosmos;
using CustomerPipeline.Contracts;
using CustomerPipeline.Domain.Value;
using Microsoft.Azure.Cosmos;

namespace CustomerPipeline.AzureServices.Tests;

/// <summary>
/// The same store on @vercel/cosmosdb-server from npm, which somebody else wrote after the service: the operations on single items that it has. It knows neither batches nor the client's queries,
/// and answers a read of what is missing with a fault.
/// </summary>
[Needs("npm")]
public sealed class A_second_opinion
{
    [Fact]
    public async Task Agrees_on_single_items()
    {
        var port = Emulators.FreePort();
        using var server = await Emulators.StartAsync("node_modules/@vercel/cosmosdb-server/lib/cli.js", "--no-ssl", "--host", "127.0.0.1", "--port", $"{port}");
        try
        {
            var line = await server.StandardOutput.ReadLineAsync();
            Assert.Contains("Ready to accept", line, StringComparison.Ordinal);
            using var client = CosmosClients.Create(new Uri($"http://127.0.0.1:{port}"), new AnyToken(), ConnectionMode.Gateway);
            var containers = new CosmosContainers(client, "second");
            await containers.CreateAsync(default);
            using var charges = new RequestCharges();
            var store = new CosmosDocumentStore(containers, charges);

            Assert.True((await CommitAsync(store, Write.Create("a", Body(1)))).IsCommitted);
            Assert.Equal("a", (await CommitAsync(store, Write.Create("a", Body(2)))).ConflictingId);
            var read = await store.ReadAsync(Containers.Customers, "p", "a", default);
            Assert.True((await CommitAsync(store, Write.Replace("a", Body(3), read!.ETag))).IsCommitted);
            Assert.Equal("a", (await CommitAsync(store, Write.Replace("a", Body(4), read.ETag))).ConflictingId);
            Assert.True((await CommitAsync(store, Write.Upsert("a", Body(5)))).IsCommitted);
            Assert.Equal("""{"n":5}""", System.Text.Encoding.UTF8.GetString((await store.ReadAsync(Containers.Customers, "p", "a", default))!.Body.Span));
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    private static byte[] Body(int n) => System.Text.Encoding.UTF8.GetBytes($$"""{"n":{{n}}}""");

    private static ValueTask<CommitResult> CommitAsync(CosmosDocumentStore store, Write write) => store.CommitAsync(Containers.Customers, "p", [write], default);
}
