using System.Globalization;
using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Snapshots;

namespace CustomerPipeline.Application.Report.Audiences;

/// <summary>
/// Compares the members of each audience with those of the pass before, and writes down who entered and who left. The first pass after the definition of an
/// audience has nothing to compare with, and writes no change: its members are in the list. The events since, applied to the members of that pass, give the
/// members as of the last pass.
/// </summary>
public sealed class TellAudiences(IDocumentStore store, AudienceStore audiences, CustomerNews news, StageTelemetry telemetry)
{
    private const string BeganId = "began";
    private const int Slices = 256;

    /// <param name="customers">All customers, as of the instant.</param>
    /// <param name="at">The instant.</param>
    /// <param name="cancellationToken">Stops the work. What was told by then is told again by the next pass, or has been kept.</param>
    public async Task RunAsync(IReadOnlyList<CustomerStanding> customers, DateTimeOffset at, CancellationToken cancellationToken)
    {
        foreach (var audience in await audiences.ListAsync(StageTelemetry.Snapshot, "", cancellationToken).ToListAsync(cancellationToken))
        {
            await TellAsync(audience, customers, at, cancellationToken);

            // It may have been removed meanwhile: what was written since must not stay.
            if ((await audiences.FindAsync(audience.Name, cancellationToken))?.CreatedAt != audience.CreatedAt)
            {
                await audiences.ForgetMembersAsync(audience, cancellationToken);
            }
        }
    }

    private async Task TellAsync(Audience audience, IReadOnlyList<CustomerStanding> customers, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var (partition, filter) = (AudienceMembers.PartitionOf(audience), audience.Conditions);
        var isFirst = await store.ReadAsync(Containers.Events, partition, BeganId, cancellationToken) is null;
        var now = customers.Where(filter.Has).Select(c => c.Customer).ToLookup(SliceOf, StringComparer.Ordinal);
        var before = await store.ReadPartitionAsync(Containers.Events, partition, "", cancellationToken)
            .Where(d => d.Id != BeganId).Select(d => d.Id).ToHashSetAsync(StringComparer.Ordinal, cancellationToken);

        // A slice that has no member any more is one of those before.
        foreach (var slice in now.Select(s => s.Key).Union(before, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            await TellSliceAsync(audience, partition, slice, [.. now[slice].Order(StringComparer.Ordinal)], isFirst, at, cancellationToken);
        }

        if (isFirst)
        {
            await KeepAsync(partition, BeganId, [], cancellationToken);
        }
    }

    private async Task TellSliceAsync(
        Audience audience, string partition, string slice, IReadOnlyList<string> now, bool isFirst, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var kept = await store.ReadAsync(Containers.Events, partition, slice, cancellationToken);

        // Where it is damaged there is nothing to compare with, and so no news; from here on there is again.
        var before = kept is null ? [] : telemetry.Read(StageTelemetry.Snapshot, kept, d => d.As(DocumentJson.Default.AudienceMembers))?.Members;
        if (before is not null && before.SequenceEqual(now, StringComparer.Ordinal))
        {
            return;
        }

        if (before is not null && !isFirst)
        {
            var (entered, left) = (now.Except(before, StringComparer.Ordinal), before.Except(now, StringComparer.Ordinal));
            await news.TellMembersAsync(audience.Name, entered, left, at, cancellationToken);
        }

        await KeepAsync(partition, slice, now, cancellationToken);
    }

    private async Task KeepAsync(string partition, string id, IReadOnlyList<string> members, CancellationToken cancellationToken) => await store.CommitAsync(
        Containers.Events, partition,
        [members.Count == 0 && id != BeganId ? Write.Delete(id) : Write.Upsert(id, new AudienceMembers(members).ToBody(DocumentJson.Default.AudienceMembers))],
        cancellationToken);

    private static string SliceOf(string customer) => StableHash.Bucket(customer, Slices).ToString("D3", CultureInfo.InvariantCulture);
}
