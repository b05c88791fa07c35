namespace CustomerPipeline.Application.Documents;

/// <summary>Where the content of a container comes from: what a rebuild makes and what a copy of the database takes along.</summary>
public enum ContentOrigin
{
    /// <summary>It follows from nothing else: a copy takes it along.</summary>
    Original,

    /// <summary>It follows from other containers: a rebuild empties it and makes it from them, and a copy leaves it out.</summary>
    Derived,

    /// <summary>It is of this one deployment: a copy leaves it out.</summary>
    Local,
}

/// <summary>A kind of document within a container.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Is">Whether a document is one, by partition and id. The first kind of a container that says so is it.</param>
/// <param name="Read">Reads one. Throws <see cref="CorruptDocumentException"/> where it is something else.</param>
/// <param name="Erasure">What the erasure of a person does with it.</param>
public sealed record DocumentKind(string Name, Func<string, string, bool> Is, Func<Document, object> Read, Erasure Erasure)
{
    /// <summary>Whether a change of one drives the next stage. Consumers pass over all others: a store whose feed can be filtered leaves them out.</summary>
    public bool IsFed { get; init; }
}

/// <summary>A container: everything that stores, verification, erasure, rebuild, copy and deployment need to know of it.</summary>
/// <param name="Name">In Cosmos DB and in messages.</param>
/// <param name="Number">In keys of the embedded store. They are on disk: append, never renumber.</param>
/// <param name="PartitionedBy">What a partition is.</param>
/// <param name="Origin">Where its content comes from.</param>
/// <param name="IsVerifiedAlone">Whether all that can be said of its documents is whether they are what the program writes; else verification compares them with what they follow from, or counts them.</param>
/// <param name="Kinds">Its kinds of documents.</param>
public sealed record ContainerDescriptor(string Name, byte Number, string PartitionedBy, ContentOrigin Origin, bool IsVerifiedAlone, params IReadOnlyList<DocumentKind> Kinds)
{
    /// <summary>Whether any of its changes drives a stage.</summary>
    public bool HasChangeFeed { get; } = Kinds.Any(k => k.IsFed);

    /// <summary>The kind of a document; null where it is none that this program writes.</summary>
    public DocumentKind? KindOf(string partition, string id)
    {
        foreach (var kind in Kinds)
        {
            if (kind.Is(partition, id))
            {
                return kind;
            }
        }

        return null;
    }

    /// <summary>Reads a document as its kind.</summary>
    /// <exception cref="CorruptDocumentException">It is of no kind, or something else than its kind says.</exception>
    public object Read(Document document) => (KindOf(document.Partition, document.Id) ?? throw new CorruptDocumentException(document)).Read(document);
}
