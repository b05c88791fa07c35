using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using CustomerPipeline.Application.Documents;

namespace CustomerPipeline.RocksDb;

/// <summary>The signals of the containers that have a change feed.</summary>
internal static class Feeds
{
    private static readonly ConditionalWeakTable<RocksEngine, Dictionary<string, CommitSignal>> Signals = [];

    /// <summary>The container's signal; null when its changes drive nothing.</summary>
    public static CommitSignal? Of(RocksEngine engine, string container) =>
        Signals.GetValue(engine, _ => Containers.Described.Where(c => c.HasChangeFeed).ToDictionary(c => c.Name, _ => new CommitSignal())).GetValueOrDefault(container);
}

/// <summary>Changes for a consumer.</summary>
/// <param name="Documents">The documents, oldest change first within a range. One that is damaged is there without a body.</param>
/// <param name="Places">Where the consumer is when it is done with them.</param>
/// <param name="Fault">A range could not be read; the others are in the batch.</param>
public sealed record ChangeBatch(IReadOnlyList<Document> Documents, IReadOnlyList<(int Range, long Place)> Places, DataFolderException? Fault);

/// <summary>
/// The latest version of every changed document, in order of writing within a range; at least once, resumable. A consumer's place is kept by name.
/// </summary>
public sealed class RocksChangeFeed(RocksEngine engine)
{
    public static int Ranges => RocksKeys.Ranges;

    /// <summary>Documents changed after a place, oldest change first. One that is damaged is there without a body.</summary>
    /// <returns>The documents, and the place behind the last of them.</returns>
    public (IReadOnlyList<Document> Documents, long Place) Read(string container, int range, long after, int most)
    {
        var documents = new List<Document>();
        var place = after;
        foreach (var (sequence, entry) in Entries(container, range, after))
        {
            place = sequence;
            var (partition, id) = RocksKeys.PartitionAndId(entry.AsSpan(8));
            try
            {
                // A document changed since has a newer entry further on: only that one counts.
                if (engine.ReadDocument(RocksKeys.Document(container, partition, id)) is { } value && BinaryPrimitives.ReadInt64BigEndian(value) == sequence)
                {
                    documents.Add(RocksDocumentStore.ToDocument(partition, id, value));
                }
            }
            catch (CorruptDocumentException)
            {
                documents.Add(new Document(partition, id, RocksDocumentStore.ETagOf(sequence), default));
            }

            if (documents.Count == most)
            {
                break;
            }
        }

        return (documents, place);
    }

    /// <summary>
    /// What comes next for a consumer, of all ranges together: who works on all at once meets no other worker, and does not lose races for the same customers.
    /// </summary>
    /// <param name="consumer">Whose place counts.</param>
    /// <param name="container">Whose changes.</param>
    /// <param name="most">How many documents of each range.</param>
    public ChangeBatch ReadNext(string consumer, string container, int most)
    {
        var documents = new List<Document>();
        var places = new List<(int Range, long Place)>();
        DataFolderException? fault = null;
        for (var range = 0; range < Ranges; range++)
        {
            try
            {
                var after = ReadPlace(consumer, container, range);
                var (changed, place) = Read(container, range, after, most);
                documents.AddRange(changed);
                if (place != after)
                {
                    places.Add((range, place));
                }
            }
            catch (DataFolderException e)
            {
                fault = e;
            }
        }

        return new ChangeBatch(documents, places, fault);
    }

    /// <summary>A consumer is done with a batch. That need not survive a power cut: then some changes come once more.</summary>
    public Task PassAsync(string consumer, string container, ChangeBatch batch) => engine.SubmitAsync(group =>
    {
        foreach (var (range, place) in batch.Places)
        {
            Place(group, consumer, container, range, place);
        }
    });

    /// <summary>A consumer has worked on everything there is by another way.</summary>
    public Task PassAllAsync(string consumer, string container) => engine.SubmitAsync(group =>
    {
        for (var range = 0; range < Ranges; range++)
        {
            Place(group, consumer, container, range, engine.Sequence);
        }
    });

    /// <summary>Completes when something in the container changes after this call.</summary>
    public Task NextChange(string container) => Feeds.Of(engine, container)!.Next;

    /// <summary>Where a consumer is; 0 at the beginning.</summary>
    public long ReadPlace(string consumer, string container, int range) =>
        engine.Db.Get(engine.MetaFamily, RocksKeys.Place(consumer, container, range)) is { } stored ? BinaryPrimitives.ReadInt64BigEndian(stored) : 0;

    /// <summary>Keeps a consumer's place in one range.</summary>
    public Task SavePlaceAsync(string consumer, string container, int range, long place) => engine.SubmitAsync(group => Place(group, consumer, container, range, place));

    /// <summary>How many changes a consumer has before it, and when the oldest of them was made.</summary>
    public (long Count, DateTimeOffset? Oldest) Backlog(string consumer, string container)
    {
        var count = 0L;
        DateTimeOffset? oldest = null;
        for (var range = 0; range < Ranges; range++)
        {
            var isFirst = true;
            foreach (var (_, entry) in Entries(container, range, ReadPlace(consumer, container, range)))
            {
                if (isFirst)
                {
                    var written = new DateTimeOffset(BinaryPrimitives.ReadInt64BigEndian(entry), TimeSpan.Zero);
                    oldest = oldest < written ? oldest : written;
                    isFirst = false;
                }

                count++;
            }
        }

        return (count, oldest);
    }

    private void Place(WriteGroup group, string consumer, string container, int range, long place) =>
        group.Batch.Put(engine.MetaFamily, RocksKeys.Place(consumer, container, range), RocksKeys.Number(place));

    private IEnumerable<(long Sequence, byte[] Entry)> Entries(string container, int range, long after)
    {
        var number = RocksKeys.ContainerNumber(container);
        return engine.Entries(engine.FeedFamily, RocksKeys.Feed(number, range, after + 1), [number, (byte)range])
            .Select(entry => (BinaryPrimitives.ReadInt64BigEndian(entry.Key.AsSpan(2)), entry.Value));
    }
}

/// <summary>A change without conditions.</summary>
internal sealed class PlainChange(Action<WriteGroup> apply) : PendingChange
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Done => _done.Task;

    public override void Apply(WriteGroup group) => apply(group);

    public override void Complete() => _done.TrySetResult();

    public override void Fail(Exception exception) => _done.TrySetException(exception);
}
