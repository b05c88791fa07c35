using System.Runtime.CompilerServices;
using System.Text;
using CustomerPipeline.Flow.Ports;

namespace CustomerPipeline.Embedded;

/// <summary>Raw messages in a column family of their own, beside the documents.</summary>
public sealed class RocksRawArchive(RocksEngine engine) : IRawArchive
{
    public ValueTask StoreAsync(IReadOnlyList<RawMessage> messages, CancellationToken cancellationToken)
    {
        var change = new PlainChange(group =>
        {
            group.MustSync = true;
            foreach (var message in messages)
            {
                group.Batch.Put(RocksKeys.Text(message.DeliveryId), message.Body.Span, engine.ArchiveFamily);
            }
        });
        engine.Submit(change);
        return new ValueTask(change.Done);
    }

    public async IAsyncEnumerable<RawMessage> ScanAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var iterator = engine.Db.NewIterator(engine.ArchiveFamily);
        for (iterator.SeekToFirst(); iterator.Valid(); iterator.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new RawMessage(Encoding.UTF8.GetString(iterator.Key()), iterator.Value());
        }

        await Task.CompletedTask;
    }

    public ValueTask DeleteAsync(IReadOnlyList<string> deliveryIds, CancellationToken cancellationToken)
    {
        var change = new PlainChange(group =>
        {
            group.MustSync = true;
            foreach (var id in deliveryIds)
            {
                group.Batch.Delete(RocksKeys.Text(id), engine.ArchiveFamily);
            }
        });
        engine.Submit(change);
        return new ValueTask(change.Done);
    }

    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string deliveryId, CancellationToken cancellationToken) =>
        ValueTask.FromResult(engine.Db.Get(RocksKeys.Text(deliveryId), engine.ArchiveFamily) is { } body ? (ReadOnlyMemory<byte>?)body : null);
}
