using CustomerPipeline.LocalRuntime;
using CustomerPipeline.RocksDb;

namespace CustomerPipeline.Cli.Hosting;

/// <summary>The embedded change feed as the runtime sees it.</summary>
internal sealed class EmbeddedChangeSource(RocksChangeFeed feed) : IChangeSource
{
    public async Task RunAsync(ChangeConsumer consumer, Func<IReadOnlyList<ReadOnlyMemory<byte>>, CancellationToken, Task> handle, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var next = feed.NextChange(consumer.Container);
            var batch = feed.ReadNext(consumer.Name, consumer.Container, consumer.Most);
            if (batch.Documents.Count > 0)
            {
                await handle([.. batch.Documents.Select(d => d.Body)], stopping);
            }

            if (batch.Places.Count > 0)
            {
                await feed.PassAsync(consumer.Name, consumer.Container, batch);
            }

            if (batch.Fault is { } fault)
            {
                throw fault;
            }

            if (batch.Places.Count == 0)
            {
                await next.WaitAsync(stopping);
            }
        }
    }
}
