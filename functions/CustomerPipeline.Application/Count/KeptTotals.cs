using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Value;

namespace CustomerPipeline.Application.Count;

/// <summary>
/// What people who are gone had added to the flow figures: sums by day and cell, of nobody. They are kept apart from the figures that follow from the
/// interactions, so that a rebuild and a verification hold, and readers add both.
/// </summary>
public sealed class KeptTotals(IDocumentStore store, Tombstones tombstones, ValueOptions options)
{
    private const string MarkPrefix = "mark:";

    /// <summary>
    /// Keeps what a touch had added, once however often and by however many it is asked: its mark stays, as its tombstone does, for what is said of an erased entity is refused for ever.
    /// </summary>
    public async Task KeepAsync(Touch touch, CancellationToken cancellationToken)
    {
        var mark = MarkPrefix + await tombstones.NameAsync(touch.Entity, cancellationToken);
        while (await store.ReadAsync(Containers.Privacy, Containers.KeptTotalsPartition, mark, cancellationToken) is null)
        {
            var head = await store.ReadAsync(Containers.Privacy, Containers.KeptTotalsPartition, Containers.HeadId, DocumentJson.Default.ShardHead, cancellationToken);
            var flows = FlowPostings.Of(touch, options.Calendar).SelectMany(FlowPart.Of).ToList();
            var writes = new List<Write>
            {
                Write.Create(mark, "{}"u8.ToArray()),
                Write.CreateOrReplace(Containers.HeadId, ShardHead.After(head, flows.Select(f => f.Part)).ToBody(DocumentJson.Default.ShardHead), head?.ETag),
            };
            foreach (var (part, posting) in flows)
            {
                var day = (await store.ReadAsync(Containers.Privacy, Containers.KeptTotalsPartition, part.Id, DocumentJson.Default.FlowDay, cancellationToken))?.Value ?? new FlowDay();
                day.Post(posting, 1);
                writes.Add(Write.Upsert(part.Id, day.ToBody(DocumentJson.Default.FlowDay)));
            }

            await store.CommitAsync(Containers.Privacy, Containers.KeptTotalsPartition, writes, cancellationToken);
        }
    }
}
