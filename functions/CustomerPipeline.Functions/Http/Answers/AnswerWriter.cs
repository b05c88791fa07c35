using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CustomerPipeline.Functions.Http.Answers;

/// <summary>Writes answers by their metadata, and what metadata cannot say: members whose names are data, and properties that are written together.</summary>
internal static class AnswerWriter
{
    private static readonly JsonSerializerOptions Options = new(AnswerJson.Default.Options)
    {
        TypeInfoResolver = AnswerJson.Default.WithAddedModifier(WriteTogether),
        Converters = { new MetricRowConverter(), new RestatementConverter() },
    };

    /// <summary>Writes an answer.</summary>
    public static void Write<T>(Utf8JsonWriter writer, T answer) => JsonSerializer.Serialize(writer, answer, (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T)));

    private static void WriteTogether(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.AttributeProvider?.GetCustomAttributes(typeof(WrittenWithAttribute), inherit: true) is [WrittenWithAttribute with])
            {
                var other = type.Properties.Single(p => p.Name == JsonNamingPolicy.CamelCase.ConvertName(with.Other));
                property.ShouldSerialize = (answer, _) => other.Get!(answer) is not null;
            }
        }
    }
}
