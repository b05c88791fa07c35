using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Flow.Ports;

namespace CustomerPipeline.Flow.Resolve;

/// <summary>
/// A customer's partition: touches and their summary, changed together. Every change replaces the summary by its ETag, so the partition has one
/// history, and nothing can be added to a customer that has meanwhile become an alias.
/// </summary>
public sealed class CustomerStore(IDocumentStore store)
{
    private const int TouchesPerCommit = CommitLimits.Writes - 1;
    private const int BytesPerCommit = CommitLimits.Bytes / 2;

    /// <summary>The customer's summary, alias or not; null when nothing was ever written under the id.</summary>
    public ValueTask<Stored<CustomerDocument>?> ReadSummaryAsync(string customer, CancellationToken cancellationToken) =>
        store.ReadAsync(Containers.Customers, customer, Containers.SummaryId, FlowJson.Default.CustomerDocument, cancellationToken);

    /// <summary>The customer an id stands for today: itself, or what it was merged into. An unfinished merge on the way is finished first.</summary>
    public async Task<string> FindRootAsync(string customer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var summary = (await ReadSummaryAsync(customer, cancellationToken))?.Value.Summary;
            if (summary?.MergedInto is not { } next)
            {
                return customer;
            }

            if (summary.Moving)
            {
                await FinishMoveAsync(customer, next, cancellationToken);
            }

            customer = next;
        }
    }

    /// <summary>Puts touches of entities into a customer. A touch that has the entity's revision already, or a newer one, stays.</summary>
    /// <returns>False when the customer has become an alias: find its root and try again.</returns>
    public async Task<bool> PutTouchesAsync(string customer, IReadOnlyList<Touch> touches, CancellationToken cancellationToken)
    {
        foreach (var chunk in touches.Chunk(TouchesPerCommit))
        {
            if (!await PutChunkAsync(customer, chunk, cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Makes a customer an alias of an older one and moves its touches there. Any crash in between is finished by whoever meets the alias.</summary>
    /// <returns>False when the customer changed meanwhile: look again.</returns>
    public async Task<bool> MergeAsync(string customer, string into, CancellationToken cancellationToken)
    {
        var summary = await ReadSummaryAsync(customer, cancellationToken);
        if (summary?.Value.Summary?.MergedInto is null)
        {
            var alias = CustomerSummary.Empty(customer) with { MergedInto = into, Moving = true };
            if (!(await store.CommitAsync(Containers.Customers, customer, [SummaryWrite(alias, summary?.ETag)], cancellationToken)).IsCommitted)
            {
                return false;
            }
        }

        await FinishMoveAsync(customer, into, cancellationToken);
        return true;
    }

    /// <summary>All touches of a customer, those that moved away included.</summary>
    public async IAsyncEnumerable<Stored<Touch>> ReadTouchesAsync(string customer, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var document in store.ReadPartitionAsync(Containers.Customers, customer, Containers.TouchPrefix, cancellationToken))
        {
            yield return new Stored<Touch>(document.As(FlowJson.Default.CustomerDocument).Touch!, document.ETag);
        }
    }

    private async Task<bool> PutChunkAsync(string customer, IReadOnlyList<Touch> touches, CancellationToken cancellationToken)
    {
        DocumentKey[] keys = [new(customer, Containers.SummaryId), .. touches.Select(t => new DocumentKey(customer, TouchId(t.Entity)))];
        while (true)
        {
            var documents = await store.ReadManyAsync(Containers.Customers, keys, cancellationToken);
            var summary = documents[0]?.As(FlowJson.Default.CustomerDocument).Summary ?? CustomerSummary.Empty(customer);
            if (summary.MergedInto is not null)
            {
                return false;
            }

            var writes = new List<Write>(touches.Count + 1);
            var changed = new List<Touch>(touches.Count);
            var mustReread = false;
            for (var i = 0; i < touches.Count; i++)
            {
                var known = documents[i + 1]?.As(FlowJson.Default.CustomerDocument).Touch;
                if (known is not null && known.EntityRevision >= touches[i].EntityRevision)
                {
                    continue;
                }

                var touch = touches[i] with { Revision = (known?.Revision ?? 0) + 1 };
                summary = summary.With(known, touch);
                mustReread |= CustomerSummary.LosesAnExtreme(known, touch);
                changed.Add(touch);
                writes.Add(Write.CreateOrReplace(TouchId(touch.Entity), TouchBody(customer, touch), documents[i + 1]?.ETag));
            }

            if (writes.Count == 0)
            {
                return true;
            }

            if (mustReread)
            {
                summary = await ResummarizeAsync(customer, changed, cancellationToken);
            }

            writes.Add(SummaryWrite(summary, documents[0]?.ETag));
            if (writes.Sum(w => w.Body.Length) > BytesPerCommit && touches.Count > 1)
            {
                var half = touches.Count / 2;
                return await PutChunkAsync(customer, [.. touches.Take(half)], cancellationToken)
                    && await PutChunkAsync(customer, [.. touches.Skip(half)], cancellationToken);
            }

            if ((await store.CommitAsync(Containers.Customers, customer, writes, cancellationToken)).IsCommitted)
            {
                return true;
            }
        }
    }

    private async Task<CustomerSummary> ResummarizeAsync(string customer, IReadOnlyList<Touch> changed, CancellationToken cancellationToken)
    {
        var touches = new Dictionary<EntityKey, Touch>();
        await foreach (var (touch, _) in ReadTouchesAsync(customer, cancellationToken))
        {
            touches[touch.Entity] = touch;
        }

        foreach (var touch in changed)
        {
            touches[touch.Entity] = touch;
        }

        return CustomerSummary.Of(customer, touches.Values);
    }

    // Copies first, then marks what was copied: a touch may for a moment stand in both customers, and never in none.
    private async Task FinishMoveAsync(string customer, string into, CancellationToken cancellationToken)
    {
        var pending = new List<Stored<Touch>>();
        await foreach (var touch in ReadTouchesAsync(customer, cancellationToken))
        {
            if (touch.Value.MovedTo is null)
            {
                pending.Add(touch);
            }
        }

        foreach (var chunk in pending.Chunk(TouchesPerCommit))
        {
            var root = await FindRootAsync(into, cancellationToken);
            while (!await PutTouchesAsync(root, [.. chunk.Select(t => t.Value)], cancellationToken))
            {
                root = await FindRootAsync(root, cancellationToken);
            }

            // Another worker may have marked some of them already; then their ETags differ, and that worker's marks stand.
            var marks = chunk.Select(t => Write.Replace(TouchId(t.Value.Entity), TouchBody(customer, Mark(t.Value, root)), t.ETag)).ToList();
            if (!(await store.CommitAsync(Containers.Customers, customer, marks, cancellationToken)).IsCommitted)
            {
                await FinishMoveAsync(customer, into, cancellationToken);
                return;
            }
        }

        var summary = await ReadSummaryAsync(customer, cancellationToken);
        if (summary?.Value.Summary is { Moving: true } alias)
        {
            await store.CommitAsync(Containers.Customers, customer, [SummaryWrite(alias with { Moving = false }, summary.ETag)], cancellationToken);
        }
    }

    private static Touch Mark(Touch touch, string movedTo) => new()
    {
        Entity = touch.Entity,
        Kind = touch.Kind,
        EntityRevision = touch.EntityRevision,
        Revision = touch.Revision + 1,
        At = touch.At,
        FirstAt = touch.FirstAt,
        LastAt = touch.LastAt,
        MovedTo = movedTo,
    };

    private static string TouchId(EntityKey entity) => Containers.TouchPrefix + entity.Text;

    private static ReadOnlyMemory<byte> TouchBody(string customer, Touch touch) =>
        new CustomerDocument { Customer = customer, Touch = touch }.ToBody(FlowJson.Default.CustomerDocument);

    private static Write SummaryWrite(CustomerSummary summary, string? etag) => Write.CreateOrReplace(
        Containers.SummaryId, new CustomerDocument { Customer = summary.Customer, Summary = summary }.ToBody(FlowJson.Default.CustomerDocument), etag);
}
