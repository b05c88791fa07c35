using System.Globalization;
using CustomerPipeline.Application.Access;
using CustomerPipeline.Application.Audit;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;

namespace CustomerPipeline.Application.Resolve;

/// <summary>Sends decisions about identity the way of all messages: through a queue, into the archive and the records.</summary>
public sealed class IdentityCommands(IMessageSender queues, AuditLog audit, MessageSeals seals, TimeProvider clock)
{
    /// <summary>Cuts ties that a never-link does not allow. The same cuts of the same state have the same name, so that finding them again says nothing new.</summary>
    /// <param name="neverLink">The decision they follow from: they end with it.</param>
    /// <param name="cuts">Ties to cut, by touch.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public async Task CutAsync(string neverLink, IReadOnlyList<(Touch Touch, IReadOnlyList<Identifier> Ties)> cuts, CancellationToken cancellationToken)
    {
        // Which interactions are cut is written down first: taking the decision back restores them.
        await audit.ChangeAsync(
            neverLink,
            e => cuts.All(c => e.Cut?.Contains(c.Touch.Entity) == true) ? e : e with { Cut = [.. (e.Cut ?? []).Union(cuts.Select(c => c.Touch.Entity))] },
            cancellationToken);
        var name = StableHash.Of([.. cuts.SelectMany(c => c.Ties.Select(t => t.Key).Prepend(c.Touch.EntityRevision.ToString(CultureInfo.InvariantCulture)).Prepend(c.Touch.Entity.Text))]);
        await SendAsync(neverLink, $"{neverLink}-cut-{name}", [.. cuts.Select(c => new EntityDecision { Entity = c.Touch.Entity.Text, Cut = [.. c.Ties.Select(t => t.Key)] })], cancellationToken);
    }

    /// <summary>Those of some never-links that nobody took back.</summary>
    public async Task<IReadOnlyList<string>> InForceAsync(IEnumerable<string> neverLinks, CancellationToken cancellationToken)
    {
        var inForce = new List<string>();
        foreach (var neverLink in neverLinks)
        {
            if (await audit.FindAsync(neverLink, cancellationToken) is not { Value.TakenBackBy: not null })
            {
                inForce.Add(neverLink);
            }
        }

        return inForce;
    }

    /// <summary>Sends a decision about some entities.</summary>
    /// <param name="decision">Its name.</param>
    /// <param name="message">The name of what is sent; a message with a name that was there before is a duplicate.</param>
    /// <param name="words">What it says about each entity.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public async Task SendAsync(string decision, string message, IReadOnlyList<EntityDecision> words, CancellationToken cancellationToken)
    {
        var at = clock.GetUtcNow();
        var messages = words.Chunk(IdentityDecision.MostEntities).Select((chunk, i) => new IdentityDecision { Id = i == 0 ? message : $"{message}-{i}", Decision = decision, At = at, Entities = chunk });
        var sealedMessages = new List<ReadOnlyMemory<byte>>();
        foreach (var said in messages)
        {
            sealedMessages.Add((await seals.SealAsync(said.ToEnvelope(), IdentityDecision.Source, cancellationToken)).Wrap());
        }

        await queues.SendAsync(Queues.Service, sealedMessages, cancellationToken);
    }
}
