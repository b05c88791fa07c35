using System.Runtime.CompilerServices;
using System.Text;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.RocksDb;

/// <summary>Raw messages in a column family of their own, beside the documents.</summary>
public sealed class RocksRawArchive(RocksEngine engine) : IRawArchive
{
    public ValueTask StoreAsync(IReadOnlyList<RawMessage> messages, CancellationToken cancellationToken)
    {
        return new ValueTask(engine.SubmitAsync(group =>
        {
            group.MustSync = true;
            foreach (var message in messages)
            {
                group.Batch.Put(engine.ArchiveFamily, RocksKeys.Text(message.DeliveryId), message.Body.Span);
            }
        }));
    }

    public async IAsyncEnumerable<RawMessage> ScanAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (key, value) in engine.Entries(engine.ArchiveFamily, []))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new RawMessage(Encoding.UTF8.GetString(key), value);
        }

        await Task.CompletedTask;
    }

    public ValueTask DeleteAsync(IReadOnlyList<string> deliveryIds, CancellationToken cancellationToken)
    {
        return new ValueTask(engine.SubmitAsync(group =>
        {
            group.MustSync = true;
            foreach (var id in deliveryIds)
            {
                group.Batch.Delete(engine.ArchiveFamily, RocksKeys.Text(id));
            }
        }));
    }

    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync(string deliveryId, CancellationToken cancellationToken) =>
        ValueTask.FromResult(engine.Db.Get(engine.ArchiveFamily, RocksKeys.Text(deliveryId)) is { } body ? (ReadOnlyMemory<byte>?)body : null);
}
