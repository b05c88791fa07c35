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
    public Task CutAsync(IReadOnlyList<(Touch Touch, IReadOnlyList<Identifier> Ties)> cuts, CancellationToken cancellationToken) => SendAsync(
        $"cut-{StableHash.Of([.. cuts.SelectMany(c => c.Ties.Select(t => t.Key).Prepend(c.Touch.EntityRevision.ToString(CultureInfo.InvariantCulture)).Prepend(c.Touch.Entity.Text))])}",
        [.. cuts.Select(c => new EntityDecision { Entity = c.Touch.Entity.Text, Cut = [.. c.Ties.Select(t => t.Key)] })],
        cancellationToken);

    /// <summary>Sends a decision about some entities.</summary>
    /// <param name="decision">Its name; a message with a name that was there before is a duplicate.</param>
    /// <param name="words">What it says about each.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public async Task SendAsync(string decision, IReadOnlyList<EntityDecision> words, CancellationToken cancellationToken)
    {
        var at = clock.GetUtcNow();
        var messages = words.Chunk(EntitiesPerMessage).Select((chunk, i) => new IdentityDecision { Id = i == 0 ? decision : $"{decision}-{i}", At = at, Entities = chunk });
        await queues.SendAsync(Queues.Service, [.. messages.Select(d => (ReadOnlyMemory<byte>)d.ToMessage())], cancellationToken);
    }
}
