using System.Buffers;
using System.Text.Json;
using CustomerPipeline.Application.Documents;
using CustomerPipeline.Application.Ports;

namespace CustomerPipeline.AzureServices.Cosmos;

/// <summary>
/// Documents as Cosmos DB items: the body's properties stand beside <c>id</c> and <c>pk</c>, so that a change-feed trigger reads them as the types they are.
/// A property of the body that is named like one of the item's own is kept under another name.
/// </summary>
internal static class CosmosItems
{
    public const string PartitionKeyPath = "/pk";

    private const string RenamedPrefix = "body:";

    public static byte[] ToItem(string partition, Write write)
    {
        var buffer = new ArrayBufferWriter<byte>(write.Body.Length + 256);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WriteString("id"u8, write.Id);
        writer.WriteString("pk"u8, partition);
        foreach (var (name, value) in Properties(write.Body))
        {
            writer.WritePropertyName(IsTaken(name) ? RenamedPrefix + name : name);
            writer.WriteRawValue(value.Span, skipInputValidation: true);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads an item, as it is by itself or in a page.</summary>
    public static Document ToDocument(ReadOnlyMemory<byte> item)
    {
        string? id = null, partition = null, etag = null;
        var buffer = new ArrayBufferWriter<byte>(item.Length);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        foreach (var (name, value) in Properties(item))
        {
            switch (name)
            {
                case "id":
                    id = Text(value);
                    break;
                case "pk":
                    partition = Text(value);
                    break;
                case "_etag":
                    etag = Text(value);
                    break;
                case { } when !IsTaken(name):
                    writer.WritePropertyName(name.StartsWith(RenamedPrefix, StringComparison.Ordinal) ? name[RenamedPrefix.Length..] : name);
                    writer.WriteRawValue(value.Span, skipInputValidation: true);
                    break;
            }
        }

        writer.WriteEndObject();
        writer.Flush();
        return new Document(partition!, id!, etag!, buffer.WrittenMemory);
    }

    // The item's own names; the service's begin with an underscore.
    private static bool IsTaken(string name) => name is "id" or "pk" || name.StartsWith('_');

    private static string Text(ReadOnlyMemory<byte> value)
    {
        var reader = new Utf8JsonReader(value.Span);
        reader.Read();
        return reader.GetString()!;
    }

    private static List<(string Name, ReadOnlyMemory<byte> Value)> Properties(ReadOnlyMemory<byte> json)
    {
        var properties = new List<(string, ReadOnlyMemory<byte>)>();
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            properties.Add((name, json[start..(int)reader.BytesConsumed]));
        }

        return properties;
    }
}
