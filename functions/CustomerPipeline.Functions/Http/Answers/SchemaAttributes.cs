namespace CustomerPipeline.Functions.Http.Answers;

/// <summary>The property is a figure: a number, a decimal text of money, or null.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FigureAttribute : Attribute;

/// <summary>The property is stored JSON, which is answered as it is; the schema is that of a type.</summary>
/// <param name="shape">The type.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class StoredAsAttribute(Type shape) : Attribute
{
    public Type Shape { get; } = shape;
}

/// <summary>The answer has members whose names are data (the dimensions of a cell), with values of these JSON types.</summary>
/// <param name="types">The types' names in JSON Schema.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
internal sealed class OpenMembersAttribute(params string[] types) : Attribute
{
    public IReadOnlyList<string> Types { get; } = types;
}

/// <summary>The property is written wherever another one is: as null, where nothing is known.</summary>
/// <param name="other">The other property's name.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class WrittenWithAttribute(string other) : Attribute
{
    public string Other { get; } = other;
}
