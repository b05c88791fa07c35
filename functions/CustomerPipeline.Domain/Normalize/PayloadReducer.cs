using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace CustomerPipeline.Domain.Normalize;

/// <summary>A payload without the fields that its mapping does not read: an order of hundreds of lines has some hundred kilobytes, of which a tenth is read.</summary>
internal static class PayloadReducer
{
    private static readonly JsonWriterOptions Compact = new() { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The fields of a payload that a shape has, each as it was written.</summary>
    /// <param name="payload">A JSON value.</param>
    /// <param name="shape">What the mapping reads.</param>
    /// <exception cref="JsonException">The payload is no JSON.</exception>
    public static ReadOnlyMemory<byte> Reduce(ReadOnlyMemory<byte> payload, JsonTypeInfo shape)
    {
        using var document = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = MessageEnvelope.DeepestJson });
        var buffer = new ArrayBufferWriter<byte>(64 * 1024);
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            Write(writer, document.RootElement, shape);
        }

        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element, JsonTypeInfo shape)
    {
        switch (element.ValueKind, shape.Kind)
        {
            case (JsonValueKind.Object, JsonTypeInfoKind.Object):
                writer.WriteStartObject();
                foreach (var field in element.EnumerateObject())
                {
                    if (shape.Properties.FirstOrDefault(p => field.NameEquals(p.Name)) is { } read)
                    {
                        writer.WritePropertyName(field.Name);
                        Write(writer, field.Value, shape.Options.GetTypeInfo(read.PropertyType));
                    }
                }

                writer.WriteEndObject();
                break;
            case (JsonValueKind.Array, JsonTypeInfoKind.Enumerable) when shape.ElementType is { } type:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(writer, item, shape.Options.GetTypeInfo(type));
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteRawValue(element.GetRawText(), skipInputValidation: true);
                break;
        }
    }
}
