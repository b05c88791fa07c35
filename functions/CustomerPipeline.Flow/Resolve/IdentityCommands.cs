using System.Globalization;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Customers;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Domain.Normalize;
using CustomerPipeline.Flow.Ports;

namespace CustomerPipeline.Flow.Resolve;

/// <summary>Sends decisions about identity the way of all messages: through a queue, into the archive and the records.</summary>
public sealed class IdentityCommands(IMessageSender queues, TimeProvider clock)
{
    private const int EntitiesPerMessage = 200;

    /// <summary>Cuts ties that a never-link does not allow. The same cuts of the same state have the same name, so that finding them again says nothing new.</summary>
    /// <param name="neverLink">The decision they follow from: they end with it.</param>
    /// <param name="cuts">Ties to cut, by touch.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public Task CutAsync(string neverLink, IReadOnlyList<(Touch Touch, IReadOnlyList<Identifier> Ties)> cuts, CancellationToken cancellationToken)
    {
        var name = StableHash.Of([.. cuts.SelectMany(c => c.Ties.Select(t => t.Key).Prepend(c.Touch.EntityRevision.ToString(CultureInfo.InvariantCulture)).Prepend(c.Touch.Entity.Text))]);
        return SendAsync(neverLink, $"{neverLink}-cut-{name}", [.. cuts.Select(c => new EntityDecision { Entity = c.Touch.Entity.Text, Cut = [.. c.Ties.Select(t => t.Key)] })], cancellationToken);
    }

    /// <summary>Sends a decision about some entities.</summary>
    /// <param name="decision">Its name.</param>
    /// <param name="message">The name of what is sent; a message with a name that was there before is a duplicate.</param>
    /// <param name="words">What it says about each entity.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public async Task SendAsync(string decision, string message, IReadOnlyList<EntityDecision> words, CancellationToken cancellationToken)
    {
        var at = clock.GetUtcNow();
        var messages = words.Chunk(EntitiesPerMessage).Select((chunk, i) => new IdentityDecision { Id = i == 0 ? message : $"{message}-{i}", Decision = decision, At = at, Entities = chunk });
        await queues.SendAsync(Queues.Service, [.. messages.Select(d => (ReadOnlyMemory<byte>)d.ToMessage())], cancellationToken);
    }
}
