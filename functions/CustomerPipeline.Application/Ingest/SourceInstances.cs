using System.Collections.Concurrent;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Ingest;

/// <summary>
/// Puts what comes from the second shop, help desk or till system of a vendor under keys of its own. The first one that names itself keeps the plain keys, as
/// do messages that name none: so a store of before, and one with a single instance, have the keys they always had.
/// </summary>
public sealed class SourceInstances(IDocumentStore store)
{
    private readonly ConcurrentDictionary<string, string> _first = new(StringComparer.Ordinal);

    /// <summary>What was read, under the keys of its instance.</summary>
    /// <exception cref="CorruptDocumentException">What is known of instances is damaged.</exception>
    public async ValueTask<Normalization> PlaceAsync(Normalization read, CancellationToken cancellationToken)
    {
        if (read.Instance is not { } instance || read is not (Normalization.Normalized or Normalization.Requested))
        {
            return read;
        }

        if (!_first.ContainsKey(instance.Source))
        {
            await EnterAsync(instance, cancellationToken);
        }

        return Place(read);
    }

    /// <summary>The same of what the store has seen before, once <see cref="LoadAsync"/> was called.</summary>
    public Normalization Place(Normalization read) =>
        read.Instance is { } instance && _first.TryGetValue(instance.Source, out var first) && first != instance.Name ? instance.Place(read) : read;

    /// <summary>Reads which instances came first.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken) => Learn(await store.ReadAsync(Containers.Identifiers, FirstInstances.Partition, FirstInstances.Id, cancellationToken));

    // Who comes first stays first: of several workers one writes it, and the others read it.
    private async Task EnterAsync(SourceInstance instance, CancellationToken cancellationToken)
    {
        while (true)
        {
            var stored = await store.ReadAsync(Containers.Identifiers, FirstInstances.Partition, FirstInstances.Id, cancellationToken);
            Learn(stored);
            if (_first.ContainsKey(instance.Source))
            {
                return;
            }

            var known = stored?.As(DocumentJson.Default.FirstInstances).BySource ?? new Dictionary<string, string>();
            var next = new FirstInstances(new SortedDictionary<string, string>(known.ToDictionary(), StringComparer.Ordinal) { [instance.Source] = instance.Name });
            await store.CommitAsync(
                Containers.Identifiers, FirstInstances.Partition, [Write.CreateOrReplace(FirstInstances.Id, next.ToBody(DocumentJson.Default.FirstInstances), stored?.ETag)], cancellationToken);
        }
    }

    private void Learn(Document? stored)
    {
        foreach (var (source, name) in stored?.As(DocumentJson.Default.FirstInstances).BySource ?? new Dictionary<string, string>())
        {
            _first.TryAdd(source, name);
        }
    }
}
