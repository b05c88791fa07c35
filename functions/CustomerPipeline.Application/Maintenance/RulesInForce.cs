using CustomerPipeline.Application.Count;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Application.Maintenance;

/// <summary>
/// Keeps two rule sets from working on one store: what one had joined the other would not split. Written with the first customers, and checked at each start.
/// </summary>
public sealed class RulesInForce(IDocumentStore store, IdentityRules rules, ValueOptions value)
{
    // One more when the same rules make something else of the same interactions, so that customers of an earlier program are worked out anew.
    private const string Program = "5";

    /// <summary>Takes the rules into force in a store without customers.</summary>
    /// <returns>Null when they are in force; else what is wrong, and what to do.</returns>
    public async Task<string?> EnterAsync(CancellationToken cancellationToken)
    {
        var stamp = new RulesStamp(rules.Version, StableHash.Of(Program, StableHash.Of(rules.ToJson())), value.Stamp);
        while (true)
        {
            if (await store.ReadAsync(Containers.Identifiers, RulesStamp.Partition, Containers.StampId, cancellationToken) is { } stored)
            {
                return stored.AsOrNull(DocumentJson.Default.RulesStamp) is not { } known ? "What rules the customers were worked out by cannot be read: the document is damaged. Run rebuild."
                    : known == stamp ? null
                    : known with { Value = stamp.Value } == stamp ? $"The figures were made by '{known.Value}'; program and settings say '{stamp.Value}'. Look at what changes with 'rebuild --plan', then run rebuild."
                    : known.Version == stamp.Version ? $"The identity rules changed under the same version, {stamp.Version}, or the program works them out otherwise now. Look at what changes with 'rebuild --plan', then run rebuild."
                    : $"The customers were worked out by identity rules {known.Version}; the settings say {stamp.Version}. Look at what changes with 'identity plan', then run rebuild.";
            }

            if (await store.ScanAsync(Containers.Customers, cancellationToken).AnyAsync(cancellationToken))
            {
                return "The customers were worked out by an earlier version of the program. Look at what changes with 'rebuild --plan', then run rebuild.";
            }

            await store.CommitAsync(Containers.Identifiers, RulesStamp.Partition, [Write.Create(Containers.StampId, stamp.ToBody(DocumentJson.Default.RulesStamp))], cancellationToken);
        }
    }
}
