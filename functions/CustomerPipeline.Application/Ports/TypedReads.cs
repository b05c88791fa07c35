using System.Text.Json.Serialization.Metadata;
using CustomerPipeline.Application.Documents;

namespace CustomerPipeline.Application.Ports;

/// <summary>Reads documents as types.</summary>
public static class TypedReads
{
    /// <summary>Reads a document; null when there is none.</summary>
    /// <exception cref="CorruptDocumentException">The stored body is not what this program writes.</exception>
    public static async ValueTask<Stored<T>?> ReadAsync<T>(
        this IDocumentStore store, string container, string partition, string id, JsonTypeInfo<T> shape, CancellationToken cancellationToken) =>
        await store.ReadAsync(container, partition, id, cancellationToken) is { } document ? new Stored<T>(document.As(shape), document.ETag) : null;
}
