using CustomerPipeline.Domain;
using CustomerPipeline.Domain.Entities;
using CustomerPipeline.Domain.Identity;
using CustomerPipeline.Flow.Ports;

namespace CustomerPipeline.Flow.Resolve;

/// <summary>
/// Which customer an identifier belongs to. The first to create a claim wins, and what it says only ever moves along a merge; documents are named by
/// the identifier's hash, so that this container holds no personal data.
/// </summary>
public sealed class IdentifierClaims(IDocumentStore store)
{
    /// <summary>What an identifier is claimed under.</summary>
    public static string KeyOf(Identifier identifier) => StableHash.Of("identifier", identifier.Key);

    /// <summary>What an entity that nothing identifies is claimed under, so that it is found again when it becomes known.</summary>
    public static string KeyOf(EntityKey entity) => StableHash.Of("entity", entity.Text);

    /// <summary>The claims there are, by key.</summary>
    public async Task<IReadOnlyDictionary<string, Stored<Claim>>> ReadAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var documents = await store.ReadManyAsync(Containers.Identifiers, [.. keys.Select(k => new DocumentKey(k, Containers.ClaimId))], cancellationToken);
        var claims = new Dictionary<string, Stored<Claim>>(StringComparer.Ordinal);
        for (var i = 0; i < keys.Count; i++)
        {
            if (documents[i] is { } document)
            {
                claims[keys[i]] = new Stored<Claim>(document.As(FlowJson.Default.Claim), document.ETag);
            }
        }

        return claims;
    }

    /// <summary>Claims keys for a customer.</summary>
    /// <returns>False when somebody else was faster with one of them: read again.</returns>
    public async Task<bool> ClaimAsync(IEnumerable<string> keys, string customer, CancellationToken cancellationToken)
    {
        var body = new Claim(customer).ToBody(FlowJson.Default.Claim);
        var results = await Task.WhenAll(keys.Select(key => store.CommitAsync(Containers.Identifiers, key, [Write.Create(Containers.ClaimId, body)], cancellationToken).AsTask()));
        return results.All(r => r.IsCommitted);
    }

    /// <summary>Points claims that name an alias to its root, so that the way stays short. Losing a race is fine: an alias redirects for ever.</summary>
    public Task ShortenAsync(IEnumerable<KeyValuePair<string, Stored<Claim>>> claims, string root, CancellationToken cancellationToken)
    {
        var body = new Claim(root).ToBody(FlowJson.Default.Claim);
        return Task.WhenAll(claims
            .Where(c => c.Value.Value.Customer != root)
            .Select(c => store.CommitAsync(Containers.Identifiers, c.Key, [Write.Replace(Containers.ClaimId, body, c.Value.ETag)], cancellationToken).AsTask()));
    }
}
