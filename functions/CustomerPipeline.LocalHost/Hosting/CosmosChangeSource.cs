using CustomerPipeline.Azure.Cosmos;
using CustomerPipeline.LocalRuntime;

namespace CustomerPipeline.LocalHost.Hosting;

/// <summary>Change feeds of Cosmos DB as the runtime sees them: the client library divides them among processes by itself.</summary>
internal sealed class CosmosChangeSource(CosmosChangeFeed feed) : IChangeSource
{
    public int Ranges => 1;

    public Task RunAsync(ChangeConsumer consumer, int range, Func<IReadOnlyList<ReadOnlyMemory<byte>>, CancellationToken, Task> handle, CancellationToken stopping) =>
        feed.RunAsync(consumer.Name, consumer.Container, consumer.Most, handle, stopping);
}
