using CustomerPipeline.Embedded;
using CustomerPipeline.LocalRuntime;

namespace CustomerPipeline.LocalHost.Hosting;

/// <summary>The embedded change feed as the runtime sees it.</summary>
internal sealed class EmbeddedChangeSource(RocksChangeFeed feed) : IChangeSource
{
    public int Ranges => RocksChangeFeed.Ranges;

    public async Task RunAsync(ChangeConsumer consumer, int range, Func<IReadOnlyList<ReadOnlyMemory<byte>>, CancellationToken, Task> handle, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var next = feed.NextChange(consumer.Container);
            var after = feed.ReadPlace(consumer.Name, consumer.Container, range);
            var (documents, place) = feed.Read(consumer.Container, range, after, consumer.Most);
            if (place == after)
            {
                await next.WaitAsync(stopping);
                continue;
            }

            if (documents.Count > 0)
            {
                await handle([.. documents.Select(d => d.Body)], stopping);
            }

            await feed.SavePlaceAsync(consumer.Name, consumer.Container, range, place);
        }
    }
}
