using System.Text.Json;

namespace CustomerPipeline.Functions.Http;

/// <summary>A list as every answer has it: <c>value</c>, and where the next page begins.</summary>
internal static class ValueList
{
    /// <param name="writer">Takes the JSON.</param>
    /// <param name="items">The entries.</param>
    /// <param name="write">Writes one entry.</param>
    /// <param name="nextName">The name of what leads to the next page.</param>
    /// <param name="next">What leads there; null on the last page.</param>
    public static void Write<T>(Utf8JsonWriter writer, IEnumerable<T> items, Action<Utf8JsonWriter, T> write, string nextName = "nextLink", string? next = null)
    {
        writer.WriteStartObject();
        WriteArray(writer, "value", items, write);
        if (next is not null)
        {
            writer.WriteString(nextName, next);
        }

        writer.WriteEndObject();
    }

    /// <summary>An array under a name.</summary>
    public static void WriteArray<T>(Utf8JsonWriter writer, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            write(writer, item);
        }

        writer.WriteEndArray();
    }

    /// <summary>An array of texts under a name.</summary>
    public static void WriteTexts(Utf8JsonWriter writer, string name, IEnumerable<string> texts) => WriteArray(writer, name, texts, (w, text) => w.WriteStringValue(text));
}
