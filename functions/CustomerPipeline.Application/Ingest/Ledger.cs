using System.Globalization;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Receive;
using CustomerPipeline.Application.Telemetry;

namespace CustomerPipeline.Application.Ingest;

/// <summary>
/// What became of every delivery, counted exactly once however often it is delivered: an outcome is a letter at the delivery's place, and the totals
/// change with the letters in one atomic batch. Totals that are damaged are counted anew from the letters; outcomes that belong into a damaged block are told of and left out.
/// </summary>
public sealed class Ledger(IDocumentStore store, StageTelemetry telemetry, ReceiveOptions options)
{
    private const int BlockSize = 512;
    private const int Slices = 4;

    /// <summary>Writes down outcomes of a queue's deliveries. Saying the same again changes nothing; another outcome replaces the earlier one.</summary>
    /// <returns>The sequence numbers that had been quarantined and now have another outcome.</returns>
    public async Task<IReadOnlyList<long>> RecordAsync(string queue, IReadOnlyList<(long SequenceNumber, Outcome Outcome)> outcomes, CancellationToken cancellationToken)
    {
        var slices = outcomes.GroupBy(o => PartitionOf(queue, o.SequenceNumber), StringComparer.Ordinal);
        var released = await Task.WhenAll(slices.Select(slice => RecordSliceAsync(slice.Key, [.. slice], cancellationToken)));
        return [.. released.SelectMany(r => r)];
    }

    /// <summary>Reads a document of the ledger.</summary>
    /// <exception cref="CorruptDocumentException">It is none.</exception>
    internal static object Read(Document document) => document.Id == Containers.TotalId ? document.As(DocumentJson.Default.LedgerTotal) : ReadLetters(document);

    /// <summary>What became of a delivery; null when nothing has yet.</summary>
    public async Task<Outcome?> FindAsync(string queue, long sequenceNumber, CancellationToken cancellationToken)
    {
        var block = await store.ReadAsync(Containers.Ledger, PartitionOf(queue, sequenceNumber), BlockIdOf(sequenceNumber), cancellationToken);
        return block?.ReadOrNull(ReadLetters)?[(int)(sequenceNumber % BlockSize)] is { } letter and not ' ' ? (Outcome)letter : null;
    }

    /// <summary>The sums over all queues.</summary>
    public async Task<LedgerTotal> TotalAsync(CancellationToken cancellationToken)
    {
        var partitions = options.AllPlaces.SelectMany(queue => Enumerable.Range(0, Slices).Select(slice => new DocumentKey($"{queue}:{slice}", Containers.TotalId)));
        var sum = new LedgerTotal();
        foreach (var total in (await store.ReadManyAsync(Containers.Ledger, [.. partitions], cancellationToken)).OfType<Document>())
        {
            sum += total.AsOrNull(DocumentJson.Default.LedgerTotal) ?? await RecountAsync(total.Partition, cancellationToken);
        }

        return sum;
    }

    private async Task<IReadOnlyList<long>> RecordSliceAsync(string partition, List<(long SequenceNumber, Outcome Outcome)> outcomes, CancellationToken cancellationToken)
    {
        while (true)
        {
            var released = new List<long>();
            var total = await store.ReadAsync(Containers.Ledger, partition, Containers.TotalId, cancellationToken);
            var sum = total?.AsOrNull(DocumentJson.Default.LedgerTotal) ?? await RecountAsync(partition, cancellationToken);
            var writes = new List<Write>();
            foreach (var block in outcomes.GroupBy(o => BlockIdOf(o.SequenceNumber), StringComparer.Ordinal))
            {
                var id = block.Key;
                var stored = await store.ReadAsync(Containers.Ledger, partition, id, cancellationToken);
                if ((stored is null ? new string(' ', BlockSize) : telemetry.Read(StageTelemetry.Ingest, stored, ReadLetters))?.ToCharArray() is not { } letters)
                {
                    continue;
                }

                var before = sum;
                foreach (var (sequenceNumber, outcome) in block)
                {
                    sum = Set(letters, sequenceNumber, outcome, sum, released);
                }

                if (sum != before)
                {
                    writes.Add(Write.CreateOrReplace(id, new LedgerBlock(new string(letters)).ToBody(DocumentJson.Default.LedgerBlock), stored?.ETag));
                }
            }

            if (writes.Count == 0)
            {
                return released;
            }

            writes.Add(Write.CreateOrReplace(Containers.TotalId, sum.ToBody(DocumentJson.Default.LedgerTotal), total?.ETag));
            if ((await store.CommitAsync(Containers.Ledger, partition, writes, cancellationToken)).IsCommitted)
            {
                return released;
            }
        }
    }

    // What the letters say; of a new slice nothing.
    private async Task<LedgerTotal> RecountAsync(string partition, CancellationToken cancellationToken)
    {
        var sum = new LedgerTotal();
        await foreach (var block in store.ReadPartitionAsync(Containers.Ledger, partition, Containers.BlockPrefix, cancellationToken))
        {
            foreach (var letter in (block.ReadOrNull(ReadLetters) ?? "").Where(l => l != ' '))
            {
                sum = (sum with { Received = sum.Received + 1 }).Count((Outcome)letter, 1);
            }
        }

        return sum;
    }

    private static string ReadLetters(Document document) => document.As(DocumentJson.Default.LedgerBlock) is { Outcomes: { Length: BlockSize } letters } ? letters : throw new CorruptDocumentException(document);

    private static string PartitionOf(string queue, long sequenceNumber) => $"{queue}:{(sequenceNumber / BlockSize % Slices).ToString(CultureInfo.InvariantCulture)}";

    private static string BlockIdOf(long sequenceNumber) => Containers.BlockPrefix + (sequenceNumber / BlockSize).ToString("D12", CultureInfo.InvariantCulture);

    private static LedgerTotal Set(char[] letters, long sequenceNumber, Outcome outcome, LedgerTotal sum, List<long> released)
    {
        ref var letter = ref letters[(int)(sequenceNumber % BlockSize)];
        if (letter == (char)outcome)
        {
            return sum;
        }

        // What a person gave up stays given up when a late redelivery fails once more; what was erased stays erased.
        if ((letter == (char)Outcome.Discarded && outcome == Outcome.Quarantined) || letter == (char)Outcome.Erased)
        {
            released.Add(sequenceNumber);
            return sum;
        }

        if (letter == ' ')
        {
            sum = sum with { Received = sum.Received + 1 };
        }
        else
        {
            sum = sum.Count((Outcome)letter, -1);
            if ((Outcome)letter == Outcome.Quarantined)
            {
                released.Add(sequenceNumber);
            }
        }

        letter = (char)outcome;
        return sum.Count(outcome, 1);
    }
}
