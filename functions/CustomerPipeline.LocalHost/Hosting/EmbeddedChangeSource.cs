using CustomerPipeline.Embedded;
using CustomerPipeline.LocalRuntime;

namespace CustomerPipeline.LocalHost.Hosting;

/// <summary>The embedded change feed as the runtime sees it.</summary>
internal sealed class EmbeddedChangeSource(RocksChangeFeed feed) : IChangeSource
{
    public int Ranges => RocksChangeFeed.Ranges;

    public async Task<ChangeBatch> ReadAsync(string consumer, string container, int range, int most, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = feed.NextChange(container);
            var after = feed.ReadPlace(consumer, container, range);
            var (documents, place) = feed.Read(container, range, after, most);
            if (place > after)
            {
                return new ChangeBatch([.. documents.Select(d => d.Body)], place);
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    public Task CheckpointAsync(string consumer, string container, int range, long place) => feed.SavePlaceAsync(consumer, container, range, place);
}
