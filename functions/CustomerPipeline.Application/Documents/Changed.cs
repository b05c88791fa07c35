using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace CustomerPipeline.Application.Documents;

/// <summary>
/// A document of a change feed, as a trigger binds it. The Functions worker reads the items of a trigger with serializer options of its own; this type is read the pipeline's way
/// (<see cref="DocumentJson"/>) whatever the options say, so that numbers kept as text bind there too.
/// </summary>
/// <typeparam name="T">What the document says; one of the types of <see cref="DocumentJson"/>.</typeparam>
/// <param name="Document">The document; null where what is stored is not one, so that it does not fail the batch it is in.</param>
[JsonConverter(typeof(ChangedConverterFactory))]
public readonly record struct Changed<T>(T? Document)
{
    /// <summary>The partition key, where the item carries one: Cosmos DB's do.</summary>
    public string? Partition { get; init; }
}

/// <summary>Converters for <see cref="Changed{T}"/>.</summary>
public sealed class ChangedConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Changed<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;

    private sealed class Converter<T> : JsonConverter<Changed<T>>
    {
        private static readonly JsonTypeInfo<T> Shape = (JsonTypeInfo<T>?)DocumentJson.Default.GetTypeInfo(typeof(T)) ?? throw new NotSupportedException($"{typeof(T)} is no document of the pipeline.");

        public override Changed<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var whole = reader;
            try
            {
                return new(JsonSerializer.Deserialize(ref reader, Shape)) { Partition = PartitionOf(whole) };
            }
            catch (Exception e) when (TypedDocuments.IsOfAnotherShape(e))
            {
                reader = whole;
                reader.Skip();
                return new(default) { Partition = PartitionOf(whole) };
            }
        }

        private static string? PartitionOf(Utf8JsonReader item)
        {
            if (item.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (item.Read() && item.TokenType == JsonTokenType.PropertyName)
            {
                var isPartition = item.ValueTextEquals("pk"u8);
                item.Read();
                if (isPartition)
                {
                    return item.TokenType == JsonTokenType.String ? item.GetString() : null;
                }

                item.Skip();
            }

            return null;
        }

        public override void Write(Utf8JsonWriter writer, Changed<T> value, JsonSerializerOptions options) => JsonSerializer.Serialize(writer, value.Document!, Shape);
    }
}
