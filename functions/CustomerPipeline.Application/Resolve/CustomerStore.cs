using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Application.Resolve;

/// <summary>What became of touches that were put into a customer. Of several parts the last of these counts.</summary>
public enum PutResult
{
    /// <summary>They are there.</summary>
    Put,

    /// <summary>They are there, and some were so before: then it has not been seen whether what led here still does.</summary>
    PutBefore,

    /// <summary>They are there, and the customer may not hang together: shape it anew.</summary>
    MustReshape,

    /// <summary>They are not there: the customer has become an alias, or one of them went to another customer meanwhile. Look again.</summary>
    Overtaken,
}

/// <summary>A customer as it was read, and the version to replace it by.</summary>
/// <param name="Summary">The summary; an empty one of a customer nobody wrote yet.</param>
/// <param name="Revision">How often the customer changed.</param>
/// <param name="ETag">Null where nothing was written yet.</param>
public sealed record HeldCustomer(CustomerSummary Summary, long Revision, string? ETag);

/// <summary>Where an entity counts.</summary>
/// <param name="Holder">The customer it counts for; null when it is in none.</param>
/// <param name="Stored">What counts there.</param>
/// <param name="Missing">The customer it was last meant for, and never got to.</param>
/// <param name="Left">The customers it left, with the version of the mark it left there.</param>
public sealed record Whereabouts(HeldCustomer? Holder, Touch? Stored, HeldCustomer? Missing, IReadOnlyDictionary<string, string> Left);

/// <summary>
/// A customer's partition: touches and their summary, changed together. Every change replaces the summary by its ETag, so the partition has one
/// history, and nothing can be added to a customer that has meanwhile become an alias.
/// </summary>
public sealed class CustomerStore(IDocumentStore store, IdentityRules rules)
{
    private static readonly System.Collections.Frozen.FrozenDictionary<EntityKey, string> Nobody = System.Collections.Frozen.FrozenDictionary<EntityKey, string>.Empty;

    private static readonly System.Collections.Frozen.FrozenSet<Identifier> Nothing = System.Collections.Frozen.FrozenSet<Identifier>.Empty;

    private const int TouchesPerCommit = CommitLimits.Writes - 1;
    private const int BytesPerCommit = CommitLimits.Bytes / 2;

    /// <summary>The customer, alias or not; an empty one without an ETag when nothing was ever written under the id.</summary>
    public async ValueTask<HeldCustomer> ReadAsync(string customer, CancellationToken cancellationToken) =>
        Held(customer, await store.ReadAsync(Containers.Customers, customer, Containers.SummaryId, cancellationToken));

    /// <summary>The customer an id stands for today: itself, or what it was merged into. An unfinished merge on the way is finished first.</summary>
    public async Task<HeldCustomer> FindRootAsync(string customer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var held = await ReadAsync(customer, cancellationToken);
            if (held.Summary.MergedInto is not { } next)
            {
                return held;
            }

            if (held.Summary.Moving)
            {
                await FinishMoveAsync(customer, cancellationToken);
            }

            customer = next;
        }
    }

    /// <summary>Where an entity counts, followed from the customer that it was claimed for.</summary>
    public async Task<Whereabouts> FindEntityAsync(HeldCustomer claimed, EntityKey entity, CancellationToken cancellationToken)
    {
        var left = new Dictionary<string, string>(StringComparer.Ordinal);
        while (true)
        {
            var customer = claimed.Summary.Customer;
            if (left.ContainsKey(customer))
            {
                return new Whereabouts(null, null, null, left);
            }

            var touch = await store.ReadAsync(Containers.Customers, customer, new TouchId(entity).ToString(), DocumentJson.Default.CustomerDocument, cancellationToken);
            if (touch?.Value.Touch is not { MovedTo: { } next })
            {
                return touch is null ? new Whereabouts(null, null, claimed, left) : new Whereabouts(claimed, touch.Value.Touch, null, left);
            }

            left[customer] = touch.ETag;
            claimed = await FindRootAsync(next, cancellationToken);
        }
    }

    /// <summary>Makes sure that an entity, which was on its way to a customer, does not arrive there any more: it goes to another one.</summary>
    /// <returns>False when the customer changed meanwhile: look again.</returns>
    public async Task<bool> TurnAwayAsync(HeldCustomer customer, Touch touch, string to, CancellationToken cancellationToken)
    {
        List<Write> writes = [Write.Create(new TouchId(touch.Entity).ToString(), TouchBody(customer.Summary.Customer, Mark(touch with { Revision = 0 }, to))), SummaryWrite(customer, customer.Summary)];
        return (await store.CommitAsync(Containers.Customers, customer.Summary.Customer, writes, cancellationToken)).IsCommitted;
    }

    /// <summary>Puts touches of entities into a customer. A touch that has the entity's revision already, or a newer one, stays.</summary>
    /// <param name="customer">The customer they belong to.</param>
    /// <param name="touches">Touches of different entities.</param>
    /// <param name="shared">Identifiers known to be shared; all others that may link are believed to tie the touches to the customer.</param>
    /// <param name="claimed">Identifiers that were claimed for the customer just now.</param>
    /// <param name="returning">Entities that left the customer once, are in no other now, and may come back; with the version of the mark they left.</param>
    /// <param name="cancellationToken">Stops the work; what was put stays.</param>
    public Task<PutResult> PutTouchesAsync(
        string customer, IReadOnlyList<Touch> touches, IReadOnlySet<Identifier> shared, IReadOnlySet<Identifier> claimed, IReadOnlyDictionary<EntityKey, string> returning,
        CancellationToken cancellationToken) => PutAsync(customer, touches, new Basis(shared, claimed, returning, IsMove: false, IsSuspect: false), cancellationToken);

    /// <summary>Puts touches where everything they carry is claimed and in the customer already.</summary>
    public Task<PutResult> PutTouchesAsync(string customer, IReadOnlyList<Touch> touches, IReadOnlySet<Identifier> shared, CancellationToken cancellationToken) =>
        PutTouchesAsync(customer, touches, shared, Nothing, Nobody, cancellationToken);

    /// <summary>Puts touches that another customer had into a customer.</summary>
    public Task<PutResult> MoveTouchesInAsync(string customer, IReadOnlyList<Touch> touches, IReadOnlySet<Identifier> shared, bool isSuspect, CancellationToken cancellationToken) =>
        PutAsync(customer, touches, new Basis(shared, Nothing, Nobody, IsMove: true, isSuspect), cancellationToken);

    /// <summary>Makes a customer an alias of an older one and moves its touches there. Any crash in between is finished by whoever meets the alias.</summary>
    /// <param name="held">The younger customer, as it was when it was found out that the two are one: it must not have changed since.</param>
    /// <param name="into">The older one, as it was then.</param>
    /// <param name="because">The identifiers they are believed to be one by.</param>
    /// <param name="isStillTrue">Whether what led to both of them still does.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>False when a customer changed meanwhile, or an identifier turned out to be shared: look again.</returns>
    public async Task<bool> MergeAsync(
        HeldCustomer held, HeldCustomer into, IReadOnlySet<Identifier> because, Func<Task<bool>> isStillTrue, CancellationToken cancellationToken)
    {
        if (held.Summary.Shared.Any(because.Contains) || into.Summary.Shared.Any(because.Contains))
        {
            return false;
        }

        // Until it is known that the older one, too, was still the same when the younger one was given up, what comes of them has to be looked at.
        var customer = held.Summary.Customer;
        var alias = CustomerSummary.Empty(customer) with { MergedInto = into.Summary.Customer, Moving = true, Shared = held.Summary.Shared, MustReshape = true };
        if (!await ReplaceAsync(held, alias, [], cancellationToken))
        {
            return false;
        }

        var given = await ReadAsync(customer, cancellationToken);
        if (!held.Summary.MustReshape && given.Revision == held.Revision + 1
            && await isStillTrue() && (await ReadAsync(into.Summary.Customer, cancellationToken)).ETag == into.ETag)
        {
            await ReplaceAsync(given, alias with { MustReshape = false }, [], cancellationToken);
        }

        await FinishMoveAsync(customer, cancellationToken);
        return true;
    }

    /// <summary>The summaries of the customers that have interactions, in order of their ids.</summary>
    /// <param name="from">The id to begin with, whether it is one or not; empty for all.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public IAsyncEnumerable<CustomerSummary> ListAsync(string from, CancellationToken cancellationToken) => ReadSummariesAsync(from, cancellationToken).Select(AsSummary).Where(HasInteractions);

    /// <summary>Those that can be read: for what may leave somebody out, other than a figure.</summary>
    /// <param name="telemetry">Where the others are told of.</param>
    /// <param name="stage">Who asks.</param>
    /// <param name="from">The id to begin with, whether it is one or not; empty for all.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public IAsyncEnumerable<CustomerSummary> ListReadableAsync(StageTelemetry telemetry, string stage, string from, CancellationToken cancellationToken) =>
        telemetry.ReadableAsync(stage, ReadSummariesAsync(from, cancellationToken), AsSummary).Select(s => s.Value).Where(HasInteractions);

    /// <summary>The touches that count for a customer.</summary>
    public IAsyncEnumerable<Stored<Touch>> ReadLiveTouchesAsync(string customer, CancellationToken cancellationToken) =>
        ReadTouchesAsync(customer, cancellationToken).Where(t => t.Value.MovedTo is null);

    /// <summary>The touches that count for a customer, of entities behind one in ordinal order of their texts.</summary>
    public IAsyncEnumerable<Stored<Touch>> ReadLiveTouchesAsync(string customer, EntityKey after, CancellationToken cancellationToken) =>
        AsTouches(store.ReadPartitionAsync(Containers.Customers, customer, Containers.TouchPrefix, new TouchId(after).ToString(), cancellationToken))
            .Where(t => t.Value.MovedTo is null);

    /// <summary>All touches of a customer, those that moved away included.</summary>
    public IAsyncEnumerable<Stored<Touch>> ReadTouchesAsync(string customer, CancellationToken cancellationToken) =>
        AsTouches(store.ReadPartitionAsync(Containers.Customers, customer, Containers.TouchPrefix, cancellationToken));

    private static IAsyncEnumerable<Stored<Touch>> AsTouches(IAsyncEnumerable<Document> documents) => documents.Select(document => new Stored<Touch>(
        document.As(DocumentJson.Default.CustomerDocument).Touch ?? throw new CorruptDocumentException(document), document.ETag));

    /// <summary>Replaces a customer's summary, and touches with it, if nobody changed the customer since it was read.</summary>
    public async Task<bool> ReplaceAsync(HeldCustomer held, CustomerSummary next, IEnumerable<Stored<Touch>> touches, CancellationToken cancellationToken)
    {
        List<Write> writes = [.. touches.Select(t => Write.Replace(new TouchId(t.Value.Entity).ToString(), TouchBody(next.Customer, t.Value), t.ETag)), SummaryWrite(held, next)];
        return (await store.CommitAsync(Containers.Customers, next.Customer, writes, cancellationToken)).IsCommitted;
    }

    /// <summary>Takes touches that stand in another customer out of this one.</summary>
    /// <returns>The customer afterwards; null when somebody else changed it meanwhile.</returns>
    public async Task<HeldCustomer?> MoveTouchesOutAsync(HeldCustomer held, IReadOnlyList<Stored<Touch>> touches, string to, CancellationToken cancellationToken)
    {
        foreach (var chunk in touches.Chunk(TouchesPerCommit))
        {
            var marks = chunk.Select(t => (Before: t, After: Mark(t.Value, to))).ToList();
            if (await ChangeAsync(held, marks, cancellationToken) is not { } changed)
            {
                return null;
            }

            held = changed;
        }

        return held;
    }

    /// <summary>Cuts ties of touches, ahead of the records that will say so.</summary>
    /// <returns>False when somebody else changed the customer meanwhile.</returns>
    public async Task<bool> CutTouchesAsync(HeldCustomer? held, IEnumerable<(Stored<Touch> Touch, IReadOnlyList<Identifier> Ties)> cuts, CancellationToken cancellationToken)
    {
        foreach (var chunk in cuts.Chunk(TouchesPerCommit))
        {
            var cut = chunk.Select(c => (Before: c.Touch, After: c.Touch.Value with { Cut = [.. c.Touch.Value.Cut.Union(c.Ties).Order()], Revision = c.Touch.Value.Revision + 1 })).ToList();
            held = await ChangeAsync(held!, cut, cancellationToken);
            if (held is null)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Writes on touches whether their customer is known to be somebody.</summary>
    /// <returns>The customer afterwards; null when somebody else changed it meanwhile.</returns>
    public async Task<HeldCustomer?> LabelTouchesAsync(HeldCustomer held, IEnumerable<Stored<Touch>> touches, bool isIdentified, CancellationToken cancellationToken)
    {
        foreach (var chunk in touches.Where(t => t.Value.Identified != isIdentified).Chunk(TouchesPerCommit))
        {
            var labelled = chunk.Select(t => (Before: t, After: t.Value with { Identified = isIdentified, Revision = t.Value.Revision + 1 })).ToList();
            if (await ChangeAsync(held, labelled, cancellationToken) is not { } changed)
            {
                return null;
            }

            held = changed;
        }

        return held;
    }

    /// <summary>Whether anything that a customer is known by tells who it is.</summary>
    public bool IsIdentified(CustomerSummary summary) => summary.Identifiers.Keys.Any(i => rules.Identifies(i) && !summary.Shared.Contains(i));

    // After our own change the revision is one higher; any other number is somebody else's work.
    private async Task<HeldCustomer?> ChangeAsync(HeldCustomer held, IReadOnlyList<(Stored<Touch> Before, Touch After)> touches, CancellationToken cancellationToken)
    {
        var next = held.Summary;
        foreach (var (before, after) in touches)
        {
            if (!next.Counts(before.Value))
            {
                // It is damaged, for what it is read with is of one moment: it is made anew, and looked at again.
                next = await ResummarizeAsync(held.Summary with { MustReshape = true }, touches.Select(t => t.After), cancellationToken);
                break;
            }

            next = next.With(before.Value, after.MovedTo is null ? after : null);
        }

        if (!await ReplaceAsync(held, next, touches.Select(t => t.Before with { Value = t.After }), cancellationToken))
        {
            return null;
        }

        var changed = await ReadAsync(next.Customer, cancellationToken);
        return changed.Revision == held.Revision + 1 ? changed : null;
    }

    private Task<PutResult> PutAsync(string customer, IReadOnlyList<Touch> touches, Basis basis, CancellationToken cancellationToken) =>
        PutChunksAsync(customer, touches.Chunk(TouchesPerCommit), basis, cancellationToken);

    private async Task<PutResult> PutChunksAsync(string customer, IEnumerable<IReadOnlyList<Touch>> chunks, Basis basis, CancellationToken cancellationToken)
    {
        var result = PutResult.Put;
        foreach (var chunk in chunks)
        {
            var put = await PutChunkAsync(customer, chunk, basis, cancellationToken);
            if (put == PutResult.Overtaken)
            {
                return put;
            }

            result = put > result ? put : result;
        }

        return result;
    }

    private async Task<PutResult> PutChunkAsync(string customer, IReadOnlyList<Touch> touches, Basis basis, CancellationToken cancellationToken)
    {
        DocumentKey[] keys = [new(customer, Containers.SummaryId), .. touches.Select(t => new DocumentKey(customer, new TouchId(t.Entity).ToString()))];
        while (true)
        {
            var documents = await store.ReadManyAsync(Containers.Customers, keys, cancellationToken);
            var held = Held(customer, documents[0]);
            if (held.Summary.MergedInto is not null)
            {
                return PutResult.Overtaken;
            }

            var change = new CustomerChangeDraft(held.Summary, basis, rules);
            for (var i = 0; i < touches.Count; i++)
            {
                change.Put(touches[i], documents[i + 1]);
            }

            if (change.IsOvertaken)
            {
                return PutResult.Overtaken;
            }

            if (!change.IsAny)
            {
                return held.Summary.MustReshape ? PutResult.MustReshape : PutResult.PutBefore;
            }

            // Nothing is moved into a customer who has no summary, unless nobody is in it yet, or the summary is gone: then nobody knows what hangs together.
            var summary = change.Summary;
            if (change.MustReread || (basis.IsMove && held.ETag is null))
            {
                summary = await ResummarizeAsync(summary, change.Touches.Select(t => t.Touch), cancellationToken);
                summary = summary with { MustReshape = summary.MustReshape || (held.ETag is null && summary.Touches > change.Touches.Count) };
            }

            var isIdentified = IsIdentified(summary);
            summary = summary with
            {
                // The touches that are already there say otherwise.
                MustReshape = summary.MustReshape || (isIdentified != IsIdentified(held.Summary) && summary.Touches > change.Touches.Count),
            };
            List<Write> writes =
            [
                .. change.Touches.Select(t => Write.CreateOrReplace(new TouchId(t.Touch.Entity).ToString(), TouchBody(customer, t.Touch with { Identified = isIdentified }), t.ETag)),
                SummaryWrite(held, summary),
            ];
            if (writes.Sum(w => w.Body.Length) > BytesPerCommit && touches.Count > 1)
            {
                var half = touches.Count / 2;
                return await PutChunksAsync(customer, [[.. touches.Take(half)], [.. touches.Skip(half)]], basis, cancellationToken);
            }

            if ((await store.CommitAsync(Containers.Customers, customer, writes, cancellationToken)).IsCommitted)
            {
                return summary.MustReshape ? PutResult.MustReshape : change.Touches.Count < touches.Count ? PutResult.PutBefore : PutResult.Put;
            }
        }
    }

    private async Task<CustomerSummary> ResummarizeAsync(CustomerSummary summary, IEnumerable<Touch> changed, CancellationToken cancellationToken)
    {
        var touches = new Dictionary<EntityKey, Touch>();
        await foreach (var (touch, _) in ReadTouchesAsync(summary.Customer, cancellationToken))
        {
            touches[touch.Entity] = touch;
        }

        foreach (var touch in changed)
        {
            touches[touch.Entity] = touch;
        }

        return CustomerSummary.Of(summary.Customer, touches.Values) with { Shared = summary.Shared, MustReshape = summary.MustReshape };
    }

    // Copies first, then marks what was copied: a touch may for a moment stand in both customers, and never in none.
    private async Task FinishMoveAsync(string customer, CancellationToken cancellationToken)
    {
        var held = await ReadAsync(customer, cancellationToken);
        if (held.Summary is not { MergedInto: { } into, Moving: true } alias)
        {
            return;
        }

        var pending = await ReadLiveTouchesAsync(customer, cancellationToken).ToListAsync(cancellationToken);

        // Meanwhile another worker may have moved them all, and a split may have made the alias somebody again: then these touches are that customer's.
        if ((await ReadAsync(customer, cancellationToken)).ETag != held.ETag)
        {
            await FinishMoveAsync(customer, cancellationToken);
            return;
        }

        var isSuspect = alias.MustReshape || alias.Shared.Count > 0;
        foreach (var chunk in pending.Chunk(TouchesPerCommit))
        {
            var root = (await FindRootAsync(into, cancellationToken)).Summary.Customer;
            while (await MoveTouchesInAsync(root, [.. chunk.Select(t => t.Value)], alias.Shared.ToHashSet(), isSuspect, cancellationToken) is PutResult.Overtaken)
            {
                root = (await FindRootAsync(root, cancellationToken)).Summary.Customer;
            }

            // Another worker may have marked some of them already; then their ETags differ, and that worker's marks stand.
            var marks = chunk.Select(t => Write.Replace(new TouchId(t.Value.Entity).ToString(), TouchBody(customer, Mark(t.Value, root)), t.ETag)).ToList();
            if (!(await store.CommitAsync(Containers.Customers, customer, marks, cancellationToken)).IsCommitted)
            {
                await FinishMoveAsync(customer, cancellationToken);
                return;
            }
        }

        await ReplaceAsync(held, alias with { Moving = false }, [], cancellationToken);
    }

    private static Touch Mark(Touch touch, string movedTo) => new()
    {
        Entity = touch.Entity,
        Kind = touch.Kind,
        EntityRevision = touch.EntityRevision,
        Revision = touch.Revision + 1,
        Moves = touch.Moves,
        At = touch.At,
        FirstAt = touch.FirstAt,
        LastAt = touch.LastAt,
        MovedTo = movedTo,
    };

    private IAsyncEnumerable<Document> ReadSummariesAsync(string from, CancellationToken cancellationToken) => store.ReadAcrossAsync(Containers.Customers, Containers.SummaryId, from, cancellationToken);

    private static CustomerSummary AsSummary(Document document) => document.As(DocumentJson.Default.CustomerDocument).Summary ?? throw new CorruptDocumentException(document);

    private static bool HasInteractions(CustomerSummary summary) => summary is { Touches: > 0, MergedInto: null };

    private static HeldCustomer Held(string customer, Document? document) => document?.As(DocumentJson.Default.CustomerDocument) is { } content
        ? new HeldCustomer(content.Summary ?? throw new CorruptDocumentException(document), content.Revision, document.ETag)
        : new HeldCustomer(CustomerSummary.Empty(customer), 0, null);

    private static ReadOnlyMemory<byte> TouchBody(string customer, Touch touch) =>
        new CustomerDocument { Customer = customer, Touch = touch, Trace = StageTelemetry.Trace }.ToBody(DocumentJson.Default.CustomerDocument);

    private static Write SummaryWrite(HeldCustomer held, CustomerSummary next) => Write.CreateOrReplace(
        Containers.SummaryId,
        new CustomerDocument { Customer = next.Customer, Summary = next, Revision = held.Revision + 1 }.ToBody(DocumentJson.Default.CustomerDocument),
        held.ETag);
}
