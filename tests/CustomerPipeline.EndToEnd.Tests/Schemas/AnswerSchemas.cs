using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CustomerPipeline.Functions.Http.Answers;

namespace CustomerPipeline.EndToEnd.Tests.Schemas;

/// <summary>
/// The schemas of the answers, exported from the metadata that writes them (JsonSchemaExporter), as OpenAPI 3.1 has them: each record is a component
/// of its own, named as the record without <c>Shape</c>.
/// </summary>
internal sealed class AnswerSchemas
{
    private const string Suffix = "Shape";
    private const string Null = "null";

    // How OpenAPI documents are read: what a thing is before what it has.
    private static readonly string[] Order =
    [
        "$ref", "type", "description", "const", "enum", "format", "minimum", "maximum", "contentEncoding", "items", "required", "properties",
        "additionalProperties",
    ];

    private readonly SortedDictionary<string, JsonObject> _schemas = new(StringComparer.Ordinal);
    private readonly JsonSchemaExporterOptions _options;

    private AnswerSchemas() => _options = new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Transform };

    /// <summary>The schemas by name, in ordinal order.</summary>
    public static IReadOnlyDictionary<string, JsonObject> Export()
    {
        var schemas = new AnswerSchemas();
        foreach (var declared in typeof(AnswerJson).GetCustomAttributesData().Where(a => a.AttributeType == typeof(JsonSerializableAttribute)))
        {
            schemas.SchemaOf((Type)declared.ConstructorArguments[0].Value!);
        }

        return schemas._schemas;
    }

    private static string NameOf(Type shape) => shape.IsGenericType
        ? NameOf(shape.GetGenericArguments()[0]) + shape.Name[..shape.Name.IndexOf(Suffix, StringComparison.Ordinal)]
        : shape.Name[..^Suffix.Length];

    private static bool IsShape(Type type) =>
        type.Namespace == typeof(AnswerJson).Namespace && type.Name.Split('`')[0].EndsWith(Suffix, StringComparison.Ordinal);

    // What stands for the type: a reference, if it is a shape, whose schema is exported with it.
    private JsonObject SchemaOf(Type type)
    {
        if (!IsShape(type))
        {
            return Exported(type);
        }

        var name = NameOf(type);
        if (_schemas.TryAdd(name, []))
        {
            _schemas[name] = Exported(type);
        }

        return new JsonObject { ["$ref"] = $"#/components/schemas/{name}" };
    }

    private JsonObject Exported(Type type) => AnswerJson.Default.Options.GetJsonSchemaAsNode(type, _options).AsObject();

    private JsonNode Transform(JsonSchemaExporterContext context, JsonNode exported)
    {
        var schema = exported as JsonObject ?? [];
        var type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (IsShape(type))
        {
            schema = context.Path.IsEmpty ? WholeOf(context.TypeInfo, schema) : SchemaOf(type);
        }

        if (context.PropertyInfo is { } property)
        {
            schema = PropertyOf(property, schema);
        }

        return new JsonObject(schema.OrderBy(p => Array.IndexOf(Order, p.Key)).Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
    }

    private static JsonObject WholeOf(JsonTypeInfo type, JsonObject schema)
    {
        schema["type"] = "object";
        schema.Remove("required");
        var properties = schema["properties"]!.AsObject();
        var always = type.Properties.Where(p => properties.ContainsKey(p.Name) && IsAlwaysWritten(p)).Select(p => JsonValue.Create(p.Name));
        if (always.ToArray<JsonNode>() is { Length: > 0 } names)
        {
            schema["required"] = new JsonArray(names);
        }

        if (type.Type.GetCustomAttribute<DescriptionAttribute>() is { } described)
        {
            schema["description"] = described.Description;
        }

        if (type.Type.GetCustomAttribute<OpenMembersAttribute>() is { } open)
        {
            schema["additionalProperties"] = new JsonObject { ["type"] = TypesOf(open.Types) };
        }

        return schema;
    }

    private JsonObject PropertyOf(JsonPropertyInfo property, JsonObject schema)
    {
        schema = AttributeOf<StoredAsAttribute>(property) is { } stored ? SchemaOf(stored.Shape)
            : AttributeOf<FigureAttribute>(property) is not null ? new JsonObject { ["type"] = TypesOf(["number", "string", Null]) }
            : schema;
        schema.Remove("default");
        if (!IsWrittenAsNull(property) && schema["type"] is JsonArray types)
        {
            schema["type"] = TypesOf([.. types.Select(t => t!.GetValue<string>()).Where(t => t != Null)]);
        }

        if (AttributeOf<DescriptionAttribute>(property) is { } described)
        {
            schema["description"] = described.Description;
        }

        if (AttributeOf<AllowedValuesAttribute>(property) is { } allowed)
        {
            var values = allowed.Values.Select(v => JsonValue.Create((string)v!)).ToArray<JsonNode>();
            schema[values.Length == 1 ? "const" : "enum"] = values.Length == 1 ? values[0] : new JsonArray(values);
        }

        if (schema.ContainsKey("enum"))
        {
            schema["type"] = "string";
        }

        if (AttributeOf<RangeAttribute>(property) is { } range)
        {
            (schema["minimum"], schema["maximum"]) = ((int)range.Minimum, (int)range.Maximum);
        }

        if (property.PropertyType == typeof(byte[]))
        {
            schema["contentEncoding"] = "base64";
        }

        return schema;
    }

    private static bool IsAlwaysWritten(JsonPropertyInfo property) =>
        AttributeOf<WrittenWithAttribute>(property) is null && (IsWrittenAsNull(property) || !IsNullable(property));

    private static bool IsWrittenAsNull(JsonPropertyInfo property) =>
        IsNullable(property) && AttributeOf<JsonIgnoreAttribute>(property) is { Condition: JsonIgnoreCondition.Never };

    private static bool IsNullable(JsonPropertyInfo property) => property.IsGetNullable || Nullable.GetUnderlyingType(property.PropertyType) is not null;

    private static JsonNode TypesOf(IReadOnlyList<string> types) => types.Count == 1 ? types[0] : new JsonArray([.. types.Select(t => JsonValue.Create(t))]);

    private static T? AttributeOf<T>(JsonPropertyInfo property)
        where T : Attribute => property.AttributeProvider?.GetCustomAttributes(typeof(T), inherit: true).OfType<T>().SingleOrDefault();
}
