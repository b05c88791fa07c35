using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;
using CustomerPipeline.Domain.Identity;

namespace CustomerPipeline.Application.Resolve;

/// <summary>What is known of the identifiers of some entities.</summary>
/// <param name="Known">The claims there are, by key.</param>
/// <param name="Unclaimed">What those without a claim come with, to be written with it; null where it is not limited.</param>
public sealed record Registration(Dictionary<string, Stored<Claim>> Known, Dictionary<string, Companions?> Unclaimed);

/// <summary>
/// Which customer an identifier belongs to, and whether it is shared by too many to link. The first to create a claim wins, and what it says moves only
/// along merges and splits; documents are named by the identifier's hash, so that this container holds no personal data.
/// </summary>
public sealed class IdentifierClaims(IDocumentStore store, IdentityRules rules)
{
    private const int KeysPerRead = 500;

    /// <summary>The claims there are, by key.</summary>
    public async Task<Dictionary<string, Stored<Claim>>> ReadAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        var claims = new Dictionary<string, Stored<Claim>>(StringComparer.Ordinal);
        foreach (var chunk in keys.Chunk(KeysPerRead))
        {
            var documents = await store.ReadManyAsync(Containers.Identifiers, [.. chunk.Select(k => new DocumentKey(k, Containers.ClaimId))], cancellationToken);
            for (var i = 0; i < chunk.Length; i++)
            {
                if (documents[i] is { } document)
                {
                    claims[chunk[i]] = new Stored<Claim>(document.As(DocumentJson.Default.Claim), document.ETag);
                }
            }
        }

        return claims;
    }

    /// <summary>Makes sure that every identifier knows what it comes with, before anything is joined by it.</summary>
    /// <param name="seen">The linking identifiers of each entity.</param>
    /// <param name="more">Keys to read along.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public async Task<Registration> RegisterAsync(IReadOnlyList<IReadOnlyList<Identifier>> seen, IEnumerable<string> more, CancellationToken cancellationToken)
    {
        var besides = new Dictionary<Identifier, List<IReadOnlyList<Identifier>>>();
        foreach (var beside in seen)
        {
            foreach (var identifier in beside)
            {
                (besides.TryGetValue(identifier, out var known) ? known : besides[identifier] = []).Add(beside);
            }
        }

        var keys = besides.Keys.Select(ClaimKey.Of).Union(more, StringComparer.Ordinal).ToList();
        while (true)
        {
            var known = await ReadAsync(keys, cancellationToken);
            var unclaimed = new Dictionary<string, Companions?>(StringComparer.Ordinal);
            var writes = new List<Task>();
            foreach (var (identifier, lists) in besides)
            {
                var key = ClaimKey.Of(identifier);
                var claim = known.GetValueOrDefault(key);
                var before = claim?.Value.With ?? Companions.None;
                var with = lists.Aggregate(before, (sum, beside) => sum.And(identifier, beside, rules));
                if (claim is null && !with.TooMany)
                {
                    // Written with the claim, in one.
                    unclaimed[key] = with.Kinds.Count == 0 ? null : with;
                }
                else if (!ReferenceEquals(with, before))
                {
                    var isNews = with.TooMany && !before.TooMany && claim?.Value.Customer is not null;
                    var next = (claim?.Value ?? new Claim()) with { With = with, Unsettled = isNews || claim is { Value.Unsettled: true } };
                    writes.Add(store.CommitAsync(Containers.Identifiers, key, [Write.CreateOrReplace(Containers.ClaimId, BodyOf(next), claim?.ETag)], cancellationToken).AsTask());
                }
            }

            if (writes.Count == 0)
            {
                return new Registration(known, unclaimed);
            }

            // Whether written or overtaken by somebody else: what stands there now counts.
            await Task.WhenAll(writes);
        }
    }

    /// <summary>Claims keys for a customer.</summary>
    /// <returns>False when somebody else was faster with one of them: read again.</returns>
    public async Task<bool> ClaimAsync(IEnumerable<KeyValuePair<string, Companions?>> keys, string customer, CancellationToken cancellationToken)
    {
        var results = await Task.WhenAll(keys.Select(key => store.CommitAsync(
            Containers.Identifiers, key.Key, [Write.Create(Containers.ClaimId, BodyOf(new Claim { Customer = customer, With = key.Value }))], cancellationToken).AsTask()));
        return results.All(r => r.IsCommitted);
    }

    /// <summary>Points claims at a customer.</summary>
    /// <param name="claims">The claims as they were read.</param>
    /// <param name="customer">The customer.</param>
    /// <param name="from">The customer they are being split off from; null when they are not.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>False when one of them changed meanwhile.</returns>
    public async Task<bool> PointAsync(IEnumerable<KeyValuePair<string, Stored<Claim>>> claims, string customer, string? from, CancellationToken cancellationToken)
    {
        var results = await Task.WhenAll(claims
            .Where(c => c.Value.Value.Customer != customer || (from is not null && c.Value.Value.From != from))
            .Select(c => store.CommitAsync(
                Containers.Identifiers, c.Key, [Write.Replace(Containers.ClaimId, BodyOf(c.Value.Value with { Customer = customer, From = from ?? c.Value.Value.From }), c.Value.ETag)],
                cancellationToken).AsTask()));
        return results.All(r => r.IsCommitted);
    }

    /// <summary>Whether claims still are as they were read: what they lead to was then true at one moment.</summary>
    public async Task<bool> AreUnchangedAsync(Dictionary<string, Stored<Claim>> known, CancellationToken cancellationToken)
    {
        var now = await ReadAsync(known.Keys, cancellationToken);
        return known.All(k => now.GetValueOrDefault(k.Key)?.ETag == k.Value.ETag);
    }

    /// <summary>Says that what was claimed has been split off.</summary>
    public async Task ArriveAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        while ((await ReadAsync(keys, cancellationToken)).Where(c => c.Value.Value.From is not null).ToList() is { Count: > 0 } open)
        {
            await Task.WhenAll(open.Select(c => store.CommitAsync(
                Containers.Identifiers, c.Key, [Write.Replace(Containers.ClaimId, BodyOf(c.Value.Value with { From = null }), c.Value.ETag)], cancellationToken).AsTask()));
        }
    }

    /// <summary>Says that what a shared identifier had joined is apart now.</summary>
    /// <param name="identifier">The identifier.</param>
    /// <param name="takenApart">The customer that was taken apart: where a split pointed the claim at another meanwhile, that one is yet to be.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public async Task SettleAsync(Identifier identifier, string takenApart, CancellationToken cancellationToken)
    {
        var key = ClaimKey.Of(identifier);
        while ((await ReadAsync([key], cancellationToken)).GetValueOrDefault(key) is { Value.Unsettled: true } claim && claim.Value.Customer == takenApart)
        {
            await store.CommitAsync(Containers.Identifiers, key, [Write.Replace(Containers.ClaimId, BodyOf(claim.Value with { Unsettled = false }), claim.ETag)], cancellationToken);
        }
    }

    /// <summary>Claims of identifiers that stay shared although people who shared them are gone: what a rebuild cannot find out again.</summary>
    /// <param name="damaged">Where claims that cannot be read are named; null when there must be none.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <exception cref="CorruptDocumentException">A claim cannot be read, and nobody asked for its name.</exception>
    public async Task<IReadOnlyList<string>> ListStaysSharedAsync(ICollection<string>? damaged, CancellationToken cancellationToken)
    {
        bool StaysShared(Document claim)
        {
            try
            {
                return claim.As(DocumentJson.Default.Claim).StaysShared;
            }
            catch (CorruptDocumentException) when (damaged is not null)
            {
                damaged.Add(claim.Partition);
                return false;
            }
        }

        return await store.ReadAcrossAsync(Containers.Identifiers, Containers.ClaimId, from: "", cancellationToken).Where(StaysShared).Select(d => d.Partition).ToListAsync(cancellationToken);
    }

    /// <summary>What makes an identifier shared before anybody claims it: the claim to write under its key.</summary>
    public static Write SharedAhead { get; } = Write.Upsert(Containers.ClaimId, BodyOf(new Claim { With = new Companions { TooMany = true }, StaysShared = true }));

    /// <summary>Makes identifiers shared before anybody claims them.</summary>
    public async Task ShareAsync(IEnumerable<string> keys, CancellationToken cancellationToken)
    {
        foreach (var key in keys)
        {
            await store.CommitAsync(Containers.Identifiers, key, [SharedAhead], cancellationToken);
        }
    }

    private static ReadOnlyMemory<byte> BodyOf(Claim claim) => claim.ToBody(DocumentJson.Default.Claim);
}
