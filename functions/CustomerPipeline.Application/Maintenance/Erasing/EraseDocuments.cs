using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ingest;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Privacy;
using CustomerPipeline.Application.Resolve;
using CustomerPipeline.Application.Telemetry;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Maintenance.Erasing;

/// <summary>Takes what is stored of people out of every container, by what each kind of document says of its erasure.</summary>
public sealed class EraseDocuments(IDocumentStore store, CustomerStore customers, AuditLog audit, StageTelemetry telemetry)
{
    private readonly EntityRecords _records = new(store);

    /// <summary>What is distinctive of the people, and the messages that their records come from.</summary>
    public async Task<(PersonalValues Values, HashSet<string> Deliveries)> ReadTracesAsync(ErasedPeople people, CancellationToken cancellationToken)
    {
        var profiles = new List<PersonProfile>();
        var deliveries = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entity in people.Entities)
        {
            await foreach (var (_, content) in Readable(store.ReadPartitionAsync(Containers.Interactions, entity.Text, Containers.RecordPrefix, cancellationToken), StoredInteractions.AsInteraction))
            {
                deliveries.Add(content.By!);
                if (content.Record!.Person is { } profile)
                {
                    profiles.Add(profile);
                }
            }
        }

        return (PersonalValues.Of(people.Identifiers.Keys, people.Entities, profiles), deliveries);
    }

    /// <summary>Deletes what is stored of the people, and what it says of them in documents of others.</summary>
    public async Task EraseAsync(ErasedPeople people, CancellationToken cancellationToken)
    {
        foreach (var container in Containers.Described.Where(c => c.Kinds.Any(k => k.Erasure is Erasure.WithPartition)))
        {
            foreach (var entity in people.Entities)
            {
                await DeletePartitionAsync(container.Name, entity.Text, cancellationToken);
            }
        }

        await ForgetFormerPartiesAsync(people, cancellationToken);
        await EraseClaimsAsync(people, cancellationToken);
        await EraseDecisionsAsync(people, cancellationToken);
    }

    /// <summary>Deletes marks of what moved or was taken out, in every customer the people ever were, and what they counted as.</summary>
    public async Task DeleteRemainsAsync(ErasedPeople people, CancellationToken cancellationToken)
    {
        foreach (var container in Containers.Described.Where(c => c.Kinds.Any(k => k.Erasure is Erasure.WithSubjects)))
        {
            await foreach (var document in store.ScanAsync(container.Name, cancellationToken))
            {
                if (container.KindOf(document.Partition, document.Id)?.Erasure is Erasure.WithSubjects erased && erased.Of(document).Any(people.Covers))
                {
                    await store.CommitAsync(container.Name, document.Partition, [Write.Delete(document.Id, document.ETag)], cancellationToken);
                }
            }
        }
    }

    // An order or ticket that is somebody else's now stays theirs; what it said of one of the people before goes from its records.
    private async Task ForgetFormerPartiesAsync(ErasedPeople people, CancellationToken cancellationToken)
    {
        List<Identifier> GoneFrom(InteractionRecord record) => [.. record.Identifiers.Where(i => people.Identifiers.TryGetValue(i, out var at) && record.OccurredAt <= at)];

        var former = new HashSet<EntityKey>();
        var records = store.ScanAsync(Containers.Interactions, cancellationToken).Where(d => d.Id.StartsWith(Containers.RecordPrefix, StringComparison.Ordinal));
        await foreach (var (_, content) in Readable(records, StoredInteractions.AsInteraction))
        {
            if (content.Record is { } record && !people.Entities.Contains(record.Entity) && GoneFrom(record).Count > 0)
            {
                former.Add(record.Entity);
            }
        }

        foreach (var entity in former)
        {
            await telemetry.TryAsync(StageTelemetry.Erase, 1, () => _records.ForgetAsync(entity, GoneFrom, cancellationToken));
        }
    }

    private async Task EraseClaimsAsync(ErasedPeople people, CancellationToken cancellationToken)
    {
        var gone = people.Customers;
        var hashes = people.Identifiers.Keys.Select(Companions.HashOf).ToHashSet(StringComparer.Ordinal);
        var keys = people.Identifiers.Keys.Select(ClaimKey.Of).Concat(people.Entities.Concat(people.Returning).Select(ClaimKey.Of)).ToHashSet(StringComparer.Ordinal);
        await foreach (var (document, claim) in Readable(store.ReadAcrossAsync(Containers.Identifiers, Containers.ClaimId, from: "", cancellationToken), d => d.As(DocumentJson.Default.Claim)))
        {
            var with = claim.With?.Without(hashes);
            var write = (keys.Contains(document.Partition) || gone.Contains(claim.Customer ?? "")) && !claim.IsShared && !await IsOfSomebodyElseAsync(claim, gone, cancellationToken) ? Write.Delete(document.Id, document.ETag)
                : claim.IsShared && !ReferenceEquals(with, claim.With) ? Write.Replace(
                    document.Id, (claim with { With = with, StaysShared = true, Customer = gone.Contains(claim.Customer ?? "") ? null : claim.Customer }).ToBody(DocumentJson.Default.Claim), document.ETag)
                : !ReferenceEquals(with, claim.With) ? Write.Replace(document.Id, (claim with { With = with }).ToBody(DocumentJson.Default.Claim), document.ETag)
                : default;
            if (write.Id is not null)
            {
                await store.CommitAsync(Containers.Identifiers, document.Partition, [write], cancellationToken);
            }
        }
    }

    // Somebody who came back has claimed it since.
    private async Task<bool> IsOfSomebodyElseAsync(Claim claim, HashSet<string> gone, CancellationToken cancellationToken) =>
        claim.Customer is { } customer && !gone.Contains(customer) && (await customers.FindRootAsync(customer, cancellationToken)).Summary is { Touches: > 0 } root && !gone.Contains(root.Customer);

    private async Task EraseDecisionsAsync(ErasedPeople people, CancellationToken cancellationToken)
    {
        var gone = people.Entities;
        await foreach (var (document, entry) in audit.ListAsync(StageTelemetry.Erase, cancellationToken))
        {
            if ((entry.Entities ?? []).Concat(entry.Cut ?? []).Any(gone.Contains))
            {
                var next = entry with { Entities = [.. (entry.Entities ?? []).Where(e => !gone.Contains(e))], Cut = [.. (entry.Cut ?? []).Where(e => !gone.Contains(e))] };
                await store.CommitAsync(Containers.Audit, document.Partition, [Write.Replace(document.Id, next.ToBody(DocumentJson.Default.AuditEntry), document.ETag)], cancellationToken);
            }
        }
    }

    private IAsyncEnumerable<(Document Document, T Value)> Readable<T>(IAsyncEnumerable<Document> documents, Func<Document, T> read)
        where T : class => telemetry.ReadableAsync(StageTelemetry.Erase, documents, read);

    private async Task DeletePartitionAsync(string container, string partition, CancellationToken cancellationToken)
    {
        var ids = await store.ReadPartitionAsync(container, partition, "", cancellationToken).Select(d => d.Id).ToListAsync(cancellationToken);
        foreach (var chunk in ids.Chunk(CommitLimits.Writes))
        {
            await store.CommitAsync(container, partition, [.. chunk.Select(id => Write.Delete(id))], cancellationToken);
        }
    }
}
