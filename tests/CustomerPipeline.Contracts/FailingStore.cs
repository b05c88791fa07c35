using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.Contracts;

/// <summary>A fault that was told to happen.</summary>
public sealed class PlannedFaultException(string when) : IOException($"Planned fault {when} the write took effect.");

/// <summary>A store whose commits fail now and then, when it is told so: before they take effect, or after, when the caller cannot know.</summary>
public sealed class FailingStore(IDocumentStore store) : IDocumentStore
{
    private readonly Lock _gate = new();
    private Random? _random;
    private int _oneIn;

    /// <summary>Faults so far.</summary>
    public int Faults { get; private set; }

    /// <summary>Whether every commit to a partition of a container fails.</summary>
    public Func<string, string, bool> IsBroken { get; set; } = (_, _) => false;

    public void Fail(int seed, int oneIn)
    {
        lock (_gate)
        {
            (_random, _oneIn) = (new Random(seed), oneIn);
        }
    }

    public void StopFailing()
    {
        lock (_gate)
        {
            _random = null;
        }
    }

    public ValueTask<Document?> ReadAsync(string container, string partition, string id, CancellationToken cancellationToken) =>
        store.ReadAsync(container, partition, id, cancellationToken);

    public ValueTask<IReadOnlyList<Document?>> ReadManyAsync(string container, IReadOnlyList<DocumentKey> keys, CancellationToken cancellationToken) =>
        store.ReadManyAsync(container, keys, cancellationToken);

    public IAsyncEnumerable<Document> ReadPartitionAsync(string container, string partition, string idPrefix, CancellationToken cancellationToken) =>
        store.ReadPartitionAsync(container, partition, idPrefix, cancellationToken);

    public IAsyncEnumerable<Document> ScanAsync(string container, CancellationToken cancellationToken) => store.ScanAsync(container, cancellationToken);

    public IAsyncEnumerable<Document> ReadAcrossAsync(string container, string id, string from, CancellationToken cancellationToken) => store.ReadAcrossAsync(container, id, from, cancellationToken);

    public async ValueTask<CommitResult> CommitAsync(string container, string partition, IReadOnlyList<Write> writes, CancellationToken cancellationToken)
    {
        var dice = Throw();
        if (dice == 0 || IsBroken(container, partition))
        {
            throw new PlannedFaultException("before");
        }

        var result = await store.CommitAsync(container, partition, writes, cancellationToken);
        return dice == 1 ? throw new PlannedFaultException("after") : result;
    }

    private int Throw()
    {
        lock (_gate)
        {
            var dice = _random?.Next(_oneIn * 2) ?? int.MaxValue;
            Faults += dice <= 1 ? 1 : 0;
            return dice;
        }
    }
}
