using CustomerPipeline.Flow;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Resolve;

namespace CustomerPipeline.Embedded;

/// <summary>Beginning anew with customers and figures.</summary>
public static class Rebuilding
{
    /// <summary>Drops what is made from interactions, on a store that nobody works on; the stages make it anew.</summary>
    /// <returns>Claims that could not be read: whether people who were erased shared them is forgotten.</returns>
    public static async Task<IReadOnlyList<string>> DropDerivedAsync(RocksEngine engine, IdentifierClaims claims, CancellationToken cancellationToken)
    {
        var damaged = new List<string>();
        var staysShared = await claims.ListStaysSharedAsync(damaged, cancellationToken);
        await engine.ResetAsync(
            [Containers.Identifiers, Containers.Customers, Containers.Values], [(ChangeConsumers.Resolve, Containers.Interactions), (ChangeConsumers.Value, Containers.Customers)]);
        await claims.ShareAsync(staysShared, cancellationToken);
        return damaged;
    }
}
