using System.Globalization;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Receive;

namespace CustomerPipeline.Flow.Ingest;

/// <summary>
/// What became of every delivery, counted exactly once however often it is delivered: an outcome is a letter at the delivery's place, and the totals
/// change with the letters in one atomic batch.
/// </summary>
public sealed class Ledger(IDocumentStore store, ReceiveOptions options)
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

    /// <summary>What became of a delivery; null when nothing has yet.</summary>
    public async Task<Outcome?> FindAsync(string queue, long sequenceNumber, CancellationToken cancellationToken)
    {
        var block = await store.ReadAsync(Containers.Ledger, PartitionOf(queue, sequenceNumber), BlockIdOf(sequenceNumber), FlowJson.Default.LedgerBlock, cancellationToken);
        return block?.Value.Outcomes[(int)(sequenceNumber % BlockSize)] is { } letter and not ' ' ? (Outcome)letter : null;
    }

    /// <summary>The sums over all queues.</summary>
    public async Task<LedgerTotal> TotalAsync(CancellationToken cancellationToken)
    {
        var partitions = options.AllPlaces.SelectMany(queue => Enumerable.Range(0, Slices).Select(slice => new DocumentKey($"{queue}:{slice}", Containers.TotalId)));
        var totals = await store.ReadManyAsync(Containers.Ledger, [.. partitions], cancellationToken);
        return totals.OfType<Document>().Select(d => d.As(FlowJson.Default.LedgerTotal)).Aggregate(new LedgerTotal(), (sum, total) => sum + total);
    }

    private async Task<IReadOnlyList<long>> RecordSliceAsync(string partition, List<(long SequenceNumber, Outcome Outcome)> outcomes, CancellationToken cancellationToken)
    {
        while (true)
        {
            var released = new List<long>();
            var total = await store.ReadAsync(Containers.Ledger, partition, Containers.TotalId, FlowJson.Default.LedgerTotal, cancellationToken);
            var sum = total?.Value ?? new LedgerTotal();
            var writes = new List<Write>();
            foreach (var block in outcomes.GroupBy(o => BlockIdOf(o.SequenceNumber), StringComparer.Ordinal))
            {
                var id = block.Key;
                var stored = await store.ReadAsync(Containers.Ledger, partition, id, FlowJson.Default.LedgerBlock, cancellationToken);
                var letters = (stored?.Value.Outcomes ?? new string(' ', BlockSize)).ToCharArray();
                var before = sum;
                foreach (var (sequenceNumber, outcome) in block)
                {
                    sum = Set(letters, sequenceNumber, outcome, sum, released);
                }

                if (sum != before)
                {
                    writes.Add(Write.CreateOrReplace(id, new LedgerBlock(new string(letters)).ToBody(FlowJson.Default.LedgerBlock), stored?.ETag));
                }
            }

            if (writes.Count == 0)
            {
                return released;
            }

            writes.Add(Write.CreateOrReplace(Containers.TotalId, sum.ToBody(FlowJson.Default.LedgerTotal), total?.ETag));
            if ((await store.CommitAsync(Containers.Ledger, partition, writes, cancellationToken)).IsCommitted)
            {
                return released;
            }
        }
    }

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
