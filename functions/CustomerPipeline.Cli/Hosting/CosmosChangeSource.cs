using CustomerPipeline.AzureServices.Cosmos;
using CustomerPipeline.LocalRuntime;

namespace CustomerPipeline.Cli.Hosting;

/// <summary>Change feeds of Cosmos DB as the runtime sees them: the client library divides them among processes by itself.</summary>
internal sealed class CosmosChangeSource(CosmosChangeFeed feed) : IChangeSource
{
    public Task RunAsync(ChangeConsumer consumer, Func<IReadOnlyList<ReadOnlyMemory<byte>>, CancellationToken, Task> handle, CancellationToken stopping) =>
        feed.RunAsync(consumer.Name, consumer.Container, consumer.Most, handle, stopping);
}
