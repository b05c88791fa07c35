using CustomerPipeline.Domain.Entities;

namespace CustomerPipeline.Application.Documents;

/// <summary>The id of a touch among the documents of its customer: <c>touch:{entity}</c>.</summary>
/// <param name="Entity">The order, ticket or profile.</param>
public readonly record struct TouchId(EntityKey Entity)
{
    /// <summary>Reads an id; null where it is none of a touch.</summary>
    public static TouchId? Read(string id) => id.StartsWith(Containers.TouchPrefix, StringComparison.Ordinal) ? new TouchId(new EntityKey(id[Containers.TouchPrefix.Length..])) : null;

    /// <inheritdoc />
    public override string ToString() => Containers.TouchPrefix + Entity.Text;
}
