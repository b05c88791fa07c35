using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Count;

/// <summary>
/// Touches to flow figures. What was last counted of a touch is its fact; a change of the touch replaces the fact and adds the difference to the flow
/// days in one atomic batch, so that a redelivery adds zero: exactly once, whatever the customer's history.
/// </summary>
public sealed class CountTouchesHandler(IDocumentStore store, ValueOptions options, CustomerNews news, StageTelemetry telemetry)
{
    private const int MostLeftDays = 40;

    public Task HandleAsync(IReadOnlyList<CustomerChange> changes, CancellationToken cancellationToken) => telemetry.RunAsync(
        StageTelemetry.Value, changes.Count, changes.Select(c => c.Trace), StageTelemetry.At(changes.Min(c => c.StoredAt)), () => WorkAsync(changes, cancellationToken));

    private async Task WorkAsync(IReadOnlyList<CustomerChange> changes, CancellationToken cancellationToken)
    {
        var shards = changes
            .Where(c => c.Touch is { } touch && IsCounted(touch))
            .GroupBy(c => options.ShardOf(c.Customer), StringComparer.Ordinal);
        await Task.WhenAll(shards.Select(shard => CountWhatCanBeAsync(shard.Key, [.. shard.Select(Counted)], cancellationToken)));
        if (changes.Any(c => c.Touch is { } touch && !IsCounted(touch)))
        {
            await telemetry.TryAsync(StageTelemetry.Value, 1, () => MarkUncountedAsync(cancellationToken));
        }

        await news.TellMovesAsync(changes, cancellationToken);
    }

    private static bool IsCounted(Touch touch) => touch.Kind is EntityKind.Order or EntityKind.Ticket or EntityKind.Spend;

    private CountedTouch Counted(CustomerChange change)
    {
        var touch = change.Touch!;
        var fact = new Fact
        {
            Revision = touch.Revision,
            At = touch.Order?.PlacedAt?.UtcTicks ?? 0,
            Postings = FlowPostings.Of(touch, options.Calendar),
        };
        return new CountedTouch(new FactId(touch.Kind, change.Customer, touch.Entity).ToString(), fact);
    }

    // Where the race for the head is lost, the other commit came after these changes were stored, and marks them as well.
    private async Task MarkUncountedAsync(CancellationToken cancellationToken)
    {
        var head = await store.ReadAsync(Containers.Values, Containers.UncountedPartition, Containers.HeadId, DocumentJson.Default.ShardHead, cancellationToken);
        var next = ShardHead.After(head, []).ToBody(DocumentJson.Default.ShardHead);
        await store.CommitAsync(Containers.Values, Containers.UncountedPartition, [Write.CreateOrReplace(Containers.HeadId, next, head?.ETag)], cancellationToken);
    }

    // Where a document is damaged, each touch is counted by itself: only those that need it are passed over.
    private async Task CountWhatCanBeAsync(string shard, List<CountedTouch> touches, CancellationToken cancellationToken)
    {
        try
        {
            await CountShardAsync(shard, touches, cancellationToken);
        }
        catch (CorruptDocumentException)
        {
            foreach (var touch in touches)
            {
                await telemetry.TryAsync(StageTelemetry.Value, 1, () => CountShardAsync(shard, [touch], cancellationToken));
            }
        }
    }

    private async Task CountShardAsync(string shard, List<CountedTouch> touches, CancellationToken cancellationToken)
    {
        // A batch may hold two states of one touch (two reads of the feed): only the newer is news. Day by day, so that a commit writes few days.
        var pending = touches.GroupBy(t => t.FactId, StringComparer.Ordinal).Select(same => same.MaxBy(t => t.Fact.Revision)!).OrderBy(t => t.FirstDay).ToList();
        while (pending.Count > 0)
        {
            pending = await CountSomeAsync(shard, pending, cancellationToken);
        }
    }

    // Counts as many touches as fit into one commit, and gives back the rest; all of them when the race for the shard was lost.
    private async Task<List<CountedTouch>> CountSomeAsync(string shard, List<CountedTouch> touches, CancellationToken cancellationToken)
    {
        var head = await store.ReadAsync(Containers.Values, shard, Containers.HeadId, DocumentJson.Default.ShardHead, cancellationToken);
        var revision = (head?.Value.Revision ?? 0) + 1;
        var candidates = touches.GetRange(0, Math.Min(touches.Count, CommitLimits.Writes - 2));
        var facts = await store.ReadManyAsync(Containers.Values, [.. candidates.Select(t => new DocumentKey(shard, t.FactId))], cancellationToken);

        var flows = new Dictionary<FlowPart, List<(FlowPosting Posting, int Sign)>>();
        var writes = new List<Write>(CommitLimits.Writes);
        var counted = 0;
        foreach (var touch in candidates)
        {
            var known = facts[counted]?.As(DocumentJson.Default.Fact);
            var isNews = known is null || known.Revision < touch.Fact.Revision;
            if (isNews)
            {
                var changes = (known?.Postings ?? []).Select(p => (Posting: p, Sign: -1)).Concat(touch.Fact.Postings.Select(p => (Posting: p, Sign: 1)))
                    .SelectMany(c => FlowPart.Of(c.Posting).Select(p => (p.Part, p.Posting, c.Sign)))
                    .ToList();
                var newFlows = changes.Select(c => c.Part).Distinct().Count(p => !flows.ContainsKey(p));
                if (writes.Count + 1 + flows.Count + newFlows + 1 > CommitLimits.Writes && writes.Count > 0)
                {
                    break;
                }

                foreach (var (part, posting, sign) in changes)
                {
                    if (!flows.TryGetValue(part, out var postings))
                    {
                        flows[part] = postings = [];
                    }

                    postings.Add((posting, sign));
                }

                var left = known is null ? [] : known.LeftDays.Union(known.Postings.Select(p => p.Day)).Except(touch.Fact.Postings.Select(p => p.Day));
                var fact = touch.Fact with { Counted = revision, LeftDays = [.. left.Order().TakeLast(MostLeftDays)] };
                writes.Add(Write.Upsert(touch.FactId, fact.ToBody(DocumentJson.Default.Fact)));
            }

            counted++;
        }

        var rest = touches.GetRange(counted, touches.Count - counted);
        if (writes.Count == 0)
        {
            return rest;
        }

        await AddFlowsAsync(shard, flows, writes, cancellationToken);
        writes.Add(Write.CreateOrReplace(Containers.HeadId, ShardHead.After(head, flows.Keys).ToBody(DocumentJson.Default.ShardHead), head?.ETag));
        return (await store.CommitAsync(Containers.Values, shard, writes, cancellationToken)).IsCommitted ? rest : touches;
    }

    // The head's ETag guards the whole shard: if it still holds at the commit, nobody changed a flow day since it was read.
    private async Task AddFlowsAsync(
        string shard, Dictionary<FlowPart, List<(FlowPosting Posting, int Sign)>> flows, List<Write> writes, CancellationToken cancellationToken)
    {
        var keys = flows.Keys.ToList();
        var documents = await store.ReadManyAsync(Containers.Values, [.. keys.Select(p => new DocumentKey(shard, p.Id))], cancellationToken);
        for (var i = 0; i < keys.Count; i++)
        {
            var flow = documents[i]?.As(DocumentJson.Default.FlowDay) ?? new FlowDay();
            foreach (var (posting, sign) in flows[keys[i]])
            {
                flow.Post(posting, sign);
            }

            writes.Add(Write.Upsert(keys[i].Id, flow.ToBody(DocumentJson.Default.FlowDay)));
        }
    }

    private sealed record CountedTouch(string FactId, Fact Fact)
    {
        public DateOnly FirstDay => Fact.Postings.Count == 0 ? default : Fact.Postings.Min(p => p.Day);
    }
}
