using System.Security.Cryptography;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.Application.Access;

/// <summary>One of the secret keys that a store makes for itself, and keeps in the privacy container.</summary>
/// <param name="store">The store.</param>
/// <param name="id">Which key.</param>
internal sealed class StoreSecret(IDocumentStore store, string id)
{
    private const int KeyBytes = 32;

    private byte[]? _key;

    /// <summary>The key; null while there is none.</summary>
    /// <exception cref="CorruptDocumentException">It is damaged.</exception>
    public async ValueTask<byte[]?> FindAsync(CancellationToken cancellationToken) =>
        _key ??= (await store.ReadAsync(Containers.Privacy, StoredKey.Partition, id, DocumentJson.Default.StoredKey, cancellationToken))?.Value.Key;

    /// <summary>The key, made where there is none. Of several workers one makes it, and all use the same.</summary>
    /// <exception cref="CorruptDocumentException">It is damaged.</exception>
    public async ValueTask<byte[]> GetAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await FindAsync(cancellationToken) is { } key)
            {
                return key;
            }

            var made = new StoredKey(RandomNumberGenerator.GetBytes(KeyBytes));
            await store.CommitAsync(Containers.Privacy, StoredKey.Partition, [Write.Create(id, made.ToBody(DocumentJson.Default.StoredKey))], cancellationToken);
        }
    }
}
