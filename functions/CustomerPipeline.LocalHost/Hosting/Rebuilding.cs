using CustomerPipeline.Embedded;
using CustomerPipeline.Flow;
using CustomerPipeline.Flow.Ports;
using CustomerPipeline.Flow.Resolve;
using Microsoft.Extensions.DependencyInjection;

namespace CustomerPipeline.LocalHost.Hosting;

/// <summary>Beginning anew with customers and figures.</summary>
internal static class Rebuilding
{
    /// <summary>Drops what is made from interactions, on a store that nobody works on; a host that starts then makes it anew.</summary>
    /// <returns>Claims that could not be read: whether people who were erased shared them is forgotten.</returns>
    public static async Task<IReadOnlyList<string>> DropDerivedAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var claims = services.GetRequiredService<IdentifierClaims>();
        var damaged = new List<string>();
        var staysShared = await claims.ListStaysSharedAsync(damaged, cancellationToken);
        await services.GetRequiredService<RocksEngine>().ResetAsync(
            [Containers.Identifiers, Containers.Customers, Containers.Values], [(ChangeConsumers.Resolve, Containers.Interactions), (ChangeConsumers.Value, Containers.Customers)]);
        await claims.ShareAsync(staysShared, cancellationToken);
        return damaged;
    }
}
