namespace CustomerPipeline.Application.Documents;

/// <summary>Where a document is within its container.</summary>
public readonly record struct DocumentKey(string Partition, string Id);

/// <param name="Partition">Partition key.</param>
/// <param name="Id">Unique within the partition.</param>
/// <param name="ETag">Changes with every write.</param>
/// <param name="Body">UTF-8 JSON.</param>
public sealed record Document(string Partition, string Id, string ETag, ReadOnlyMemory<byte> Body);

/// <summary>A document read as a type, with the ETag to replace it by.</summary>
public sealed record Stored<T>(T Value, string ETag);

/// <summary>A stored document cannot be read: disk damage, or a program that wrote another shape. Its message names the document, and has no personal data.</summary>
public sealed class CorruptDocumentException(string partition, string id, Exception? inner)
    : Exception($"The document '{id}' of partition '{partition}' is damaged: what is stored is not what this program writes. The command verify names every such document.", inner)
{
    public CorruptDocumentException(Document document, Exception? inner = null)
        : this(document.Partition, document.Id, inner)
    {
    }
}
