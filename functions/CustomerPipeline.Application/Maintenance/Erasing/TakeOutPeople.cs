using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Application.Privacy;

namespace CustomerPipeline.Application.Maintenance.Erasing;

/// <summary>Takes all out that belongs to people. Every step can be repeated.</summary>
public sealed class TakeOutPeople(Tombstones tombstones, EraseCustomers customers, EraseMessages messages, EraseDocuments documents, IShredder shredder)
{
    /// <summary>Lets nothing new of a person in.</summary>
    public Task BuryAsync(PrivacyRequest person, CancellationToken cancellationToken) =>
        tombstones.BuryAsync(person.Entities, person.Identifiers, person.At, cancellationToken);

    /// <summary>Takes out what is there now.</summary>
    public async Task TakeOutAsync(ErasedPeople people, CancellationToken cancellationToken)
    {
        var (values, deliveries) = await documents.ReadTracesAsync(people, cancellationToken);
        await customers.EmptyAsync(people, cancellationToken);

        // Messages before records: while a record is there, its message can be found.
        await messages.EraseAsync(people, values, deliveries, cancellationToken);
        await documents.EraseAsync(people, cancellationToken);
        await customers.ResolveAgainAsync(people.Returning, cancellationToken);
    }

    /// <summary>Takes out what is there when the stages have passed what was under way, and leaves no trace.</summary>
    public async Task FinishAsync(ErasedPeople people, CancellationToken cancellationToken)
    {
        await TakeOutAsync(people, cancellationToken);
        await documents.DeleteRemainsAsync(people, cancellationToken);
    }

    /// <summary>Takes what was deleted from the disk.</summary>
    public Task ShredAsync(CancellationToken cancellationToken) => shredder.ShredAsync(cancellationToken);
}
