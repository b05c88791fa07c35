using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Application.Documents;

/// <summary>Partitions of claims: a hash of what is claimed, so that no identifier can be read from a key.</summary>
public static class ClaimKey
{
    private static readonly RecentKeys<Identifier> IdentifierKeys = new(identifier => StableHash.Of("identifier", identifier.Key));
    private static readonly RecentKeys<EntityKey> EntityKeys = new(entity => StableHash.Of("entity", entity.Text));

    /// <summary>Where it is kept which customer an identifier belongs to.</summary>
    public static string Of(Identifier identifier) => IdentifierKeys.Of(identifier);

    /// <summary>Where it is kept which customer an order, ticket or profile belongs to.</summary>
    public static string Of(EntityKey entity) => EntityKeys.Of(entity);
}
